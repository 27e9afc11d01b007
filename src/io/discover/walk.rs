//! Which files lie in the workspace and the allowed folders: shallow ones first, in order of name, within limits.
#![allow(clippy::disallowed_methods)] // Folders are walked here.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::DirEntry;
use std::path::PathBuf;

use crate::error::Result;
use crate::io::paths::{Folders, inside};
use crate::model::control::Control;

/// How far a walk goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Folders below a root.
    pub(super) depth: usize,
    /// Names in one folder; one that holds more is a store of something else, and is left out.
    pub(super) in_folder: usize,
    /// Names in all.
    pub(super) entries: usize,
}

pub(super) const LIMITS: Limits = Limits {
    depth: 8,
    in_folder: 20_000,
    entries: 100_000,
};

/// Where other programs keep what nobody calls an account book; `keep-segment-out` holds our own results.
const SKIPPED: [&str; 3] = ["node_modules", "target", "keep-segment-out"];

/// Endings of files that hold tables, or that people take for such.
const ENDINGS: [&str; 17] = [
    "csv", "tsv", "txt", "tab", "psv", "xlsx", "xlsm", "json", "jsonl", "ndjson", "md", "parquet", "xls", "xlsb", "ods", "gz",
    "zip",
];

/// A file that may be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Folders between it and its root.
    pub(super) depth: usize,
    pub(super) path: PathBuf,
}

/// What a walk met.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Files by depth, then by path.
    pub(super) places: Vec<Place>,
    pub(super) folders: usize,
    /// Folders that a limit kept closed.
    pub(super) left_out: usize,
}

/// Walks all roots at once, level by level, so that a limit cuts off what lies deep. A folder is read whole or not at
/// all: the file system's own order of names decides nothing. Error: `cancelled`.
pub(super) fn walk(folders: &Folders, limits: Limits, control: &Control) -> Result<Walk> {
    let mut walk = Walk::default();
    let mut found: BTreeMap<PathBuf, Place> = BTreeMap::new();
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut room = limits.entries;
    let roots = std::iter::once(&folders.workspace).chain(&folders.allowed);
    let mut queue: VecDeque<(PathBuf, usize)> = roots.map(|root| (root.clone(), 0)).collect();
    while let Some((folder, depth)) = queue.pop_front() {
        // An allowed folder may lie in the workspace.
        if !seen.insert(folder.clone()) {
            continue;
        }
        control.at("looking through folders", walk.folders as u64, 0)?;
        let most = match depth <= limits.depth {
            true => room.min(limits.in_folder),
            false => 0,
        };
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let mut entries: Vec<DirEntry> = entries.flatten().take(most + 1).collect();
        room -= entries.len().min(most);
        if entries.len() > most {
            walk.left_out += 1;
            continue;
        }
        walk.folders += 1;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            match kind(folders, &entry) {
                Kind::Folder => queue.push_back((path, depth + 1)),
                Kind::File(real) => {
                    // One file is offered once, under its own name where that is met too.
                    let own = path == real;
                    let place = Place { depth, path };
                    match own {
                        true => drop(found.insert(real, place)),
                        false => drop(found.entry(real).or_insert(place)),
                    }
                }
                Kind::Other => {}
            }
        }
    }
    walk.places = found.into_values().collect();
    walk.places.sort();
    Ok(walk)
}

enum Kind {
    Folder,
    /// With the path that it really has.
    File(PathBuf),
    Other,
}

/// What a name stands for. Links to folders are not followed: what they lead to is met under its own name if it may be read.
fn kind(folders: &Folders, entry: &DirEntry) -> Kind {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let skipped = name.starts_with('.') || name.starts_with("~$") || SKIPPED.contains(&name.as_ref());
    let (false, Ok(about)) = (skipped, entry.file_type()) else {
        return Kind::Other;
    };
    match () {
        () if about.is_dir() => Kind::Folder,
        () if !has_ending(&name) => Kind::Other,
        () if about.is_file() => Kind::File(entry.path()),
        () if about.is_symlink() => match entry.path().canonicalize() {
            Ok(real) if real.is_file() && inside(folders, &real) => Kind::File(real),
            _ => Kind::Other,
        },
        () => Kind::Other,
    }
}

fn has_ending(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}
