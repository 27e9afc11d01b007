//! Files of the state folder that are not what they should be: links, pipes, folders, strays, numbers that are none.

use serde_json::json;

use crate::doctor::{assert_check, check};
use crate::support::Place;

const MODEL: &str = ".keep-segment/segmentation.toml";

#[cfg(unix)]
fn put_link(place: &Place, target: &std::path::Path, name: &str) {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(&path);
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// A model behind a link is not read: neither a device without an end, nor a file whose text would stand in an error.
#[cfg(unix)]
#[test]
fn a_model_is_read_through_no_link_and_from_no_pipe() {
    use std::path::Path;
    let (place, elsewhere) = (Place::with_example(), Place::new());
    elsewhere.write("secret", "password = hunter2\n");
    for target in [Path::new("/dev/zero"), Path::new("/dev/stdin"), &elsewhere.path("secret")] {
        put_link(&place, target, MODEL);
        for (tool, arguments) in [("validate", json!({})), ("load_book", json!({"path": "book.csv"}))] {
            let refused = place.refused(tool, &arguments);
            assert!(
                refused.starts_with("error[model_unreadable]: `.keep-segment/segmentation.toml` is a link")
                    && !refused.contains("hunter2"),
                "{tool}: {refused}"
            );
        }
        assert_check(&place, "model", "problem", "is a link");
    }
    std::fs::remove_file(place.path(MODEL)).unwrap();
    for name in [MODEL, ".keep-segment/segmentation.lock", ".keep-segment/.gitignore"] {
        let path = place.path(name);
        let _ = std::fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    }
    assert_check(&place, "model", "problem", "is no plain file");
    assert_check(&place, "lock", "problem", "is no plain file");
    assert_check(&place, "state", "warning", "is missing");
    assert!(place.refused("validate", &json!({})).contains("is no plain file"));
}

/// A lock that cannot be taken is named itself, and the model is not blamed.
#[test]
fn a_lock_that_cannot_be_taken_is_named() {
    let place = Place::with_example();
    place.axes();
    let lock = place.path(".keep-segment/segmentation.lock");
    let mut mode = std::fs::metadata(&lock).unwrap().permissions();
    mode.set_readonly(true);
    std::fs::set_permissions(&lock, mode).unwrap();
    let refused = place.refused("define_axes", &json!({}));
    assert!(
        refused.starts_with("error[cannot_write]: `.keep-segment/segmentation.lock` is read-only"),
        "{refused}"
    );
    assert_check(&place, "lock", "problem", "is read-only");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    assert_check(&place, "lock", "problem", "is no plain file");
    let refused = place.refused("define_axes", &json!({}));
    assert!(
        refused.contains("`.keep-segment/segmentation.lock` is no plain file"),
        "{refused}"
    );
}

/// Reports that have no place are a problem before a tool finds out.
#[test]
fn a_place_of_reports_that_is_taken_is_a_problem() {
    let place = Place::with_example();
    place.axes();
    let _ = std::fs::remove_dir_all(place.path(".keep-segment/segmentation"));
    place.write(".keep-segment/segmentation", "a file");
    assert_check(&place, "reports", "problem", "a file is in its place");
}

/// What no call could name is no broken model.
#[test]
fn strays_are_a_warning_and_no_models() {
    let place = Place::new();
    for name in ["my model.toml", ".hidden.toml"] {
        place.write(&format!(".keep-segment/{name}"), "not = [toml");
    }
    std::fs::create_dir(place.path(".keep-segment/dir.toml")).unwrap();
    let (state, text, _) = check(&place, "model");
    assert_eq!((state.as_str(), text.as_str()), ("ok", "none yet: load_book begins one"));
    let ran = place.cli(&["doctor"]);
    assert!(
        ran.code == 0 && ran.out.contains("3 other files in .keep-segment that no tool reads: "),
        "{}",
        ran.out
    );
}

/// What a killed `install` left is found; what lies behind a link is not ours to name.
#[cfg(unix)]
#[test]
fn leftovers_are_looked_for_where_install_writes() {
    let (place, elsewhere) = (Place::new(), Place::new());
    place.write(".claude/skills/keep-segment/.keep-segment-aB3xY9", "");
    assert_check(
        &place,
        "leftovers",
        "warning",
        ".claude/skills/keep-segment/.keep-segment-aB3xY9",
    );
    std::fs::remove_dir_all(place.path(".claude")).unwrap();
    elsewhere.write(".keep-segment-aB3xY9", "");
    put_link(&place, elsewhere.root(), ".keep-segment");
    assert_check(&place, "leftovers", "ok", "no temporary files");
}

/// A workspace that is deleted under the server is gone; no link is to blame, and no other path is told.
#[test]
fn a_workspace_that_is_gone_is_said_to_be_gone() {
    let place = Place::new();
    std::fs::create_dir(place.path("sub")).unwrap();
    let context = keep_segment::app::Context::new(&place.path("sub"), &[], "2026-07-15".parse().unwrap()).unwrap();
    std::fs::remove_dir(place.path("sub")).unwrap();
    for tool in ["validate", "define_axes"] {
        let arguments = json!({}).as_object().unwrap().clone();
        let reply = keep_segment::tools::call(keep_segment::tools::find(tool).unwrap(), &context, arguments);
        assert!(
            reply.is_error && reply.text.contains("the folder of the workspace is gone"),
            "{}",
            reply.text
        );
        assert!(!reply.text.contains('/'), "{}", reply.text);
    }
    assert!(!place.path("sub").exists());
}

/// A report is found by its name among more files than a list shows.
#[test]
fn a_report_is_found_among_thousands() {
    let place = Place::with_example();
    place.axes();
    for n in 0..2_500 {
        place.write(&format!(".keep-segment/segmentation/reports/{n}.md"), "");
    }
    let context = place.context();
    for n in [0, 1_250, 2_499] {
        let name = format!("{n}.md");
        assert!(
            keep_segment::app::shelf::read(&context, "segmentation", Some(&name)).is_ok(),
            "{name}"
        );
    }
    for name in ["../../segmentation.toml", "..", "", ".hidden", "a/b"] {
        assert!(
            keep_segment::app::shelf::read(&context, "segmentation", Some(name)).is_err(),
            "{name}"
        );
    }
}

/// TOML knows `nan` and `inf`, and neither is a headcount, a rate or a share.
#[test]
fn numbers_of_a_model_are_finite() {
    let place = Place::new();
    for (table, key) in [
        ("capacity", "csms"),
        ("triggers", "tier_arr_move"),
        ("migration", "tech_to_mid_a_year"),
        ("capacity", "hours_per_csm"),
    ] {
        for number in ["nan", "inf", "-inf"] {
            place.write(MODEL, format!("schema = 1\n[{table}]\n{key} = {number}\n"));
            let refused = place.refused("validate", &json!({}));
            assert!(
                refused.starts_with("error[bad_value]") && refused.contains(&format!("{table}.{key}")),
                "{number}: {refused}"
            );
        }
    }
}

/// An entry for a server is judged by what would start.
#[test]
fn a_server_entry_says_what_would_start() {
    let place = Place::new();
    place.write("bin/keep-segment", "");
    for (entry, state, says) in [
        (
            json!({"type": "http", "url": "https://example.com"}),
            "warning",
            "of type `http`",
        ),
        (json!({"args": ["mcp"]}), "problem", "without a command"),
        (
            json!({"command": "no-such-program"}),
            "problem",
            "no folder of the PATH has it",
        ),
        (
            json!({"command": "/gone/keep-segment", "args": ["mcp"]}),
            "problem",
            "no such file",
        ),
        (
            json!({"type": "stdio", "command": crate::support::BINARY, "args": ["mcp"], "env": {}}),
            "ok",
            "starts this program",
        ),
    ] {
        place.write(".mcp.json", json!({"mcpServers": {"keep-segment": entry}}).to_string());
        assert_check(&place, "server", state, says);
    }
}
