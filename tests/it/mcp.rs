//! The built binary over MCP: driven by the rmcp client, and by hand where the bytes on the pipes matter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RunningService, ServiceError};
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_keep-segment");

/// Each tool with arguments that work, and with one misspelt argument and the name that it should have had.
fn chain() -> [(&'static str, Value, Value, &'static str); 11] {
    let book = "accounts.csv";
    [
        (
            "load_book",
            json!({"path": book, "as_of": "2026-01-15"}),
            json!({"path": book, "colums": {}}),
            "columns",
        ),
        ("define_axes", json!({}), json!({"metod": "log"}), "method"),
        ("score_strategic", json!({}), json!({"signal": {}}), "signals"),
        ("assign_tiers", json!({}), json!({"rul": "grid"}), "rule"),
        ("calibrate_capacity", json!({"csms": 6}), json!({"csm": 6}), "csms"),
        ("validate", json!({}), json!({"sed": 1}), "seed"),
        ("score_health", json!({}), json!({"presets": "keep"}), "preset"),
        ("score_expansion", json!({}), json!({"cut": {}}), "cuts"),
        (
            "explain_account",
            json!({"account": "A000007"}),
            json!({"acount": "A000007"}),
            "account",
        ),
        ("list_accounts", json!({}), json!({"sorted": "arr"}), "sort"),
        ("write_report", json!({}), json!({"formts": ["md"]}), "formats"),
    ]
}

#[tokio::test]
async fn the_chain_runs_and_each_misspelt_argument_is_named() {
    let workspace = workspace(60);
    let client = connect(workspace.path()).await;
    for (tool, right, wrong, candidate) in chain() {
        let answer = call(&client, tool, right).await.unwrap();
        let text = text(&answer);
        assert_ne!(answer.is_error, Some(true), "{tool}: {text}");
        assert!(
            text.starts_with('╭') && text.contains(tool) && text.lines().count() <= 40,
            "{tool}: {text}"
        );
        assert!(answer.structured_content.is_none(), "{tool} must send text only");

        let answer = call(&client, tool, wrong).await.unwrap();
        let text = self::text(&answer);
        assert_eq!(answer.is_error, Some(true), "{tool}: {text}");
        assert!(
            text.starts_with("error[unknown_argument]: ") && text.contains(candidate),
            "{tool}: {text}"
        );
        assert!(text.lines().count() <= 12 && answer.content.len() == 1, "{tool}: {text}");
    }
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn the_five_steps_alone_are_a_chain_and_numbers_come_when_asked_for() {
    for rule in ["auto", "score"] {
        let workspace = workspace(60);
        let client = connect(workspace.path()).await;
        let five = [
            ("define_axes", json!({"path": "accounts.csv", "format": "json"})),
            ("score_strategic", json!({"format": "json"})),
            ("assign_tiers", json!({"rule": rule, "format": "json"})),
            ("calibrate_capacity", json!({"csms": "6", "format": "json"})),
            ("validate", json!({"format": "json"})),
        ];
        for (tool, arguments) in five {
            let answer = call(&client, tool, arguments).await.unwrap();
            let text = text(&answer);
            assert_ne!(answer.is_error, Some(true), "{tool}: {text}");
            let numbers = answer.structured_content.expect(tool);
            assert_eq!(numbers, serde_json::from_str::<Value>(&text).unwrap(), "{tool}");
            assert_eq!(numbers["step"], tool);
            assert!(numbers["data"].is_object(), "{tool}: {text}");
        }
        client.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn an_unknown_tool_is_a_protocol_error_that_names_the_nearest() {
    let workspace = workspace(1);
    let client = connect(workspace.path()).await;
    match call(&client, "lod_book", json!({})).await {
        Err(ServiceError::McpError(error)) => assert!(error.message.contains("load_book"), "{error:?}"),
        other => panic!("{other:?}"),
    }
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn the_list_suits_strict_clients_and_small_contexts() {
    let workspace = workspace(1);
    let client = connect(workspace.path()).await;
    let about = client.peer_info().unwrap();
    let server = about.server_info.as_ref().unwrap();
    assert_eq!(
        (server.name.as_str(), server.version.as_str()),
        ("keep-segment", env!("CARGO_PKG_VERSION"))
    );
    assert!(about.instructions.as_ref().unwrap().len() < 1_500);

    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    for (tool, ..) in chain() {
        assert!(names.contains(&tool), "{tool} is not among {names:?}");
    }
    let listed = serde_json::to_string(&tools).unwrap();
    // A token is about four characters of English and JSON.
    assert!(listed.len() < 8_000 * 4, "{} characters", listed.len());
    for noise in ["$schema", "$ref", "$defs", "\"null\"", "uint64", "\"double\"", "outputSchema"] {
        assert!(!listed.contains(noise), "{noise} in {listed}");
    }
    for tool in tools {
        let hints = tool.annotations.unwrap();
        assert!(tool.title.is_some() && tool.description.is_some(), "{}", tool.name);
        assert!(
            hints.read_only_hint.is_some() && hints.destructive_hint.is_some(),
            "{}",
            tool.name
        );
        assert!(
            hints.idempotent_hint.is_some() && hints.open_world_hint == Some(false),
            "{}",
            tool.name
        );
        assert_eq!(tool.input_schema["additionalProperties"], json!(false), "{}", tool.name);
    }
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn the_bundle_and_the_skill_name_the_tools_that_there_are() {
    let workspace = workspace(1);
    let client = connect(workspace.path()).await;
    let tools = client.list_all_tools().await.unwrap();
    let manifest: Value = serde_json::from_str(include_str!("../../manifest.json")).unwrap();
    let named: Vec<&Value> = manifest["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(named, tools.iter().map(|tool| tool.name.as_ref()).collect::<Vec<_>>());
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let prompts = client.list_all_prompts().await.unwrap();
    let shown = |prompt: &Value| (prompt["name"].clone(), prompt["description"].clone());
    assert_eq!(
        manifest["prompts"].as_array().unwrap().iter().map(shown).collect::<Vec<_>>(),
        prompts.iter().map(|prompt| shown(&json!(prompt))).collect::<Vec<_>>()
    );
    let skill = include_str!("../../skills/keep-segment/SKILL.md");
    for tool in &tools {
        for server in ["keep-segment", "plugin_keep-segment_keep-segment"] {
            let allowed = format!("mcp__{server}__{}", tool.name);
            assert!(skill.contains(&allowed), "{allowed}");
        }
    }
    client.cancel().await.unwrap();
}

#[test]
fn stdout_holds_nothing_but_json_rpc_in_both_protocol_eras() {
    let workspace = workspace(60);
    let mut old = Raw::start(workspace.path());
    assert_eq!(old.initialize("2024-11-05")["result"]["protocolVersion"], "2024-11-05");
    assert!(old.ask("tools/list", json!({}))["result"]["tools"].as_array().unwrap().len() >= 7);
    assert_eq!(old.ask("ping", json!({}))["result"], json!({}));
    let loaded = old.ask(
        "tools/call",
        json!({"name": "load_book", "arguments": {"path": "accounts.csv"}}),
    );
    assert_eq!(loaded["result"]["isError"], false, "{loaded}");
    let missing = old.ask("tools/call", json!({"name": "load_book", "arguments": {"path": "none.csv"}}));
    assert_eq!(missing["result"]["isError"], true, "{missing}");
    assert_eq!(
        old.ask("tools/call", json!({"name": "load_book", "arguments": "text"}))["error"]["code"],
        -32602
    );
    assert_eq!(old.ask("no/such", json!({}))["error"]["code"], -32601);
    assert!(old.hang_up() < Duration::from_secs(1));

    let mut new = Raw::start(workspace.path());
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "by hand", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let found = new.ask("server/discover", json!({"_meta": meta}));
    assert!(
        found["result"]["supportedVersions"]
            .as_array()
            .unwrap()
            .contains(&json!("2026-07-28")),
        "{found}"
    );
    let loaded = new.ask(
        "tools/call",
        json!({"_meta": meta, "name": "load_book", "arguments": {"path": "accounts.csv"}}),
    );
    assert_eq!(loaded["result"]["isError"], false, "{loaded}");
    assert!(new.hang_up() < Duration::from_secs(1));
}

#[test]
fn calls_sent_at_once_are_run_in_order() {
    let workspace = workspace(60);
    let mut server = Raw::start(workspace.path());
    server.initialize("2025-11-25");
    let steps = [
        ("load_book", json!({"path": "accounts.csv"})),
        ("define_axes", json!({})),
        ("score_strategic", json!({})),
    ];
    let sent: Vec<u64> = steps
        .map(|(name, args)| server.send("tools/call", json!({"name": name, "arguments": args})))
        .into();
    for id in sent {
        let answer = server.receive();
        assert_eq!(
            (&answer["id"], &answer["result"]["isError"]),
            (&json!(id), &json!(false)),
            "{answer}"
        );
    }
    server.hang_up();
}

#[test]
fn pings_are_answered_while_a_large_book_loads_and_hanging_up_ends_it() {
    let workspace = workspace(300_000);
    let mut server = Raw::start(workspace.path());
    server.initialize("2025-11-25");
    server.send(
        "tools/call",
        json!({"name": "load_book", "arguments": {"path": "accounts.csv"}}),
    );
    let ping = server.send("ping", json!({}));
    assert_eq!(server.receive()["id"], json!(ping), "the ping must not wait for the book");
    let took = server.hang_up();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

/// A server on plain pipes; whatever it writes must be JSON-RPC.
pub struct Raw {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    sent: u64,
}

impl Raw {
    pub fn start(workspace: &Path) -> Self {
        let mut child = server(workspace)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Raw {
            input: child.stdin.take(),
            child,
            output,
            sent: 0,
        }
    }

    pub fn initialize(&mut self, version: &str) -> Value {
        let client = json!({"name": "by hand", "version": "1"});
        let hello = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
        let answer = self.ask("initialize", hello);
        self.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        answer
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        let answer = self.receive();
        assert_eq!(answer["id"], json!(id), "{answer}");
        answer
    }

    pub fn send(&mut self, method: &str, params: Value) -> u64 {
        self.sent += 1;
        self.write(&json!({"jsonrpc": "2.0", "id": self.sent, "method": method, "params": params}));
        self.sent
    }

    pub fn write(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    pub fn receive(&self) -> Value {
        checked(
            &self
                .output
                .recv_timeout(Duration::from_secs(60))
                .expect("an answer within a minute"),
        )
    }

    /// Closes the server's input, checks what it still had to say, and tells how long it took to end.
    pub fn hang_up(self) -> Duration {
        self.hang_up_and_hear().0
    }

    /// Closes the server's input; how long it took to end, and what it still had to say.
    pub fn hang_up_and_hear(mut self) -> (Duration, Vec<Value>) {
        let start = Instant::now();
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        let took = start.elapsed();
        assert!(status.success(), "{status}");
        (took, self.output.iter().map(|line| checked(&line)).collect())
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn checked(line: &str) -> Value {
    let message: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
    assert_eq!(message["jsonrpc"], "2.0", "{line}");
    message
}

async fn connect(workspace: &Path) -> RunningService<RoleClient, ()> {
    let command = tokio::process::Command::from(server(workspace));
    ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap()
}

async fn call(
    client: &RunningService<RoleClient, ()>,
    tool: &'static str,
    arguments: Value,
) -> Result<CallToolResult, ServiceError> {
    client
        .call_tool(CallToolRequestParams::new(tool).with_arguments(arguments.as_object().unwrap().clone()))
        .await
}

fn text(answer: &CallToolResult) -> String {
    answer.content[0].as_text().expect("text first").text.clone()
}

fn server(workspace: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(["mcp", "--workspace"])
        .arg(workspace)
        .env_remove("CLAUDE_PROJECT_DIR")
        .env_remove("RUST_LOG");
    command
}

/// A workspace that holds `accounts.csv` with this many accounts: a long tail of revenue and a few signals.
pub fn workspace(accounts: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut book = String::from("Account ID,Account Name,ARR,Logo Tier,Reference,Case Study,Regulated,Products,Renewal Date\n");
    for i in 0..accounts {
        let arr = 4_000_000 / (i % 997 + 7);
        let (logo, yes_no) = (
            ["A", "B", "C"][i % 3],
            |every: usize| if i.is_multiple_of(every) { "yes" } else { "no" },
        );
        let (month, products) = (i % 12 + 1, i % 5 + 1);
        writeln!(
            book,
            "A{i:06},Account {i},{arr},{logo},{},{},{},{products},2026-{month:02}-15",
            yes_no(4),
            yes_no(7),
            yes_no(5)
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("accounts.csv"), book).unwrap();
    folder
}
