//! Files of a project that a person keeps and that get something of ours: read whole, changed together, taken out.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check_folder, folder_of, io_problem, persist, staged};
use crate::error::{Error, Problem, Result};

/// Larger than any settings or skill that a person keeps.
const BYTES_MAX: u64 = 4 << 20;
/// Copies of one file that are kept beside it.
const COPIES_MAX: usize = 99;

/// One change to a file of the project, and what it was planned on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What it said when the change was planned; none where there was no file.
    pub before: Option<String>,
    /// What it says afterwards; none where it goes, and its folder with it if that is left empty.
    pub after: Option<String>,
    /// The file whose mode a new one takes, such as that of which it is a copy.
    pub like: Option<PathBuf>,
}

/// The text of a file of the project; none where there is no file. A link is refused: what it leads to may belong to others.
pub fn text(path: &Path, shown: &str) -> Result<Option<String>> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_problem("file_unreadable", shown, &e)),
    };
    let wrong = match () {
        () if about.is_symlink() => "is a link, and nothing is written through one",
        () if !about.is_file() => "is no file",
        () if about.len() > BYTES_MAX => "is larger than 4 MiB",
        () => {
            return match fs::read(path).map(String::from_utf8) {
                Ok(Ok(text)) => Ok(Some(text)),
                Ok(Err(_)) => Err(refused(shown, "is not UTF-8 text")),
                Err(e) => Err(io_problem("file_unreadable", shown, &e)),
            };
        }
    };
    Err(refused(shown, wrong))
}

/// Whether the changes can be made as far as a look tells. Errors, all at once: a folder that leads out, or a file or folder
/// that may not be written.
pub fn check(root: &Path, changes: &[Change]) -> Result<()> {
    let problems: Vec<Problem> = changes
        .iter()
        .filter_map(|change| check_one(root, change).err())
        .flat_map(|error| error.problems().to_vec())
        .collect();
    Error::unless_none(problems)
}

fn check_one(root: &Path, change: &Change) -> Result<()> {
    let shown = shown(root, &change.path);
    let folder = folder_of(&change.path);
    check_folder(folder, &[root.to_path_buf()])?;
    if fs::symlink_metadata(&change.path).is_ok_and(|about| about.permissions().readonly()) {
        return Err(refused(&shown, "is read-only"));
    }
    let Some((nearest, about)) = folder.ancestors().find_map(|part| Some((part, fs::metadata(part).ok()?))) else {
        return Ok(());
    };
    let wrong = match () {
        () if !about.is_dir() => "is a file, and a folder is needed there",
        () if about.permissions().readonly() || !super::state::can_write(nearest) => "is a folder that may not be written",
        () => return Ok(()),
    };
    Err(refused(&self::shown(root, nearest), wrong))
}

/// Makes all the changes or none: every file is written under another name first, looked at again just before it is
/// replaced, and put back where a later one cannot be. Error: `file_changed` where one is no longer what it was.
pub fn change(root: &Path, changes: &[Change]) -> Result<()> {
    check(root, changes)?;
    changes.iter().try_for_each(|change| unchanged(root, change))?;
    let made = missing_folders(root, changes);
    let mut done: Vec<(&Change, Option<fs::Permissions>)> = Vec::new();
    let result = make(root, changes, &mut done);
    if result.is_err() {
        for (change, mode) in done.into_iter().rev() {
            put_back(root, change, mode);
        }
        made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
    }
    result
}

fn make<'a>(root: &Path, changes: &'a [Change], done: &mut Vec<(&'a Change, Option<fs::Permissions>)>) -> Result<()> {
    let mode = |path: &Path| fs::symlink_metadata(path).ok().map(|about| about.permissions());
    let mut ready = Vec::new();
    for change in changes {
        let like = mode(change.like.as_deref().unwrap_or(&change.path));
        let new = match &change.after {
            Some(text) => Some(staged(
                &change.path,
                |file| file.write_all(text.as_bytes()),
                &shown(root, &change.path),
                like,
            )?),
            None => None,
        };
        ready.push((change, new));
    }
    for (change, new) in ready {
        let path = &change.path;
        let name = shown(root, path);
        unchanged(root, change)?;
        let before = mode(path);
        match new {
            // Nobody's file is replaced that came in the meantime.
            Some(new) if change.before.is_none() => match new.persist_noclobber(path) {
                Ok(_) => {}
                Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => return Err(changed(&name)),
                Err(e) => return Err(io_problem("cannot_write", &name, &e.error)),
            },
            Some(new) => persist(new, path, &name)?,
            None => fs::remove_file(path).map_err(|e| io_problem("cannot_write", &name, &e))?,
        }
        done.push((change, before));
    }
    // A folder that still holds something refuses to go; those above it may be the user's.
    let gone = changes
        .iter()
        .filter(|change| change.after.is_none() && folder_of(&change.path) != root);
    gone.for_each(|change| drop(fs::remove_dir(folder_of(&change.path))));
    Ok(())
}

fn put_back(root: &Path, change: &Change, mode: Option<fs::Permissions>) {
    let path = &change.path;
    let is_ours = text(path, "").is_ok_and(|found| found == change.after);
    match &change.before {
        _ if !is_ours => {}
        None => drop(fs::remove_file(path)),
        Some(before) => {
            let name = shown(root, path);
            drop(staged(path, |file| file.write_all(before.as_bytes()), &name, mode).and_then(|old| persist(old, path, &name)));
        }
    }
}

/// Error: the file is not what it was when the change was planned.
fn unchanged(root: &Path, change: &Change) -> Result<()> {
    let shown = shown(root, &change.path);
    match text(&change.path, &shown) {
        Ok(now) if now == change.before => Ok(()),
        _ => Err(changed(&shown)),
    }
}

fn changed(shown: &str) -> Error {
    Problem::new(
        "file_changed",
        format!("`{shown}` was changed while you were asked; nothing was written"),
    )
    .at(shown)
    .next("the same command again, which plans anew")
    .into()
}

/// Folders that the changes will make, the deepest first.
fn missing_folders(root: &Path, changes: &[Change]) -> Vec<PathBuf> {
    let written = changes.iter().filter(|change| change.after.is_some());
    let above = written.flat_map(|change| change.path.ancestors().skip(1).take_while(|folder| *folder != root));
    let mut folders: Vec<PathBuf> = above
        .filter(|folder| fs::symlink_metadata(folder).is_err())
        .map(Path::to_path_buf)
        .collect();
    folders.sort();
    folders.dedup();
    folders.reverse();
    folders
}

fn shown(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        Ok(_) => ".".into(),
        Err(_) => path.display().to_string(),
    }
}

/// A name beside a file under which a copy of it harms nobody.
pub fn copy_name(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = |n: usize| match n {
        1 => path.with_file_name(format!("{name}.bak")),
        n => path.with_file_name(format!("{name}.bak{n}")),
    };
    let free = (1..=COPIES_MAX)
        .map(numbered)
        .find(|copy| fs::symlink_metadata(copy).is_err());
    free.ok_or_else(|| refused(&format!("{name}.bak"), "and its numbered sisters are all taken; remove some"))
}

fn refused(shown: &str, what: &str) -> Error {
    Problem::new("cannot_write", format!("`{shown}` {what}"))
        .at(shown)
        .expected("a plain file that may be written, or none")
        .into()
}
