//! Every code of an error is listed, told of in docs/errors.md, provoked here, and mended by its own fix.

use std::collections::BTreeSet;
use std::path::Path;

use keep_segment::error::codes::{CODES, Code};
use keep_segment::tools;
use serde_json::{Value, json};

use crate::pages::assert_page;
use crate::support::{AS_OF, Place, fix_of, with_fix};

/// How a code is brought about in a workspace that `ready` has made.
enum How {
    /// A tool's call.
    Tool(&'static str, Value),
    /// A command line.
    Cli(&'static [&'static str]),
    /// Not here: why, and where it is tested.
    Elsewhere(#[allow(dead_code)] &'static str),
}
use How::{Cli, Elsewhere, Tool};

struct Case {
    code: &'static str,
    /// Files that the call needs, and what they hold.
    files: Vec<(&'static str, Vec<u8>)>,
    /// Whether the chain has run on `book.csv` up to tiers.
    ready: bool,
    how: How,
    /// Calls that come before.
    before: Vec<(&'static str, Value)>,
}

/// A file that is larger than what is read, and takes no room.
const SPARSE: &str = "sparse.csv";
/// Stands for the revision of the last answer before.
const LAST: &str = "last";

fn case(code: &'static str, files: &[(&'static str, &str)], how: How) -> Case {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
    Case {
        code,
        files,
        ready: false,
        how,
        before: Vec::new(),
    }
}

fn ready(code: &'static str, tool: &'static str, arguments: Value) -> Case {
    Case {
        code,
        files: Vec::new(),
        ready: true,
        how: Tool(tool, arguments),
        before: Vec::new(),
    }
}

/// One file and the load of it.
fn load(code: &'static str, text: &str) -> Case {
    case(
        code,
        &[("t.csv", text)],
        Tool("load_book", json!({"path": "t.csv", "as_of": AS_OF})),
    )
}

fn load_with(code: &'static str, files: &[(&'static str, &str)], mut arguments: Value) -> Case {
    arguments["path"] = files[0].0.into();
    arguments["as_of"] = AS_OF.into();
    case(code, files, Tool("load_book", arguments))
}

fn load_bytes(code: &'static str, name: &'static str, bytes: Vec<u8>) -> Case {
    let how = Tool("load_book", json!({"path": name, "as_of": AS_OF}));
    Case {
        code,
        files: vec![(name, bytes)],
        ready: false,
        how,
        before: Vec::new(),
    }
}

fn model(code: &'static str, text: &str) -> Case {
    case(
        code,
        &[(".keep-segment/segmentation.toml", text)],
        Tool("validate", json!({})),
    )
}

const BOOK: &str = "Account ID,Account Name,Industry\nA1,Acme,Retail\nA2,Beta Inc.,Health\nA3,Gamma,Retail\n";
const DOUBLED: &str = "Account ID,Account Name,ARR\nA1,One,1000\nA1,One,2000\nA2,Two,3000\nA3,Three,500\n";

fn joined(code: &'static str, kind: &'static str, text: &'static str, more: Value) -> Case {
    let mut join = json!({"path": "j.csv", "kind": kind});
    for (key, value) in more.as_object().unwrap() {
        join[key] = value.clone();
    }
    load_with(code, &[("t.csv", BOOK), ("j.csv", text)], json!({"joins": [join]}))
}

/// How many columns a file may have, as the page says.
fn most_columns() -> usize {
    let code = CODES.iter().find(|code| code.code == "too_many_columns").unwrap();
    let digits: String = code.when.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn as_many_columns_are_read_as_the_page_says() {
    let rest = (0..most_columns() - 2).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let place = Place::with_book(&format!("name,arr,{rest}\nA,100\n"));
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
}

fn calls() -> Vec<Case> {
    let flag = |column: &str| json!({"signals": {"reference_value": {"kind": "flag", "column": column}}});
    let condition = json!({"column": "Region", "op": "equals", "value": "EMEA"});
    vec![
        ready("account_not_found", "explain_account", json!({"account": "Zelkwyn Stor"})),
        ready("account_not_found", "explain_account", json!({"account": "ACC-1004"})),
        ready(
            "bad_argument",
            "define_axes",
            json!({"method": "log", "cuts": {"low": 5000, "high": 9000}}),
        ),
        ready(
            "bad_argument",
            "define_axes",
            json!({"bins": {"low_below": 0.9, "high_above": 0.1}}),
        ),
        ready("bad_argument", "assign_tiers", json!({"rule": "gird"})),
        ready(
            "bad_argument",
            "assign_tiers",
            json!({"flags": {"vip": {"when": {"all": [condition]}}}}),
        ),
        ready("bad_argument", "list_accounts", json!({"where": {"tier": "hightouch"}})),
        ready("bad_argument", "validate", json!({"model": "two words"})),
        ready("column_not_found", "load_book", json!({"columns": {"arr": "ARR (USDD)"}})),
        ready(
            "column_not_found",
            "score_strategic",
            json!({"signals": {"reference_value":
            {"kind": "scale", "column": "NSP", "from": 0, "to": 80}}}),
        ),
        ready(
            "column_not_numbers",
            "score_strategic",
            json!({"signals": {"reference_value":
            {"kind": "scale", "column": "Industry", "from": 0, "to": 80}}}),
        ),
        ready(
            "column_not_dates",
            "score_strategic",
            json!({"signals": {"reference_value":
            {"kind": "recent", "column": "Industry", "within_days": 90}}}),
        ),
        ready("column_not_yes_no", "score_strategic", flag("Industry")),
        ready("missing_argument", "explain_account", json!({})),
        ready("nothing_to_undo", "calibrate_capacity", json!({"apply": "previous"})),
        ready(
            "signal_reads_arr",
            "score_strategic",
            json!({"signals": {"strategic_logo":
            {"kind": "scale", "column": "ARR (USD)", "from": 0, "to": 100_000}}}),
        ),
        ready("stale_cursor", "list_accounts", json!({"cursor": "000000000000-20"})),
        ready(
            "stale_option",
            "calibrate_capacity",
            json!({"csms": 3, "apply": "A", "revision": "000000000000"}),
        ),
        ready("unknown_argument", "assign_tiers", json!({"rul": "grid"})),
        ready("unknown_argument", "load_book", json!({"columns": {"ar": "ARR (USD)"}})),
        ready(
            "unknown_component",
            "score_health",
            json!({"signals": {"health_scor":
            {"kind": "linear", "column": "Seats Used", "target": 40}}}),
        ),
        ready(
            "unknown_factor",
            "score_strategic",
            json!({"signals": {"reference_valu":
            {"kind": "scale", "column": "NPS", "from": 0, "to": 80}}}),
        ),
        ready(
            "unknown_option",
            "calibrate_capacity",
            json!({"apply": "Z", "revision": LAST}),
        )
        .after("calibrate_capacity", json!({"csms": 3})),
        ready("path_not_allowed", "write_report", json!({"out": "../elsewhere"})),
        case("book_not_loaded", &[], Tool("assign_tiers", json!({}))),
        case("no_account_files", &[], Tool("load_book", json!({}))),
        Case {
            files: vec![("x/segments.csv", b"mine\n1\n".to_vec())],
            ..ready("would_overwrite", "write_report", json!({"out": "x"}))
        },
        Elsewhere("order of steps: errors.rs").of("axes_not_defined"),
        Elsewhere("order of steps: errors.rs").of("tiers_not_assigned"),
        Elsewhere("progress.rs").of("cancelled"),
        Elsewhere("a fault of the program: tools/mod.rs, mcp/mod.rs").of("internal"),
        Elsewhere("links on the way: hostile.rs").of("cannot_write"),
        Elsewhere("an edit between the plan and the yes: install.rs").of("file_changed"),
        Elsewhere("a permission that the tests' user may not be bound by").of("file_unreadable"),
        Elsewhere("no tool reads resources: manners.rs").of("resource_not_found"),
        Elsewhere("a system that hides where programs lie").of("no_binary"),
        Elsewhere("a folder that goes while the program starts").of("no_folder"),
        Elsewhere("stdout that goes while the server runs").of("server_stopped"),
        Elsewhere("refused before the load by tools and command line: io/book/tests.rs").of("bad_rate"),
        Elsewhere("20 million rows").of("too_many_rows"),
        Elsewhere("4 GiB of text").of("too_much_text"),
        Elsewhere("unpacking: io/workbook/tests.rs").of("workbook_too_large"),
    ]
}

impl How {
    fn of(self, code: &'static str) -> Case {
        Case {
            code,
            files: Vec::new(),
            ready: false,
            how: self,
            before: Vec::new(),
        }
    }
}

fn files() -> Vec<Case> {
    // With name and ARR one more than the page says.
    let wide = (0..most_columns() - 1).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let table = |name: &str| format!("## {name}\n\n| Account | ARR |\n| --- | --- |\n| Acme | 100 |\n| Beta | 100 |\n\n");
    let codes = "USD EUR GBP JPY CAD AUD CHF SEK NOK DKK PLN CZK HUF".split(' ').enumerate();
    let currencies: String = codes.map(|(i, code)| format!("Account {i},{},{code}\n", 100 + i)).collect();
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    vec![
        load("arr_not_found", "Account ID,Account Name,Amount\nA1,One,5\nA2,Two,6\n"),
        load("arr_too_large", "Account ID,Account Name,ARR\nA1,One,9e16\nA1,One,8e16\n")
            .with(json!({"answers": {"duplicates": "sum"}})),
        load("bad_answer", DOUBLED).with(json!({"answers": {"duplicates": "latst"}})),
        load("cell_too_large", &format!("name,arr\n\"{}\",5\n", "x".repeat(2 << 20))),
        load("empty_file", ""),
        load_with("file_not_found", &[("accounts.csv", DOUBLED)], json!({})).with(json!({"path": "acounts.csv",
            "answers": {"duplicates": "sum"}})),
        load("latest_needs_date", DOUBLED).with(json!({"answers": {"duplicates": "latest"}})),
        load(
            "no_accounts",
            "Account ID,Account Name,ARR,Status\nA1,One,5,Churned\nA2,Two,6,Churned\n",
        )
        .by("define_axes"),
        load("no_name_or_id", "ARR,Kunde 1\n5,Acme\n6,Beta\n7,Gamma\n"),
        load_with("not_a_file", &[("accounts.csv", DOUBLED)], json!({}))
            .with(json!({"path": ".", "answers": {"duplicates": "sum"}})),
        load("path_not_allowed", "name,arr\nA,1\n").with(json!({"path": "/etc/passwd"})),
        load("question_arr_column", "name,arr,arr\nA,1,2\nB,3,4\n"),
        load("question_arr_dots", "name;arr\nA;186.000\nB;250.000\n"),
        load("question_arr_unit", "name,arr,mrr\nA,120000,100\nB,240000,200\n"),
        load(
            "question_contract_value",
            "name,total contract value,contract term\nA,3000,36\nB,1000,2 years\n",
        ),
        load("question_date_order", "account_id,arr,churn date\n1,100,05/07/2026\n2,200,\n"),
        load("question_duplicates", DOUBLED),
        load("several_currencies", "name,arr,currency\nA,100,USD\nB,50,EUR\n")
            .with(json!({"answers": {"currency": "USDX"}}))
            .was("bad_answer"),
        load("several_currencies", &format!("name,arr,currency\n{currencies}")),
        load("sheet_not_found", "name,arr\nA,100\n").with(json!({"sheet": "Q2"})),
        load("too_many_columns", &format!("name,arr,{wide}\nA,1\n")),
        load("unclosed_quote", "name,arr\n\"A,1\nB,2\nC,3\n"),
        load("unknown_question", DOUBLED).with(json!({"answers": {"duplicate": "sum"}})),
        load_bytes("file_too_large", SPARSE, Vec::new()),
        load_bytes("json_too_deep", "t.json", format!("[{deep}]").into_bytes()),
        load_bytes(
            "json_unreadable",
            "t.json",
            b"[{\"name\": \"A\", \"arr\": 5}, {\"name\": ]".to_vec(),
        ),
        load_bytes("no_table", "t.json", b"{\"a\": 1}".to_vec()),
        load_bytes("parquet_unreadable", "t.parquet", b"PAR1 this is not PAR1".to_vec()),
        load_bytes(
            "unsupported_encoding",
            "t.csv",
            b"\xff\xfe\0\0A\0\0\0,\0\0\0B\0\0\0\n\0\0\0".to_vec(),
        ),
        load_bytes("unsupported_format", "t.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        load_bytes("workbook_unreadable", "t.xlsx", b"PK\x03\x04\x14\x00\x08\x00rest".to_vec()),
        load_bytes("question_sheet", "t.md", (table("March") + &table("April")).into_bytes()),
    ]
}

fn joins() -> Vec<Case> {
    let subscriptions = "subscription_id,account_id,status,plan\ns1,A1,active,Pro\n";
    let prices = "plan,amount,currency,interval\nPro,100,USD,month\nPro,90,EUR,month\n";
    vec![
        joined(
            "join_key_not_found",
            "subscriptions",
            "ref,account_id,mrr\nX2,A1,10\n",
            json!({"key": "ref"}),
        ),
        joined(
            "column_not_found",
            "subscriptions",
            "ref,account_id,mrr\nX2,A1,10\n",
            json!({"key": "acount_id"}),
        ),
        joined("join_column_not_found", "nps", "account_id,colour\nA1,red\n", json!({})),
        joined(
            "question_quantity",
            "subscriptions",
            "account_id,status,interval,amount,quantity\nA1,active,month,10,3\n",
            json!({}),
        ),
        joined(
            "question_arr_unit",
            "subscriptions",
            "account_id,status,interval,interval_count,amount,currency\nA1,active,month,1,1000,usd\n",
            json!({}),
        ),
        load_with(
            "several_prices",
            &[("t.csv", BOOK), ("s.csv", subscriptions), ("p.csv", prices)],
            json!({"joins": [{"path": "s.csv", "kind": "subscriptions"}, {"path": "p.csv", "kind": "prices"}]}),
        ),
        load_with(
            "joined_twice",
            &[("t.csv", BOOK), ("s.csv", subscriptions)],
            json!({"joins": [{"path": "s.csv", "kind": "subscriptions"}, {"path": "s.csv", "kind": "subscriptions"}]}),
        ),
    ]
}

fn others() -> Vec<Case> {
    vec![
        model("bad_schema", "schema = 2\n"),
        model("bad_value", "schema = 1\n[capacity]\ncsms = -1\n"),
        model("missing_key", "seed = 1\n"),
        model("unknown_key", "schema = 1\n[capacity]\ncsm = 4\n"),
        model("model_unreadable", "schema = \n"),
        case(
            "folder_not_found",
            &[],
            Cli(&["call", "validate", "{}", "--workspace", "/no/such/folder"]),
        ),
        case(
            "model_not_found",
            &[("b.csv", BOOK)],
            Cli(&["run", "b.csv", "--model", "none.toml"]),
        ),
        case(
            "bad_json",
            &[(".mcp.json", "[]")],
            Cli(&["install", "claude-code", "--project", ".", "--yes"]),
        ),
        case("not_confirmed", &[], Cli(&["install", "claude-code", "--project", "."])),
        case(
            "unknown_role",
            &[("b.csv", BOOK)],
            Cli(&["run", "b.csv", "--columns", "aar=ARR"]),
        ),
        case("unknown_tool", &[], Cli(&["call", "lod_book"])),
        case("workspace_too_wide", &[], Cli(&["call", "validate", "{}"])),
    ]
}

impl Case {
    fn with(mut self, more: Value) -> Case {
        if let Tool(_, arguments) = &mut self.how {
            *arguments = with_fix(arguments, &more);
        }
        self
    }

    fn after(mut self, tool: &'static str, arguments: Value) -> Case {
        self.before.push((tool, arguments));
        self
    }

    fn by(mut self, other: &'static str) -> Case {
        if let Tool(tool, _) = &mut self.how {
            *tool = other;
        }
        self
    }

    fn was(mut self, code: &'static str) -> Case {
        self.code = code;
        self
    }

    fn place(&self) -> Place {
        let place = if self.ready { Place::with_example() } else { Place::new() };
        if self.ready {
            place.tiers();
        }
        for (name, bytes) in &self.files {
            place.write(name, bytes);
            if *name == SPARSE {
                let file = std::fs::File::options().write(true).open(place.path(name)).unwrap();
                file.set_len((1 << 30) + 1).unwrap();
            }
        }
        place
    }
}

fn cases() -> Vec<Case> {
    [calls(), files(), joins(), others()].into_iter().flatten().collect()
}

fn known(code: &str) -> &'static Code {
    CODES
        .iter()
        .find(|known| known.code == code)
        .unwrap_or_else(|| panic!("{code} is not in src/error/codes.rs"))
}

/// The codes of an error's text, in its order.
fn codes_of(text: &str) -> Vec<String> {
    let heads = text.lines().filter_map(|line| line.strip_prefix("error["));
    heads.map(|rest| rest.split(']').next().unwrap().to_string()).collect()
}

/// What the source says is what is listed, both ways.
#[test]
fn every_code_in_the_source_is_listed_and_no_other() {
    let mut found = BTreeSet::new();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let listed: BTreeSet<String> = CODES.iter().map(|code| code.code.to_string()).collect();
    assert_eq!(listed.len(), CODES.len(), "one entry a code");
    assert!(CODES.iter().map(|code| code.code).is_sorted());
    let unlisted: Vec<&String> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "enter {unlisted:?} in src/error/codes.rs");
    let unused: Vec<&String> = listed.difference(&found).collect();
    assert!(unused.is_empty(), "no source says {unused:?}");
    for Code { code, when, mend, .. } in CODES {
        assert!(
            when.ends_with('.') && mend.ends_with('.') && when.len() + mend.len() < 240,
            "{code}"
        );
    }
}

/// Codes stand in the first place of what makes a problem, in `code` constants, or behind `error[`.
fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    const MAKERS: [&str; 8] = [
        "Problem::new(",
        "odd.problem(",
        "unknown: ",
        "missing(",
        "io_problem(",
        "guarded(",
        "CANCELLED: &str =",
        "error[",
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        if !name.ends_with(".rs")
            || name == "tests.rs"
            || name == "codes.rs"
            || path.components().any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for maker in MAKERS {
            for (at, _) in source.match_indices(maker) {
                let rest = &source[at + maker.len()..];
                if maker == "error[" {
                    let word: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    if word.len() > 2 && rest[word.len()..].starts_with(']') {
                        found.insert(word);
                    }
                    continue;
                }
                let argument = rest.split([')', ';']).next().unwrap_or_default();
                let first = argument.split('"').nth(1).unwrap_or_default();
                let before = argument.split('"').next().unwrap_or_default();
                let is_first = before.trim().is_empty() || (maker == "guarded(" && before.matches(',').count() == 1);
                let plain = first.len() > 2 && first.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if plain && is_first {
                    found.insert(first.to_string());
                }
            }
        }
        if name == "document.rs" {
            let renamed = source.split("\" => \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(renamed.map(str::to_string));
        }
    }
}

/// Each code can be brought about, says how to go on, and where it prints a fix, the call with it succeeds, or comes to
/// another question whose fix then does.
#[test]
fn every_code_is_provoked_and_its_fix_mends_the_call() {
    let mut wrong = Vec::new();
    let mut provoked = BTreeSet::new();
    let mut fixed = BTreeSet::new();
    for case in cases() {
        let code = known(case.code);
        provoked.insert(case.code);
        let place = case.place();
        let answers: Vec<Value> = case
            .before
            .iter()
            .map(|(tool, arguments)| place.json(tool, arguments))
            .collect();
        let revision = answers.last().map(|answer| answer["revision"].clone());
        let text = match &case.how {
            Tool(tool, arguments) => {
                let mut arguments = arguments.clone();
                if arguments["revision"] == LAST {
                    arguments["revision"] = revision.unwrap();
                }
                let arguments = &arguments;
                let reply = place.tool(tool, arguments);
                if !reply.is_error {
                    wrong.push(format!("{}: {tool} {arguments} was taken", case.code));
                    continue;
                }
                crate::support::assert_is_error(&reply.text);
                let text = reply.text;
                if fix_of(&text).is_some() {
                    fixed.insert(case.code);
                    wrong.extend(mended(&place, tool, arguments, &text));
                }
                text
            }
            Cli(arguments) => {
                let mut command = place.command(arguments);
                if case.code == "workspace_too_wide" {
                    command.env("HOME", place.root());
                }
                crate::support::ended(command.output().unwrap()).err
            }
            Elsewhere(_) => continue,
        };
        if !codes_of(&text).iter().any(|found| found == case.code) {
            wrong.push(format!("{} was expected:\n{text}", case.code));
        }
        if !["  expected:", "expected: ", "  next:", "  fix:", "  found:"]
            .iter()
            .any(|line| text.contains(line))
        {
            wrong.push(format!("{} says no way on:\n{text}", case.code));
        }
        if fix_of(&text).is_some() && !code.has_fix {
            wrong.push(format!(
                "{} prints a fix, and its entry says that it has none:\n{text}",
                case.code
            ));
        }
    }
    for code in CODES {
        if !provoked.contains(code.code) {
            wrong.push(format!("{} is not provoked", code.code));
        }
        if code.has_fix && !fixed.contains(code.code) {
            wrong.push(format!("{} should print a fix, and no case does", code.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What goes wrong when the fix is sent back; nothing when it works.
fn mended(place: &Place, tool: &str, arguments: &Value, first: &str) -> Option<String> {
    let (mut text, mut sent) = (first.to_string(), arguments.clone());
    let mut seen = vec![first.to_string()];
    for _ in 0..3 {
        let Some(fix) = fix_of(&text) else {
            return Some(format!("{tool} {arguments}\n{first}\nthen {sent}\n{text}"));
        };
        sent = with_fix(&without_misspelt(&sent, &text), &fix);
        let reply = place.tool(taker(tool, &fix, &text), &sent);
        if !reply.is_error {
            return None;
        }
        if seen.contains(&reply.text) {
            break;
        }
        text.clone_from(&reply.text);
        seen.push(reply.text);
    }
    Some(format!("{tool} {arguments}\n{first}\ngoes round: {sent}\n{text}"))
}

/// The tool that takes the fix: the one that was called, unless `next` names another and only that one has the argument.
fn taker<'a>(tool: &'a str, fix: &Value, error: &str) -> &'a str {
    let has = |tool: &tools::Tool| {
        let schema = Value::Object((tool.schema)());
        fix.as_object()
            .unwrap()
            .keys()
            .all(|key| schema["properties"].get(key).is_some())
    };
    let next = error.lines().find_map(|line| line.trim_start().strip_prefix("next:"));
    let named = next.and_then(|next| tools::find(next.split_whitespace().next()?));
    match named {
        Some(named) if !has(tools::find(tool).unwrap()) => named.name,
        _ => tool,
    }
}

/// A misspelt key stays beside the right one when maps are merged: the caller drops what the error says is not there.
fn without_misspelt(arguments: &Value, error: &str) -> Value {
    let mut kept = arguments.clone();
    if codes_of(error) != ["unknown_argument"]
        && codes_of(error) != ["unknown_factor"]
        && codes_of(error) != ["unknown_component"]
    {
        return kept;
    }
    let place = error
        .lines()
        .find_map(|line| line.trim().strip_prefix("where: "))
        .unwrap_or_default();
    let (above, key) = place.rsplit_once('.').unwrap_or(("", place));
    let pointer = above
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| format!("/{part}"))
        .collect::<String>();
    if let Some(map) = kept.pointer_mut(&pointer).and_then(Value::as_object_mut) {
        map.remove(key);
    }
    kept
}

/// docs/errors.md is made of the list.
#[test]
fn errors_md_tells_of_every_code() {
    let mut page = String::from(
        "# Errors\n\nMade by a test from `src/error/codes.rs`; `KEEP_SEGMENT_WRITE_DOCS=1 cargo test --test it -- codes` writes it anew.\n\n\
        An error is text of at most 12 lines, over MCP with `isError: true`, at a shell with exit code 2:\n\n\
        ```text\nerror[column_not_found]: no column `Anual Revenue` in `accounts.csv`\n  where: columns.arr\n  \
        found: `Annual Revenue`, `ARR (USD)`, `Account Name`, 7 more\n  fix:   {\"columns\":{\"arr\":\"ARR (USD)\"}}\n  \
        next:  load_book again\n```\n\n\
        - `where` is the path of an argument, a key of the model file, or file and line.\n\
        - `found` is what is there, the likeliest first; `expected` is what would have been taken.\n\
        - `fix` is a fragment of arguments: the call that `next` names, mostly the same again, with it merged in, map by map, succeeds or comes to the next question. \
        A misspelt key is dropped as well. Where nothing could be sent back without a decision of yours, there is no fix.\n\
        - `next` is the tool to call next.\n\n\
        All arguments of a call that have the wrong form are named at once; those of the right form are then checked against each other, the model and the book. A `question_...` is for the person who knows the book. \
        A gate that fails, a short headcount, and rows set aside are answers, not errors. No error changes the model.\n\n\
        | code | when | how to mend | fix |\n| --- | --- | --- | --- |\n",
    );
    for Code {
        code,
        when,
        mend,
        has_fix,
    } in CODES
    {
        let fix = if *has_fix { "often" } else { "-" };
        page += &format!("| `{code}` | {when} | {mend} | {fix} |\n");
    }
    assert_page("errors.md", &page);
}
