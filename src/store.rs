//! Files that the program writes: the model document with its comments, reports, set-aside rows; locked and written whole.
#![allow(clippy::disallowed_methods)] // This is the one place that writes files.

mod document;
pub mod json;
pub mod project;
pub mod shelf;
pub mod state;

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::error::{Error, Problem, Result};
use crate::model::control::Control;
use crate::model::policy::Policy;
pub use document::{parse, rewritten};

/// A model file, locked from opening to drop.
#[derive(Debug)]
pub struct ModelFile {
    path: PathBuf,
    shown: String,
    text: String,
    /// What the file says; the defaults when there is no file yet.
    pub policy: Policy,
    existed: bool,
    /// The workspace that the file must lie in; none for a file that a person named, wherever its path leads.
    workspace: Option<PathBuf>,
    /// None where the file is only looked at: it is written whole, so what is read is whole.
    _lock: Option<File>,
}

/// Where a model of a workspace keeps its files.
#[derive(Debug, Clone)]
pub struct ModelPaths {
    /// The model document.
    pub document: PathBuf,
    /// Folder of reports.
    pub reports: PathBuf,
    /// Folder of set-aside rows.
    pub set_aside: PathBuf,
    lock: PathBuf,
    state: PathBuf,
    workspace: PathBuf,
}

/// Name of the folder that holds all state of a workspace.
pub const STATE_FOLDER: &str = ".keep-segment";
const GITIGNORE: &str =
    "# Model files hold decisions and may be shared; the rest holds customer data.\n*\n!.gitignore\n!*.toml\n";
const MODEL_BYTES_MAX: u64 = 16 << 20;

impl ModelPaths {
    /// Paths of a named model under a workspace folder.
    pub fn new(workspace: &Path, model: &str) -> Result<ModelPaths> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if model.is_empty() || model.len() > 64 || !model.chars().all(plain) {
            return Err(Problem::new("bad_argument", format!("`{model}` cannot name a model"))
                .at("model")
                .expected("letters, digits, - and _, at most 64")
                .fix(serde_json::json!({"model": "segmentation"}))
                .into());
        }
        let state = workspace.join(STATE_FOLDER);
        Ok(ModelPaths {
            document: state.join(format!("{model}.toml")),
            reports: state.join(model).join("reports"),
            set_aside: state.join(model).join("set-aside"),
            lock: state.join(format!("{model}.lock")),
            state,
            workspace: workspace.to_path_buf(),
        })
    }
}

impl ModelFile {
    /// Opens a workspace's model, waiting for any other process that holds it; the file need not exist.
    pub fn open(paths: &ModelPaths, shown: &str, control: &Control) -> Result<ModelFile> {
        let roots = std::slice::from_ref(&paths.workspace);
        check_folder(&paths.state, roots)?;
        make_folder(&paths.state)?;
        let ignore = paths.state.join(".gitignore");
        if !fs::symlink_metadata(&ignore).is_ok_and(|about| about.is_file()) {
            write_inside(roots, &ignore, GITIGNORE.as_bytes())?;
        }
        let lock_shown = relative(&paths.lock, roots);
        if let Some(fault) = lock_fault(&paths.lock) {
            return Err(Problem::new("cannot_write", format!("`{lock_shown}` {fault}"))
                .at(lock_shown)
                .expected("a plain file that may be written, or none: remove it when no call is running")
                .into());
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&paths.lock)
            .map_err(|e| io_problem("cannot_write", &lock_shown, &e))?;
        lock(&file, control, |e| io_problem("cannot_write", &lock_shown, e))?;
        let mut file = ModelFile::read(&paths.document, Some(file), shown, Links::Refused)?;
        file.workspace = Some(paths.workspace.clone());
        Ok(file)
    }

    /// A workspace's model as it is at the moment, for a call that changes nothing: no folder, no lock, nothing is made.
    pub fn look(paths: &ModelPaths, shown: &str) -> Result<ModelFile> {
        check_folder(&paths.state, std::slice::from_ref(&paths.workspace))?;
        ModelFile::read(&paths.document, None, shown, Links::Refused)
    }

    /// Opens a model file that a person names; it must exist.
    pub fn open_path(path: &Path, shown: &str, control: &Control) -> Result<ModelFile> {
        if !path.is_file() {
            return Err(Problem::new("model_not_found", format!("there is no model file `{shown}`"))
                .at("--model")
                .expected("a segmentation.toml that an earlier run wrote; leave --model out to start anew")
                .into());
        }
        let file = lock_in_place(path, control, |e| io_problem("model_unreadable", shown, e))?;
        ModelFile::read(path, Some(file), shown, Links::Followed)
    }

    /// The file's text with the policy's values; comments and order of what stays are kept.
    pub fn text_of(&self, policy: &Policy) -> Result<String> {
        rewritten(&self.text, policy)
    }

    /// Writes the text if it says anything new, and lets the lock go.
    pub fn write(self, text: &str) -> Result<()> {
        if text == self.text && self.existed {
            return Ok(());
        }
        let written = match &self.workspace {
            Some(workspace) => write_inside(std::slice::from_ref(workspace), &self.path, text.as_bytes()),
            None => write_whole(&self.path, text.as_bytes()),
        };
        written.map_err(|e| at(e, &self.shown))
    }

    fn read(path: &Path, lock: Option<File>, shown: &str, links: Links) -> Result<ModelFile> {
        let text = model_text(path, shown, links)?;
        let existed = text.is_some();
        let text = text.unwrap_or_default();
        let policy = if existed { parse(&text, shown)? } else { Policy::default() };
        Ok(ModelFile {
            path: path.to_path_buf(),
            shown: shown.to_string(),
            text,
            policy,
            existed,
            workspace: None,
            _lock: lock,
        })
    }
}

/// What becomes of a link in the place of a model file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    /// A person named the file, wherever its path leads.
    Followed,
    /// The file lies in a workspace: a link could lead anywhere.
    Refused,
}

/// The text of a model file; none where there is no file. Errors: it is a link, a pipe or a device, or too large.
fn model_text(path: &Path, shown: &str, links: Links) -> Result<Option<String>> {
    let about = match links {
        Links::Followed => fs::metadata(path),
        Links::Refused => fs::symlink_metadata(path),
    };
    let about = match about {
        Ok(about) => about,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_problem("model_unreadable", shown, &e)),
    };
    let refused = |what: &str, way_out: &str| {
        let problem = Problem::new("model_unreadable", format!("`{shown}` {what}")).at(shown);
        Err(problem.expected(way_out).into())
    };
    if about.is_symlink() {
        return refused("is a link", "the model file itself; put a copy of it in place of the link");
    }
    if !about.is_file() {
        return refused("is no plain file", "a model file, or nothing; move what is there away");
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MODEL_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|e| io_problem("model_unreadable", shown, &e))?;
    if bytes.len() as u64 > MODEL_BYTES_MAX {
        return refused("is larger than any model", "a file of at most 16 MiB");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => refused("is not UTF-8 text", "a model file as this program writes it"),
    }
}

/// Why a lock file cannot be one; none where it can, or is not there yet.
fn lock_fault(path: &Path) -> Option<&'static str> {
    let about = fs::symlink_metadata(path).ok()?;
    match () {
        () if about.is_symlink() => Some("is a link, and no lock may lie behind one"),
        () if !about.is_file() => Some("is no plain file, so it cannot be locked"),
        () if about.permissions().readonly() => Some("is read-only, so it cannot be locked"),
        () => None,
    }
}

/// Locks a file that a person keeps, without leaving a lock file beside it. A writer renames a new file into place, so
/// the lock counts only while it is still on the file that the path names.
fn lock_in_place(path: &Path, control: &Control, failed: impl Fn(&std::io::Error) -> Error) -> Result<File> {
    loop {
        let file = File::open(path).map_err(|e| failed(&e))?;
        lock(&file, control, &failed)?;
        let is_current = file.metadata().and_then(|own| Ok(is_same_file(&own, &fs::metadata(path)?)));
        if is_current.map_err(|e| failed(&e))? {
            return Ok(file);
        }
    }
}

/// Takes a lock as soon as no other process holds it. It is asked for again and again, since a call that waits inside the
/// system cannot be cancelled.
fn lock(file: &File, control: &Control, failed: impl Fn(&std::io::Error) -> Error) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(failed(&e)),
            Err(TryLockError::WouldBlock) => control.at("waiting for another process", 0, 0)?,
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(unix)]
fn is_same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same_file(_a: &fs::Metadata, _b: &fs::Metadata) -> bool {
    true
}

/// The first twelve hexadecimal digits of a SHA-256 over the model's text and the book's content.
pub fn revision(model_text: &str, book_sha256: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(model_text.as_bytes());
    hash.update([0]);
    hash.update(book_sha256.as_bytes());
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file whole or not at all: a temporary file beside it, then a rename. A link is followed, the mode of a file
/// that is there is kept, and a read-only file is refused.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    Staged::fill(path, |file| file.write_all(bytes))?.keep()
}

/// A file that is written whole beside its place; it is gone again unless it is kept.
pub struct Staged {
    file: tempfile::NamedTempFile,
    target: PathBuf,
    shown: String,
}

impl Staged {
    /// [`write_whole`] but for the rename, for what comes part by part.
    pub fn fill(path: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<Staged> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let shown = path.display().to_string();
        let file = staged(&target, fill, &shown, mode_of(&target))?;
        Ok(Staged { file, target, shown })
    }

    /// Puts the file in its place.
    pub fn keep(self) -> Result<()> {
        persist(self.file, &self.target, &self.shown)
    }
}

/// [`write_whole`] for a file that must lie in one of these folders: a link in its place is replaced and not followed, and a
/// folder on the way that leads elsewhere is refused.
pub fn write_inside(roots: &[PathBuf], path: &Path, bytes: &[u8]) -> Result<()> {
    check_folder(folder_of(path), roots)?;
    put(path, |file| file.write_all(bytes), &path.display().to_string())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses a folder that, as far as it is there, lies outside these folders once links are resolved.
fn check_folder(folder: &Path, roots: &[PathBuf]) -> Result<()> {
    let shown = relative(folder, roots);
    if roots
        .iter()
        .any(|root| folder.starts_with(root) && fs::symlink_metadata(root).is_err())
    {
        return Err(Problem::new(
            "folder_not_found",
            "the folder of the workspace is gone, so nothing can be kept in it",
        )
        .expected("the folder back in its place, or a start in another one")
        .into());
    }
    let there = folder.ancestors().find_map(|part| part.canonicalize().ok());
    let is_inside = |real: &PathBuf| {
        let mut roots = roots.iter().filter_map(|root| root.canonicalize().ok());
        roots.any(|root| real.starts_with(root))
    };
    match there.is_some_and(|real| is_inside(&real)) {
        true => Ok(()),
        false => Err(leads_out(&shown, "leads out of the workspace, where nothing is written")),
    }
}

/// A path as it is named to people: from the folder that it lies in, not from the root of the file system.
fn relative(path: &Path, roots: &[PathBuf]) -> String {
    let inside = roots.iter().find_map(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    match inside.as_os_str().is_empty() {
        true => ".".into(),
        false => inside.display().to_string(),
    }
}

fn leads_out(shown: &str, what: &str) -> Error {
    Problem::new("cannot_write", format!("`{shown}` {what}"))
        .at(shown)
        .expected("a folder or file of the workspace itself; remove the link")
        .into()
}

fn put(target: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>, shown: &str) -> Result<()> {
    persist(staged(target, fill, shown, mode_of(target))?, target, shown)
}

/// The mode of the file that is there, if one is.
fn mode_of(target: &Path) -> Option<fs::Permissions> {
    let before = fs::symlink_metadata(target).ok().filter(|about| !about.is_symlink());
    before.map(|about| about.permissions())
}

/// A file that is filled beside the target; it is gone again unless it is persisted. It has its mode, the usual one where
/// none is given, before the first byte is in it.
fn staged(
    target: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    shown: &str,
    mode: Option<fs::Permissions>,
) -> Result<tempfile::NamedTempFile> {
    let problem = |e: &std::io::Error| io_problem("cannot_write", shown, e);
    let folder = folder_of(target);
    make_folder(folder)?;
    if target.is_dir() {
        return Err(Problem::new("cannot_write", format!("`{shown}` is a folder"))
            .at(shown)
            .into());
    }
    if mode.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(Problem::new("cannot_write", format!("`{shown}` is read-only"))
            .at(shown)
            .into());
    }
    let mut file = temporary(folder, mode.is_some()).map_err(|e| problem(&e))?;
    if let Some(mode) = mode {
        file.as_file().set_permissions(mode).map_err(|e| problem(&e))?;
    }
    fill(&mut file)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|e| problem(&e))?;
    Ok(file)
}

fn persist(file: tempfile::NamedTempFile, target: &Path, shown: &str) -> Result<()> {
    file.persist(target)
        .map(drop)
        .map_err(|e| io_problem("cannot_write", shown, &e.error))
}

/// A file that replaces another is private until it has the other's mode; a new one is meant to be read like any other of
/// the user's.
#[cfg(unix)]
fn temporary(folder: &Path, is_private: bool) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if is_private { 0o600 } else { 0o666 };
    tempfile::Builder::new()
        .prefix(".keep-segment-")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path, _is_private: bool) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".keep-segment-").tempfile_in(folder)
}

/// [`check_target`] for a file that [`write_inside`] writes: a link in its place is replaced, and what it leads to stays.
pub fn check_target_inside(path: &Path, begins: &str, book: &Path, place: &str) -> Result<()> {
    match fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        true => Ok(()),
        false => check_target(path, begins, book, place),
    }
}

/// Refuses to put a file of ours over one that is not: the book itself, or a file that does not begin as ours do.
pub fn check_target(path: &Path, begins: &str, book: &Path, place: &str) -> Result<()> {
    let is_book = is_same_path(path, book);
    let mut head = vec![0; begins.len()];
    let there = File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head))
        .is_ok();
    let is_empty = fs::metadata(path).is_ok_and(|meta| meta.len() == 0);
    let foreign = fs::metadata(path).is_ok() && !is_empty && !(there && head == begins.as_bytes());
    if !is_book && !foreign {
        return Ok(());
    }
    let what = if is_book {
        "the book itself"
    } else {
        "a file that this program did not write"
    };
    Err(Problem::new(
        "would_overwrite",
        format!("`{}` is {what}, and would be overwritten", path.display()),
    )
    .at(place)
    .expected("another folder")
    .into())
}

/// Whether two paths lead to one file that is there.
pub fn is_same_path(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// Keeps a model file that says something else than the new one beside it; true when there was one.
pub fn keep_previous(path: &Path, text: &str) -> Result<bool> {
    match fs::read_to_string(path) {
        Ok(before) if before != text => {
            write_whole(&path.with_file_name("segmentation.previous.toml"), before.as_bytes()).map(|()| true)
        }
        _ => Ok(false),
    }
}

fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| io_problem("cannot_write", &path.display().to_string(), &e))
}

fn io_problem(code: &'static str, shown: &str, e: &std::io::Error) -> Error {
    let said = e.to_string();
    let why = said.split(" (os error").next().unwrap_or(&said).to_lowercase();
    Problem::new(code, format!("`{shown}`: {why}")).at(shown).into()
}

fn at(error: Error, shown: &str) -> Error {
    Error::all(error.problems().iter().cloned().map(|problem| problem.at(shown)).collect())
}
