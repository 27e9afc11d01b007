//! The flat form of a signal in JSON and TOML, and the checks that turn it into what it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Case, Combine, Line, Literal, Signal, Step, Trend};

/// The flat form in JSON and TOML; [`Signal`] is what it means once checked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
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
    target: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<Step>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<f64>,
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
    Linear,
    Ratio,
    Threshold,
    Trend,
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
            Kind::Linear => "column, target",
            Kind::Ratio => "over, from, to, max",
            Kind::Threshold => "column, steps, else",
            Kind::Trend => "of, column, over, strength",
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
            ("target", self.target.is_some()),
            ("steps", self.steps.is_some()),
            ("strength", self.strength.is_some()),
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

    /// (actual / target) × 100, nothing below 0 and above 100 (H5).
    fn to_target(&self) -> Result<Line, String> {
        let target = self.target.filter(|target| target.is_finite() && *target > 0.0);
        Ok(Line {
            from: 0.0,
            to: target.ok_or("`target` is missing or not above 0: it is the number that scores 1")?,
            max: 1.0,
        })
    }

    fn steps(&self) -> Result<Vec<Step>, String> {
        let mut steps = self
            .steps
            .clone()
            .filter(|steps| !steps.is_empty() && steps.iter().all(|step| step.from.is_finite()))
            .ok_or("`steps` is missing: [[from, score], ..]")?;
        for step in &steps {
            unit(step.score, "score")?;
        }
        steps.sort_by(|a, b| b.from.total_cmp(&a.from));
        match steps.iter().zip(steps.iter().skip(1)).find(|(a, b)| a.from == b.from) {
            Some((twice, _)) => Err(format!("two steps from {} stand twice", twice.from)),
            None => Ok(steps),
        }
    }

    fn column(&self) -> Result<String, String> {
        self.column
            .clone()
            .filter(|c| !c.trim().is_empty())
            .ok_or_else(|| "`column` is missing".into())
    }
}

/// How much of a trend counts unless the model says otherwise (H7).
const STRENGTH: f64 = 0.2;

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
            return Err("a signal has `kind` (flag, scale, linear, ratio, threshold, trend, levels, recent, cases) or `combine` (max, weighted)".into());
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
            Kind::Linear => Signal::Scale {
                column: raw.column()?,
                line: raw.to_target()?,
                blank,
            },
            Kind::Threshold => Signal::Threshold {
                column: raw.column()?,
                steps: raw.steps()?,
                otherwise: unit(raw.otherwise.unwrap_or(0.0), "else")?,
                blank,
            },
            Kind::Trend => trend(raw)?,
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

fn trend(raw: Raw) -> Result<Signal, String> {
    if raw.blank.is_some() {
        return Err("kind `trend` does not take `blank`; the signal in `of` does".into());
    }
    let strength = unit(raw.strength.unwrap_or(STRENGTH), "strength")?;
    let by = match (&raw.column, &raw.over) {
        (Some(_), Some(_)) => return Err("a trend takes `column` or `over`, not both".into()),
        (_, Some(over)) => Trend::Over(over.clone()),
        _ => Trend::Column(
            raw.column()
                .map_err(|_| "`column` is missing: changes as shares; or `over`: [now, before]")?,
        ),
    };
    let mut of = raw.of.unwrap_or_default();
    match (of.pop(), of.is_empty()) {
        (Some(base), true) if base.weight.is_none() => Ok(Signal::Trend {
            base: Box::new(Signal::try_from(base)?),
            by,
            strength,
        }),
        _ => Err("`of` is missing: the one signal that the trend moves, without a weight".into()),
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
        Kind::Linear => "linear",
        Kind::Ratio => "ratio",
        Kind::Threshold => "threshold",
        Kind::Trend => "trend",
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
            Signal::Threshold {
                column,
                steps,
                otherwise,
                blank,
            } => Raw {
                kind: Some(Kind::Threshold),
                column: Some(column),
                steps: Some(steps),
                otherwise: (otherwise != 0.0).then_some(otherwise),
                blank,
                ..Raw::default()
            },
            Signal::Trend { base, by, strength } => {
                let (column, over) = match by {
                    Trend::Column(column) => (Some(column), None),
                    Trend::Over(over) => (None, Some(over)),
                };
                Raw {
                    kind: Some(Kind::Trend),
                    of: Some(vec![Raw::from(*base)]),
                    column,
                    over,
                    strength: (strength != STRENGTH).then_some(strength),
                    ..Raw::default()
                }
            }
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
