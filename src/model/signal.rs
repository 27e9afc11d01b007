//! Signals and conditions: the small typed language that turns columns into factor scores and flags.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::values;

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

/// How combined signals join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The highest.
    Max,
    /// The weighted sum; weights sum to 1.
    Weighted,
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
            return values::date(text, values::DateOrder::Iso);
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
    /// Every column that the signal reads, in the order in which they stand.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Signal::Flag { column, .. }
            | Signal::Scale { column, .. }
            | Signal::Levels { column, .. }
            | Signal::Recent { column, .. } => vec![column],
            Signal::Ratio { over: [over, under], .. } => vec![over, under],
            Signal::Cases { cases, .. } => cases.iter().flat_map(|c| &c.when).map(|c| c.column.as_str()).collect(),
            Signal::Combine { of, .. } => of.iter().flat_map(|(_, signal)| signal.columns()).collect(),
        }
    }
}

/// The flat form in JSON and TOML; [`Signal`] is what it means once checked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    combine: Option<Combine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    yes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within_days: Option<i32>,
    #[serde(rename = "else", skip_serializing_if = "Option::is_none")]
    otherwise: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blank: Option<Literal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<Vec<Case>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Vec<Raw>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Flag,
    Scale,
    Ratio,
    Levels,
    Recent,
    Cases,
}

impl Kind {
    /// What the kind takes, beside `kind`, `blank` and, inside a combination, `weight`.
    fn takes(self) -> &'static str {
        match self {
            Kind::Flag => "column, yes",
            Kind::Scale => "column, from, to, max",
            Kind::Ratio => "over, from, to, max",
            Kind::Levels => "column, scores, else",
            Kind::Recent => "column, within_days",
            Kind::Cases => "cases, else",
        }
    }
}

impl Raw {
    /// Names of the given fields that a kind may or may not take.
    fn given(&self) -> Vec<&'static str> {
        let fields = [
            ("column", self.column.is_some()),
            ("over", self.over.is_some()),
            ("yes", self.yes.is_some()),
            ("from", self.from.is_some()),
            ("to", self.to.is_some()),
            ("max", self.max.is_some()),
            ("within_days", self.within_days.is_some()),
            ("else", self.otherwise.is_some()),
            ("scores", self.scores.is_some()),
            ("cases", self.cases.is_some()),
            ("of", self.of.is_some()),
        ];
        fields.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }

    fn line(&self) -> Result<Line, String> {
        let from = self.from.ok_or("`from` is missing")?;
        let to = self.to.ok_or("`to` is missing")?;
        if !from.is_finite() || !to.is_finite() || from == to {
            return Err("`from` and `to` must be two different numbers".into());
        }
        Ok(Line {
            from,
            to,
            max: unit(self.max.unwrap_or(1.0), "max")?,
        })
    }

    fn column(&self) -> Result<String, String> {
        self.column
            .clone()
            .filter(|c| !c.trim().is_empty())
            .ok_or_else(|| "`column` is missing".into())
    }
}

fn unit(value: f64, name: &str) -> Result<f64, String> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(format!("`{name}` is {value}, and scores lie in 0..1"))
    }
}

impl TryFrom<Raw> for Signal {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        if let Some(how) = raw.combine {
            return combination(how, raw);
        }
        let Some(kind) = raw.kind else {
            return Err("a signal has `kind` (flag, scale, ratio, levels, recent, cases) or `combine` (max, weighted)".into());
        };
        let allowed: Vec<&str> = kind.takes().split(", ").collect();
        if let Some(odd) = raw.given().into_iter().find(|field| !allowed.contains(field)) {
            return Err(format!(
                "kind `{}` does not take `{odd}`; it takes {}",
                kind_code(kind),
                kind.takes()
            ));
        }
        let blank = raw.blank.clone();
        Ok(match kind {
            Kind::Flag => Signal::Flag {
                column: raw.column()?,
                yes: raw.yes.unwrap_or_default(),
                blank,
            },
            Kind::Scale => Signal::Scale {
                column: raw.column()?,
                line: raw.line()?,
                blank,
            },
            Kind::Ratio => Signal::Ratio {
                over: raw.over.clone().ok_or("`over` is missing: two columns")?,
                line: raw.line()?,
                blank,
            },
            Kind::Levels => {
                let scores = raw
                    .scores
                    .clone()
                    .filter(|s| !s.is_empty())
                    .ok_or("`scores` is missing: a score for each text")?;
                for (level, score) in &scores {
                    unit(*score, &format!("scores.{level}"))?;
                }
                Signal::Levels {
                    column: raw.column()?,
                    scores,
                    otherwise: unit(raw.otherwise.unwrap_or(0.0), "else")?,
                    blank,
                }
            }
            Kind::Recent => {
                let within_days = raw
                    .within_days
                    .filter(|d| *d >= 0)
                    .ok_or("`within_days` is missing: days before as_of")?;
                Signal::Recent {
                    column: raw.column()?,
                    within_days,
                    blank,
                }
            }
            Kind::Cases => {
                let cases = raw.cases.filter(|c| !c.is_empty()).ok_or("`cases` is missing")?;
                for case in &cases {
                    unit(case.score, "score")?;
                }
                Signal::Cases {
                    cases,
                    otherwise: unit(raw.otherwise.unwrap_or(0.0), "else")?,
                    blank,
                }
            }
        })
    }
}

fn combination(how: Combine, raw: Raw) -> Result<Signal, String> {
    if raw.kind.is_some() || raw.given().iter().any(|field| *field != "of") {
        return Err("a combination takes `combine` and `of` only".into());
    }
    let parts = raw
        .of
        .filter(|of| !of.is_empty())
        .ok_or("`of` is missing: the signals to combine")?;
    let mut of = Vec::with_capacity(parts.len());
    for part in parts {
        let weight = part.weight.unwrap_or(if how == Combine::Max { 1.0 } else { -1.0 });
        if how == Combine::Weighted {
            unit(weight, "weight").map_err(|_| "each part of a weighted combination needs a `weight` in 0..1".to_string())?;
        }
        of.push((weight, Signal::try_from(part)?));
    }
    let sum: f64 = of.iter().map(|(weight, _)| weight).sum();
    if how == Combine::Weighted && (sum - 1.0).abs() > 1e-9 {
        return Err(format!("the weights of a combination sum to 1, these to {sum}"));
    }
    Ok(Signal::Combine { how, of })
}

fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "flag",
        Kind::Scale => "scale",
        Kind::Ratio => "ratio",
        Kind::Levels => "levels",
        Kind::Recent => "recent",
        Kind::Cases => "cases",
    }
}

impl From<Signal> for Raw {
    fn from(signal: Signal) -> Raw {
        let lined = |line: Line| Raw {
            from: Some(line.from),
            to: Some(line.to),
            max: (line.max != 1.0).then_some(line.max),
            ..Raw::default()
        };
        match signal {
            Signal::Flag { column, yes, blank } => Raw {
                kind: Some(Kind::Flag),
                column: Some(column),
                yes: (!yes.is_empty()).then_some(yes),
                blank,
                ..Raw::default()
            },
            Signal::Scale { column, line, blank } => Raw {
                kind: Some(Kind::Scale),
                column: Some(column),
                blank,
                ..lined(line)
            },
            Signal::Ratio { over, line, blank } => Raw {
                kind: Some(Kind::Ratio),
                over: Some(over),
                blank,
                ..lined(line)
            },
            Signal::Levels {
                column,
                scores,
                otherwise,
                blank,
            } => Raw {
                kind: Some(Kind::Levels),
                column: Some(column),
                scores: Some(scores),
                otherwise: (otherwise != 0.0).then_some(otherwise),
                blank,
                ..Raw::default()
            },
            Signal::Recent {
                column,
                within_days,
                blank,
            } => Raw {
                kind: Some(Kind::Recent),
                column: Some(column),
                within_days: Some(within_days),
                blank,
                ..Raw::default()
            },
            Signal::Cases { cases, otherwise, blank } => Raw {
                kind: Some(Kind::Cases),
                cases: Some(cases),
                otherwise: (otherwise != 0.0).then_some(otherwise),
                blank,
                ..Raw::default()
            },
            Signal::Combine { how, of } => {
                let weighted = how == Combine::Weighted;
                let part = |(weight, signal): (f64, Signal)| Raw {
                    weight: weighted.then_some(weight),
                    ..Raw::from(signal)
                };
                Raw {
                    combine: Some(how),
                    of: Some(of.into_iter().map(part).collect()),
                    ..Raw::default()
                }
            }
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
