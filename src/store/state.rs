//! The state folder of a workspace as it lies there: looked at, never changed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::{GITIGNORE, MODEL_BYTES_MAX, ModelPaths, STATE_FOLDER, check_folder, io_problem, parse};
use crate::error::{Problem, Result};
use crate::model::policy::Policy;

/// Entries of a folder that are looked at: enough for any workspace of ours, and no walk through somebody's archive.
const ENTRIES_MAX: usize = 2_000;
/// How deep below a folder temporary files of ours can lie: `.keep-segment/MODEL/reports`.
const DEPTH: usize = 2;
/// What the names of temporary files begin with; six letters or digits follow.
const TEMPORARY: &str = ".keep-segment-";
const TEMPORARY_LETTERS: usize = 6;

/// What lies in a state folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFolder {
    /// The `.gitignore` that hides customer data: as it is written, changed, or missing.
    pub ignore: Ignore,
    /// Names of models, in order.
    pub models: Vec<String>,
    /// Models that another process holds at this moment.
    pub held: Vec<String>,
    /// Models whose file may not be written.
    pub read_only: Vec<String>,
    /// Whether everybody on this machine may write into it.
    pub open_to_all: bool,
}

/// How the `.gitignore` of a state folder stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ignore {
    /// As this program writes it.
    #[default]
    Usual,
    /// Somebody changed it.
    Changed,
    /// It is gone.
    Missing,
}

/// The state folder of a workspace; none where there is none yet. Errors: it is no folder, or it leads out of the workspace.
pub fn state_folder(workspace: &Path) -> Result<Option<StateFolder>> {
    let folder = workspace.join(STATE_FOLDER);
    let Ok(about) = fs::symlink_metadata(&folder) else {
        return Ok(None);
    };
    check_folder(&folder, &[workspace.to_path_buf()])?;
    if !about.is_symlink() && !about.is_dir() {
        return Err(
            Problem::new("cannot_write", format!("`{STATE_FOLDER}` is a file, not a folder"))
                .at(STATE_FOLDER)
                .expected("a folder, or nothing; move the file away")
                .into(),
        );
    }
    let mut found = StateFolder {
        ignore: match fs::read_to_string(folder.join(".gitignore")) {
            Ok(text) if text.replace("\r\n", "\n") == GITIGNORE => Ignore::Usual,
            Ok(_) => Ignore::Changed,
            Err(_) => Ignore::Missing,
        },
        open_to_all: is_open_to_all(&folder),
        ..StateFolder::default()
    };
    for path in entries(&folder) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("toml") => {
                if fs::metadata(&path).is_ok_and(|about| about.permissions().readonly()) {
                    found.read_only.push(name.clone());
                }
                found.models.push(name);
            }
            Some("lock") if is_held(&path) => found.held.push(name),
            _ => {}
        }
    }
    Ok(Some(found))
}

/// A model of a workspace as its file says, read without waiting for whoever holds it. Errors: those of reading it.
pub fn model(workspace: &Path, name: &str) -> Result<Policy> {
    let path = ModelPaths::new(workspace, name)?.document;
    let shown = format!("{STATE_FOLDER}/{name}.toml");
    let unreadable = |e: std::io::Error| io_problem("model_unreadable", &shown, &e);
    if fs::metadata(&path).map_err(unreadable)?.len() > MODEL_BYTES_MAX {
        return Err(
            Problem::new("model_unreadable", format!("`{shown}` is larger than any model"))
                .at(shown)
                .into(),
        );
    }
    parse(&fs::read_to_string(&path).map_err(unreadable)?, &shown)
}

/// Whether a file can be made in a folder; nothing is left behind.
pub fn can_write(folder: &Path) -> bool {
    tempfile::tempfile_in(folder).is_ok()
}

/// Whether a folder can be listed.
pub fn can_read(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok()
}

/// Temporary files of ours that a process left when it was killed, in a workspace and where we write below it.
pub fn leftovers(workspace: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(workspace.to_path_buf(), DEPTH), (workspace.join("keep-segment-out"), DEPTH)];
    folders.push((workspace.join(STATE_FOLDER), 0));
    while let Some((folder, depth)) = folders.pop() {
        for path in entries(&folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let letters = name.strip_prefix(TEMPORARY).unwrap_or_default();
            let ours = letters.len() == TEMPORARY_LETTERS && letters.chars().all(|c| c.is_ascii_alphanumeric());
            let about = fs::symlink_metadata(&path);
            match about {
                Ok(about) if about.is_file() && ours => found.push(path),
                Ok(about) if about.is_dir() && depth < DEPTH => folders.push((path, depth + 1)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.take(ENTRIES_MAX).flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// A lock that is free is taken and let go at once; whoever waits for it asks again within milliseconds.
fn is_held(lock: &Path) -> bool {
    let is_file = fs::symlink_metadata(lock).is_ok_and(|about| about.is_file());
    is_file && File::open(lock).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(unix)]
fn is_open_to_all(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const WRITE_BY_OTHERS: u32 = 0o002;
    fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & WRITE_BY_OTHERS != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_folder: &Path) -> bool {
    false
}
