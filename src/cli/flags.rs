//! What flags hold, read; and errors that name flags where a tool's would name arguments.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use crate::app::capacity::CapacityEdit;
use crate::app::{Join, JoinKind, Role, Tier};
use crate::error::{Error, Problem, Result, candidates};

const JOIN: &str = "KIND=FILE, such as subscriptions=subs.csv, or JSON with path, kind, key and sheet";

pub(super) fn date(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|_| bad("--as-of", format!("`{text}` is not a date"), "YYYY-MM-DD, such as 2026-06-30"))
}

pub(super) fn bad(place: &str, message: String, expected: &str) -> Error {
    Problem::new("bad_argument", message).at(place).expected(expected).into()
}

/// `a=b,c=d`, and the flag may be repeated; a header may hold a comma when the next part has no `=`.
pub(super) fn pairs(given: &[String], flag: &str) -> Result<BTreeMap<String, String>> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in given.iter().flat_map(|text| text.split(',')) {
        match (part.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key.trim().to_string(), value.trim().to_string())),
            (None, Some((_, value))) => *value = format!("{value},{part}"),
            (None, None) => {
                return Err(bad(
                    flag,
                    format!("`{part}` has no `=`"),
                    "key=value, several joined with commas",
                ));
            }
        }
    }
    Ok(pairs.into_iter().collect())
}

/// What a flag of pairs was given for a key.
pub(super) fn value_of(given: &[String], key: &str) -> Option<String> {
    pairs(given, "").ok()?.remove(key)
}

/// Roles by code; a header left blank is a role that no column plays.
pub(super) fn roles(pairs: &BTreeMap<String, String>) -> Result<BTreeMap<Role, Option<String>>> {
    let mut roles = BTreeMap::new();
    let mut problems = Vec::new();
    for (code, header) in pairs {
        match Role::parse(code) {
            Some(role) => {
                roles.insert(role, Some(header.clone()));
            }
            None => problems.push(
                Problem::new("unknown_role", format!("no role `{code}`"))
                    .at(format!("--columns {code}"))
                    .found(near(code, Role::ALL.iter().map(|role| role.code())))
                    .expected("a role such as arr, mrr, name, id, churned"),
            ),
        }
    }
    Error::unless_none(problems).map(|()| roles)
}

/// Answers by question; one left blank is taken back.
pub(super) fn answers(pairs: BTreeMap<String, String>) -> BTreeMap<String, Option<String>> {
    let given = |choice: String| Some(choice).filter(|choice| !choice.is_empty());
    pairs.into_iter().map(|(id, choice)| (id, given(choice))).collect()
}

/// Rates by currency; what is worth nothing is for the model's check to refuse.
pub(super) fn rates(pairs: &BTreeMap<String, String>) -> Result<BTreeMap<String, Option<f64>>> {
    let mut rates = BTreeMap::new();
    let mut problems = Vec::new();
    for (code, text) in pairs {
        match text.parse::<f64>() {
            Ok(rate) => {
                rates.insert(code.clone(), Some(rate));
            }
            Err(_) => problems.push(
                Problem::new("bad_argument", format!("`{text}` is no rate"))
                    .at(format!("--rates {code}"))
                    .expected("a number above 0, such as EUR=1.08"),
            ),
        }
    }
    Error::unless_none(problems).map(|()| rates)
}

/// `usage=events.csv`, or a join as the tool takes it, in JSON.
pub(super) fn join(text: &str) -> Result<Join> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|e| bad("--join", format!("not a join: {e}"), JOIN));
    }
    let (kind, path) = text
        .split_once('=')
        .ok_or_else(|| bad("--join", format!("`{text}` has no `=`"), JOIN))?;
    match JoinKind::ALL.into_iter().find(|known| known.code() == kind.trim()) {
        Some(kind) => Ok(Join {
            path: path.trim().to_string(),
            kind,
            key: None,
            date: None,
            sheet: None,
        }),
        None => Err(Problem::new("bad_argument", format!("no kind of join `{kind}`"))
            .at("--join")
            .found(near(kind, JoinKind::ALL.iter().map(|kind| kind.code())))
            .expected(JOIN)
            .into()),
    }
}

fn near<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<String> {
    candidates(name, known, 5)
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect()
}

/// `6`, or `high_touch=3,mid_touch=2`.
pub(super) fn headcount(text: &str) -> Result<CapacityEdit> {
    let number = |text: &str| {
        let parsed = text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        parsed.ok_or_else(|| {
            bad(
                "--csms",
                format!("`{text}` is not a headcount"),
                "a number from 0, or tier=number pairs",
            )
        })
    };
    if !text.contains('=') {
        return Ok(CapacityEdit {
            csms: Some(number(text)?),
            ..CapacityEdit::default()
        });
    }
    let mut csms_by_tier = BTreeMap::new();
    for (code, value) in pairs(&[text.to_string()], "--csms")? {
        let tier = Tier::ALL.into_iter().find(|tier| tier.code() == code);
        let tier = tier.ok_or_else(|| {
            bad(
                "--csms",
                format!("no tier `{code}`"),
                "high_touch, mid_touch, tech_touch or plg",
            )
        })?;
        csms_by_tier.insert(tier, Some(number(&value)?));
    }
    Ok(CapacityEdit {
        csms_by_tier,
        ..CapacityEdit::default()
    })
}

/// A person at a shell mends flags, not JSON: `{"columns": {"arr": "X"}}` is `--columns 'arr=X'`.
pub(super) fn in_flags(error: &Error, given: impl Fn(&str, &str) -> Option<String>) -> Error {
    let flags = error.fix().and_then(|fix| Flags::of(&fix, given));
    let next = match flags {
        Some(flags) => flags.sentence(),
        None => "keep-segment run again".into(),
    };
    let mended = error.problems().iter().cloned().map(|mut problem| {
        problem.fix = None;
        problem.next = Some(next.clone());
        problem
    });
    Error::all(mended.collect())
}

/// The flags that mend a command.
#[derive(Debug, Default)]
struct Flags {
    /// Flags that were given and must go.
    wrong: Vec<String>,
    /// Flags to give.
    right: Vec<String>,
    /// Entries of the model file that no flag takes away.
    in_model: Vec<String>,
}

impl Flags {
    /// `given` tells what the command said for a key of `columns`, `answers` or `rates`, or for `sheet`.
    fn of(fix: &Value, given: impl Fn(&str, &str) -> Option<String>) -> Option<Flags> {
        let mut flags = Flags::default();
        for (name, value) in fix.as_object()? {
            match (name.as_str(), value) {
                ("columns" | "answers" | "rates", Value::Object(pairs)) => {
                    for (key, value) in pairs {
                        flags.pair(name, key, given(name, key), value)?;
                    }
                }
                ("sheet", value) => {
                    flags.wrong.extend(given("sheet", "").map(|wrong| flag("sheet", &wrong)));
                    let forget = value.is_null() && !flags.wrong.is_empty();
                    flags
                        .right
                        .extend((!forget).then(|| word(value).map(|sheet| flag("sheet", &sheet))).flatten());
                }
                ("keep_churned", Value::Bool(true)) => flags.right.push("--keep-churned".to_string()),
                ("not_customers", Value::Array(statuses)) => {
                    let words = statuses.iter().filter_map(word);
                    flags.right.extend(words.map(|status| flag("not-customer", &status)));
                }
                ("joins", Value::Array(joins)) => {
                    flags.right.extend(joins.iter().map(|join| flag("join", &join.to_string())));
                }
                ("path", Value::String(path)) => {
                    flags.wrong.extend(given("path", "").map(|wrong| shell_quoted(&wrong)));
                    flags.right.push(shell_quoted(path));
                }
                _ => return None,
            }
        }
        Some(flags)
    }

    fn pair(&mut self, name: &str, key: &str, given: Option<String>, value: &Value) -> Option<()> {
        let written = |text: &str| flag(name, &format!("{key}={text}"));
        match (given, value) {
            (Some(wrong), value) => {
                self.wrong.push(written(&wrong));
                if !value.is_null() {
                    self.right.push(written(&word(value)?));
                }
            }
            // A column left blank is a role that none plays; only the model file can leave it to the reader again.
            (None, Value::Null) if name != "answers" => self.in_model.push(format!("{name}.{key}")),
            (None, value) => self.right.push(written(&word(value)?)),
        }
        Some(())
    }

    fn sentence(&self) -> String {
        let (wrong, right) = (self.wrong.join(" "), self.right.join(" "));
        let first = match self.in_model.as_slice() {
            [] => String::new(),
            entries => format!("take {} out of the model file, then ", entries.join(" and ")),
        };
        let again = format!("{first}keep-segment run again");
        match (wrong.is_empty(), right.is_empty()) {
            (true, true) => again,
            (true, false) => format!("{again} with {right}"),
            (false, true) => format!("{again} without {wrong}"),
            (false, false) => format!("{again}; replace {wrong} by {right}"),
        }
    }
}

fn flag(name: &str, value: &str) -> String {
    format!("--{name} {}", shell_quoted(value))
}

/// A value as it stands in a flag; null takes away.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

/// In single quotes, so that a shell takes it as one word whatever a header holds.
fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
