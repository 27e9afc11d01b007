//! The bytes of a file that may be read: within the limits, in steps that can be watched and stopped.
#![allow(clippy::disallowed_methods)] // Account books are opened here, after `paths` has resolved them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::paths::{Folders, resolve, shown};
use super::quoted;
use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::parallel;

/// Bytes of the largest file that is read.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 30;

/// A file that was read whole.
pub(crate) struct Content {
    /// The path as messages show it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// [`sha256`] of the bytes.
    pub(crate) sha256: String,
}

/// Reads a file. Errors: those of [`resolve`], `file_too_large`, `file_unreadable`, `cancelled`.
pub(crate) fn read(folders: &Folders, path: &str, control: &Control) -> Result<Content> {
    let resolved = resolve(folders, path)?;
    let name = shown(folders, &resolved);
    let unreadable =
        |e: std::io::Error| Problem::new("file_unreadable", format!("{} cannot be read: {e}", quoted(&name))).at("path");
    let mut file = std::fs::File::open(&resolved).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let too_large = || {
        let message = format!("{} is larger than 1 GiB", quoted(&name));
        Problem::new("file_too_large", message)
            .at("path")
            .expected("a file of at most 1 GiB")
    };
    if size > FILE_BYTES_MAX {
        return Err(too_large().into());
    }
    let (bytes, sha256) = whole(&mut file, size, control, unreadable)?;
    let sha256 = sha256.ok_or_else(too_large)?;
    Ok(Content { name, bytes, sha256 })
}

/// The bytes of a file that had this size, with their hash unless they are too many: a file that grows while it is read is cut
/// off at the limit, not at the size it had.
fn whole(
    file: &mut std::fs::File,
    size: u64,
    control: &Control,
    unreadable: impl Fn(std::io::Error) -> Problem,
) -> Result<(Vec<u8>, Option<String>)> {
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    let (n, sha256) = fill(file, &mut bytes, control, &unreadable)?;
    bytes.truncate(n);
    let mut rest = file.take(FILE_BYTES_MAX + 1 - n as u64);
    let has_grown = rest.read_to_end(&mut bytes).map_err(unreadable)? > 0;
    let sha256 = match has_grown {
        _ if bytes.len() as u64 > FILE_BYTES_MAX => None,
        true => Some(self::sha256(&bytes)),
        false => Some(sha256),
    };
    Ok((bytes, sha256))
}

/// Reads until there is no more room or nothing more to read, and hashes what was read while the next is read: how many bytes
/// that were, and their hash.
fn fill(
    file: &mut std::fs::File,
    bytes: &mut [u8],
    control: &Control,
    unreadable: impl Fn(std::io::Error) -> Problem,
) -> Result<(usize, String)> {
    const CHUNK: usize = 1 << 20;
    const STEP: usize = 8 * CHUNK;
    let size = bytes.len();
    let (read, to_hash) = channel::<&[u8]>();
    let to_hash = Mutex::new(to_hash);
    let reading = || -> Result<usize> {
        // Once it is gone the hash is ready.
        let read = read;
        let mut n = 0;
        for chunk in bytes.chunks_mut(CHUNK) {
            let mut filled = 0;
            while let Some(room) = chunk.get_mut(filled..).filter(|room| !room.is_empty()) {
                match file.read(room) {
                    Ok(0) => break,
                    Ok(more) => filled += more,
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(unreadable(e).into()),
                }
            }
            let is_full = filled == chunk.len();
            n += filled;
            // Nobody listens any more when hashing has panicked, which the caller hears of.
            let _ = read.send(chunk.get(..filled).unwrap_or_default());
            if n.is_multiple_of(STEP) || n == size {
                control.at("reading", n as u64, size as u64)?;
            }
            if !is_full {
                break;
            }
        }
        Ok(n)
    };
    let hashing = || {
        let mut hasher = Sha256::new();
        let chunks = to_hash.lock().unwrap_or_else(PoisonError::into_inner);
        chunks.iter().for_each(|chunk| hasher.update(chunk));
        hex(&hasher.finalize())
    };
    let (n, sha256) = match size <= CHUNK {
        true => (reading(), hashing()),
        false => parallel::both(reading, hashing),
    };
    Ok((n?, sha256))
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

/// How a file stands, by which a change of it is noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    path: PathBuf,
    len: u64,
    modified: Option<SystemTime>,
    /// Device, file number and the time of the last change of anything, which no program can set back; not on every system.
    identity: Option<[i64; 4]>,
    /// Whether these tell every change from now on. They do not where one may fall into the same tick of the file system's
    /// clock: then the content has to be looked at.
    pub tells: bool,
}

impl FileState {
    /// Whether both states are of the same file, unchanged as far as states tell.
    pub fn is_same(&self, other: &FileState) -> bool {
        (&self.path, self.len, self.modified, self.identity) == (&other.path, other.len, other.modified, other.identity)
    }
}

/// How a file stands now. None where it may not be read.
pub fn state(folders: &Folders, path: &str) -> Option<FileState> {
    // File systems count time in steps of up to two seconds.
    const TICK: Duration = Duration::from_secs(3);
    let path = resolve(folders, path).ok()?;
    let about = std::fs::metadata(&path).ok()?;
    let (modified, identity) = (about.modified().ok(), identity(&about));
    let old = |time: SystemTime| SystemTime::now().duration_since(time).is_ok_and(|age| age > TICK);
    let changed = identity.map(|[.., seconds, _]| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()));
    Some(FileState {
        path,
        len: about.len(),
        modified,
        identity,
        tells: modified.is_some_and(old) && changed.is_some_and(old),
    })
}

#[cfg(unix)]
fn identity(about: &std::fs::Metadata) -> Option<[i64; 4]> {
    use std::os::unix::fs::MetadataExt;
    let (device, number) = (about.dev().cast_signed(), about.ino().cast_signed());
    Some([device, number, about.ctime(), about.ctime_nsec()])
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<[i64; 4]> {
    None
}

/// The hash of a file's bytes now, in hexadecimal; none where it cannot be read. Error: `cancelled`.
pub fn sha256_of(file: &FileState, control: &Control) -> Result<Option<String>> {
    const STEP: usize = 1 << 20;
    let Ok(mut opened) = std::fs::File::open(&file.path) else {
        return Ok(None);
    };
    let (mut hasher, mut buffer, mut done) = (Sha256::new(), vec![0; STEP], 0);
    loop {
        control.at("looking for changes", done, file.len)?;
        match opened.read(&mut buffer) {
            Ok(0) => return Ok(Some(hex(&hasher.finalize()))),
            Ok(n) => {
                hasher.update(buffer.get(..n).unwrap_or_default());
                done += n as u64;
            }
            Err(_) => return Ok(None),
        }
    }
}

/// The hash of these bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_hashed_as_far_as_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.csv");
        for (len, room) in [
            (0, 0),
            (5, 5),
            (3 << 20, 3 << 20),
            ((2 << 20) + 7, 4 << 20),
            (9 << 20, (8 << 20) + 1),
        ] {
            let written: Vec<u8> = (0..len).map(|i: usize| (i % 251) as u8).collect();
            std::fs::write(&path, &written).unwrap();
            let (mut file, mut bytes) = (std::fs::File::open(&path).unwrap(), vec![0; room]);
            let failed = |e: std::io::Error| Problem::new("file_unreadable", e.to_string());
            let (n, hash) = fill(&mut file, &mut bytes, &Control::default(), failed).unwrap();
            let read = written.get(..len.min(room)).unwrap();
            assert_eq!((n, bytes.get(..n).unwrap() == read), (read.len(), true), "{len} {room}");
            assert_eq!(hash, sha256(read), "{len} {room}");
            // Read whole, whatever size it was said to have.
            let mut file = std::fs::File::open(&path).unwrap();
            let (bytes, hash) = whole(&mut file, room as u64, &Control::default(), failed).unwrap();
            assert!(bytes == written && hash == Some(sha256(&written)), "{len} {room}");
        }
    }
}
