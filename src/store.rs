//! Files that the program writes: the model document with its comments, reports, set-aside rows; locked and written whole.
#![allow(clippy::disallowed_methods)] // This is the one place that writes files.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

use crate::error::{Error, Problem, Result};
use crate::model::check::check;
use crate::model::decode::decode;
use crate::model::policy::{Method, Policy, Triggers};

/// A model file, locked from opening to drop.
#[derive(Debug)]
pub struct ModelFile {
    path: PathBuf,
    shown: String,
    text: String,
    /// What the file says; the defaults when there is no file yet.
    pub policy: Policy,
    /// Whether the file was there.
    pub existed: bool,
    _lock: File,
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
        })
    }
}

impl ModelFile {
    /// Opens a workspace's model, waiting for any other process that holds it; the file need not exist.
    pub fn open(paths: &ModelPaths, shown: &str) -> Result<ModelFile> {
        make_folder(&paths.state)?;
        let ignore = paths.state.join(".gitignore");
        if !ignore.exists() {
            write_whole(&ignore, GITIGNORE.as_bytes())?;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&paths.lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|e| io_problem("cannot_write", shown, &e))?;
        ModelFile::read(&paths.document, lock, shown)
    }

    /// Opens a model file that a person names; it must exist.
    pub fn open_path(path: &Path, shown: &str) -> Result<ModelFile> {
        if !path.is_file() {
            return Err(Problem::new("model_not_found", format!("there is no model file `{shown}`"))
                .at("--model")
                .expected("a segmentation.toml that an earlier run wrote; leave --model out to start anew")
                .into());
        }
        let lock = lock_in_place(path).map_err(|e| io_problem("model_unreadable", shown, &e))?;
        ModelFile::read(path, lock, shown)
    }

    /// The text that [`ModelFile::save`] would write.
    pub fn text_of(&self, policy: &Policy) -> Result<String> {
        rewritten(&self.text, policy)
    }

    /// Writes the model if it says anything new; comments and order of what stays are kept. Returns the file's text.
    pub fn save(&mut self, policy: &Policy) -> Result<&str> {
        let text = rewritten(&self.text, policy)?;
        if text != self.text || !self.existed {
            write_whole(&self.path, text.as_bytes()).map_err(|e| at(e, &self.shown))?;
            self.text = text;
            self.existed = true;
        }
        self.policy = policy.clone();
        Ok(&self.text)
    }

    fn read(path: &Path, lock: File, shown: &str) -> Result<ModelFile> {
        let text = match fs::metadata(path) {
            Ok(meta) if meta.len() > MODEL_BYTES_MAX => {
                return Err(
                    Problem::new("model_unreadable", format!("`{shown}` is larger than any model"))
                        .at(shown)
                        .into(),
                );
            }
            Ok(_) => Some(fs::read_to_string(path).map_err(|e| io_problem("model_unreadable", shown, &e))?),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(io_problem("model_unreadable", shown, &e)),
        };
        let existed = text.is_some();
        let text = text.unwrap_or_default();
        let policy = if existed { parse(&text, shown)? } else { Policy::default() };
        Ok(ModelFile {
            path: path.to_path_buf(),
            shown: shown.to_string(),
            text,
            policy,
            existed,
            _lock: lock,
        })
    }
}

/// Locks a file that a person keeps, without leaving a lock file beside it. A writer renames a new file into place, so
/// the lock counts only while it is still on the file that the path names.
fn lock_in_place(path: &Path) -> std::io::Result<File> {
    loop {
        let file = File::open(path)?;
        file.lock()?;
        if is_same_file(&file.metadata()?, &fs::metadata(path)?) {
            return Ok(file);
        }
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

/// Reads a model document; every problem in it at once.
pub fn parse(text: &str, shown: &str) -> Result<Policy> {
    let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        let line = e
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        let message = e.message().lines().next().unwrap_or("not TOML").to_string();
        Error::from(
            Problem::new("model_unreadable", format!("the model file is not TOML: {message}")).at(format!("{shown}:{line}")),
        )
    })?;
    let value = table_json(document.as_table());
    let mut policy: Policy = decode(value, shown).map_err(|problems| Error::all(problems.into_iter().map(in_file).collect()))?;
    if policy.triggers.is_none() && policy.baseline.is_none() {
        // A file written by hand and never run: the defaults are meant. Deleting them later is a decision that a gate sees.
        policy.triggers = Some(Triggers::default());
    }
    if policy.axis.cuts.is_some() && policy.axis.method == Method::Auto {
        policy.axis.method = Method::Given;
    }
    let problems: Vec<Problem> = check(&policy)
        .into_iter()
        .map(|mut problem| {
            problem.fix = None;
            problem.place = problem.place.map(|place| format!("{shown}: {place}"));
            in_file(problem)
        })
        .collect();
    if problems.is_empty() {
        Ok(policy)
    } else {
        Err(Error::all(problems))
    }
}

/// The document with the policy's values: what is equal stays as it is written, comments included.
pub fn rewritten(text: &str, policy: &Policy) -> Result<String> {
    let failed = |e: String| Error::from(Problem::new("internal", format!("the model could not be written: {e}")));
    let fresh = toml_edit::ser::to_string_pretty(policy).map_err(|e| failed(e.to_string()))?;
    if text.trim().is_empty() {
        return Ok(format!(
            "# The segmentation model: what the team decided. Comments stay; keep-segment edits the values.\n{fresh}"
        ));
    }
    let fresh: DocumentMut = fresh.parse().map_err(|e: toml_edit::TomlError| failed(e.to_string()))?;
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| failed(e.to_string()))?;
    sync(document.as_table_mut(), fresh.as_table());
    let text = document.to_string();
    // A model that could not be read back must never reach the disk.
    match parse(&text, "the model") {
        Ok(read) if read == *policy => Ok(text),
        Ok(_) => Err(failed("its text would not say what was decided".into())),
        Err(error) => Err(error),
    }
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
    let shown = path.display().to_string();
    let problem = |e: &std::io::Error| io_problem("cannot_write", &shown, e);
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = target
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    make_folder(folder)?;
    let before = fs::metadata(&target).ok().map(|meta| meta.permissions());
    if before.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(Problem::new("cannot_write", format!("`{shown}` is read-only"))
            .at(shown)
            .into());
    }
    let mut file = temporary(folder).map_err(|e| problem(&e))?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|e| problem(&e))?;
    if let Some(permissions) = before {
        file.as_file().set_permissions(permissions).map_err(|e| problem(&e))?;
    }
    file.persist(&target).map_err(|e| problem(&e.error))?;
    Ok(())
}

/// Temporary files are private by default; what we write is meant to be read like any other file of the user's.
#[cfg(unix)]
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let usual = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new()
        .prefix(".keep-segment-")
        .permissions(usual)
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".keep-segment-").tempfile_in(folder)
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

/// In a file there are keys, not arguments, and no argument mends them.
fn in_file(mut problem: Problem) -> Problem {
    problem.code = match problem.code {
        "unknown_argument" => "unknown_key",
        "bad_argument" => "bad_value",
        "missing_argument" => "missing_key",
        other => other,
    };
    problem.fix = None;
    problem.next = Some("edit the file, then call again".into());
    problem
}

fn table_json(table: &dyn TableLike) -> Value {
    Value::Object(
        table
            .iter()
            .map(|(key, item)| (key.to_string(), item_json(item)))
            .collect::<Map<_, _>>(),
    )
}

fn item_json(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => value_json(value),
        Item::Table(table) => table_json(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| table_json(table)).collect(),
    }
}

fn value_json(value: &toml_edit::Value) -> Value {
    use toml_edit::Value as Toml;
    match value {
        Toml::String(s) => Value::from(s.value().as_str()),
        Toml::Integer(i) => Value::from(*i.value()),
        Toml::Float(f) => Value::from(*f.value()),
        Toml::Boolean(b) => Value::from(*b.value()),
        Toml::Datetime(d) => Value::from(d.value().to_string()),
        Toml::Array(list) => list.iter().map(value_json).collect(),
        Toml::InlineTable(table) => table_json(table),
    }
}

/// Makes `old` say what `new` says, touching nothing that says it already.
fn sync(old: &mut dyn TableLike, new: &dyn TableLike) {
    let gone: Vec<String> = old
        .iter()
        .map(|(key, _)| key.to_string())
        .filter(|key| !new.contains_key(key))
        .collect();
    for key in &gone {
        old.remove(key);
    }
    for (key, fresh) in new.iter() {
        match old.get_mut(key) {
            None => {
                old.insert(key, unplaced(fresh));
            }
            Some(item) => sync_item(item, fresh),
        }
    }
}

/// A copy that stands where it is inserted, rather than where it stood in its own document.
fn unplaced(item: &Item) -> Item {
    let mut item = item.clone();
    match &mut item {
        Item::Table(table) => unplace(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplace),
        _ => {}
    }
    item
}

fn unplace(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        *item = unplaced(item);
    }
}

fn sync_item(old: &mut Item, new: &Item) {
    if same(&item_json(old), &item_json(new)) {
        return;
    }
    if let (Item::ArrayOfTables(old), Item::ArrayOfTables(new)) = (&mut *old, new) {
        *old = new.iter().map(|fresh| matched(old, fresh)).collect();
        return;
    }
    if let (Some(new), true) = (new.as_table_like(), old.is_table_like()) {
        if let Some(old) = old.as_table_like_mut() {
            sync(old, new);
        }
        if let Some(inline) = old.as_inline_table_mut() {
            inline.fmt();
        }
        return;
    }
    let mut fresh = match old.is_value() {
        // A table cannot stand inside a value: it is written inline, as what was there.
        true => inline(old, new),
        false => unplaced(new),
    };
    if let (Some(before), Some(after)) = (old.as_value(), fresh.as_value_mut()) {
        *after.decor_mut() = before.decor().clone();
    }
    *old = fresh;
}

/// The new item as a value; elements of a list that say the same as before keep their comments.
fn inline(old: &Item, new: &Item) -> Item {
    let Ok(value) = new.clone().into_value() else {
        return new.clone();
    };
    let (toml_edit::Value::Array(mut fresh), Some(before)) = (value.clone(), old.as_array()) else {
        return Item::Value(value);
    };
    // A comment after a comma belongs to the entry that follows, so an unknown entry takes what stood at its place.
    for (i, element) in fresh.iter_mut().enumerate() {
        let wanted = value_json(element);
        let name = wanted.get("name").cloned();
        let kept = before.iter().find(|other| same(&value_json(other), &wanted));
        let namesake = || {
            before
                .iter()
                .find(|other| name.is_some() && value_json(other).get("name").cloned() == name)
        };
        match (kept, namesake()) {
            (Some(kept), _) => *element = kept.clone(),
            (None, Some(namesake)) => *element.decor_mut() = namesake.decor().clone(),
            (None, None) => {
                if let Some(there) = before.get(i) {
                    *element.decor_mut() = there.decor().clone();
                }
            }
        }
    }
    fresh.set_trailing(before.trailing().clone());
    fresh.set_trailing_comma(before.trailing_comma());
    Item::Value(toml_edit::Value::Array(fresh))
}

/// The old table that says the same or has the same name, brought up to date with its comments; else the fresh one.
fn matched(old: &ArrayOfTables, fresh: &Table) -> Table {
    let equal = old.iter().find(|table| same(&table_json(*table), &table_json(fresh)));
    if let Some(table) = equal {
        return table.clone();
    }
    let name = |table: &Table| table.get("name").and_then(Item::as_str).map(str::to_string);
    let Some(mut table) = old
        .iter()
        .find(|table| name(table).is_some() && name(table) == name(fresh))
        .cloned()
    else {
        let mut table = fresh.clone();
        unplace(&mut table);
        return table;
    };
    sync(&mut table, fresh);
    table
}

/// Equal values however they are written: 4 and 4.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_order_survive_an_edit() {
        let text = "# ours\nschema = 1\nseed = 7 # lucky\n\n# keep in touch with Finance\n[capacity]\ncsms = 4 # until March\n";
        let mut policy = parse(text, "m.toml").unwrap();
        policy.capacity.csms = Some(5.0);
        let after = rewritten(text, &policy).unwrap();
        for comment in ["# ours", "# lucky", "# keep in touch with Finance", "# until March"] {
            assert!(after.contains(comment), "{after}");
        }
        assert!(after.contains("csms = 5"), "{after}");
        assert_eq!(parse(&after, "m.toml").unwrap(), policy);
        assert_eq!(rewritten(&after, &policy).unwrap(), after, "a second save changes nothing");
    }

    #[test]
    fn comments_stay_with_their_factor_when_another_leaves() {
        let mut text = rewritten("", &Policy::default()).unwrap();
        text = text.replace(
            "name = \"reference_value\"",
            "name = \"reference_value\" # marketing owns this",
        );
        let mut policy = parse(&text, "m.toml").unwrap();
        policy.strategic.factors.remove(1);
        policy.strategic.factors[0].weight += 0.25;
        let after = rewritten(&text, &policy).unwrap();
        assert!(after.contains("name = \"reference_value\" # marketing owns this"), "{after}");
        assert_eq!(parse(&after, "m.toml").unwrap(), policy);
    }

    #[test]
    fn lists_written_inline_stay_inline_with_their_comments() {
        let factors = "{ name = \"a\", weight = 0.5 }, # Sales\n  { name = \"b\", weight = 0.3 },\n  { name = \"c\", weight = 0.2 }, # Legal\n";
        for text in [
            format!("schema = 1\n[strategic]\nfactors = [\n  {factors}]\n"),
            "schema = 1\nstrategic = { factors = [{ name = \"a\", weight = 0.5 }, { name = \"b\", weight = 0.3 }, { name = \"c\", weight = 0.2 }] }\n".into(),
        ] {
            let mut policy = parse(&text, "m.toml").unwrap();
            policy.strategic.factors[1].name = "other".into();
            let after = rewritten(&text, &policy).unwrap();
            assert_eq!(parse(&after, "m.toml").unwrap(), policy, "{after}");
            assert_eq!(after.contains("# Sales"), text.contains("# Sales"), "{after}");
            assert_eq!(after.contains("# Legal"), text.contains("# Legal"), "{after}");
        }
    }

    #[test]
    fn huge_amounts_and_seeds_come_back_as_they_went() {
        let mut policy = Policy {
            seed: 9_007_199_254_740_993,
            ..Policy::default()
        };
        policy.capacity.csm_cost = crate::model::money::Money(i64::MAX);
        let text = rewritten("", &policy).unwrap();
        assert_eq!(parse(&text, "m.toml").unwrap(), policy);
        policy.seed += 1;
        assert_eq!(
            parse(&rewritten(&text, &policy).unwrap(), "m.toml").unwrap().seed,
            policy.seed
        );
    }

    #[test]
    fn unknown_keys_are_errors_with_candidates() {
        let error = parse("schema = 1\n[capacity]\ncsm = 4\n[axis]\nsnapp = true\n", "m.toml").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("error[unknown_key]") && text.contains("m.toml: capacity.csm"),
            "{text}"
        );
        assert_eq!(error.problems().len(), 2);
        assert!(error.problems().iter().all(|p| !p.found.is_empty()), "{error:?}");
    }

    #[test]
    fn the_schema_is_required() {
        assert!(parse("seed = 1\n", "m.toml").unwrap_err().to_string().contains("schema"));
    }

    #[test]
    fn every_default_is_written_and_read_back() {
        let text = rewritten("", &Policy::default()).unwrap();
        assert_eq!(parse(&text, "m.toml").unwrap(), Policy::default());
    }
}
