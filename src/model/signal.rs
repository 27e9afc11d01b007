//! Signals and conditions: the small typed language that turns columns into factor scores and flags.

mod raw;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::values;
use raw::Raw;

/// How columns become a factor score in 0..1 (design: "Signals").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Signal {
    /// 1 when the cell says yes, else 0.
    Flag {
        /// Column reference.
        column: String,
        /// Texts that count as yes; empty means the usual ones.
        yes: Vec<String>,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// A number placed on a line between two ends.
    Scale {
        /// Column reference.
        column: String,
        /// The line.
        line: Line,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// One column over another, placed on a line.
    Ratio {
        /// Numerator and denominator.
        over: [String; 2],
        /// The line.
        line: Line,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// The score of the highest step that a number reaches (H6).
    Threshold {
        /// Column reference.
        column: String,
        /// Highest first.
        steps: Vec<Step>,
        /// Score below the lowest step.
        otherwise: f64,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// Another score, raised or lowered by how a number moves (H7).
    Trend {
        /// The score that is moved.
        base: Box<Signal>,
        /// What moves it.
        by: Trend,
        /// How much of the move counts, 0..1: 0.2 in H7.
        strength: f64,
    },
    /// A score for each text.
    Levels {
        /// Column reference.
        column: String,
        /// Score by text, compared without case.
        scores: BTreeMap<String, f64>,
        /// Score of any other text.
        otherwise: f64,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// 1 when the date lies within so many days before `as_of`.
    Recent {
        /// Column reference.
        column: String,
        /// Window in days.
        within_days: i32,
        /// What a blank cell stands for.
        blank: Option<Literal>,
    },
    /// The score of the first case whose conditions all hold.
    Cases {
        /// In order of precedence.
        cases: Vec<Case>,
        /// Score when none holds.
        otherwise: f64,
        /// What blank tested cells stand for.
        blank: Option<Literal>,
    },
    /// Several signals joined.
    Combine {
        /// How.
        how: Combine,
        /// Weight and signal; weights matter for `weighted` only.
        of: Vec<(f64, Signal)>,
    },
}

/// clip((x − from) × (1/(to − from)), 0, max).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Scores 0.
    pub from: f64,
    /// Scores 1.
    pub to: f64,
    /// Highest score.
    pub max: f64,
}

/// From a number on, a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f64, f64)", into = "(f64, f64)")]
pub struct Step {
    /// The number from which on it counts.
    pub from: f64,
    /// 0..1.
    pub score: f64,
}

/// Where a trend is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Trend {
    /// A column of changes: -0.15 for 15% less.
    Column(String),
    /// Now and before: now / before − 1; none where before is 0 or less (H24).
    Over([String; 2]),
}

/// How combined signals join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The highest.
    Max,
    /// The weighted sum; weights sum to 1.
    Weighted,
}

impl Combine {
    /// A combination with one more score in it.
    pub fn add(self, sum: f64, weight: f64, score: f64) -> f64 {
        match self {
            Combine::Max => f64::max(sum, score),
            Combine::Weighted => sum + score * weight,
        }
    }
}

/// A score with its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// All must hold.
    pub when: Vec<Condition>,
    /// 0..1.
    pub score: f64,
}

/// One test of one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Column reference.
    pub column: String,
    /// The comparison.
    pub op: Op,
    /// What the cell is compared with; none for `present`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Literal>,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal, texts without case.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// Greater than.
    Gt,
    /// At least.
    Ge,
    /// One of a list.
    In,
    /// Not blank.
    Present,
    /// Holds the text, or one of a list.
    Contains,
}

/// A value in a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// true or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text, a date, or `as_of-365d`.
    Text(String),
    /// Several, for `in` and `contains`.
    List(Vec<Literal>),
}

/// When a flag is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum When {
    /// All conditions hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
}

impl Line {
    /// The score of a number.
    pub fn score(&self, number: f64) -> f64 {
        // Multiplied, not divided: spec S6 fixes the order of operations, and ties hang on it.
        let slope = 1.0 / (self.to - self.from);
        // Adding zero takes the sign from -0.0.
        ((number - self.from) * slope).clamp(0.0, self.max) + 0.0
    }
}

impl Step {
    /// The score of the first step that a number reaches; steps are highest first.
    pub fn score(steps: &[Step], number: f64) -> Option<f64> {
        steps.iter().find(|step| number >= step.from).map(|step| step.score)
    }
}

impl From<(f64, f64)> for Step {
    fn from((from, score): (f64, f64)) -> Self {
        Step { from, score }
    }
}

impl From<Step> for (f64, f64) {
    fn from(step: Step) -> Self {
        (step.from, step.score)
    }
}

impl When {
    /// The conditions.
    pub fn conditions(&self) -> &[Condition] {
        match self {
            When::All(conditions) | When::Any(conditions) => conditions,
        }
    }
}

impl When {
    /// The conditions, to mend them.
    pub fn conditions_mut(&mut self) -> &mut [Condition] {
        match self {
            When::All(conditions) | When::Any(conditions) => conditions,
        }
    }
}

impl Condition {
    /// A condition, for presets.
    pub fn new(column: &str, op: Op, value: Option<Literal>) -> Self {
        Condition {
            column: column.into(),
            op,
            value,
        }
    }
}

impl Condition {
    /// Whether the comparison is one of order.
    pub fn asks_order(&self) -> bool {
        matches!(self.op, Op::Lt | Op::Le | Op::Gt | Op::Ge)
    }

    /// Whether the value can be put in order: a number, a text that is one, or a date.
    pub fn has_order(&self) -> bool {
        match &self.value {
            Some(Literal::Number(_)) => true,
            Some(Literal::Text(text)) => {
                values::number(text).is_some() || Literal::Text(text.clone()).date(Date::constant(2000, 1, 1)).is_some()
            }
            _ => false,
        }
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Literal::Text(text.into())
    }
}

impl Literal {
    /// The date a text stands for: ISO, `as_of`, or `as_of-365d`.
    pub fn date(&self, as_of: Date) -> Option<Date> {
        let Literal::Text(text) = self else { return None };
        let Some(offset) = text.trim().strip_prefix("as_of") else {
            return values::date(text, values::DateStyle::default());
        };
        if offset.trim().is_empty() {
            return Some(as_of);
        }
        let days: i64 = offset.trim().strip_suffix('d')?.parse().ok()?;
        as_of.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    }

    /// How the value reads in a sentence or cell.
    pub fn text(&self) -> String {
        match self {
            Literal::Bool(yes) => if *yes { "yes" } else { "no" }.to_string(),
            Literal::Number(n) => n.to_string(),
            Literal::Text(text) => text.clone(),
            Literal::List(items) => items.iter().map(Literal::text).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Signal {
    /// The signals that a combination joins, or the signal itself.
    pub fn parts(&self) -> Vec<&Signal> {
        match self {
            Signal::Combine { of, .. } => of.iter().flat_map(|(_, signal)| signal.parts()).collect(),
            Signal::Trend { base, .. } => base.parts(),
            single => vec![single],
        }
    }

    /// Every column that the signal reads, in the order in which they stand.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Signal::Flag { column, .. }
            | Signal::Scale { column, .. }
            | Signal::Threshold { column, .. }
            | Signal::Levels { column, .. }
            | Signal::Recent { column, .. } => vec![column],
            Signal::Ratio { over: [over, under], .. } => vec![over, under],
            Signal::Cases { cases, .. } => cases.iter().flat_map(|c| &c.when).map(|c| c.column.as_str()).collect(),
            Signal::Trend { base, by, .. } => {
                let mut columns = base.columns();
                match by {
                    Trend::Column(column) => columns.push(column),
                    Trend::Over([now, before]) => columns.extend([now.as_str(), before]),
                }
                columns
            }
            Signal::Combine { of, .. } => of.iter().flat_map(|(_, signal)| signal.columns()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_survives_a_round_trip() {
        for value in [
            json!({"kind": "flag", "column": "Reference"}),
            json!({"kind": "scale", "column": "NPS", "from": 30.0, "to": 110.0, "max": 0.5, "blank": 0.0}),
            json!({"kind": "ratio", "over": ["Seats Used", "Seats Licensed"], "from": 0.5, "to": 0.9}),
            json!({"kind": "linear", "column": "DAU/MAU", "target": 0.4}),
            json!({"kind": "threshold", "column": "DAU/MAU", "steps": [[0.1, 0.2], [0.5, 1.0]], "else": 0.05}),
            json!({"kind": "trend", "of": [{"kind": "flag", "column": "a"}], "column": "Usage Trend"}),
            json!({"kind": "trend", "of": [{"kind": "flag", "column": "a"}], "over": ["Logins", "Logins Before"], "strength": 0.1}),
            json!({"kind": "levels", "column": "Logo", "scores": {"A": 1.0, "B": 0.6}}),
            json!({"kind": "recent", "column": "Talk", "within_days": 365}),
            json!({"kind": "cases", "cases": [{"when": [{"column": "NPS", "op": "ge", "value": 50.0}], "score": 0.6}], "else": 0.1}),
            json!({"combine": "weighted", "of": [{"kind": "flag", "column": "a", "weight": 0.7}, {"kind": "flag", "column": "b", "weight": 0.3}]}),
        ] {
            let signal: Signal = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(
                serde_json::from_value::<Signal>(serde_json::to_value(&signal).unwrap()).unwrap(),
                signal,
                "{value}"
            );
        }
    }

    #[test]
    fn mistakes_say_what_the_kind_takes() {
        for (value, part) in [
            (json!({"kind": "flag", "column": "a", "from": 1}), "does not take `from`"),
            (
                json!({"kind": "scale", "column": "a", "from": 1, "to": 1}),
                "two different numbers",
            ),
            (json!({"kind": "levels", "column": "a", "scores": {"A": 7}}), "0..1"),
            (json!({"kind": "linear", "column": "a", "target": 0}), "`target`"),
            (json!({"kind": "threshold", "column": "a", "steps": []}), "`steps`"),
            (
                json!({"kind": "threshold", "column": "a", "steps": [[1, 0.5], [1, 0.6]]}),
                "stand twice",
            ),
            (json!({"kind": "trend", "column": "a"}), "`of`"),
            (json!({"kind": "trend", "of": [{"kind": "flag", "column": "a"}]}), "`column`"),
            (json!({"column": "a"}), "`kind`"),
            (
                json!({"combine": "weighted", "of": [{"kind": "flag", "column": "a", "weight": 0.4}]}),
                "sum to 1",
            ),
        ] {
            let error = serde_json::from_value::<Signal>(value).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn dates_in_rules_can_lean_on_as_of() {
        let as_of = jiff::civil::date(2026, 6, 30);
        assert_eq!(Literal::from("as_of-30d").date(as_of), Some(jiff::civil::date(2026, 5, 31)));
        assert_eq!(Literal::from("as_of").date(as_of), Some(as_of));
    }
}
