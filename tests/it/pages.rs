//! Pages of `docs/` that are made from the program: a test fails when a page says something else than the program does.

use std::fmt::Write as _;

use keep_segment::tools::{self, Tool};
use serde_json::{Value, json};

use crate::support::{AS_OF, Place};

/// The page must say this. With `KEEP_SEGMENT_WRITE_DOCS=1` it is written anew; read the difference before you keep it.
pub fn assert_page(name: &str, made: &str) {
    let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("KEEP_SEGMENT_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
        return;
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = stands.lines().zip(made.lines()).find(|(stands, made)| stands != made);
    assert!(
        stands == made,
        "KEEP_SEGMENT_WRITE_DOCS=1 cargo test --test it writes docs/{name} anew: {differing:?}"
    );
}

/// The calls of the examples, in the order of the chain: each page shows one and its box.
fn examples() -> [(&'static str, Value); 11] {
    [
        (
            "load_book",
            json!({"path": "accounts.csv", "as_of": AS_OF, "joins": [{"path": "signals.csv", "kind": "columns"}]}),
        ),
        ("define_axes", json!({"method": "auto"})),
        (
            "score_strategic",
            json!({"judgements": [{"account": "ACC-10041", "scores": {"strategic_logo": 0.9}, "why": "named in our annual report"}]}),
        ),
        (
            "assign_tiers",
            json!({"flags": {"emea": {"when": {"all": [{"column": "Region", "op": "eq", "value": "EMEA"}]}}}}),
        ),
        ("calibrate_capacity", json!({"csms": 6})),
        ("validate", json!({})),
        ("score_health", json!({"preset": "keep"})),
        ("score_expansion", json!({})),
        ("explain_account", json!({"account": "ACC-10041"})),
        (
            "list_accounts",
            json!({"where": {"tier": "high_touch", "health": ["at_risk", "critical"]}, "sort": "arr", "limit": 5}),
        ),
        ("write_report", json!({"company": "Acme"})),
    ]
}

/// A page a tool: what it does, its arguments as the schema has them, a call with its box, the fields of its JSON.
#[test]
fn tool_pages_say_what_the_tools_do() {
    let place = Place::new();
    for example in ["accounts.csv", "signals.csv"] {
        place.write(example, std::fs::read(format!("examples/{example}")).unwrap());
    }
    let mut index = String::from(
        "# Tools\n\nA page a tool, in the order of the chain. Made from the program by a test; \
        `KEEP_SEGMENT_WRITE_DOCS=1 cargo test --test it -- pages` writes them anew.\n\n\
        | tool | title | writes | twice is as once | can replace decisions |\n| --- | --- | --- | --- | --- |\n",
    );
    let calls = examples();
    for (tool, (name, arguments)) in tools::all().iter().zip(&calls) {
        assert_eq!(tool.name, *name, "an example for each tool, in order");
        let yes = |is: bool| if is { "yes" } else { "no" };
        writeln!(
            index,
            "| [`{name}`]({name}.md) | {} | {} | {} | {} |",
            tool.title,
            yes(!tool.read_only),
            yes(tool.idempotent),
            yes(tool.destructive)
        )
        .unwrap();
        assert_page(&format!("tools/{name}.md"), &page(&place, tool, arguments));
    }
    index += "\nEvery tool also takes `model` (a name, default `segmentation`) and `format` (`box` or `json`). \
        Codes of errors: [errors.md](../errors.md). Words: [glossary.md](../glossary.md).\n";
    assert_page("tools/README.md", &index);
}

fn page(place: &Place, tool: &Tool, arguments: &Value) -> String {
    let (what, _) = tool.description.split_once(" Example: ").unwrap();
    let mut page = format!("# {}\n\n`{}`: {what}\n\n", tool.title, tool.name);
    page += "| argument | type | meaning |\n| --- | --- | --- |\n";
    let schema = Value::Object((tool.schema)());
    for (name, about) in schema["properties"].as_object().unwrap() {
        let meaning = about["description"]
            .as_str()
            .unwrap_or("")
            .replace('|', "\\|")
            .replace('\n', " ");
        writeln!(page, "| `{name}` | {} | {meaning} |", type_of(about)).unwrap();
    }
    let printed = place.boxed(tool.name, arguments);
    write!(page, "\n## Example\n\n```json\n{arguments}\n```\n\n```text\n{printed}\n```\n").unwrap();
    let data = place.json(tool.name, arguments)["data"].clone();
    page += "\n## Fields of `data`\n\nWith `\"format\": \"json\"`, of the same call. A list that grows with the book shows at most 50, \
        with `..._total` beside it.\n\n| field | type |\n| --- | --- |\n";
    for (path, kind) in fields(&data) {
        writeln!(page, "| `{path}` | {kind} |").unwrap();
    }
    page
}

/// A type as a person reads it, with its choices.
fn type_of(schema: &Value) -> String {
    if let Some(choices) = schema["enum"].as_array() {
        let names: Vec<String> = choices
            .iter()
            .map(|choice| format!("`{}`", choice.as_str().unwrap()))
            .collect();
        return names.join(", ");
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", type_of(&schema["items"])),
        Some("object") => match schema["properties"].as_object() {
            Some(keys) => {
                let keys: Vec<String> = keys.keys().map(|key| format!("`{key}`")).collect();
                format!("object of {}", keys.join(", "))
            }
            None => "object".into(),
        },
        Some(plain) => plain.into(),
        None => "any".into(),
    }
}

/// Paths of a JSON value with their types; `[]` steps into lists, `{}` into maps whose keys are data.
fn fields(data: &Value) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    walk(data, "", &mut found);
    found
}

fn walk(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    let kind = match value {
        Value::Object(map) => {
            for (key, value) in map {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                walk(value, &below, found);
            }
            return;
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                walk(item, &format!("{path}[]"), found);
            }
            return;
        }
        Value::Array(items) => match items.first() {
            Some(first) => format!("list of {}", kind_of(first)),
            None => "list".into(),
        },
        plain => kind_of(plain).into(),
    };
    match found.iter_mut().find(|(known, _)| known == path) {
        Some((_, known)) if *known == kind || kind == "list" => {}
        Some((_, known)) if known == "list" => *known = kind,
        Some((_, known)) if known == "null" && !kind.contains("null") => *known = format!("{kind} or null"),
        Some((_, known)) if kind == "null" && !known.contains("null") => known.push_str(" or null"),
        Some((_, known)) if !known.contains(&kind) => *known = format!("{known} or {kind}"),
        Some(_) => {}
        None => found.push((path.to_string(), kind)),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "yes or no",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Links between the pages, and from the README to them, lead to files that are there.
#[test]
fn links_between_documents_lead_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/tools"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        pages.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|end| end == "md")),
        );
    }
    let mut broken = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains(':') && !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Every word of the glossary has its definition, short and with where it comes from, in the order of the alphabet.
#[test]
fn the_glossary_is_short_sorted_and_sourced() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/glossary.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| **"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let words: Vec<String> = rows.iter().map(|row| row[0].trim_matches('*').to_lowercase()).collect();
    assert!(words.is_sorted(), "{words:?}");
    for row in &rows {
        assert!(
            row.len() == 3 && row[1].len() < 260 && row[1].ends_with('.') && !row[2].is_empty(),
            "{row:?}"
        );
    }
    for word in [
        "account",
        "arr",
        "nrr",
        "grr",
        "csm",
        "book of business",
        "band",
        "row",
        "bin",
        "tier",
        "motion",
        "coverage",
        "provisional",
        "factor",
        "signal",
        "strategic value",
        "flag",
        "gate",
        "book size",
        "model",
        "revision",
        "health",
        "hysteresis",
    ] {
        assert!(
            words
                .iter()
                .any(|known| known == word || known.starts_with(&format!("{word} ("))),
            "{word}"
        );
    }
}
