//! What happens to files that were there before: nothing is lost, and a call that fails has changed nothing.

use serde_json::{Value, json};

use crate::support::{AS_OF, BINARY, Place};

/// The account book, and files that are not ours, are never written over.
#[test]
fn a_run_does_not_write_over_the_book_or_a_strangers_file() {
    let place = Place::with_example();
    let book = place.read("book.csv");
    place.write("segments.csv", &book);
    let ran = place.cli(&["run", "segments.csv", "--as-of", AS_OF, "--csms", "6", "--out", "."]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("error[would_overwrite]"), "{}", ran.err);
    assert_eq!(place.read("segments.csv"), book);
    assert!(!place.path("segmentation.toml").exists(), "nothing is written by halves");

    place.write("notes/segmentation.md", "# My notes\n");
    place.tiers();
    place.write("notes/segments.csv", "mine\n");
    let refused = place.refused("write_report", &json!({"out": "notes", "formats": ["csv"]}));
    assert!(refused.contains("error[would_overwrite]"), "{refused}");
    assert_eq!(place.read("notes/segments.csv"), "mine\n");
}

/// Where one file cannot be written, none is replaced, and nothing is left beside them.
#[test]
fn a_run_that_cannot_write_one_file_replaces_none() {
    for (name, is_folder) in [("segments.csv", false), ("set-aside.csv", false), ("segmentation.toml", true)] {
        let place = Place::with_example();
        assert_eq!(place.run(&["--csms", "6"]).code, 0);
        let path = place.path("out").join(name);
        if is_folder {
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
        } else {
            let mut mode = std::fs::metadata(&path).unwrap().permissions();
            mode.set_readonly(true);
            std::fs::set_permissions(&path, mode).unwrap();
        }
        let files = |place: &Place| -> Vec<(String, Option<String>)> {
            let mut files: Vec<_> = std::fs::read_dir(place.path("out"))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| (path.display().to_string(), std::fs::read_to_string(path).ok()))
                .collect();
            files.sort();
            files
        };
        let before = files(&place);
        // Another headcount: another model, and another report.
        let ran = place.run(&["--csms", "9"]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.out);
        assert!(
            ran.err.contains("error[cannot_write]") && ran.err.contains(name),
            "{name}: {}",
            ran.err
        );
        assert_eq!(files(&place), before, "{name}");
    }
}

/// A book of so many accounts that passes over it are split.
#[cfg(target_os = "linux")]
fn large_book() -> String {
    let mut book = String::from(
        "Account ID,Account Name,ARR,Status,Seats,Seats Used,Usage Trend,NPS,Health Score,Industry,Logo Tier,Created Date,Case Study\n",
    );
    for i in 0..40_000_usize {
        let arr = match i % 1_001 {
            1_000 => "n/a".to_string(),
            _ => format!("{}.{:02}", 4_000_000 / (i % 7_919 + 7), i % 100),
        };
        let cells = [
            format!("A{i:06}"),
            format!("\"Account {}, {}\"", i / 3, ["Inc", "GmbH", "Ltd"][i % 3]),
            arr,
            if i % 50 == 49 { "Churned" } else { "Active" }.to_string(),
            (i % 211 + 1).to_string(),
            (i % 97).to_string(),
            format!("{:.2}", (i % 200) as f64 / 100.0 - 1.0),
            if i.is_multiple_of(13) {
                String::new()
            } else {
                (i as i64 % 201 - 100).to_string()
            },
            (i % 101).to_string(),
            ["finance", "retail", "healthcare", ""][i % 4].to_string(),
            ["A", "B", "C"][i % 3].to_string(),
            format!("20{}-{:02}-15", i % 12 + 14, i % 12 + 1),
            if i.is_multiple_of(9) { "yes" } else { "" }.to_string(),
        ];
        // Some rows come twice.
        let row = cells.join(",") + "\n";
        book += &row.repeat(1 + usize::from(i % 977 == 976));
    }
    book
}

/// The bytes of a book that is worked on in parts are those of one that is not.
#[cfg(target_os = "linux")]
#[test]
fn the_number_of_cores_does_not_show() {
    use std::process::Command;
    let place = Place::with_book(&large_book());
    let arguments = |out: &'static str| ["run", "book.csv", "--as-of", AS_OF, "--csms", "60", "--out", out, "--json"];
    let pinned = |command: &str, arguments: &[&str]| {
        Command::new("taskset")
            .args(["-c", "0", command])
            .args(arguments)
            .current_dir(place.root())
            .output()
    };
    // Not every machine has it, or lends this core.
    if !pinned("true", &[]).is_ok_and(|ended| ended.status.success()) {
        println!("skipped: no `taskset` that keeps a process on one core");
        return;
    }
    let several = place.cli(&arguments("several"));
    assert!((0..2).contains(&several.code), "{}", several.err);
    let one = pinned(BINARY, &arguments("one")).unwrap();
    assert_eq!(
        one.status.code(),
        Some(several.code),
        "{}",
        String::from_utf8_lossy(&one.stderr)
    );
    for name in [
        "segmentation.md",
        "segmentation.html",
        "segments.csv",
        "segmentation.toml",
        "set-aside.csv",
    ] {
        let of = |out: &str| std::fs::read(place.path(out).join(name)).unwrap();
        assert!(of("several") == of("one"), "{name}");
    }
}

/// Another model in the folder is kept beside the new one.
#[test]
fn a_model_that_says_something_else_is_kept() {
    let place = Place::with_example();
    place.run(&["--csms", "6"]);
    let edited = place
        .read("out/segmentation.toml")
        .replace("csms = 6.0", "csms = 9 # agreed in March");
    place.write("out/segmentation.toml", &edited);
    let ran = place.run(&["--csms", "6"]);
    assert!(ran.out.contains("segmentation.previous.toml"), "{}", ran.out);
    assert_eq!(place.read("out/segmentation.previous.toml"), edited);
}

/// A call that fails after computing leaves the model as it was.
#[test]
fn a_failed_call_leaves_the_model_alone() {
    let place = Place::with_example();
    place.run(&["--csms", "6"]);
    let model = place.read("out/segmentation.toml");
    place.write("m.toml", &model);
    place.write("blocked", "a file where a folder should be");
    let ran = place.cli(&[
        "run",
        "book.csv",
        "--as-of",
        AS_OF,
        "--csms",
        "9",
        "--model",
        "m.toml",
        "--out",
        "blocked/out",
    ]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert_eq!(place.read("m.toml"), model);

    place.tiers();
    let before = place.model();
    std::fs::remove_dir_all(place.path(".keep-segment/segmentation")).unwrap_or_default();
    place.write(".keep-segment/segmentation/reports", "in the way");
    place.refused("write_report", &json!({}));
    assert_eq!(place.model(), before);
}

/// A link to a shared model stays a link, and a file keeps its mode; a read-only model is not written.
#[cfg(unix)]
#[test]
fn links_and_modes_stay() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_example();
    place.run(&["--csms", "6"]);
    place.write("shared/model.toml", place.read("out/segmentation.toml"));
    let real = place.path("shared/model.toml");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&real, place.path("m.toml")).unwrap();
    let run = |csms: &str| {
        place.cli(&[
            "run", "book.csv", "--as-of", AS_OF, "--csms", csms, "--model", "m.toml", "--out", "out",
        ])
    };
    assert_eq!(run("7").code, 0);
    assert!(std::fs::symlink_metadata(place.path("m.toml")).unwrap().is_symlink());
    assert!(place.read("shared/model.toml").contains("csms = 7"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o400)).unwrap();
    let refused = run("8");
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(refused.err.contains("read-only"), "{}", refused.err);
}

/// A run from the model file alone reads its book wherever that lies.
#[test]
fn a_model_alone_finds_its_book_in_another_folder() {
    let (books, place) = (Place::with_example(), Place::new());
    let book = books.path("book.csv");
    let ran = place.cli(&["run", book.to_str().unwrap(), "--as-of", AS_OF, "--csms", "6", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let again = place.cli(&["run", "--model", "out/segmentation.toml", "--out", "again"]);
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert_eq!(place.read("out/segments.csv"), place.read("again/segments.csv"));
}

/// A model written by hand with inline tables takes a flag's new conditions and keeps the rest.
#[test]
fn inline_tables_take_edits() {
    let place = Place::with_example();
    let model = "schema = 1\nflags = { soon = { when = { all = [{ column = \"Renewal Date\", op = \"lt\", value = \"as_of+90d\" }] } } } # ours\n";
    place.write(".keep-segment/segmentation.toml", model);
    place.axes();
    let when = json!({"any": [{"column": "NPS", "op": "ge", "value": "50"}]});
    place.json("assign_tiers", &json!({"flags": {"soon": {"when": when}}}));
    assert!(place.model().contains("# ours"), "{}", place.model());
    let tiers = place.json("assign_tiers", &json!({}));
    let flags = tiers["data"]["flags"].as_array().unwrap();
    let soon = flags.iter().find(|flag| flag["flag"] == "soon").unwrap();
    assert!(soon["accounts"].as_u64().unwrap() > 0, "{soon}");
}

/// Conditions that could never hold, or always would, are refused; null at the top says nothing.
#[test]
fn conditions_must_mean_something() {
    let place = Place::with_example();
    place.tiers();
    for when in [
        json!({"all": []}),
        json!({"all": [{"column": "Renewal Date", "op": "lt", "value": "soon"}]}),
        json!({"all": [{"column": "Renewal Date", "op": "lt", "value": "as_of+90"}]}),
        json!({"all": [{"column": "NPS", "op": "gt"}]}),
    ] {
        let refused = place.refused("assign_tiers", &json!({"flags": {"mine": {"when": when}}}));
        assert!(refused.contains("flags.mine"), "{refused}");
    }
    let all_null = json!({"flags": null, "rule": null, "scheme": null, "documented_empty": null, "model": null});
    assert_eq!(place.json("assign_tiers", &all_null)["step"], "assign_tiers");
    let refused = place.refused("load_book", &json!({"path": "book.csv", "as_of": "June 30"}));
    assert!(refused.contains("is not a date, YYYY-MM-DD"), "{refused}");
}

/// An account that does not exist is never mended into another one.
#[test]
fn accounts_are_not_guessed() {
    let place = Place::with_example();
    place.tiers();
    let judged: Vec<Value> = (0..40)
        .map(|i| json!({"account": format!("ACC-9{i:04}"), "scores": {"strategic_logo": "0.5"}, "why": "x"}))
        .collect();
    let refused = place.refused("score_strategic", &json!({"judgements": judged}));
    assert!(!refused.contains("fix:"), "{refused}");
}

/// Whatever links somebody leaves below the state folder: nothing is written through them.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_below_the_state_folder() {
    use std::os::unix::fs::symlink;
    let (place, outside) = (Place::with_book("Account,ARR\nAcme,5\nBeta,\n"), Place::new());
    let load = json!({"path": "book.csv", "as_of": AS_OF});
    let victim = |name: &str, text: &str| {
        outside.write(name, text);
        outside.path(name)
    };
    let state = place.path(".keep-segment");
    std::fs::create_dir_all(state.join("segmentation/set-aside")).unwrap();
    let links = [
        (
            "segmentation/set-aside/book.csv",
            victim("rows", "line,reason,arr,note\nkeep"),
        ),
        ("segmentation.toml", victim("model", "schema = 1\n")),
        (".gitignore", outside.path("ignored")),
    ];
    for (name, target) in &links {
        symlink(target, state.join(name)).unwrap();
    }
    // A model behind a link is not even read; the other links are replaced.
    let refused = place.refused("load_book", &load);
    assert!(refused.contains("`.keep-segment/segmentation.toml` is a link"), "{refused}");
    std::fs::remove_file(state.join("segmentation.toml")).unwrap();
    place.json("load_book", &load);
    assert_eq!(
        (outside.read("rows").as_str(), outside.read("model").as_str()),
        ("line,reason,arr,note\nkeep", "schema = 1\n")
    );
    assert!(!outside.path("ignored").exists());
    assert!(
        links.iter().all(|(name, _)| !state.join(name).is_symlink()),
        "links are replaced"
    );
    for (name, target) in [("other.lock", "lock"), ("third", "folder")] {
        symlink(outside.path(target), state.join(name)).unwrap();
    }
    std::fs::create_dir(outside.path("folder")).unwrap();
    for model in ["other", "third"] {
        let refused = place.refused("load_book", &json!({"path": "book.csv", "model": model}));
        assert!(refused.starts_with("error[cannot_write]"), "{refused}");
    }
    assert!(!outside.path("lock").exists() && std::fs::read_dir(outside.path("folder")).unwrap().next().is_none());
    let (elsewhere, linked) = (Place::new(), Place::with_book("Account,ARR\nAcme,5\n"));
    symlink(elsewhere.root(), linked.path(".keep-segment")).unwrap();
    let refused = linked.refused("load_book", &load);
    assert!(refused.contains("leads out of the workspace"), "{refused}");
    assert!(std::fs::read_dir(elsewhere.root()).unwrap().next().is_none());
}

/// A file that is not ours is not overwritten by rows that were set aside, and neither is the book itself.
#[test]
fn rows_set_aside_overwrite_no_file_of_others() {
    let place = Place::new();
    place.write("book.csv", "Account,ARR\nAcme,5\nBeta,\n");
    place.write(".keep-segment/segmentation/set-aside/book.csv", "mine");
    let refused = place.refused("load_book", &json!({"path": "book.csv"}));
    assert!(refused.starts_with("error[would_overwrite]"), "{refused}");
    assert_eq!(place.read(".keep-segment/segmentation/set-aside/book.csv"), "mine");
}
