//! Files of a project that a person keeps and that get something of ours: read whole, changed together, taken out.

use std::fs;
use std::path::{Path, PathBuf};

use super::{check_folder, folder_of, io_problem, persist, staged};
use crate::error::{Error, Problem, Result};

/// Larger than any settings or skill that a person keeps.
const BYTES_MAX: u64 = 4 << 20;
/// Copies of one file that are kept beside it.
const COPIES_MAX: usize = 99;

/// One change to a file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file says this now.
    Write(String),
    /// The file goes, and folders that it leaves empty.
    Remove,
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

/// Makes all the changes, or none when one of them cannot be prepared: every file is written under another name first.
pub fn change(root: &Path, changes: &[(PathBuf, Change)]) -> Result<()> {
    let roots = [root.to_path_buf()];
    let mut ready = Vec::new();
    for (path, change) in changes {
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        check_folder(folder_of(path), &roots)?;
        if fs::symlink_metadata(path).is_ok_and(|about| about.permissions().readonly()) {
            return Err(refused(&shown, "is read-only"));
        }
        if let Change::Write(text) = change {
            ready.push((staged(path, text.as_bytes(), &shown)?, path, shown));
        }
    }
    for (file, path, shown) in ready {
        persist(file, path, &shown)?;
    }
    let gone = changes.iter().filter(|(_, change)| *change == Change::Remove);
    gone.map(|(path, _)| path).try_for_each(|path| remove(root, path))
}

fn remove(root: &Path, path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|e| io_problem("cannot_write", &path.display().to_string(), &e))?;
    let above = path.ancestors().skip(1).take_while(|folder| *folder != root);
    // A folder that still holds something refuses, and then those above it hold something too.
    for folder in above {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
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
