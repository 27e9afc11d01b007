//! What can be wrong with the signals of a call, and with the accounts that it names, with fixes that work when sent back.

use serde_json::{Map, Value, json};

use super::readable;
use crate::engine::score::reads_arr_alone;
use crate::error::{Problem, candidates};
use crate::io::quoted;
use crate::model::book::Book;
use crate::model::signal::Signal;

/// What the signals of a tool may feed.
pub(super) struct Feeds<'a> {
    /// What it is called: `factor`.
    pub(super) what: &'static str,
    /// The code of the error for any other name.
    pub(super) unknown: &'static str,
    /// What holds the names: `the rubric`.
    pub(super) of: &'static str,
    /// The names.
    pub(super) names: Vec<&'a str>,
    /// Why no signal may read ARR alone; none where one may.
    pub(super) arr_alone: Option<&'static str>,
}

impl Feeds<'_> {
    /// The problem with a name that nothing has.
    pub(super) fn unknown(&self, name: &str, place: String) -> Option<Problem> {
        if self.names.contains(&name) {
            return None;
        }
        let near = candidates(name, self.names.iter().copied(), 5);
        let problem = Problem::new(self.unknown, format!("no {} `{name}` in {}", self.what, self.of)).at(place);
        Some(match near.is_empty() {
            true => problem.expected(
                self.names
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            false => problem.found(near.into_iter().map(|name| format!("`{name}`"))),
        })
    }

    /// Everything wrong with one signal, with a fix that mends its name and its column together.
    pub(super) fn problems(&self, book: &Book, fed: &str, signal: Option<&Signal>) -> Vec<Problem> {
        let place = format!("signals.{fed}");
        let mut name = Some(fed.to_string());
        let mut rule = serde_json::to_value(signal).unwrap_or(Value::Null);
        let mut problems = Vec::new();
        if let Some(problem) = self.unknown(fed, place.clone()) {
            name = best(&problem);
            problems.push(problem);
        }
        let columns = signal.map(Signal::columns).unwrap_or_default();
        for column in columns {
            let Some(problem) = column_problem(book, column, format!("{place}.column")) else {
                continue;
            };
            rule = self.with_column(book, &rule, column, &problem).unwrap_or(rule);
            problems.push(problem);
        }
        if let Some(why) = self
            .arr_alone
            .filter(|_| signal.is_some_and(|signal| reads_arr_alone(book, signal)))
        {
            rule = Value::Null;
            problems.push(
                Problem::new("signal_reads_arr", format!("{fed} would read ARR alone; {why}"))
                    .at(place.clone())
                    .expected(
                        "another column, or ARR against one: {\"kind\": \"ratio\", \"over\": [\"role:arr\", \"role:tam\"], ..}",
                    ),
            );
        }
        let wrong = signal
            .map(|signal| readable::problems(book, signal, &place))
            .unwrap_or_default();
        if !wrong.is_empty() && problems.iter().all(|problem| problem.code == self.unknown) {
            rule = signal
                .and_then(|signal| readable::with_yes(book, signal, &rule))
                .unwrap_or(rule);
        }
        problems.extend(wrong);
        // Without a likely name nothing that is sent back could work.
        let Some(name) = name else { return problems };
        let changed = name != fed || Some(&rule) != serde_json::to_value(signal).ok().as_ref();
        if let (Some(first), true) = (problems.first_mut(), changed) {
            first.fix = Some(json!({"signals": Map::from_iter([(name, rule)])}));
        }
        problems
    }

    /// The rule with the column that is not there replaced by the likeliest of those that a problem names and that it can
    /// read, wherever in the rule it stands.
    fn with_column(&self, book: &Book, rule: &Value, wrong: &str, problem: &Problem) -> Option<Value> {
        problem.found.iter().find_map(|found| {
            let mended = replaced(rule.clone(), wrong, found.trim_matches('`'));
            let signal = serde_json::from_value::<Signal>(mended.clone()).ok()?;
            let may_read = self.arr_alone.is_none() || !reads_arr_alone(book, &signal);
            (may_read && readable::problems(book, &signal, "").is_empty()).then_some(mended)
        })
    }
}

/// A rule with one column in place of another, in `column` and `over` at any depth.
fn replaced(rule: Value, wrong: &str, right: &str) -> Value {
    let is_wrong = |value: &Value| value.as_str() == Some(wrong);
    match rule {
        Value::Object(map) => {
            let entry = |(key, value): (String, Value)| {
                let value = match value {
                    named if key == "column" && is_wrong(&named) => Value::from(right),
                    Value::Array(both) if key == "over" => both
                        .into_iter()
                        .map(|one| if is_wrong(&one) { Value::from(right) } else { one })
                        .collect(),
                    other => replaced(other, wrong, right),
                };
                (key, value)
            };
            Value::Object(map.into_iter().map(entry).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| replaced(item, wrong, right)).collect(),
        other => other,
    }
}

/// A column that a rule names must be in the book (design, part 3).
pub(super) fn column_problem(book: &Book, reference: &str, place: String) -> Option<Problem> {
    if book.column(reference).is_some() {
        return None;
    }
    let headers = book.table.headers();
    let mut near = candidates(reference, headers.iter().map(String::as_str), 5);
    if near.is_empty() {
        near = headers.iter().take(8).map(String::as_str).collect();
    }
    let source = &book.table.source.path;
    Some(
        Problem::new("column_not_found", format!("no column `{reference}` in `{source}`"))
            .at(place)
            .found(near.into_iter().map(|name| format!("`{name}`"))),
    )
}

/// The first candidate of a problem.
pub(super) fn best(problem: &Problem) -> Option<String> {
    problem.found.first().map(|found| found.trim_matches('`').to_string())
}

/// An account that a call names and that cannot be told; `search` looks for likely ones, a walk over the book.
pub(super) fn account_problem(book: &Book, wanted: &str, place: String, search: bool) -> Problem {
    let alike = |account: &usize| book.name(*account).eq_ignore_ascii_case(wanted);
    let namesakes: Vec<usize> = book.by_arr().filter(alike).take(5).collect();
    let likely = match (namesakes.is_empty(), search) {
        (false, _) => namesakes.clone(),
        (true, true) => likely_accounts(book, wanted),
        (true, false) => Vec::new(),
    };
    let message = match namesakes.is_empty() {
        true => format!("no account `{wanted}`"),
        false => format!("several accounts are called `{wanted}`: their ids tell them apart"),
    };
    let shown = |account: &usize| match (namesakes.is_empty(), book.id(*account) == book.name(*account)) {
        (true, false) => format!("{} ({})", quoted(book.id(*account)), quoted(book.name(*account))),
        _ => quoted(book.id(*account)),
    };
    Problem::new("account_not_found", message)
        .at(place)
        .found(likely.iter().map(shown))
        .expected("an account id of the book")
}

/// The one account whose name can only have been meant: it alone holds the text.
pub(super) fn meant(book: &Book, wanted: &str) -> Option<usize> {
    let wanted = wanted.to_lowercase();
    let mut holding = book
        .by_arr()
        .filter(|account| book.name(*account).to_lowercase().contains(&wanted));
    let first = holding.next().filter(|_| wanted.len() >= 3)?;
    holding.next().is_none().then_some(first)
}

/// Accounts whose name holds the text, largest first, then those whose name or id is nearest to it.
fn likely_accounts(book: &Book, wanted: &str) -> Vec<usize> {
    const SEARCHED: usize = 50_000;
    const SHOWN: usize = 5;
    let lower = wanted.to_lowercase();
    let holds = |account: &usize| !lower.is_empty() && book.name(*account).to_lowercase().contains(&lower);
    let mut likely: Vec<usize> = book.by_arr().take(SEARCHED).filter(holds).take(SHOWN).collect();
    let names = book.by_id().take(SEARCHED).flat_map(|i| [book.id(i), book.name(i)]);
    for account in candidates(wanted, names, 10).into_iter().filter_map(|near| book.find(near)) {
        if likely.len() < SHOWN && !likely.contains(&account) {
            likely.push(account);
        }
    }
    likely
}
