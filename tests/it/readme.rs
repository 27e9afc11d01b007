//! The documents say what the program does: README against the built binary, ARCHITECTURE against the files.

use std::path::Path;
use std::process::Command;

use keep_segment::{store, tools};

const README: &str = include_str!("../../README.md");
const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");
const BOX_COMMAND: &str = "run examples/accounts.csv --csms 6 --as-of 2026-06-30";
const ARCHITECTURE_LINES: usize = 150;

/// What stands between `<!-- name -->` and `<!-- /name -->`, without blank lines at the ends.
fn marked(name: &str) -> &'static str {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let inside = README.split_once(&open).and_then(|(_, rest)| rest.split_once(&close));
    inside
        .unwrap_or_else(|| panic!("README has no {open} … {close}"))
        .0
        .trim_matches('\n')
}

fn fenced(name: &str) -> &'static str {
    let inside = marked(name).split_once('\n').and_then(|(_, body)| body.strip_suffix("```"));
    inside.unwrap_or_else(|| panic!("README: {name} is not one fenced block"))
}

/// Paths in the box are relative, so a copy of the example in an empty folder gives the reader's box.
#[test]
fn the_box_in_the_readme_is_what_its_command_prints() {
    assert!(README.contains(&format!("cargo run --release -- {BOX_COMMAND}\n")));
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("examples/accounts.csv");
    std::fs::create_dir(book.parent().unwrap()).unwrap();
    std::fs::write(&book, include_bytes!("../../examples/accounts.csv")).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_keep-segment"))
        .args(BOX_COMMAND.split(' '))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{printed}");
    assert_eq!(fenced("box"), printed, "put the printed box into README.md");
    // The files that README promises are the files that come out.
    let mut written: Vec<String> = std::fs::read_dir(folder.path().join("keep-segment-out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    written.sort();
    assert_eq!(
        written,
        [
            "segmentation.html",
            "segmentation.md",
            "segmentation.toml",
            "segments.csv",
            "set-aside.csv"
        ]
    );
    for name in written {
        assert!(README.contains(&format!("| `{name}` |")), "{name}");
    }
    let segments = std::fs::read_to_string(folder.path().join("keep-segment-out/segments.csv")).unwrap();
    let columns = segments.lines().next().unwrap().replace(',', ", ");
    assert!(
        README.contains(&format!("`{columns}`")),
        "segments.csv has the columns {columns}"
    );
}

#[test]
fn the_tools_table_in_the_readme_is_the_binary_s() {
    assert_eq!(
        marked("tools"),
        tools::as_markdown().trim(),
        "put `keep-segment tools` into README.md"
    );
}

/// The model file that README shows must be one that the program reads.
#[test]
fn the_model_file_in_the_readme_is_read() {
    let policy = store::parse(fenced("model"), "README.md").unwrap();
    let triggers = policy.triggers.unwrap();
    assert!(triggers.baseline_months.is_some() && triggers.product_line_launch.is_some());
    assert!(policy.axis.cuts.is_some() && policy.strategic.bins.is_some());
}

#[test]
fn architecture_is_short_and_every_path_in_it_exists() {
    let lines = ARCHITECTURE.lines().count();
    assert!(lines < ARCHITECTURE_LINES, "{lines} lines");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Data flow stands in a plain block, so bare words count as well as those in backticks.
    let words = ARCHITECTURE.split(|c: char| c.is_whitespace() || matches!(c, '`' | ',' | '|' | '(' | ')'));
    let paths: Vec<&str> = words
        .map(|word| word.trim_end_matches(['.', ':', ';']))
        .filter(|word| word.contains('/') && (word.ends_with(".rs") || word.ends_with('/')))
        .collect();
    assert!(paths.len() > 40, "found only {paths:?}");
    let missing: Vec<&&str> = paths.iter().filter(|path| !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names {missing:?}");
}

/// Every folder of `src`, and every file that holds a step of the chain, is on the map.
#[test]
fn architecture_leaves_no_module_out() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(src).unwrap() {
        let entry = entry.unwrap();
        let mut path = format!("src/{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            path.push('/');
        }
        let on_map = path == "src/lib.rs" || ARCHITECTURE.contains(&path);
        assert!(on_map, "{path} is not in ARCHITECTURE.md");
    }
}
