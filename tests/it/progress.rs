//! Long calls: how far they have come is told when asked for, and a cancelled one leaves everything as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use keep_segment::app::Control;
use keep_segment::tools;
use serde_json::{Value, json};

use crate::mcp::{Raw, workspace};
use crate::support::{AS_OF, BINARY, Place, ended};

/// Accounts of the large book: `KEEP_SEGMENT_ROWS`, else so many that a call takes a second or two.
fn rows() -> usize {
    let asked = std::env::var("KEEP_SEGMENT_ROWS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(300_000)
}

/// `_meta` of a request in either era, with or without a token.
fn meta(version: &str, token: Option<Value>) -> Value {
    let mut meta = json!({});
    if version == "2026-07-28" {
        meta = json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "by hand", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
    }
    if let Some(token) = token {
        meta["progressToken"] = token;
    }
    meta
}

fn connected(folder: &Path, version: &str) -> Raw {
    let mut server = Raw::start(folder);
    if version != "2026-07-28" {
        server.initialize(version);
    }
    server
}

fn load(path: &str) -> Value {
    json!({"path": path, "as_of": AS_OF})
}

/// Every file below the state folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.join(".keep-segment")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.insert(path, text);
                }
            }
        }
    }
    found
}

/// Progress rises, comes at most ten times a second, ends before the result, and bears the token as it was given.
#[test]
fn a_long_call_tells_how_far_it_has_come() {
    let folder = workspace(rows() * 5);
    for (version, token) in [("2025-11-25", json!("a-17")), ("2026-07-28", json!(4))] {
        let mut server = connected(folder.path(), version);
        let meta_of = |token| meta(version, token);
        let start = Instant::now();
        let call = json!({"_meta": meta_of(Some(token.clone())), "name": "load_book", "arguments": load("accounts.csv")});
        let id = server.send("tools/call", call);
        let mut told: Vec<Value> = Vec::new();
        let result = loop {
            let message = server.receive();
            if message["id"] == json!(id) {
                break message;
            }
            assert_eq!(message["method"], "notifications/progress", "{message}");
            told.push(message["params"].clone());
        };
        let took = start.elapsed();
        assert_eq!(result["result"]["isError"], false, "{result}");
        assert!(told.len() >= 3, "{version}: {told:?} in {took:?}");
        assert!(
            told.len() as u128 <= took.as_millis() / 100 + 2,
            "{version}: {} in {took:?}",
            told.len()
        );
        let shares: Vec<f64> = told.iter().map(|params| params["progress"].as_f64().unwrap()).collect();
        assert!(shares.windows(2).all(|pair| pair[0] < pair[1]), "{version}: {shares:?}");
        for params in &told {
            assert_eq!(
                (&params["progressToken"], &params["total"]),
                (&token, &json!(100.0)),
                "{params}"
            );
            assert!(params["progress"].as_f64().unwrap() <= 100.0, "{params}");
        }
        assert!(told.iter().any(|params| params["message"] == "reading rows"), "{told:?}");
        let ping = server.send("ping", json!({"_meta": meta_of(None)}));
        assert_eq!(server.receive()["id"], json!(ping), "nothing may come after the result");
        server.hang_up();
    }
}

#[test]
fn without_a_token_nothing_is_told() {
    let folder = workspace(rows() / 4);
    for version in ["2025-11-25", "2026-07-28"] {
        let mut server = connected(folder.path(), version);
        let call = json!({"_meta": meta(version, None), "name": "load_book", "arguments": load("accounts.csv")});
        let id = server.send("tools/call", call);
        assert_eq!(server.receive()["id"], json!(id));
        server.hang_up();
    }
}

/// Wherever it is cancelled, a call writes nothing, is not answered, and the next one is, soon.
#[test]
fn a_cancelled_call_leaves_everything_as_it_was_and_the_next_is_answered() {
    let folder = workspace(rows() * 5);
    std::fs::write(folder.path().join("small.csv"), "Account ID,ARR\nA1,500\nA2,900\n").unwrap();
    for version in ["2025-11-25", "2026-07-28"] {
        let mut server = connected(folder.path(), version);
        let call = |server: &mut Raw, token: Option<Value>, arguments: Value| {
            let call = json!({"_meta": meta(version, token), "name": "load_book", "arguments": arguments});
            server.send("tools/call", call)
        };
        call(&mut server, None, load("small.csv"));
        assert_eq!(server.receive()["result"]["isError"], false);
        let before = files(folder.path());
        for share in [0.0, 12.0, 25.0, 40.0] {
            let id = call(&mut server, Some(json!(share)), load("accounts.csv"));
            loop {
                let message = server.receive();
                assert_ne!(message["id"], json!(id), "answered before {share} was told: {message}");
                if message["params"]["progress"].as_f64().unwrap() >= share {
                    break;
                }
            }
            let cancelled = json!({"requestId": id, "reason": "the user looked away"});
            server.write(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled}));
            let start = Instant::now();
            let next = call(&mut server, None, json!({"path": "none.csv"}));
            let answer = loop {
                let message = server.receive();
                assert_ne!(message["id"], json!(id), "a cancelled call is not answered: {message}");
                if message["id"] == json!(next) {
                    break message;
                }
            };
            let took = start.elapsed();
            eprintln!("{version}: cancelled at {share}%, the next call answered after {took:?}");
            assert!(took < Duration::from_secs(2), "{share}: {took:?}");
            assert_eq!(answer["result"]["isError"], true, "{answer}");
            assert_eq!(files(folder.path()), before, "cancelled at {share}");
        }
        server.hang_up();
    }
}

/// A call that waits for a model which another process holds can be cancelled, and others go on meanwhile.
#[test]
fn a_call_that_waits_for_a_model_can_be_cancelled() {
    let folder = workspace(20);
    let mut server = connected(folder.path(), "2025-11-25");
    let call = |model: &str| json!({"name": "load_book", "arguments": {"path": "accounts.csv", "model": model}});
    assert_eq!(server.ask("tools/call", call("held"))["result"]["isError"], false);
    let lock = std::fs::File::options()
        .write(true)
        .open(folder.path().join(".keep-segment/held.lock"))
        .unwrap();
    lock.lock().unwrap();
    let waiting = server.send("tools/call", call("held"));
    server.ask("ping", json!({}));
    server.write(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": waiting}}));
    assert_eq!(server.ask("tools/call", call("other"))["result"]["isError"], false);
    drop(lock);
    assert_eq!(server.ask("tools/call", call("held"))["result"]["isError"], false);
    server.hang_up();
}

/// A client that goes ends what runs; one that sends all it has and closes still hears short answers, token or not.
#[test]
fn hanging_up_cancels_what_runs_long() {
    let folder = workspace(400_000);
    std::fs::write(folder.path().join("small.csv"), "Account ID,ARR\nA1,500\nA2,900\n").unwrap();
    let mut server = connected(folder.path(), "2025-11-25");
    let call = |path: &str| json!({"_meta": {"progressToken": path}, "name": "load_book", "arguments": load(path)});
    let id = server.send("tools/call", call("small.csv"));
    let (_, heard) = server.hang_up_and_hear();
    assert!(heard.iter().any(|message| message["id"] == json!(id)), "{heard:?}");

    let before = files(folder.path());
    let mut server = connected(folder.path(), "2025-11-25");
    server.send("tools/call", call("accounts.csv"));
    server.send("tools/call", call("small.csv"));
    server.receive();
    let took = server.hang_up();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(files(folder.path()), before);
}

/// Cancelled at any look but the last, each tool ends in an error that reads well and leaves every file as it was.
#[test]
fn a_call_cancelled_at_any_look_writes_nothing() {
    let place = Place::with_example();
    let chain = [
        ("load_book", load("book.csv")),
        ("define_axes", json!({})),
        (
            "score_strategic",
            json!({"signals": {"reference_value": {"kind": "flag", "column": "Region", "yes": ["EMEA"]}}}),
        ),
        ("assign_tiers", json!({})),
        ("calibrate_capacity", json!({"csms": 6})),
        ("validate", json!({"seed": 5})),
        ("write_report", json!({})),
    ];
    // The lock and the folder are there from the first call on.
    place.tool("load_book", &json!({"path": "none.csv"}));
    for (tool, arguments) in chain {
        let before = files(place.root());
        let mut look = 0;
        loop {
            look += 1;
            let (reply, looks) = cancelled_at(&place, tool, &arguments, look);
            if looks < look || !reply.is_error {
                assert!(
                    look > 5 && !reply.is_error,
                    "{tool} at look {look} of {looks}: {}",
                    reply.text
                );
                break;
            }
            assert_eq!(
                reply.text,
                "error[cancelled]: the call was cancelled; nothing was changed\n  next:  the same call, if it is still wanted",
                "{tool}"
            );
            assert_eq!(files(place.root()), before, "{tool} cancelled at look {look}");
        }
        assert_ne!(files(place.root()), before, "{tool} wrote nothing in the end");
    }
}

/// Runs a tool that is cancelled while it looks for the `look`th time, and tells how often it looked.
fn cancelled_at(place: &Place, tool: &str, arguments: &Value, look: usize) -> (tools::Reply, usize) {
    let looks = Arc::new(AtomicUsize::new(0));
    let own: Arc<OnceLock<Control>> = Arc::default();
    let (counted, cancelling) = (Arc::clone(&looks), Arc::clone(&own));
    let control = Control::telling(move |_| {
        if counted.fetch_add(1, Ordering::Relaxed) + 1 == look {
            cancelling.get().unwrap().cancel();
        }
    });
    own.set(control.clone()).unwrap();
    let mut context = place.context();
    context.control = control;
    let arguments = arguments.as_object().unwrap().clone();
    let reply = tools::call(tools::find(tool).unwrap(), &context, arguments);
    (reply, looks.load(Ordering::Relaxed))
}

#[test]
fn nothing_is_drawn_where_no_person_looks() {
    let folder = workspace(rows() / 2);
    let mut command = Command::new(BINARY);
    command.args(["call", "load_book", r#"{"path": "accounts.csv"}"#, "--workspace"]);
    let ran = ended(command.arg(folder.path()).env_remove("RUST_LOG").output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with('╭') && !ran.out.contains('\u{1b}'), "{}", ran.out);
}

/// On a terminal a bar is drawn once the work takes long, and is gone when the answer is printed. `script` of util-linux
/// gives the terminal.
#[test]
fn a_terminal_shows_a_bar_for_long_work_only() {
    let Some(_) = Command::new("script")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .ok()
        .filter(|s| s.success())
    else {
        println!("skipped: no `script` that lends a terminal");
        return;
    };
    let folder = workspace(rows() * 5);
    std::fs::write(folder.path().join("small.csv"), "Account ID,ARR\nA1,500\nA2,900\n").unwrap();
    for (book, drawn) in [("accounts.csv", true), ("small.csv", false)] {
        let command = format!("'{BINARY}' call load_book '{{\"path\": \"{book}\"}}' >out.txt");
        let ran = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "terminal.txt"])
            .current_dir(folder.path())
            .envs([("TERM", "xterm"), ("COLUMNS", "100"), ("KEEP_SEGMENT_WORKSPACE", ".")])
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()
            .unwrap();
        let seen = std::fs::read_to_string(folder.path().join("terminal.txt")).unwrap();
        assert!(ran.status.success(), "{seen}");
        let answer = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
        assert!(answer.starts_with('╭') && !answer.contains(['\u{1b}', '█']), "{answer}");
        let bar = seen.contains('%') && seen.contains('█');
        assert_eq!(bar, drawn, "{book}: {seen:?}");
        if drawn {
            let rest = seen.rsplit("\u{1b}[2K").next().unwrap();
            assert!(!rest.contains('%') && !rest.contains('█'), "the bar stays: {rest:?}");
        }
    }
}
