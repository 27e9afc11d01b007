//! What lies in a workspace's state folder: its models and their reports, listed and read, never through a link.
#![allow(clippy::disallowed_methods)] // Results that the program wrote are read back here.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{ModelPaths, STATE_FOLDER, io_problem};
use crate::error::{Problem, Result};

/// A file on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// Its name in its folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Entries of one folder that are looked at.
const LISTED_MAX: usize = 2_000;
/// Bytes of the largest file that is read back.
const READ_BYTES_MAX: u64 = 64 << 20;

/// Names of the models of a workspace that have a file, in order.
pub fn models(workspace: &Path) -> Vec<String> {
    let files = files_in(&workspace.join(STATE_FOLDER));
    let names = files.into_iter().filter_map(|file| {
        let name = file.name.strip_suffix(".toml")?.to_string();
        ModelPaths::new(workspace, &name).is_ok().then_some(name)
    });
    names.collect()
}

/// The reports of a model, in order of their names.
pub fn reports(paths: &ModelPaths) -> Vec<Shelved> {
    files_in(&paths.reports)
}

/// One report of a model by its name, however many there are; none where it is no plain file there.
pub fn report(paths: &ModelPaths, name: &str) -> Option<Shelved> {
    let is_name = !name.starts_with('.') && Path::new(name).file_name().is_some_and(|only| only == name);
    let bytes = plain(&paths.reports.join(name)).filter(|_| is_name)?;
    Some(Shelved {
        name: name.to_string(),
        bytes,
    })
}

/// The size of a model's document; none where there is no plain file.
pub fn document_bytes(paths: &ModelPaths) -> Option<u64> {
    plain(&paths.document)
}

/// The text of a model's document, or of one of its reports. The caller has looked up the name in [`reports`].
pub fn read_text(path: &Path, shown: &str) -> Result<String> {
    match plain(path) {
        Some(bytes) if bytes <= READ_BYTES_MAX => {}
        Some(_) => {
            return Err(Problem::new("file_too_large", format!("`{shown}` is larger than 64 MiB"))
                .at(shown)
                .expected("a file of at most 64 MiB; open this one where it lies")
                .into());
        }
        None => {
            return Err(
                Problem::new("file_unreadable", format!("`{shown}` is no plain file of the state folder"))
                    .at(shown)
                    .expected("a file that a tool wrote there")
                    .into(),
            );
        }
    }
    let file = fs::File::open(path).map_err(|e| io_problem("file_unreadable", shown, &e))?;
    let mut bytes = Vec::new();
    file.take(READ_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(|e| io_problem("file_unreadable", shown, &e))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn files_in(folder: &Path) -> Vec<Shelved> {
    if folder.canonicalize().ok().as_deref() != Some(folder) {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let file = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_string();
        let bytes = plain(&path).filter(|_| !name.starts_with('.'))?;
        Some(Shelved { name, bytes })
    };
    let mut files: Vec<Shelved> = entries
        .take(LISTED_MAX)
        .flatten()
        .filter_map(|entry| file(entry.path()))
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The size of a regular file to which no link leads on the way; the workspace itself is resolved already.
fn plain(path: &Path) -> Option<u64> {
    let about = fs::symlink_metadata(path).ok()?;
    let is_straight = path.canonicalize().ok().as_deref() == Some(path);
    (about.is_file() && is_straight).then_some(about.len())
}
