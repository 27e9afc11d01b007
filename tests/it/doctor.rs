//! `doctor`: what it says of a workspace that is well, of one that is not, and that it changes nothing.

use keep_segment::app::doctor::{Surrounding, examine};
use serde_json::{Value, json};

use crate::support::{AS_OF, BINARY, Place, Ran};

fn doctor(place: &Place, more: &[&str]) -> Ran {
    let ran = place.cli(&[&["doctor"], more].concat());
    let real = place.root().canonicalize().unwrap();
    Ran {
        out: ran
            .out
            .replace(BINARY, "BINARY")
            .replace(&real.display().to_string(), "WORKSPACE"),
        ..ran
    }
}

/// The state, the text and the way out of a check.
pub fn check(place: &Place, name: &str) -> (String, String, String) {
    let ran = doctor(place, &["--json"]);
    let list: Value = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}", ran.out));
    let checks = list["checks"].as_array().unwrap();
    let found = checks
        .iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no {name} in {list:#}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_string();
    assert_eq!(ran.code, i32::from(list["state"] == "problem") * 2, "{list:#}");
    (text("state"), text("text"), text("way_out"))
}

pub fn assert_check(place: &Place, name: &str, state: &str, says: &str) {
    let (found, text, way_out) = check(place, name);
    assert!(found == state && text.contains(says), "{found}: {text}");
    assert_eq!(way_out.is_empty(), state == "ok", "{way_out}");
}

/// A folder without a model is well: nothing is there yet, and nothing is made.
#[test]
fn a_fresh_folder_is_well() {
    let place = Place::new();
    let ran = doctor(&place, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @"
    ok  program    keep-segment 0.1.0, MCP 2026-07-28, model schema 1, BINARY
    ok  workspace  WORKSPACE, the current folder; can be read and written
    ok  state      no .keep-segment yet: the first call of a tool makes it
    ok  model      none yet: load_book begins one
    ok  leftovers  no temporary files of killed processes
    ok  skill      none in this project; a plugin brings it, or keep-segment install claude-code
    ok  server     none in .mcp.json; a plugin or the client names it, or keep-segment install claude-code

    all is well
    ");
    assert_eq!(std::fs::read_dir(place.root()).unwrap().count(), 0);
}

#[test]
fn a_workspace_at_work_is_well() {
    let place = Place::with_example();
    place.tiers();
    assert_eq!(place.cli(&["install", "claude-code", "--yes"]).code, 0);
    let ran = doctor(&place, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @"
    ok  program    keep-segment 0.1.0, MCP 2026-07-28, model schema 1, BINARY
    ok  workspace  WORKSPACE, the current folder; can be read and written
    ok  state      .keep-segment; its .gitignore hides all but the model files
    ok  lock       no other process holds `segmentation`
    ok  model      .keep-segment/segmentation.toml is read, schema 1; tiers were assigned
    ok  book       book.csv: 220 accounts, $5.60M ARR as of 2026-06-30
    ok  leftovers  no temporary files of killed processes
    ok  skill      .claude/skills/keep-segment/SKILL.md is this version's
    ok  server     .mcp.json starts this program

    all is well
    ");
}

/// Everything that can go wrong at once: each line says what and the way out, and nothing is touched.
#[test]
fn a_workspace_in_trouble_says_what_to_do() {
    let place = Place::with_example();
    place.tiers();
    std::fs::remove_file(place.path("book.csv")).unwrap();
    place.write("bok.csv", "Account ID,ARR\nA1,1\n");
    place.write(".keep-segment/other.toml", "schema = 1\n[capacity]\ncsm = 4\n");
    std::fs::remove_file(place.path(".keep-segment/.gitignore")).unwrap();
    place.write(".keep-segment/segmentation/reports/.keep-segment-aB3xY9", "half");
    place.write(".keep-segment-notours.txt", "a person's");
    place.write(".claude/skills/keep-segment/SKILL.md", "an older one");
    place.write(
        ".mcp.json",
        r#"{"mcpServers": {"keep-segment": {"command": "/gone/keep-segment", "args": ["mcp"]}}}"#,
    );
    let ran = doctor(&place, &["--allow", "nowhere"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    insta::assert_snapshot!(ran.out, @r#"
    ok       program    keep-segment 0.1.0, MCP 2026-07-28, model schema 1, BINARY
    ok       workspace  WORKSPACE, the current folder; can be read and written
    problem  allowed    there is no folder `nowhere`
                        -> an existing folder
    warning  state      .keep-segment/.gitignore is missing, so git would take customer data
                        -> any call of a tool writes it again
    ok       lock       no other process holds `other`
    problem  model      there is no `csm` here (.keep-segment/other.toml: capacity.csm)
                        -> found there: `csms`, `csm_cost`, `csms_by_tier`, `hours_per_csm`; edit the file, then call again
    ok       lock       no other process holds `segmentation`
    ok       model      .keep-segment/segmentation.toml is read, schema 1; tiers were assigned
    problem  book       there is no file `book.csv`
                        -> found there: `bok.csv`; fix {"path":"bok.csv"}; load_book again
    warning  leftovers  1 temporary file of killed processes: .keep-segment/segmentation/reports/.keep-segment-aB3xY9
                        -> delete them when no call is running; nothing reads them
    warning  skill      .claude/skills/keep-segment/SKILL.md is not this version's
                        -> keep-segment install claude-code --force replaces it and keeps a copy, unless you changed it on purpose
    problem  server     .mcp.json starts `/gone/keep-segment`, and there is no such file
                        -> keep-segment install claude-code names this one

    4 problems, 3 warnings
    "#);
    assert!(!place.path(".keep-segment/.gitignore").exists(), "doctor mends nothing");
}

#[test]
fn a_model_that_cannot_be_read_is_a_problem() {
    let place = Place::with_example();
    place.axes();
    let model = place.model();
    for (text, says) in [
        ("schema = 1\n[axis\n".to_string(), "not TOML"),
        (model.replace("schema = 1", "schema = 9"), "this program reads schema 1"),
        ("\u{0}".to_string(), "not TOML"),
    ] {
        place.write(".keep-segment/segmentation.toml", &text);
        assert_check(&place, "model", "problem", says);
        assert_eq!(place.model(), text);
    }
    place.write(".keep-segment/segmentation.toml", &model);
    let path = place.path(".keep-segment/segmentation.toml");
    let mut mode = std::fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    std::fs::set_permissions(&path, mode).unwrap();
    assert_check(&place, "model", "problem", "is read-only");
}

#[test]
fn a_held_lock_and_a_changed_gitignore_are_warnings() {
    let place = Place::with_example();
    place.axes();
    let lock = std::fs::File::open(place.path(".keep-segment/segmentation.lock")).unwrap();
    lock.lock().unwrap();
    assert_check(&place, "lock", "warning", "another process holds `segmentation`");
    drop(lock);
    assert_check(&place, "lock", "ok", "no other process");
    place.write(".keep-segment/.gitignore", "# nothing\n");
    assert_check(&place, "state", "warning", "was changed");
    std::fs::remove_dir_all(place.path(".keep-segment")).unwrap();
    place.write(".keep-segment", "a file");
    assert_check(&place, "state", "problem", "is a file, not a folder");
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_leads_out_is_a_problem() {
    use std::os::unix::fs::PermissionsExt;
    let (place, elsewhere) = (Place::new(), Place::new());
    std::os::unix::fs::symlink(elsewhere.root(), place.path(".keep-segment")).unwrap();
    assert_check(&place, "state", "problem", "leads out of the workspace");
    let open = Place::with_example();
    open.axes();
    std::fs::set_permissions(open.path(".keep-segment"), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert_check(&open, "state", "warning", "everybody on this machine");
}

/// An entry that a person wrote by hand is no fault as long as something can start.
#[test]
fn the_server_entry_is_told_from_a_broken_one() {
    let place = Place::new();
    for (command, state, says) in [
        ("sh", "ok", "starts `sh`, which is on the PATH"),
        ("${HOME}/bin/keep-segment", "ok", "starts `${HOME}"),
        ("/gone/keep-segment", "problem", "no such file"),
        ("./other", "warning", "not this program"),
    ] {
        place.write("other", "");
        let entry = json!({"mcpServers": {"keep-segment": {"command": command, "args": ["mcp"]}}});
        place.write(".mcp.json", entry.to_string());
        assert_check(&place, "server", state, says);
    }
    place.write(".mcp.json", "{\n\"mcpServers\": {,}}");
    assert_check(&place, "server", "problem", "cannot be edited");
    assert!(check(&place, "server").1.contains(".mcp.json:2:"));
}

/// Who chose the workspace is said, and one that cannot be used hides nothing else.
#[test]
fn the_workspace_says_who_chose_it() {
    let place = Place::new();
    std::fs::create_dir(place.path("sub")).unwrap();
    let named = doctor(&place, &["--workspace", "sub"]);
    assert!(named.out.contains("WORKSPACE/sub, named by --workspace;"), "{}", named.out);
    for variable in ["KEEP_SEGMENT_WORKSPACE", "CLAUDE_PROJECT_DIR"] {
        let ran = place.command(&["doctor"]).env(variable, place.path("sub")).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        assert!(out.contains(&format!("/sub, named by {variable};")), "{out}");
    }
    let missing = doctor(&place, &["--workspace", "nowhere"]);
    assert_eq!(missing.code, 2);
    insta::assert_snapshot!(missing.out, @"
    ok       program    keep-segment 0.1.0, MCP 2026-07-28, model schema 1, BINARY
    problem  workspace  there is no folder `nowhere`
                        -> an existing folder

    1 problem
    ");
    let real = place.root().canonicalize().unwrap();
    let home = place.command(&["doctor"]).env("HOME", real).output().unwrap();
    assert_eq!(home.status.code(), Some(2));
    assert!(
        String::from_utf8(home.stdout)
            .unwrap()
            .contains("your home folder would become the workspace")
    );
}

/// A book is read as the model says, joined files too, and one that is empty by now is a problem.
#[test]
fn the_book_is_read_as_the_model_says() {
    let place = Place::with_book("Account ID,ARR\nA1,100\nA2,200\nA3,oops\n");
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
    assert_check(&place, "book", "ok", "book.csv: 2 accounts, $300 ARR as of 2026-06-30; 1 row");
    place.write("book.csv", "Account ID,ARR\n");
    let (state, _, way_out) = check(&place, "book");
    assert!(state == "problem" && way_out.contains("load_book"), "{way_out}");
}

/// A book that takes longer than a check may take is a warning: the tools have the time.
#[test]
fn a_book_that_takes_too_long_is_a_warning() {
    let place = Place::with_example();
    place.axes();
    let context = place.context();
    context.control.cancel();
    let around = Surrounding {
        program: "keep-segment".into(),
        binary: None,
        chosen_by: "the current folder".into(),
        allow: Vec::new(),
        search: Vec::new(),
    };
    let checkup = examine(&Ok(context), &around);
    assert!(
        !checkup.is_ill && checkup.text.contains("warning  book       book.csv was not read to its end"),
        "{}",
        checkup.text
    );
}
