//! A list of checks: aligned lines with a word for each state, and the way out where one is needed.

use serde_json::{Value, json};

use super::text;
use crate::model::money::counted;

/// How a check came out; the order is that of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and something about it should be known.
    Warning,
    /// It does not work.
    Problem,
}

impl State {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, one word or two.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found, one line.
    pub text: String,
    /// What to do about it.
    pub way_out: Option<String>,
}

impl Check {
    /// A check that passed.
    pub fn ok(name: &'static str, text: impl Into<String>) -> Check {
        Check {
            name,
            state: State::Ok,
            text: text.into(),
            way_out: None,
        }
    }

    /// A check that did not pass, and what to do about it.
    pub fn failed(name: &'static str, state: State, text: impl Into<String>, way_out: impl Into<String>) -> Check {
        Check {
            name,
            state,
            text: text.into(),
            way_out: Some(way_out.into()),
        }
    }
}

/// The worst state of the list.
pub fn worst(checks: &[Check]) -> State {
    checks.iter().map(|check| check.state).max().unwrap_or(State::Ok)
}

/// The list for people.
pub fn draw(checks: &[Check]) -> String {
    let width = |of: fn(&Check) -> &str| checks.iter().map(|check| text::width(of(check))).max().unwrap_or(0);
    let (states, names) = (width(|check| check.state.word()), width(|check| check.name));
    let mut lines = Vec::new();
    for check in checks {
        let head = format!(
            "{}  {}",
            text::pad(check.state.word(), states, false),
            text::pad(check.name, names, false)
        );
        lines.push(format!("{head}  {}", text::clean(&check.text)));
        let indent = text::width(&head) + 2;
        lines.extend(
            check
                .way_out
                .iter()
                .map(|way| format!("{}-> {}", " ".repeat(indent), text::clean(way))),
        );
    }
    lines.push(String::new());
    lines.push(summary(checks));
    lines.join("\n")
}

fn summary(checks: &[Check]) -> String {
    let count = |state: State| checks.iter().filter(|check| check.state == state).count();
    match (count(State::Problem), count(State::Warning)) {
        (0, 0) => "all is well".into(),
        (0, warnings) => counted(warnings, "warning"),
        (problems, 0) => counted(problems, "problem"),
        (problems, warnings) => format!("{}, {}", counted(problems, "problem"), counted(warnings, "warning")),
    }
}

/// The list for programs.
pub fn as_json(checks: &[Check]) -> Value {
    let entry = |check: &Check| {
        json!({
            "check": check.name,
            "state": check.state.word(),
            "text": text::clean(&check.text),
            "way_out": check.way_out.as_deref().map(text::clean),
        })
    };
    json!({
        "step": "doctor",
        "state": worst(checks).word(),
        "checks": checks.iter().map(entry).collect::<Vec<Value>>(),
    })
}
