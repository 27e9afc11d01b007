//! Mistakes: all of them at once, where they are, and a fix that works when it is fed back.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, Ran, assert_is_error, fix_of, with_fix};

/// A workspace with the example, after the whole chain.
fn ready() -> Place {
    let place = Place::with_example();
    place.tiers();
    place
}

/// Several mistakes in one call are named together, each with its place.
#[test]
fn every_tool_names_all_bad_arguments_at_once() {
    let place = ready();
    let cases: [(&str, Value, &[&str]); 9] = [
        (
            "load_book",
            json!({"pth": "book.csv", "as_of": "30/06/2026", "keep_churned": "perhaps"}),
            &["pth", "as_of", "keep_churned"],
        ),
        (
            "load_book",
            json!({"columns": {"ar": "ARR (USD)", "nme": "Account Name"}, "target_nrr": -1}),
            &["ar", "nme"],
        ),
        (
            "define_axes",
            json!({"metod": "log", "cuts": {"lo": 1}, "snap": "x"}),
            &["metod", "cuts", "snap"],
        ),
        (
            "define_axes",
            json!({"cuts": {"low": 50, "high": 10}, "bins": {"low_below": 0.9, "high_above": 0.1}}),
            &["cuts", "bins"],
        ),
        (
            "score_strategic",
            json!({"judgements": [{"account": "ACC-10041", "scores": {"strategic_logo": 7}}, {"account": "nobody", "scores": {}}]}),
            &["strategic_logo", "nobody"],
        ),
        (
            "assign_tiers",
            json!({"rule": "gird", "scheme": "keeep", "documented_empty": {"high": "x"}}),
            &["rule", "scheme", "documented_empty"],
        ),
        (
            "calibrate_capacity",
            json!({"csms": -1, "book_sizes": {"high_touch": {"min": 20, "max": 10}}, "csms_by_tier": {"plg": -2}}),
            &["csms", "book_sizes.high_touch", "csms_by_tier.plg"],
        ),
        (
            "validate",
            json!({"seed": -1, "stability_limits": {"pas": 0.1}}),
            &["seed", "pas"],
        ),
        (
            "write_report",
            json!({"formats": ["pdf"], "company": 7, "outt": "x"}),
            &["formats", "outt"],
        ),
    ];
    let mut wrong = Vec::new();
    for (tool, arguments, named) in cases {
        let model = place.model();
        let error = place.refused(tool, &arguments);
        for name in named {
            if !error.contains(name) {
                wrong.push(format!("{tool} {arguments} does not name {name}:\n{error}"));
            }
        }
        assert_eq!(model, place.model(), "{tool}: a refused call changes nothing");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Where an error prints a fix, the same call with the fix laid over it works.
#[test]
fn fixes_work_when_fed_back() {
    let doubled = "Account ID,Account Name,ARR\nA1,One,1000\nA1,One,2000\nA2,Two,3000\nA3,Three,500\n";
    let cases: [(&str, Value); 14] = [
        ("load_book", json!({"path": "bok.csv"})),
        ("load_book", json!({"path": "."})),
        ("load_book", json!({"path": "doubled.csv"})),
        ("load_book", json!({"path": "doubled.csv", "answers": {"duplicate": "sum"}})),
        ("load_book", json!({"path": "doubled.csv", "answers": {"duplicates": "add"}})),
        ("load_book", json!({"path": "book.csv", "columns": {"arr": "ARR (USDD)"}})),
        ("load_book", json!({"path": "book.csv", "model": "two words"})),
        ("define_axes", json!({"method": "log", "cuts": {"low": 5000, "high": 9000}})),
        ("define_axes", json!({"bins": {"low_below": 0.9, "high_above": 0.1}})),
        (
            "define_axes",
            json!({"factors": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}, {"name": "c", "weight": 0.5}]}),
        ),
        (
            "score_strategic",
            json!({"signals": {"reference_value": {"kind": "scale", "column": "NSP", "from": 0, "to": 80}}}),
        ),
        (
            "score_strategic",
            json!({"signals": {"strategic_logo": {"kind": "scale", "column": "ARR (USD)", "from": 0, "to": 100000}}}),
        ),
        ("assign_tiers", json!({"rul": "grid"})),
        ("define_axes", json!({"cuts": {"low": "50k", "high": "10k"}})),
    ];
    let mut wrong = Vec::new();
    let mut n_fixed = 0;
    for (tool, arguments) in cases {
        let place = ready();
        place.write("doubled.csv", doubled);
        let error = place.refused(tool, &arguments);
        let Some(fix) = fix_of(&error) else { continue };
        n_fixed += 1;
        let mut again = with_fix(&arguments, &fix);
        // A misspelt key stays beside the right one when maps are merged; the caller drops what the error names.
        if let Some(object) = again.as_object_mut() {
            object.remove("rul");
        }
        if let Some(answers) = again.get_mut("answers").and_then(Value::as_object_mut) {
            answers.remove("duplicate");
        }
        let mut reply = place.tool(tool, &again);
        // A fix may lead to the next question, whose fix then works.
        if let (true, Some(second)) = (reply.is_error, fix_of(&reply.text)) {
            reply = place.tool(tool, &with_fix(&again, &second));
        }
        if reply.is_error {
            wrong.push(format!("{tool} {arguments}\n{error}\nthen {again}\n{}", reply.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(n_fixed >= 10, "only {n_fixed} errors print a fix");
}

/// A misspelt key of a map and a mistake inside a list have fixes that work as they stand: maps are merged, lists replaced.
#[test]
fn fixes_work_for_keys_and_lists() {
    let condition = json!({"column": "Region", "op": "equals", "value": "EMEA"});
    let cases = [
        (
            "load_book",
            "/columns/ar",
            json!({"path": "book.csv", "columns": {"ar": "ARR (USD)"}}),
        ),
        (
            "calibrate_capacity",
            "/csms_by_tier/hightouch",
            json!({"csms_by_tier": {"hightouch": 3}}),
        ),
        (
            "assign_tiers",
            "/documented_empty/high_tuch",
            json!({"documented_empty": {"high_tuch": "no giants"}}),
        ),
        ("assign_tiers", "", json!({"flags": {"vip": {"when": {"all": [condition]}}}})),
        ("validate", "/stability_limits/pas", json!({"stability_limits": {"pas": 0.1}})),
    ];
    let mut wrong = Vec::new();
    for (tool, misspelt, arguments) in cases {
        let place = ready();
        let error = place.refused(tool, &arguments);
        let Some(fix) = fix_of(&error) else {
            wrong.push(format!("{tool} {arguments} has no fix:\n{error}"));
            continue;
        };
        let mut kept = arguments.clone();
        if let Some((map, key)) = misspelt.rsplit_once('/') {
            kept.pointer_mut(map).and_then(Value::as_object_mut).unwrap().remove(key);
        }
        let again = with_fix(&kept, &fix);
        let reply = place.tool(tool, &again);
        if reply.is_error {
            wrong.push(format!("{tool} {arguments}\n{error}\nthen {again}\n{}", reply.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What an error says is for people: no type names of the program.
#[test]
fn errors_speak_no_rust() {
    let place = ready();
    for (tool, arguments) in [
        ("calibrate_capacity", json!({"csms": "six"})),
        (
            "calibrate_capacity",
            json!({"csms": [1], "book_sizes": {"plg": {"min": "x"}}}),
        ),
        ("validate", json!({"seed": "x"})),
        ("define_axes", json!({"snap": "x", "factors": [{"name": 1, "weight": "x"}]})),
        ("load_book", json!({"target_nrr": {}, "rates": {"EUR": "x"}, "as_of": 3})),
        ("score_strategic", json!({"judgements": "x"})),
    ] {
        let error = place.refused(tool, &arguments);
        let words = error.split(|c: char| !c.is_alphanumeric() && c != '_');
        let rust = [
            "f64", "u32", "u64", "i32", "i64", "usize", "struct", "enum", "Option", "untagged", "newtype",
        ];
        assert!(
            !words.into_iter().any(|word| rust.contains(&word)),
            "{tool} {arguments}: {error}"
        );
    }
}

/// A step called too early names the tool to call first, and calling it leads on (design, part 4).
#[test]
fn steps_out_of_order_name_the_tool_to_call() {
    let later = [
        "score_strategic",
        "assign_tiers",
        "calibrate_capacity",
        "validate",
        "write_report",
    ];
    for tool in ["define_axes"].into_iter().chain(later) {
        let error = Place::with_example().refused(tool, &json!({}));
        assert!(
            error.starts_with("error[book_not_loaded]") && error.contains("next:  load_book"),
            "{tool}: {error}"
        );
    }
    for tool in later {
        let place = Place::with_example();
        place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
        let error = place.refused(tool, &json!({}));
        let wanted = match tool {
            "score_strategic" | "assign_tiers" => "next:  define_axes",
            _ => "next:  ",
        };
        assert!(
            error.contains("error[axes_not_defined]") && error.contains(wanted),
            "{tool}: {error}"
        );
        place.json("define_axes", &json!({}));
        if !["score_strategic", "assign_tiers"].contains(&tool) {
            let error = place.refused(tool, &json!({}));
            assert!(
                error.starts_with("error[tiers_not_assigned]") && error.contains("next:  assign_tiers"),
                "{tool}: {error}"
            );
        }
    }
}

/// Numbers sent as strings are taken, as are amounts as people write them.
#[test]
fn numbers_sent_as_strings_are_taken() {
    let place = ready();
    place.json(
        "calibrate_capacity",
        &json!({"csms": "6", "book_sizes": {"mid_touch": {"min": "30", "max": "60"}}}),
    );
    place.json("validate", &json!({"seed": "7", "stability_limits": {"pass": "0.15"}}));
    let axes = place.json(
        "define_axes",
        &json!({"cuts": {"low": "9000", "high": "30000.50"}, "snap": "true"}),
    );
    assert_eq!(axes["data"]["arr_axis"]["cuts"], json!({"low": 9000, "high": 30_000.5}));
}

/// Exit codes and streams of every command: answers on stdout, errors of the command line on stderr.
#[test]
fn exit_codes_and_streams() {
    let place = Place::with_example();
    place.write("draft.csv", "Account ID,Account Name,ARR\nA1,One,1000\nA2,Two,2000\n");
    let cases: [(&[&str], i32); 19] = [
        (&["run", "book.csv", "--csms", "6", "--as-of", AS_OF], 0),
        (&["run", "draft.csv", "--as-of", AS_OF], 1),
        (&["run", "none.csv"], 2),
        (&["run"], 2),
        (&["run", "book.csv", "--csms", "many"], 2),
        (&["run", "book.csv", "--csms", "-1"], 2),
        (&["run", "book.csv", "--csms", "high=3"], 2),
        (&["run", "book.csv", "--as-of", "soon"], 2),
        (&["run", "book.csv", "--columns", "arr"], 2),
        (&["run", "book.csv", "--columns", "aar=ARR (USD)"], 2),
        (&["run", "book.csv", "--model", "none.toml"], 2),
        (&["run", "book.csv", "--answers", "nonsense=1"], 2),
        (&["run", "book.csv", "--out", "book.csv/x"], 2),
        (&["run", "book.csv", "--frobnicate"], 2),
        (&["tools"], 0),
        (&["--version"], 0),
        (&["frobnicate"], 2),
        (&["call", "frobnicate"], 2),
        (&["call", "load_book", "[1]"], 2),
    ];
    for (arguments, code) in cases {
        let ran = place.cli(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert_eq!(ran.out.is_empty(), code == 2, "{arguments:?}: {ran:?}");
        assert_eq!(ran.err.is_empty(), code != 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.is_empty() || ran.err.starts_with("error"), "{arguments:?}: {ran:?}");
    }
    let several = place.cli(&["run", "--csms", "many", "--as-of", "soon", "--columns", "arr"]);
    for flag in ["--csms", "--as-of", "--columns", "BOOK"] {
        assert!(several.err.contains(flag), "{flag}: {}", several.err);
    }
}

/// `call` prints on stdout what MCP would return, errors too, and ends with 2 on a tool error.
#[test]
fn call_prints_what_a_client_would_get() {
    let place = Place::with_example();
    let good = place.call("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
    assert_eq!((good.code, good.err.as_str()), (0, ""));
    assert_eq!(
        good.out.trim_end(),
        place.boxed("load_book", &json!({"path": "book.csv", "as_of": AS_OF}))
    );
    let bad = place.call("load_book", &json!({"path": "bok.csv"}));
    assert_eq!((bad.code, bad.err.as_str()), (2, ""), "{}", bad.out);
    assert_eq!(bad.out.trim_end(), place.refused("load_book", &json!({"path": "bok.csv"})));
    let json = place.call("define_axes", &json!({"format": "json"}));
    assert_eq!(
        serde_json::from_str::<Value>(&json.out).unwrap(),
        place.json("define_axes", &json!({}))
    );
    for text in ["{bad", "null", "\"text\"", "{\"a\": 1} {}", ""] {
        let ran = place.cli(&["call", "load_book", text]);
        assert_eq!(ran.code, 2, "{text}: {ran:?}");
        assert_is_error(&ran.err);
    }
    let unknown = place.cli(&["call", "lod_book"]);
    assert!(
        unknown.err.contains("error[unknown_tool]") && unknown.err.contains("`load_book`"),
        "{}",
        unknown.err
    );
}

/// Paths that leave the workspace, by name or by link, are refused alike whether or not something is there.
#[cfg(unix)]
#[test]
fn paths_outside_the_workspace_are_refused() {
    use std::os::unix::fs::symlink;

    let outside = Place::with_example();
    let place = Place::with_example();
    let beside = outside.path("book.csv").display().to_string();
    symlink(outside.path("book.csv"), place.path("link.csv")).unwrap();
    symlink(outside.root(), place.path("folder")).unwrap();
    symlink(place.path("book.csv"), place.path("inner.csv")).unwrap();
    let name = outside.root().file_name().unwrap().to_string_lossy().into_owned();
    let paths = [
        beside.clone(),
        format!("../{name}/book.csv"),
        format!("folder/../../{name}/book.csv"),
        "../nothing/here.csv".into(),
        "/nothing/here.csv".into(),
        "link.csv".into(),
        "folder/book.csv".into(),
    ];
    for path in paths {
        let error = place.refused("load_book", &json!({"path": path}));
        assert!(error.starts_with("error[path_not_allowed]"), "{path}: {error}");
        assert!(!error.contains("fix:"), "{path}: {error}");
    }
    place.json("load_book", &json!({"path": "inner.csv", "as_of": AS_OF}));
    let allowed = outside.root().display().to_string();
    let load = json!({"path": beside, "as_of": AS_OF}).to_string();
    let ran = place.cli(&["call", "load_book", &load, "--allow", &allowed]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    for out in ["..", "../x", &allowed, "folder/x", "a/../../x"] {
        let place = ready();
        symlink(outside.root(), place.path("folder")).unwrap();
        let error = place.refused("write_report", &json!({"out": out}));
        assert!(error.starts_with("error[path_not_allowed]"), "{out}: {error}");
    }
    for model in ["../x", "a/b", "", ".", "x.toml"] {
        let error = place.refused("validate", &json!({"model": model}));
        assert!(error.contains("model"), "{model}: {error}");
    }
}

/// A folder, a pipe and bytes that are no text are named for what they are, at once.
#[cfg(unix)]
#[test]
fn things_that_are_no_book_are_named() {
    let place = Place::with_example();
    std::fs::create_dir(place.path("folder")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(place.path("pipe.csv")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped the pipe: no mkfifo here");
        place.write("pipe.csv", "");
    }
    place.write(
        "image.csv",
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0xff, 0xfe],
    );
    place.write("zip.csv", b"PK\x03\x04\x14\x00\x08\x00rest");
    place.write("utf32.csv", b"\xff\xfe\0\0A\0\0\0,\0\0\0B\0\0\0\n\0\0\0");
    place.write("table.html", "<!DOCTYPE html><table><tr><td>1</td></tr></table>");
    for (path, codes) in [
        ("folder", vec!["not_a_file"]),
        ("pipe.csv", vec!["not_a_file", "empty_file"]),
        ("image.csv", vec!["unsupported_format"]),
        ("zip.csv", vec!["workbook_unreadable"]),
        ("utf32.csv", vec!["unsupported_encoding"]),
        ("table.html", vec!["unsupported_format"]),
    ] {
        let start = Instant::now();
        let error = place.refused("load_book", &json!({"path": path}));
        assert!(
            codes.iter().any(|code| error.starts_with(&format!("error[{code}]"))),
            "{path}: {error}"
        );
        let ran = place.cli(&["run", path]);
        assert_eq!(ran.code, 2, "{path}: {ran:?}");
        assert!(start.elapsed() < Duration::from_secs(20), "{path} took {:?}", start.elapsed());
    }
}

/// The root of the file system and a home folder are a workspace only when named (design, part 1).
#[test]
fn wide_workspaces_must_be_named() {
    let place = Place::with_example();
    let from = |folder: &std::path::Path, home: &std::path::Path, named: &[&str]| -> Ran {
        let mut command = place.command(&["call", "validate", "{}"]);
        command.args(named).current_dir(folder).env("HOME", home).stdin(Stdio::null());
        crate::support::ended(command.output().unwrap())
    };
    let elsewhere = Place::new();
    let root = std::path::Path::new("/");
    for folder in [root, place.root()] {
        let ran = from(folder, place.root(), &[]);
        assert_eq!(ran.code, 2);
        assert!(
            ran.err.starts_with("error[workspace_too_wide]"),
            "{}: {ran:?}",
            folder.display()
        );
    }
    let named = place.root().display().to_string();
    let ran = from(place.root(), place.root(), &["--workspace", &named]);
    assert!(
        ran.out.starts_with("error[book_not_loaded]"),
        "a home folder that is named will do: {ran:?}"
    );
    let ran = from(place.root(), elsewhere.root(), &[]);
    assert!(ran.out.starts_with("error[book_not_loaded]"), "{ran:?}");
    let ran = from(elsewhere.root(), elsewhere.root(), &["--workspace", "/no/such/folder"]);
    assert_eq!(ran.code, 2);
    assert_is_error(&ran.err);
}
