//! A workspace in a temporary folder, the built binary run in it, and CSV read the plain way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use keep_segment::app::Context;
use keep_segment::tools;
use serde_json::Value;
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_keep-segment");
pub const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/accounts.csv");
pub const AS_OF: &str = "2026-06-30";
pub const TIERS: [&str; 4] = ["high_touch", "mid_touch", "tech_touch", "plg"];
pub const HEADER: &str = "account_id,name,arr,arr_band,arr_row,strategic_value,strategic_bin,primary_segment,override_flags,within_10pct,nearest_arr_change,nearest_value_change,tier_score,health_score,health_status,expansion";

/// How many cases a property tries: `KEEP_SEGMENT_CASES`, else `usual`.
pub fn cases(usual: u32) -> proptest::prelude::ProptestConfig {
    let asked = std::env::var("KEEP_SEGMENT_CASES").ok().and_then(|text| text.parse().ok());
    proptest::prelude::ProptestConfig {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    }
}

/// A workspace of its own.
pub struct Place {
    folder: TempDir,
}

/// How a process ended and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A workspace that holds `book.csv`.
    pub fn with_book(text: &str) -> Place {
        let place = Place::new();
        place.write("book.csv", text);
        place
    }

    /// A workspace that holds the example as `book.csv`.
    pub fn with_example() -> Place {
        Place::with_book(&std::fs::read_to_string(EXAMPLE).unwrap())
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// The model file of the workspace.
    pub fn model(&self) -> String {
        self.read(".keep-segment/segmentation.toml")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_remove("KEEP_SEGMENT_WORKSPACE")
            .env_remove("CLAUDE_PROJECT_DIR")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary in the workspace.
    pub fn cli(&self, arguments: &[&str]) -> Ran {
        ended(self.command(arguments).output().unwrap())
    }

    /// `run book.csv` as of the usual date, into `out/`.
    pub fn run(&self, more: &[&str]) -> Ran {
        let mut arguments = vec!["run", "book.csv", "--as-of", AS_OF, "--out", "out"];
        arguments.extend(more);
        self.cli(&arguments)
    }

    /// `call TOOL JSON` as a process of its own.
    pub fn call(&self, tool: &str, arguments: &Value) -> Ran {
        self.cli(&["call", tool, &arguments.to_string()])
    }

    /// Starts `call TOOL JSON` and leaves it running.
    pub fn spawn_call(&self, tool: &str, arguments: &Value) -> Child {
        let arguments = arguments.to_string();
        let mut command = self.command(&["call", tool, &arguments]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn context(&self) -> Context {
        Context::new(self.root(), &[], "2026-07-15".parse().unwrap()).unwrap()
    }

    /// A tool called in this process: its reply, error or not.
    pub fn tool(&self, tool: &str, arguments: &Value) -> tools::Reply {
        let arguments = arguments.as_object().unwrap().clone();
        tools::call(tools::find(tool).unwrap(), &self.context(), arguments)
    }

    /// A tool that must answer: its JSON.
    pub fn json(&self, tool: &str, arguments: &Value) -> Value {
        let mut arguments = arguments.clone();
        arguments["format"] = "json".into();
        let reply = self.tool(tool, &arguments);
        assert!(!reply.is_error, "{tool} {arguments}: {}", reply.text);
        reply.structured.unwrap()
    }

    /// A tool that must answer with a box.
    pub fn boxed(&self, tool: &str, arguments: &Value) -> String {
        let reply = self.tool(tool, arguments);
        assert!(!reply.is_error, "{tool} {arguments}: {}", reply.text);
        crate::boxes::assert_is_box(&reply.text);
        reply.text
    }

    /// A tool that must refuse: the error's text, which keeps its shape.
    pub fn refused(&self, tool: &str, arguments: &Value) -> String {
        let reply = self.tool(tool, arguments);
        assert!(reply.is_error, "{tool} {arguments} was taken: {}", reply.text);
        assert_is_error(&reply.text);
        reply.text
    }

    /// `load_book` and `define_axes` on `book.csv`.
    pub fn axes(&self) {
        self.json("define_axes", &serde_json::json!({"path": "book.csv", "as_of": AS_OF}));
    }

    /// The chain up to tiers on `book.csv`.
    pub fn tiers(&self) -> Value {
        self.axes();
        self.json("assign_tiers", &serde_json::json!({}))
    }
}

pub fn ended(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8 only");
    Ran {
        code: output.status.code().expect("ended by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// An error as design part 3 draws it.
pub fn assert_is_error(text: &str) {
    assert!(text.starts_with("error["), "{text}");
    assert!(text.trim_end().lines().count() <= 12, "{text}");
    assert!(!text.contains("panicked") && !text.contains("error[internal]"), "{text}");
}

/// The arguments after `fix:` in an error.
pub fn fix_of(error: &str) -> Option<Value> {
    let line = error.lines().find_map(|line| line.trim_start().strip_prefix("fix:"))?;
    Some(serde_json::from_str(line.trim()).unwrap_or_else(|e| panic!("{e} in {line}")))
}

/// Arguments with a fix laid over them, key by key.
pub fn with_fix(arguments: &Value, fix: &Value) -> Value {
    match (arguments, fix) {
        (Value::Object(base), Value::Object(over)) => {
            let mut merged = base.clone();
            for (key, value) in over {
                let under = base.get(key).unwrap_or(&Value::Null);
                merged.insert(key.clone(), with_fix(under, value));
            }
            Value::Object(merged)
        }
        (_, over) => over.clone(),
    }
}

/// Rows of a CSV file by header.
pub fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        headers
            .iter()
            .map(str::to_string)
            .zip(record.iter().map(str::to_string))
            .collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// `1234.50` as 123450; anything else is a mistake of the file.
pub fn cents(text: &str) -> i64 {
    let (whole, rest) = text.split_once('.').unwrap_or_else(|| panic!("{text} has no decimals"));
    assert_eq!(rest.len(), 2, "{text}");
    whole.parse::<i64>().unwrap() * 100 + rest.parse::<i64>().unwrap()
}

/// Cents as a file has them.
pub fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A book of ids, names and ARR.
pub fn plain_book(amounts: &[i64]) -> String {
    let mut text = String::from("Account ID,Account Name,ARR\n");
    for (i, cents) in amounts.iter().enumerate() {
        writeln!(text, "A{i:05},Account {i},{}", amount(*cents)).unwrap();
    }
    text
}
