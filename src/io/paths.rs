//! Which files may be read: links are resolved first, then the place is checked against the workspace and allowed folders.
#![allow(clippy::disallowed_methods)] // This is the one place that resolves paths and lists folders for candidates.

use std::path::{Component, Path, PathBuf};

use serde_json::json;

use super::quoted;
use crate::error::{Problem, Result, candidates};

/// Where files may be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The workspace, resolved; relative paths start here.
    pub workspace: PathBuf,
    /// Further folders, resolved.
    pub allowed: Vec<PathBuf>,
}

/// The resolved path of a regular file that may be read.
///
/// Errors: `path_not_allowed`, `file_not_found` with like names from the same folder, `not_a_file`. The file is not opened,
/// so a pipe cannot hang the caller.
pub fn resolve(folders: &Folders, path: &str) -> Result<PathBuf> {
    if path.trim().is_empty() || path.contains('\0') {
        return Err(Problem::new("file_not_found", "the path is empty or holds a zero byte")
            .at("path")
            .expected("a file's path")
            .into());
    }
    let joined = folders.workspace.join(path);
    let resolved = match joined.canonicalize() {
        Ok(resolved) => resolved,
        Err(_) => return Err(missing(folders, path, &joined).into()),
    };
    if !inside(folders, &resolved) {
        return Err(not_allowed(path).into());
    }
    match std::fs::metadata(&resolved) {
        Ok(about) if about.is_file() => Ok(resolved),
        Ok(about) => {
            let what = if about.is_dir() {
                "a folder"
            } else {
                "a device, a pipe or a socket"
            };
            let problem = Problem::new("not_a_file", format!("{} is {what}, not a file", quoted(path))).at("path");
            let names = if about.is_dir() {
                readable_names(&resolved)
            } else {
                Vec::new()
            };
            Err(with_candidates(problem, folders, &resolved, &names).into())
        }
        Err(_) => Err(missing(folders, path, &joined).into()),
    }
}

/// The path as messages show it: relative to the workspace where it lies inside.
pub fn shown(folders: &Folders, path: &Path) -> String {
    let relative = path.strip_prefix(&folders.workspace).unwrap_or(path);
    relative.display().to_string()
}

/// A folder's resolved path. Error: `folder_not_found`.
pub fn canonical_dir(path: &Path) -> Result<PathBuf> {
    let resolved = path.canonicalize().ok().filter(|p| p.is_dir());
    resolved.ok_or_else(|| {
        let name = path.display().to_string();
        Problem::new("folder_not_found", format!("there is no folder {}", quoted(&name)))
            .expected("an existing folder")
            .into()
    })
}

pub(super) fn inside(folders: &Folders, path: &Path) -> bool {
    std::iter::once(&folders.workspace)
        .chain(&folders.allowed)
        .any(|root| path.starts_with(root))
}

fn not_allowed(path: &str) -> Problem {
    let message = format!("{} lies outside the workspace and the allowed folders", quoted(path));
    let expected = "a file in the workspace; the person at the shell allows a further folder with `--allow DIR`";
    Problem::new("path_not_allowed", message).at("path").expected(expected)
}

/// A path that does not resolve. Outside the allowed folders the answer is the same whether or not something is there.
fn missing(folders: &Folders, path: &str, joined: &Path) -> Problem {
    let climbs = joined.components().any(|c| c == Component::ParentDir);
    let existing = joined.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok());
    let Some(existing) = existing.filter(|folder| inside(folders, folder)) else {
        return not_allowed(path);
    };
    if climbs && !joined.ancestors().nth(1).is_some_and(Path::exists) {
        return not_allowed(path);
    }
    let problem = Problem::new("file_not_found", format!("there is no file {}", quoted(path))).at("path");
    let wanted = joined
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let names = readable_names(&existing);
    let near: Vec<String> = candidates(&wanted, names.iter().map(String::as_str), 5)
        .into_iter()
        .map(str::to_string)
        .collect();
    with_candidates(problem, folders, &existing, if near.is_empty() { &names } else { &near })
}

fn with_candidates(problem: Problem, folders: &Folders, folder: &Path, names: &[String]) -> Problem {
    let paths: Vec<String> = names.iter().take(5).map(|n| shown(folders, &folder.join(n))).collect();
    match paths.first() {
        Some(first) => problem.found(paths.iter().map(|p| quoted(p))).fix(json!({ "path": first })),
        None => problem.expected("an account book: CSV or other delimited text, XLSX, JSON, Markdown or Parquet"),
    }
}

/// Files in a folder that may hold a table, by name.
fn readable_names(folder: &Path) -> Vec<String> {
    const LOOKED_AT_MAX: usize = 2_000;
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    const ENDINGS: [&str; 14] = [
        ".csv",
        ".tsv",
        ".txt",
        ".tab",
        ".psv",
        ".xlsx",
        ".xlsm",
        ".json",
        ".jsonl",
        ".ndjson",
        ".md",
        ".markdown",
        ".parquet",
        ".pq",
    ];
    let table = |name: &String| {
        let lower = name.to_lowercase();
        ENDINGS.iter().any(|end| lower.ends_with(end))
    };
    let files = entries
        .take(LOOKED_AT_MAX)
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|t| t.is_file()));
    let mut names: Vec<String> = files.filter_map(|e| e.file_name().into_string().ok()).filter(table).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> (tempfile::TempDir, Folders) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["work/sub", "other", "extra"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["work/accounts.csv", "work/deals.csv", "other/secret.csv", "extra/more.csv"] {
            std::fs::write(root.join(file), "a\n1\n").unwrap();
        }
        let folders = Folders {
            workspace: root.join("work"),
            allowed: vec![root.join("extra")],
        };
        (dir, folders)
    }

    #[test]
    fn files_inside_resolve_and_are_shown_relative() {
        let (_dir, folders) = folders();
        let path = resolve(&folders, "sub/../accounts.csv").unwrap();
        assert_eq!(shown(&folders, &path), "accounts.csv");
        let extra = folders.allowed[0].join("more.csv");
        assert_eq!(resolve(&folders, extra.to_str().unwrap()).unwrap(), extra);
    }

    #[test]
    fn refusals_name_the_reason_and_never_what_lies_outside() {
        let (_dir, folders) = folders();
        #[cfg(unix)]
        std::os::unix::fs::symlink("../other/secret.csv", folders.workspace.join("link.csv")).unwrap();
        for (path, code) in [
            ("../other/secret.csv", "path_not_allowed"),
            ("../other/nothing.csv", "path_not_allowed"),
            ("../nowhere/nothing.csv", "path_not_allowed"),
            ("link.csv", "path_not_allowed"),
            ("/etc/passwd", "path_not_allowed"),
            ("acounts.csv", "file_not_found"),
            ("", "file_not_found"),
            ("sub", "not_a_file"),
            (".", "not_a_file"),
        ] {
            assert_eq!(resolve(&folders, path).unwrap_err().code(), code, "{path}");
        }
        let error = resolve(&folders, "acounts.csv").unwrap_err();
        assert_eq!(error.fix(), Some(json!({"path": "accounts.csv"})));
        assert!(canonical_dir(&folders.workspace.join("no")).is_err());
        std::fs::write(folders.workspace.join("segments.xlsx"), "").unwrap();
        let error = resolve(&folders, "segmets.xlsx").unwrap_err();
        assert_eq!(error.fix(), Some(json!({"path": "segments.xlsx"})));
    }
}
