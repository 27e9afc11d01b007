//! docs/model.md against the types of the model document: every key is told of, with its default, and its range binds.

use std::collections::BTreeMap;

use keep_segment::model::check::check;
use keep_segment::model::policy::{Expansion, Health, Policy, Rails, ScoreRule};
use keep_segment::tools;
use serde_json::{Map, Value, json, to_value};

/// Rules are a language of their own, told of in prose.
const LANGUAGES: [&str; 2] = ["signals", "when"];

/// Where a key's value may hold keys of its own, and how the page writes that step.
fn shapes(inner: Value) -> [(&'static str, Value); 4] {
    [
        ("", inner.clone()),
        ("[]", json!([inner.clone()])),
        (".*", json!({"plg": inner.clone()})),
        (".*", json!({"any": inner})),
    ]
}

/// The keys that the types know, found by asking for one that they do not.
fn keys(build: &dyn Fn(Value) -> Value) -> Option<Vec<String>> {
    let error = serde_json::from_value::<Policy>(build(json!({"zzz": 0}))).err()?.to_string();
    let rest = error.strip_prefix("unknown field `zzz`")?;
    Some(rest.split('`').skip(1).step_by(2).map(str::to_string).collect())
}

fn walk(path: &str, build: &dyn Fn(Value) -> Value, found: &mut Vec<String>) {
    for key in keys(build).unwrap_or_default() {
        let at = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        found.push(at.clone());
        if LANGUAGES.contains(&key.as_str()) {
            continue;
        }
        for (step, probe) in shapes(json!({"zzz": 0})) {
            let around = |inner: Value| {
                // What was probed is replaced by what is asked for now.
                let text = probe.to_string().replace("{\"zzz\":0}", &inner.to_string());
                let value: Value = serde_json::from_str(&text).unwrap();
                build(Value::Object(Map::from_iter([(key.clone(), value)])))
            };
            if keys(&around).is_some() {
                walk(&format!("{at}{step}"), &around, found);
                break;
            }
        }
    }
}

struct Row {
    kind: String,
    default: String,
    range: String,
    writers: String,
}

fn rows() -> BTreeMap<String, Row> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/model.md")).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 6, "key, type, default, range, written by, meaning: {line}");
        let bare = |at: usize| cells[at].trim_matches('`').to_string();
        let row = Row {
            kind: bare(1),
            default: bare(2),
            range: bare(3),
            writers: cells[4].to_string(),
        };
        assert!(rows.insert(bare(0), row).is_none(), "{line} stands twice");
    }
    rows
}

/// The document with every default that a key can have.
fn defaults() -> Value {
    let mut all = to_value(Policy::default()).unwrap();
    all["rails"] = to_value(Rails::default()).unwrap();
    all["health"] = to_value(Health::default()).unwrap();
    all["expansion"] = to_value(Expansion::default()).unwrap();
    all["tiers"]["score"] = to_value(ScoreRule::default()).unwrap();
    all
}

#[test]
fn every_key_of_the_model_is_on_the_page() {
    let mut found = Vec::new();
    walk("", &|value| value, &mut found);
    assert!(found.len() > 100, "{found:?}");
    let rows = rows();
    let missing: Vec<&String> = found.iter().filter(|key| !rows.contains_key(*key)).collect();
    assert!(missing.is_empty(), "docs/model.md lacks {missing:#?}");
    let gone: Vec<&String> = rows.keys().filter(|key| !found.contains(key)).collect();
    assert!(gone.is_empty(), "docs/model.md tells of {gone:#?}");
}

#[test]
fn defaults_on_the_page_are_the_types_own() {
    let all = defaults();
    let mut wrong = Vec::new();
    for (key, row) in rows() {
        if key.contains('[') || key.contains('*') {
            continue;
        }
        let value = key.split('.').try_fold(&all, |value, part| value.get(part));
        let Some(value) = value.filter(|value| !value.is_object()) else {
            continue;
        };
        let is_tables = value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
        let stands: Option<Value> = serde_json::from_str(&row.default).ok();
        let same = match (&stands, value.as_f64()) {
            (Some(stands), Some(number)) => stands.as_f64() == Some(number),
            _ => stands.as_ref() == Some(value) || value.as_str() == Some(row.default.as_str()),
        };
        if !is_tables && !same {
            wrong.push(format!("{key}: the page says {}, the types {value}", row.default));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A range such as `0..1` binds: what lies outside is refused, both ends are taken.
#[test]
fn ranges_on_the_page_bind() {
    let mut wrong = Vec::new();
    let mut n_ranges = 0;
    for (key, row) in rows() {
        let Some((low, high)) = row.range.split_once("..") else {
            continue;
        };
        let (Ok(low), Ok(high)) = (low.parse::<f64>(), high.parse::<f64>()) else {
            continue;
        };
        if key.contains('[') || key.contains('*') {
            continue;
        }
        n_ranges += 1;
        let whole = row.kind == "whole number";
        let refused = |number: f64| {
            let mut all = defaults();
            if key.starts_with("book.") {
                all["book"] = json!({"path": "b.csv", "as_of": "2026-06-30"});
            }
            if key.starts_with("strategic.bins.") {
                all["strategic"]["bins"] = json!({"low_below": 0.3, "high_above": 0.6});
            }
            let (parents, last) = key.rsplit_once('.').unwrap_or(("", &key));
            let pointer: String = parents
                .split('.')
                .filter(|p| !p.is_empty())
                .map(|p| format!("/{p}"))
                .collect();
            let number = if whole { json!(number as i64) } else { json!(number) };
            all.pointer_mut(&pointer).unwrap()[last] = number;
            match serde_json::from_value::<Policy>(all) {
                Ok(policy) => !check(&policy).is_empty(),
                Err(_) => true,
            }
        };
        for outside in [low - 1.0, high + 1.0] {
            if !refused(outside) {
                wrong.push(format!("{key} = {outside} is taken, and {} is on the page", row.range));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_ranges > 15, "only {n_ranges}");
}

#[test]
fn writers_on_the_page_are_tools() {
    for (key, row) in rows() {
        for word in row.writers.split(", ") {
            let is_tool = tools::find(word.trim_matches('`')).is_some();
            assert!(is_tool || ["by hand", "all tools"].contains(&word), "{key}: {word}");
        }
        assert!(!row.kind.is_empty(), "{key}");
    }
}
