//! Units: on which scale a column of numbers stands, and the question when two readings are possible (S4).

use serde_json::json;

use super::{answers, quoted};
use crate::error::Result;
use crate::model::book::Unit;
use crate::model::load::{LoadPlan, Question};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::marks;

/// The unit of a column, with the words that say it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scale {
    /// From raw numbers to the role's unit.
    pub(crate) unit: Unit,
    /// What is said about it, if anything.
    pub(crate) evidence: Option<String>,
    /// Asked when two readings are plausible.
    pub(crate) question: Option<Question>,
}

/// Ids of the questions about scales, by role.
const QUESTIONS: [(Role, &str); 10] = [
    (Role::Health, "health_scale"),
    (Role::ChurnRisk, "churn_risk_scale"),
    (Role::Usage, "usage_scale"),
    (Role::UsageTrend, "usage_trend_scale"),
    (Role::Adoption, "adoption_scale"),
    (Role::SeatUtilization, "seat_utilization_scale"),
    (Role::CompanyGrowth, "company_growth_scale"),
    (Role::ApiGrowth, "api_growth_scale"),
    (Role::Nps, "nps_scale"),
    (Role::Csat, "csat_scale"),
];

impl Scale {
    /// A unit that needs no words.
    pub(crate) fn known(unit: Unit) -> Scale {
        Scale {
            unit,
            ..Scale::default()
        }
    }
}

type Choice = (&'static str, Unit);

const HEALTH: [Choice; 3] = [
    ("0-1", Unit::Times(100.0)),
    ("0-10", Unit::Times(10.0)),
    ("0-100", Unit::Times(1.0)),
];
const SHARE: [Choice; 2] = [("ratio", Unit::Times(1.0)), ("percent", Unit::Times(0.01))];
const NPS: [Choice; 2] = [("points", Unit::Times(1.0)), ("0-10", Unit::NpsAnswers)];
const CSAT: [Choice; 4] = [
    ("ratio", Unit::Times(1.0)),
    ("1-5", Unit::Times(0.2)),
    ("0-10", Unit::Times(0.1)),
    ("percent", Unit::Times(0.01)),
];

fn choices_of(role: Role) -> &'static [Choice] {
    match role {
        Role::Health => &HEALTH,
        Role::Nps => &NPS,
        Role::Csat => &CSAT,
        _ => &SHARE,
    }
}

/// The ids of all questions about scales.
pub(crate) fn question_ids() -> impl Iterator<Item = &'static str> {
    QUESTIONS.iter().map(|(_, id)| *id)
}

/// The scale of a column in a role. Error: `bad_answer`.
pub(crate) fn of(table: &Table, role: Role, column: usize, plan: &LoadPlan) -> Result<Scale> {
    let Some(id) = QUESTIONS.iter().find(|(r, _)| *r == role).map(|(_, id)| *id) else {
        return Ok(Scale::default());
    };
    let choices = choices_of(role);
    let unit_of = |name: &str| choices.iter().find(|(known, _)| *known == name).map(|(_, unit)| *unit);
    if let Some(answer) = plan.answers.get(id) {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let unit = unit_of(answer).ok_or_else(|| answers::bad(id, answer, &names))?;
        return Ok(Scale {
            unit,
            evidence: Some(format!("read as {answer} because you said so")),
            question: None,
        });
    }
    let range = Range::of(table, column);
    if range.n == 0 {
        return Ok(Scale::default());
    }
    let (reading, doubtful) = match role {
        Role::Health => health(&range),
        Role::Nps => nps(&range),
        Role::Csat => csat(&range),
        _ => share(&range),
    };
    let header = table.headers().get(column).map(String::as_str).unwrap_or_default();
    let question = doubtful.map(|other| Question {
        id,
        text: format!(
            "{} holds {} to {}: is that {reading} (used) or {other}?",
            quoted(header),
            range.min,
            range.max
        ),
        fix: json!({"answers": {id: other}}),
    });
    Ok(Scale {
        unit: unit_of(reading).unwrap_or_default(),
        evidence: Some(format!("values {} to {}, read as {reading}", range.min, range.max)),
        question,
    })
}

/// So few accounts may all stand low on the longer scale.
const FEW: usize = 5;

/// The reading, and the other one where it is plausible too.
type Reading = (&'static str, Option<&'static str>);

fn health(range: &Range) -> Reading {
    match range.max {
        max if max <= 1.0 => ("0-1", (range.whole && range.n >= 2).then_some("0-10")),
        max if max <= 10.0 => ("0-10", (range.n < FEW).then_some("0-100")),
        _ => ("0-100", None),
    }
}

fn share(range: &Range) -> Reading {
    match range.max.max(-range.min) {
        max if max <= 1.0 => ("ratio", None),
        // A utilisation of 1.2 is a fifth too many seats; a column of percents hardly stays below 2.
        max if max <= 2.0 => ("ratio", Some("percent")),
        _ => ("percent", None),
    }
}

/// A book of points from −100 to 100 does not keep within 0 and 10; answers to "how likely, 0 to 10" do.
fn nps(range: &Range) -> Reading {
    match range.min >= 0.0 && range.max <= 10.0 {
        true => ("0-10", (range.n < FEW).then_some("points")),
        false if range.min >= -10.0 && range.max <= 10.0 => ("points", Some("0-10")),
        false => ("points", None),
    }
}

fn csat(range: &Range) -> Reading {
    match range.max {
        max if max <= 1.0 => ("ratio", (range.whole && range.n >= 2).then_some("1-5")),
        max if max <= 5.0 => ("1-5", None),
        max if max <= 10.0 => ("0-10", (range.n < FEW).then_some("percent")),
        _ => ("percent", None),
    }
}

struct Range {
    n: usize,
    min: f64,
    max: f64,
    whole: bool,
}

impl Range {
    fn of(table: &Table, column: usize) -> Range {
        let mut range = Range {
            n: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            whole: true,
        };
        let decimal = marks(table.counted(column)).decided().unwrap_or_default();
        for (value, n) in table.counted(column).filter_map(|(cell, n)| Some((decimal.number(cell)?, n))) {
            range.n += n;
            range.min = range.min.min(value);
            range.max = range.max.max(value);
            range.whole &= value.fract() == 0.0;
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::table::Source;

    fn scale(role: Role, cells: &[&str], answers: &[(&str, &str)]) -> Result<Scale> {
        let mut table = Table::new(Source::default(), vec!["h".into()]);
        for cell in cells {
            table.push_row(1, [*cell]);
        }
        let answers = answers.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let plan = LoadPlan {
            answers,
            ..LoadPlan::at(date(2026, 1, 1))
        };
        of(&table, role, 0, &plan)
    }

    #[test]
    fn units_follow_the_range_and_doubt_asks() {
        for (role, cells, unit, asks) in [
            (Role::Health, vec!["82", "9"], 1.0, false),
            (Role::Health, vec!["8.2", "9", "1", "4", "5"], 10.0, false),
            (Role::Health, vec!["8", "9"], 10.0, true),
            (Role::Health, vec!["0.8", "0.1"], 100.0, false),
            (Role::Health, vec!["0", "1"], 100.0, true),
            (Role::ChurnRisk, vec!["0.08", "1"], 1.0, false),
            (Role::ChurnRisk, vec!["8", "60"], 0.01, false),
            (Role::Adoption, vec!["85%", "10%"], 1.0, false),
            (Role::SeatUtilization, vec!["0.4", "1.2"], 1.0, true),
            (Role::Tickets, vec!["40"], 1.0, false),
            (Role::UsageTrend, vec!["-25", "5"], 0.01, false),
            (Role::UsageTrend, vec!["-0.25", "0.5"], 1.0, false),
            (Role::Nps, vec!["-20", "70"], 1.0, false),
            (Role::Nps, vec!["-3", "9"], 1.0, true),
            (Role::Csat, vec!["4.2", "3"], 0.2, false),
            (Role::Csat, vec!["92", "80"], 0.01, false),
        ] {
            let scale = scale(role, &cells, &[]).unwrap();
            assert_eq!(
                (scale.unit, scale.question.is_some()),
                (Unit::Times(unit), asks),
                "{role} {cells:?}"
            );
        }
    }

    #[test]
    fn answers_settle_the_scale() {
        let answered = scale(Role::Health, &["8"], &[("health_scale", "0-100")]).unwrap();
        assert_eq!(answered.unit, Unit::Times(1.0));
        let answers = scale(Role::Nps, &["9", "6", "10", "0", "8"], &[]).unwrap();
        assert_eq!((answers.unit, answers.question.is_some()), (Unit::NpsAnswers, false));
        assert_eq!(
            scale(Role::Health, &["8"], &[("health_scale", "stars")]).unwrap_err().code(),
            "bad_answer"
        );
    }
}
