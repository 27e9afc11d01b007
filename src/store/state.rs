//! The state folder of a workspace as it lies there: looked at, never changed.

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{GITIGNORE, Links, MODEL_BYTES_MAX, ModelPaths, STATE_FOLDER, check_folder, lock_fault, model_text, parse};
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
    /// Names of `.toml` entries that are no models: folders, hidden files, names that no call can say.
    pub strays: Vec<String>,
    /// Whether it can be listed.
    pub can_be_listed: bool,
    /// Models whose lock file cannot be locked, and why.
    pub lock_faults: Vec<(String, &'static str)>,
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
        ignore: ignore(&folder.join(".gitignore")),
        can_be_listed: can_read(&folder),
        open_to_all: is_open_to_all(&folder),
        ..StateFolder::default()
    };
    for path in entries(&folder) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("toml") => {
                let is_folder = fs::symlink_metadata(&path).is_ok_and(|about| about.is_dir());
                if is_folder || ModelPaths::new(workspace, &name).is_err() {
                    found.strays.push(format!("{name}.toml"));
                    continue;
                }
                if fs::metadata(&path).is_ok_and(|about| about.permissions().readonly()) {
                    found.read_only.push(name.clone());
                }
                found.models.push(name.clone());
                let fault = lock_fault(&path.with_extension("lock"));
                found.lock_faults.extend(fault.map(|fault| (name, fault)));
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
    match model_text(&path, &shown, Links::Refused)? {
        Some(text) => parse(&text, &shown),
        None => Err(Problem::new("model_unreadable", format!("`{shown}` is gone"))
            .at(shown)
            .into()),
    }
}

/// What stands in the way of writing a model's reports; none where nothing does, or the folder is not there yet.
pub fn reports_fault(workspace: &Path, name: &str) -> Option<&'static str> {
    let folder = ModelPaths::new(workspace, name).ok()?.reports;
    if check_folder(&folder, &[workspace.to_path_buf()]).is_err() {
        return Some("leads out of the workspace");
    }
    let (nearest, about) = folder.ancestors().find_map(|part| Some((part, fs::metadata(part).ok()?)))?;
    match () {
        () if !about.is_dir() => Some("cannot be a folder: a file is in its place"),
        () if about.permissions().readonly() || !can_write(nearest) => Some("cannot be written"),
        () => None,
    }
}

/// A `.gitignore` that is a link, or no file, hides nothing: git does not follow it.
fn ignore(path: &Path) -> Ignore {
    if !fs::symlink_metadata(path).is_ok_and(|about| about.is_file()) {
        return Ignore::Missing;
    }
    let mut text = String::new();
    let whole = File::open(path).and_then(|file| file.take(MODEL_BYTES_MAX).read_to_string(&mut text));
    match whole.is_ok() && text.replace("\r\n", "\n") == GITIGNORE {
        true => Ignore::Usual,
        false => Ignore::Changed,
    }
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
    folders.push((workspace.join(".claude/skills/keep-segment"), DEPTH));
    folders.push((workspace.join(STATE_FOLDER), 0));
    // What leads out is somebody else's.
    folders.retain(|(folder, _)| check_folder(folder, &[workspace.to_path_buf()]).is_ok());
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
