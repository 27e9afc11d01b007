//! What each step says: verdict, findings, sections and the JSON data of the contract, from the engine's results.

pub mod axes;
pub mod book;
pub mod capacity;
pub mod discovery;
pub mod expansion;
pub mod explain;
pub mod gates;
pub mod health;
mod health_findings;
mod joined;
pub mod list;
pub mod motions;
pub mod options;
pub mod patterns;
pub mod portfolio;
pub mod resources;
pub mod rules;
pub mod scored;
pub mod strategic;
pub mod tier_findings;
pub mod tiers;
pub mod what_if;

use std::collections::HashMap;

use health::Tallies;
use rustc_hash::FxBuildHasher;
use serde_json::{Map, Value, json};

use super::{Report, text};
use crate::engine::Outcome;
use crate::model::book::Book;
use crate::model::finding::{Finding, Severity};
use crate::model::load::Loaded;
use crate::model::money::{Money, counted, grouped, major_units, short_text};
use crate::model::policy::Policy;
use crate::model::tier::{Rule, Scheme, Tier};

/// A step's answer before it is drawn.
#[derive(Debug, Clone)]
pub struct StepAnswer {
    /// For boxes and Markdown.
    pub report: Report,
    /// `data` of the JSON envelope.
    pub data: Value,
}

/// Everything that a step may speak of.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The book with its diagnostics.
    pub loaded: &'a Loaded,
    /// The model.
    pub policy: &'a Policy,
    /// What follows from both.
    pub outcome: &'a Outcome,
}

/// A list in JSON shows at most this many entries, with `<list>_total` beside it.
pub const LIST_MAX: usize = 50;

/// A table of accounts in a full report shows at most this many rows; `segments.csv` has them all.
pub const ROWS_MAX: usize = 500;

impl<'a> View<'a> {
    /// The book.
    pub fn book(&self) -> &'a Book {
        &self.loaded.book
    }

    /// A total in headline form.
    pub fn short(&self, cents: i128) -> String {
        short_text(cents, &self.book().currency)
    }

    /// An exact amount.
    pub fn exact(&self, money: Money) -> String {
        money.exact(&self.book().currency)
    }

    /// `part` of the book's accounts as 0..1.
    pub fn account_share(&self, part: usize) -> f64 {
        part as f64 / self.book().len().max(1) as f64
    }

    /// `cents` of the book's ARR as 0..1; 0 where there is none.
    pub fn arr_share(&self, cents: i128) -> f64 {
        let total = self.book().total_cents();
        if total > 0 { cents as f64 / total as f64 } else { 0.0 }
    }

    /// A tier in a sentence or a narrow cell, in the words of the scheme in force.
    pub fn tier_label(&self, tier: Tier) -> &'static str {
        match self.policy.tiers.scheme {
            Scheme::Service => tier.label(),
            scheme => tier.name(scheme),
        }
    }

    /// The names of accounts for the cells of a table; one that others have too stands with its id.
    pub fn told_apart(&self, accounts: &[usize]) -> Vec<String> {
        let book = self.book();
        let mut bearers: HashMap<&str, usize, FxBuildHasher> = accounts.iter().map(|account| (book.name(*account), 0)).collect();
        for account in 0..book.len() {
            if let Some(n) = bearers.get_mut(book.name(account)) {
                *n += 1;
            }
        }
        let cell = |account: &usize| {
            let (name, id) = (book.name(*account), book.id(*account));
            match bearers.get(name).is_some_and(|n| *n > 1) && name != id {
                true => format!("{} ({})", text::clean(name), text::clean(id)),
                false => text::clean(name),
            }
        };
        accounts.iter().map(cell).collect()
    }

    /// An account in a sentence: its name as data.
    pub fn named(&self, account: usize) -> String {
        text::name(self.book().name(account))
    }
}

/// "220 accounts".
pub fn accounts(n: usize) -> String {
    counted(n, "account")
}

/// A whole number with thousands separators.
pub fn count(n: usize) -> String {
    grouped(n as u64)
}

/// Puts a list under `key`, cut at [`LIST_MAX`], with `<key>_total` when it was cut.
pub fn put_list(data: &mut Map<String, Value>, key: &str, items: impl ExactSizeIterator<Item = Value>) {
    let total = items.len();
    data.insert(key.to_string(), Value::Array(items.take(LIST_MAX).collect()));
    if total > LIST_MAX {
        data.insert(format!("{key}_total"), json!(total));
    }
}

/// A share with four decimals, so that JSON shows no float dust.
pub fn share(value: f64) -> Value {
    json!((value * 10_000.0).round() / 10_000.0)
}

/// A share that may be unknown.
pub fn share_or_null(value: Option<f64>) -> Value {
    value.map_or(Value::Null, share)
}

/// A total in major units.
pub fn amount(cents: i128) -> Value {
    let major = major_units(cents);
    if major.fract() == 0.0 && major.abs() < 9e15 {
        json!(major as i64)
    } else {
        json!(major)
    }
}

/// What all steps noticed, each thing said once: where a gate says it too, the gate's sentence stays.
pub fn all_findings(view: View) -> Vec<Finding> {
    let said_by_gate = |finding: &Finding| matches!(finding.code, "capacity_short" | "flag_contradictions");
    let (mut findings, gate_warnings): (Vec<Finding>, Vec<Finding>) = gates::findings(view)
        .into_iter()
        .partition(|finding| finding.severity == Severity::Critical);
    let rest = tier_findings::all(view)
        .into_iter()
        .chain(view.outcome.axis_findings.clone())
        .chain(strategic_findings(view))
        .chain(capacity::findings(view))
        .chain(
            view.outcome
                .health
                .iter()
                .flat_map(|health| health_findings::all(view, health, &Tallies::of(view, health).book, true)),
        )
        .chain(view.loaded.findings.clone());
    for finding in rest.filter(|finding| !said_by_gate(finding)).chain(gate_warnings) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

/// What scoring noticed, where strategic value has a say: under rule `score` the parts of the tier score have.
fn strategic_findings(view: View) -> Vec<Finding> {
    match view.outcome.rule {
        Rule::Score => Vec::new(),
        _ => view
            .outcome
            .strategic_findings
            .iter()
            .cloned()
            .chain(strategic::uncertain(view))
            .collect(),
    }
}

/// The JSON envelope around a step's data (contract, part 4).
pub fn envelope(answer: &StepAnswer, model: &str, revision: &str, report: Option<&str>) -> Value {
    let findings: Vec<&Finding> = super::by_severity(&answer.report.findings);
    json!({
        "step": answer.report.step,
        "verdict": answer.report.verdict,
        "model": model,
        "revision": revision,
        "findings": findings,
        "next": answer.report.next.iter().filter_map(|line| next_tool(line)).collect::<Vec<_>>(),
        "report": report,
        "data": answer.data,
    })
}

/// The tool at the start of a next line, if one stands there: "define_axes to place the cuts".
fn next_tool(line: &str) -> Option<&str> {
    let word = line.split(|c: char| !(c.is_ascii_lowercase() || c == '_')).next()?;
    (word.contains('_') || word == "validate").then_some(word)
}
