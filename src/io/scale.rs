//! Units: on which scale a column of numbers stands, and the question when two readings are possible (S4).

use serde_json::json;

use super::quoted;
use crate::error::{Problem, Result, candidates};
use crate::model::book::{LoadPlan, Question};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::number;

/// The unit of a column, with the words that say it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scale {
    /// Factor from raw numbers to the role's unit.
    pub(crate) unit: f64,
    /// What is said about it, if anything.
    pub(crate) evidence: Option<String>,
    /// Asked when two readings are plausible.
    pub(crate) question: Option<Question>,
}

/// Ids of the questions about scales, by role.
const QUESTIONS: [(Role, &str); 5] = [
    (Role::Health, "health_scale"),
    (Role::ChurnRisk, "churn_risk_scale"),
    (Role::Usage, "usage_scale"),
    (Role::Adoption, "adoption_scale"),
    (Role::SeatUtilization, "seat_utilization_scale"),
];

const HEALTH: [(&str, f64); 3] = [("0-1", 100.0), ("0-10", 10.0), ("0-100", 1.0)];
const SHARE: [(&str, f64); 2] = [("ratio", 1.0), ("percent", 0.01)];

/// The ids of all questions about scales.
pub(crate) fn question_ids() -> impl Iterator<Item = &'static str> {
    QUESTIONS.iter().map(|(_, id)| *id)
}

/// Id of the question whether `186.000` is a hundred and eighty-six or a hundred and eighty-six thousand.
pub(crate) const DOTS: &str = "arr_dots";

/// Whether the caller said that dots stand between thousands.
pub(crate) fn dots_group(plan: &LoadPlan) -> bool {
    plan.answers.get(DOTS).is_some_and(|answer| answer == "thousands")
}

/// Digits in groups of three after dots: `186.000`, `1.250.000`.
pub(crate) fn is_dotted(text: &str) -> bool {
    let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
    let mut groups = digits.split('.');
    let head = groups.next().unwrap_or("");
    let mut tail = groups.peekable();
    let plain = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    tail.peek().is_some() && head.len() <= 3 && plain(head) && !head.starts_with('0') && tail.all(|g| g.len() == 3 && plain(g))
}

/// The question that a column of amounts raises when every dot in it may as well stand between thousands; it is about
/// ARR, so loading stops.
pub(crate) fn dots_question(table: &Table, column: usize, plan: &LoadPlan) -> Option<Problem> {
    if let Some(answer) = plan.answers.get(DOTS) {
        let known = ["thousands", "decimals"].contains(&answer.as_str());
        return (!known).then(|| bad_answer(DOTS, answer, &[("thousands", 0.0), ("decimals", 0.0)]));
    }
    let mut dotted = table
        .column(column)
        .filter(|cell| cell.contains('.'))
        .map(str::trim)
        .peekable();
    let first = (*dotted.peek()?).to_string();
    let mut n = 0;
    for cell in dotted {
        n += 1;
        if !is_dotted(cell) {
            return None;
        }
    }
    let header = table.headers().get(column).map(|h| quoted(h)).unwrap_or_default();
    let text = format!(
        "every amount with a dot in {header} ({n}) could be thousands or decimals, such as {}",
        quoted(&first)
    );
    let likely = if first.ends_with('0') { "thousands" } else { "decimals" };
    Some(
        Problem::new("question_arr_dots", text)
            .at("answers.arr_dots")
            .expected("thousands or decimals")
            .fix(json!({"answers": {DOTS: likely}})),
    )
}

/// The scale of a column in a role. Error: `bad_answer`.
pub(crate) fn of(table: &Table, role: Role, column: usize, plan: &LoadPlan) -> Result<Scale> {
    let plain = Scale {
        unit: 1.0,
        ..Scale::default()
    };
    let id = QUESTIONS.iter().find(|(r, _)| *r == role).map(|(_, id)| *id);
    if id.is_none() && !matches!(role, Role::Nps | Role::Csat) {
        return Ok(plain);
    }
    let range = Range::of(table, column);
    let Some(id) = id else {
        let evidence = (range.n > 0).then(|| format!("values {} to {}", range.min, range.max));
        return Ok(Scale { evidence, ..plain });
    };
    let choices: &[(&str, f64)] = if role == Role::Health { &HEALTH } else { &SHARE };
    if let Some(answer) = plan.answers.get(id) {
        let chosen = choices
            .iter()
            .find(|(name, _)| name == answer)
            .ok_or_else(|| bad_answer(id, answer, choices))?;
        return Ok(Scale {
            unit: chosen.1,
            evidence: Some(format!("read as {} because you said so", chosen.0)),
            question: None,
        });
    }
    if range.n == 0 {
        return Ok(plain);
    }
    let (reading, unit, doubtful) = if role == Role::Health { health(&range) } else { share(&range) };
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
        unit,
        evidence: Some(format!("values {} to {}, read as {reading}", range.min, range.max)),
        question,
    })
}

/// The error for an answer that is not among the choices.
pub(crate) fn bad_answer(id: &str, answer: &str, choices: &[(&str, f64)]) -> Problem {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let problem = Problem::new("bad_answer", format!("{} does not answer `{id}`", quoted(answer)))
        .at(format!("answers.{id}"))
        .expected(names.join(", "));
    // A guess would be an answer that nobody gave; only a likely slip is mended.
    match candidates(answer, names.iter().copied(), 1).first() {
        Some(near) => problem.fix(json!({"answers": {id: near}})),
        None => problem,
    }
}

/// Reading, unit, and the other reading where it is plausible too.
fn health(range: &Range) -> (&'static str, f64, Option<&'static str>) {
    const FEW: usize = 5; // so few accounts may all stand low on the longer scale
    match range.max {
        max if max <= 1.0 => ("0-1", 100.0, (range.whole && range.n >= 2).then_some("0-10")),
        max if max <= 10.0 => ("0-10", 10.0, (range.n < FEW).then_some("0-100")),
        _ => ("0-100", 1.0, None),
    }
}

fn share(range: &Range) -> (&'static str, f64, Option<&'static str>) {
    match range.max {
        max if max <= 1.0 => ("ratio", 1.0, None),
        // A utilisation of 1.2 is a fifth too many seats; a column of percents hardly stays below 2.
        max if max <= 2.0 => ("ratio", 1.0, Some("percent")),
        _ => ("percent", 0.01, None),
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
        for value in table.column(column).filter_map(number) {
            range.n += 1;
            range.min = range.min.min(value);
            range.max = range.max.max(value);
            range.whole &= value.fract() == 0.0;
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
            as_of: date(2026, 1, 1),
            columns: BTreeMap::new(),
            answers,
            rates: BTreeMap::new(),
            keep_churned: false,
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
        ] {
            let scale = scale(role, &cells, &[]).unwrap();
            assert_eq!((scale.unit, scale.question.is_some()), (unit, asks), "{role} {cells:?}");
        }
    }

    #[test]
    fn answers_settle_the_scale() {
        assert_eq!(scale(Role::Health, &["8"], &[("health_scale", "0-100")]).unwrap().unit, 1.0);
        assert_eq!(
            scale(Role::Health, &["8"], &[("health_scale", "stars")]).unwrap_err().code(),
            "bad_answer"
        );
    }
}
