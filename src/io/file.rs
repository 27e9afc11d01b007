//! The bytes of a file that may be read: within the limits, in steps that can be watched and stopped.
#![allow(clippy::disallowed_methods)] // Account books are opened here, after `paths` has resolved them.

use std::io::Read;
use std::path::Path;

use super::paths::{Folders, resolve, shown};
use super::quoted;
use crate::error::{Problem, Result};
use crate::model::control::Control;

/// Bytes of the largest file that is read.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 30;

/// A file that was read whole.
pub(crate) struct Content {
    /// The path as messages show it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a file. Errors: those of [`resolve`], `file_too_large`, `file_unreadable`, `cancelled`.
pub(crate) fn read(folders: &Folders, path: &str, control: &Control) -> Result<Content> {
    let resolved = resolve(folders, path)?;
    let name = shown(folders, &resolved);
    let unreadable =
        |e: std::io::Error| Problem::new("file_unreadable", format!("{} cannot be read: {e}", quoted(&name))).at("path");
    let file = std::fs::File::open(&resolved).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::new();
    if size <= FILE_BYTES_MAX {
        // A file that grows while it is read is cut off at the limit, not at the size it had.
        bytes.reserve_exact(usize::try_from(size).unwrap_or(0));
        let mut rest = file.take(FILE_BYTES_MAX + 1);
        const STEP: u64 = 8 << 20;
        while rest.by_ref().take(STEP).read_to_end(&mut bytes).map_err(unreadable)? > 0 {
            control.at("reading", bytes.len() as u64, size)?;
        }
    }
    if size > FILE_BYTES_MAX || bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("{} is larger than 1 GiB", quoted(&name));
        return Err(Problem::new("file_too_large", message)
            .at("path")
            .expected("a file of at most 1 GiB")
            .into());
    }
    Ok(Content { name, bytes })
}

/// A file as far as it was read.
pub(crate) struct Head {
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the whole file.
    pub(crate) size: u64,
}

/// The first `most` bytes of a file that was resolved before.
pub(crate) fn head(path: &Path, most: u64) -> std::io::Result<Head> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(Head { bytes, size })
}

/// What tells that a file has changed without reading it: its size and when it was written. None where it may not be read.
pub fn stamp(folders: &Folders, path: &str) -> Option<(u64, std::time::SystemTime)> {
    let about = std::fs::metadata(resolve(folders, path).ok()?).ok()?;
    Some((about.len(), about.modified().ok()?))
}
