//! Walks the imports of `src` and fails on an edge that the architecture does not have.

use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. A new module has to be entered here before it compiles into anything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("main", &["cli", "mcp", "tools", "app", "error"]),
    ("progress", &["app"]),
    ("cli", &["tools", "app", "error"]),
    ("mcp", &["tools", "app", "error"]),
    ("tools", &["app", "model", "error"]),
    ("app", &["io", "store", "engine", "report", "model", "parallel", "error"]),
    ("engine", &["model", "parallel", "error"]),
    ("report", &["model", "engine", "parallel", "error"]),
    ("io", &["model", "parallel", "error"]),
    ("store", &["model", "error"]),
    ("model", &["parallel", "error"]),
    ("parallel", &[]),
    ("error", &[]),
];

/// Where a dependency may be named, so that it can be replaced in one place.
const CRATES: &[(&str, &[&str])] = &[
    ("rmcp", &["mcp"]),
    ("tokio", &["mcp"]),
    ("schemars", &["tools"]),
    ("clap", &["cli", "main"]),
    ("csv", &["io", "report"]),
    ("csv_core", &["io"]),
    ("itoa", &["report"]),
    ("toml_edit", &["store"]),
    ("calamine", &["io"]),
    ("zip", &["io"]),
    ("parquet", &["io"]),
    ("bytes", &["io"]),
    ("encoding_rs", &["io"]),
    ("chardetng", &["io"]),
    ("indicatif", &["progress"]),
    ("askama", &["report"]),
    ("base64", &["report"]),
];

/// The same input gives the same bytes: these see no file, clock, environment or log.
const PURE: &[&str] = &["engine", "model", "report"];
const IMPURE_STD: &[&str] = &["fs", "env", "time", "thread", "process", "net"];
const IMPURE_CRATES: &[&str] = &["tokio", "rmcp", "tracing"];

const LINES_MAX: usize = 500;

#[test]
fn every_import_is_in_the_picture() {
    let files = sources();
    assert!(files.len() > 5, "the walk found only {} files", files.len());
    let found: Vec<String> = files.iter().flat_map(|(path, source)| violations(path, source)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let mut found = Vec::new();
    for (path, source) in sources() {
        if !source.starts_with("//!") {
            found.push(format!("src/{path}: the first line is not a `//!` sentence"));
        }
        let lines = source.lines().count();
        if lines > LINES_MAX {
            found.push(format!("src/{path}: {lines} lines, at most {LINES_MAX}"));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The walk itself can fail: each sample breaks one rule, in each of the ways in which Rust can write it.
#[test]
fn forbidden_edges_are_caught() {
    for (path, source) in [
        ("engine/axes.rs", "use crate::io::read;"),
        ("engine/axes.rs", "use crate::{model::Book, io};"),
        ("engine/axes.rs", "use super::super::store::load;"),
        ("engine/mod.rs", "use super::app;"),
        ("engine/mod.rs", "use super::{model::book, app::run};"),
        ("store.rs", "use super::engine;"),
        ("mcp/mod.rs", "fn f() { let x = crate :: engine :: run(); }"),
        ("main.rs", "use keep_segment::engine;"),
        ("model/book.rs", "use crate::unheard_of::Thing;"),
        ("app/mod.rs", "use tokio::sync::mpsc;"),
        ("app/mod.rs", "#[derive(schemars::JsonSchema)] struct S;"),
        ("app/mod.rs", "use csv;"),
        ("report/csv.rs", "use std::fs::File;"),
        ("model/mod.rs", "use std::{collections::BTreeMap, time::Instant};"),
        ("engine/mod.rs", "fn f() { ::std::env::var(\"X\"); }"),
        ("engine/mod.rs", "fn f() { tracing::info!(\"x\"); }"),
        ("engine/mod.rs", "fn f<'a>() { let c = '\"'; crate::io::x(); let d = '\"'; }"),
        ("engine/mod.rs", "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::io;"),
    ] {
        assert_eq!(
            violations(path, source).len(),
            1,
            "{path}: {source}: {:?}",
            violations(path, source)
        );
    }
}

#[test]
fn allowed_edges_and_mere_words_pass() {
    for (path, source) in [
        (
            "engine/axes.rs",
            "use crate::model::book::Book; use super::stats; use crate::engine::mod_a;",
        ),
        (
            "engine/axes.rs",
            "// use crate::io;\n/* crate::io /* nested */ crate::io */ /// [`crate::io::x`]\n",
        ),
        (
            "engine/axes.rs",
            "const A: &str = \"use crate::io; \\\" crate::io\"; const B: &str = r#\"\"crate::io\"#;",
        ),
        (
            "engine/axes.rs",
            "#[cfg(test)]\nmod tests { use crate::io; fn f() { std::fs::read(\"{\"); } }",
        ),
        (
            "report/mod.rs",
            "pub(crate) fn f() -> std::collections::BTreeMap<u8, u8> { my_tokio::x() }",
        ),
        ("report/csv.rs", "let w = csv::Writer::from_writer(Vec::new());"),
        ("main.rs", "use keep_segment::{cli, mcp};"),
        ("lib.rs", "pub mod io; pub use crate::io::read;"),
    ] {
        assert_eq!(violations(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}

/// Every `.rs` file below `src`: its path relative to `src`, and its text.
fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let relative = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
                found.push((relative, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn violations(path: &str, source: &str) -> Vec<String> {
    let bare = path.trim_end_matches(".rs");
    let mut place: Vec<&str> = bare.split('/').collect();
    let module = place[0];
    if module == "lib" {
        return Vec::new();
    }
    place.retain(|part| *part != "mod" && *part != "main");
    let code: Vec<char> = without_tests(&strip(source)).chars().collect();
    let mut found = Vec::new();

    let rules = ALLOWED.iter().find(|(from, _)| *from == module);
    let Some((_, allowed)) = rules else {
        return vec![format!("src/{path}: `{module}` is not in the picture")];
    };
    let mut edges = heads(&code, "crate");
    edges.extend(heads(&code, "keep_segment"));
    edges.extend(from_root_by_super(&code, place.len()));
    for to in edges {
        if to != module && !allowed.contains(&to.as_str()) {
            found.push(format!("src/{path}: `{module}` must not import `{to}`"));
        }
    }
    for (name, homes) in CRATES {
        if names_crate(&code, name) && !homes.contains(&module) {
            found.push(format!("src/{path}: `{name}` belongs in {}", homes.join(", ")));
        }
    }
    if PURE.contains(&module) {
        let used = ["std", "core"].iter().flat_map(|root| heads(&code, root));
        found.extend(
            used.filter(|m| IMPURE_STD.contains(&m.as_str()))
                .map(|m| format!("src/{path}: pure, but uses std::{m}")),
        );
        // Crates that have a home of their own are reported above.
        let elsewhere = IMPURE_CRATES
            .iter()
            .filter(|name| !CRATES.iter().any(|(known, _)| known == *name));
        found.extend(
            elsewhere
                .filter(|name| names_crate(&code, name))
                .map(|name| format!("src/{path}: pure, but uses {name}")),
        );
    }
    found
}

/// The first names after `root::`, groups opened.
fn heads(code: &[char], root: &str) -> Vec<String> {
    let starts = path_starts(code, root);
    starts
        .into_iter()
        .filter_map(|end| after_colons(code, end))
        .flat_map(|at| names_at(code, at))
        .collect()
}

/// The names that `super::` chains reach at the crate's root, from a module that lies `depth` below it.
fn from_root_by_super(code: &[char], depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for end in path_starts(code, "super") {
        let Some(mut at) = after_colons(code, end) else { continue };
        let mut climbed = 1;
        while let Some(next) = word_end(code, at)
            .filter(|end| word(code, at, *end) == "super")
            .and_then(|e| after_colons(code, e))
        {
            climbed += 1;
            at = next;
        }
        if climbed == depth {
            found.extend(names_at(code, at));
        }
    }
    found
}

fn names_crate(code: &[char], name: &str) -> bool {
    path_starts(code, name).into_iter().any(|end| {
        let start = end - name.len();
        let before: String = code[..start].iter().rev().skip_while(|c| c.is_whitespace()).take(3).collect();
        after_colons(code, end).is_some() || before == "esu"
    })
}

/// Where the word ends, wherever it begins a path.
fn path_starts(code: &[char], name: &str) -> Vec<usize> {
    let wanted: Vec<char> = name.chars().collect();
    let begins = |at: usize| {
        let Some(before) = at.checked_sub(1) else { return true };
        let inside_path = before >= 2 && code[before] == ':' && code[before - 1] == ':' && is_word(code[before - 2]);
        !is_word(code[before]) && !inside_path
    };
    let hits = code
        .windows(wanted.len())
        .enumerate()
        .filter(|(_, window)| *window == wanted.as_slice());
    let ends = hits.filter(|(at, _)| begins(*at)).map(|(at, _)| at + wanted.len());
    ends.filter(|end| code.get(*end).is_none_or(|c| !is_word(*c))).collect()
}

/// The place after `::`, blanks skipped.
fn after_colons(code: &[char], at: usize) -> Option<usize> {
    let at = skip_blanks(code, at);
    (code.get(at) == Some(&':') && code.get(at + 1) == Some(&':')).then(|| skip_blanks(code, at + 2))
}

fn names_at(code: &[char], at: usize) -> Vec<String> {
    if code.get(at) != Some(&'{') {
        return word_end(code, at).map(|end| word(code, at, end)).into_iter().collect();
    }
    let (mut depth, mut expects, mut at, mut names) = (0, false, at, Vec::new());
    while let Some(c) = code.get(at) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if expects && let Some(end) = word_end(code, at) {
            names.push(word(code, at, end));
            expects = false;
            at = end;
            continue;
        }
        expects = (depth == 1 && matches!(c, '{' | ',')) || (expects && c.is_whitespace());
        at += 1;
    }
    names
}

fn word_end(code: &[char], at: usize) -> Option<usize> {
    let len = code.get(at..)?.iter().take_while(|c| is_word(**c)).count();
    (len > 0).then_some(at + len)
}

fn word(code: &[char], from: usize, to: usize) -> String {
    code[from..to].iter().collect()
}

fn skip_blanks(code: &[char], at: usize) -> usize {
    at + code.iter().skip(at).take_while(|c| c.is_whitespace()).count()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The code with `#[cfg(test)]` items taken out.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let (mut depth, mut end) = (0, item.len());
        for (i, c) in item.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && (c == '}' || c == ';') {
                end = i + 1;
                break;
            }
        }
        rest = &item[end..];
    }
    out + rest
}

/// The code without comments, and with nothing between the quotes of strings and characters.
fn strip(source: &str) -> String {
    let code: Vec<char> = source.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&c) = code.get(at) {
        let next = code.get(at + 1).copied().unwrap_or(' ');
        match c {
            '/' if next == '/' => at += code[at..].iter().take_while(|c| **c != '\n').count(),
            '/' if next == '*' => at = end_of_comment(&code, at),
            '"' => {
                out.push_str("\"\"");
                at = end_of_string(&code, at);
            }
            'r' if let Some(end) = end_of_raw_string(&code, at) => {
                out.push_str("\"\"");
                at = end;
            }
            '\'' if next == '\\' => at = end_of_char(&code, at),
            '\'' if code.get(at + 2) == Some(&'\'') => at += 3,
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

fn end_of_comment(code: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < code.len() {
        match (code[at], code.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(code: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < code.len() && code[at] != '"' {
        at += if code[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn end_of_char(code: &[char], start: usize) -> usize {
    let mut at = start + 3;
    while at < code.len() && code[at] != '\'' {
        at += 1;
    }
    at + 1
}

/// `r"…"` and `r#"…"#`; not `r#type`, nor a word that ends in r.
fn end_of_raw_string(code: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).map(|i| code[i]);
    let prefix = before.is_some_and(|c| matches!(c, 'b' | 'c')) && (start < 2 || !is_word(code[start - 2]));
    if before.is_some_and(is_word) && !prefix {
        return None;
    }
    let hashes = code[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if code.get(open) != Some(&'"') {
        return None;
    }
    let closes = |at: usize| code[at] == '"' && code[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    let end = (open + 1..code.len()).find(|at| closes(*at))?;
    Some(end + 1 + hashes)
}
