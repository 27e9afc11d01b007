//! How the columns of a file write amounts and dates; what a column leaves open the rest of the file decides, or a question.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::answers::{ARR_DOTS, DATE_ORDER};
use super::{joins, listed, quoted};
use crate::error::{Problem, Result};
use crate::model::book::RoleColumn;
use crate::model::finding::Finding;
use crate::model::format::{Format, Formats, settled};
use crate::model::load::{LoadPlan, Question};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{DateOrder, DateStyle, Decimal, Marks, date, date_style, marks};

const DATE_ROLES: [Role; 5] = [Role::Created, Role::Renewal, Role::Modified, Role::Churned, Role::CaseStudy];

/// What was decided.
pub(crate) struct Decided {
    pub(crate) formats: Formats,
    pub(crate) questions: Vec<Question>,
    pub(crate) findings: Vec<Finding>,
    /// What to say of a column, by index.
    pub(crate) evidence: BTreeMap<usize, String>,
}

/// Decides the formats of the columns that play a role. Errors: `question_arr_dots`, `bad_answer`.
pub(crate) fn decide(table: &Table, roles: &BTreeMap<Role, RoleColumn>, plan: &LoadPlan) -> Result<Decided> {
    let marks = marks_of(table, roles);
    let fallback = Format {
        decimal: usual_decimal(roles, &marks),
        dates: answered_or_usual_order(table, roles, plan).into(),
    };
    let mut decided = Decided {
        formats: Formats::new(table.n_columns(), fallback),
        questions: Vec::new(),
        findings: Vec::new(),
        evidence: BTreeMap::new(),
    };
    amounts(table, roles, &marks, plan, &mut decided)?;
    dates(table, roles, &mut decided);
    Ok(decided)
}

/// What the separators say in each column of numbers.
fn marks_of<'t>(table: &'t Table, roles: &BTreeMap<Role, RoleColumn>) -> BTreeMap<usize, Marks<'t>> {
    let numbers = roles.iter().filter(|(role, _)| is_number(**role));
    let columns: BTreeSet<usize> = numbers.map(|(_, found)| found.column).collect();
    let of = |column: usize| (column, marks_in(table, column));
    columns.into_iter().map(of).collect()
}

fn marks_in(table: &Table, column: usize) -> Marks<'_> {
    let parts = table.counted_in_parts(column, |cells| marks(cells));
    parts.into_iter().fold(Marks::default(), Marks::plus)
}

fn amounts(
    table: &Table,
    roles: &BTreeMap<Role, RoleColumn>,
    marks: &BTreeMap<usize, Marks>,
    plan: &LoadPlan,
    decided: &mut Decided,
) -> Result<()> {
    for role in [Role::Arr, Role::Mrr, Role::CommittedArr, Role::Tcv] {
        let Some(column) = roles.get(&role).map(|found| found.column) else {
            continue;
        };
        let Some(marks) = marks.get(&column) else { continue };
        let usual = decided.formats.fallback.decimal;
        let decimal = match decimal_by(table, column, marks, plan) {
            Ok(decimal) => decimal,
            Err(_) if usual == Decimal::Comma => usual,
            // It is about ARR, so loading stops.
            Err(question) => return Err(question),
        };
        if decimal == Decimal::Comma {
            decided.evidence.insert(column, "decimals after a comma".to_string());
        }
        decided.findings.extend(both_signs(table, column, marks));
        let dates = date_style(std::iter::empty());
        decided.formats.set(column, Format { decimal, dates });
    }
    Ok(())
}

/// A column in which some amounts read only with a decimal point and others only with a comma.
fn both_signs(table: &Table, column: usize, marks: &Marks) -> Option<Finding> {
    (marks.points > 0 && marks.commas > 0).then(|| {
        let text = format!(
            "{} writes decimals after a point ({} amounts) and after a comma ({}); the commoner form is taken where a cell does not \
             tell by itself. Check the amounts set aside, and write them one way in the source",
            header(table, column),
            marks.points,
            marks.commas
        );
        Finding::warning("mixed_decimals", text)
    })
}

/// The question that a column of amounts raises when every dot in it may as well stand between thousands.
fn dots(table: &Table, column: usize, marks: &Marks) -> Problem {
    let example = marks.example.unwrap_or_default();
    let text = format!(
        "every amount with a dot in {} ({}) could be thousands or decimals, such as {}",
        header(table, column),
        marks.open_dots,
        quoted(example)
    );
    let likely = if example.trim_end_matches(|c: char| !c.is_ascii_digit()).ends_with('0') {
        "thousands"
    } else {
        "decimals"
    };
    Problem::new("question_arr_dots", text)
        .at("answers.arr_dots")
        .expected("thousands or decimals")
        .fix(json!({"answers": {ARR_DOTS: likely}}))
}

/// The decimal sign that columns decide by themselves; a point where they do not agree.
fn usual_decimal(roles: &BTreeMap<Role, RoleColumn>, marks: &BTreeMap<usize, Marks>) -> Decimal {
    let numbers = roles.iter().filter(|(role, _)| is_number(**role));
    let seen = || numbers.clone().filter_map(|(_, found)| marks.get(&found.column));
    let points = seen().filter(|marks| marks.points > marks.commas).count();
    let commas = seen().filter(|marks| marks.commas > marks.points).count();
    if commas > points { Decimal::Comma } else { Decimal::Point }
}

fn is_number(role: Role) -> bool {
    matches!(
        role,
        Role::Arr
            | Role::Mrr
            | Role::CommittedArr
            | Role::Tcv
            | Role::Tam
            | Role::Health
            | Role::ChurnRisk
            | Role::Usage
            | Role::UsageTrend
            | Role::Adoption
            | Role::Csat
            | Role::SeatUtilization
    )
}

/// The order of day and month that a person gave, else the one that the columns which decide agree on.
fn answered_or_usual_order(table: &Table, roles: &BTreeMap<Role, RoleColumn>, plan: &LoadPlan) -> DateOrder {
    order_by(table, date_columns(roles).chain(joins::dated(table)), plan)
}

fn order_by(table: &Table, columns: impl Iterator<Item = usize>, plan: &LoadPlan) -> DateOrder {
    let answered = order_of(plan);
    if answered != DateOrder::Iso {
        return answered;
    }
    let mut found: Vec<DateOrder> = columns
        .map(|column| date_style(table.counted(column)).order)
        .filter(|order| matches!(order, DateOrder::DayFirst | DateOrder::MonthFirst))
        .collect();
    found.dedup();
    match found.as_slice() {
        [order] => *order,
        _ => DateOrder::Iso,
    }
}

fn date_columns(roles: &BTreeMap<Role, RoleColumn>) -> impl Iterator<Item = usize> {
    DATE_ROLES.iter().filter_map(|role| roles.get(role)).map(|found| found.column)
}

fn dates(table: &Table, roles: &BTreeMap<Role, RoleColumn>, decided: &mut Decided) {
    let mut open: Vec<usize> = Vec::new();
    for column in date_columns(roles) {
        let own = date_style(table.counted(column));
        let dates = settled(own, decided.formats.fallback);
        let format = Format {
            decimal: decided.formats.fallback.decimal,
            dates,
        };
        decided.formats.set(column, format);
        decided
            .evidence
            .extend(spoken(own.order, dates.order).map(|words| (column, words.to_string())));
        if is_open(dates) && !open.contains(&column) {
            open.push(column);
        }
        if own.order == DateOrder::Mixed {
            let text = format!(
                "{} has dates with the day first and dates with the month first; those that could be either are read month first. \
                 Export dates as YYYY-MM-DD",
                header(table, column)
            );
            decided.findings.push(Finding::warning("mixed_dates", text));
        }
    }
    if !open.is_empty() {
        decided.questions.push(order_question(table, &open, ""));
    }
}

fn order_question(table: &Table, open: &[usize], file: &str) -> Question {
    Question {
        id: DATE_ORDER,
        text: format!(
            "{}{file}: is that the month first (used) or the day first? No date in it tells",
            names(table, open)
        ),
        fix: json!({"answers": {DATE_ORDER: "day_first"}}),
    }
}

fn names(table: &Table, columns: &[usize]) -> String {
    let headers = columns.iter().filter_map(|column| table.headers().get(*column));
    listed(headers.map(String::as_str))
}

/// The question that stops a load: something that ARR hangs on comes out otherwise with the day first.
pub(crate) fn which_order(table: &Table, open: &[usize], hangs: &str) -> Problem {
    let message = format!(
        "{} of {}: is that the month first or the day first? No date in it tells, and {hangs} hangs on it",
        names(table, open),
        quoted(&table.source.path)
    );
    Problem::new("question_date_order", message)
        .at(format!("answers.{DATE_ORDER}"))
        .expected("day_first or month_first")
        .fix(json!({"answers": {DATE_ORDER: "day_first"}}))
}

/// Stops where one order of an open column has accounts left by `as_of` and the other has not. Error: `question_date_order`.
pub(crate) fn check_left(
    table: &Table,
    dated: (usize, DateStyle),
    mut rows: impl Iterator<Item = usize>,
    plan: &LoadPlan,
) -> Result<()> {
    let (column, style) = dated;
    let left = |row: usize, order: DateOrder| {
        let read = date(table.cell(row, column), DateStyle { order, ..style });
        read.is_some_and(|date| date <= plan.as_of)
    };
    let hangs = |row: usize| left(row, DateOrder::DayFirst) != left(row, DateOrder::MonthFirst);
    match is_open(style) && rows.any(hangs) {
        true => Err(which_order(table, &[column], "which accounts have left").into()),
        false => Ok(()),
    }
}

/// Whether nothing tells in which order day and month stand.
pub(crate) fn is_open(style: DateStyle) -> bool {
    matches!(style.order, DateOrder::Undecided | DateOrder::Mixed)
}

/// The order of day and month in a joined file: one for all its columns of dates.
pub(crate) fn order_in(table: &Table, plan: &LoadPlan) -> DateOrder {
    order_by(table, joins::dated(table).into_iter(), plan)
}

/// The question that the columns of dates of a joined file leave open.
pub(crate) fn open_dates(table: &Table, plan: &LoadPlan) -> Option<Question> {
    let order = order_in(table, plan);
    let mut open = joins::dated(table);
    open.retain(|column| is_open(dates_of(table, *column, order)));
    let file = format!(" of {}", quoted(&table.source.path));
    (!open.is_empty()).then(|| order_question(table, &open, &file))
}

fn spoken(own: DateOrder, settled: DateOrder) -> Option<&'static str> {
    match (own, settled) {
        (DateOrder::DayFirst, _) => Some("day before month"),
        (DateOrder::MonthFirst, _) => Some("month before day"),
        (_, DateOrder::DayFirst) => Some("day before month, as in the rest of the file or as you said"),
        (_, DateOrder::MonthFirst) => Some("month before day, as in the rest of the file or as you said"),
        _ => None,
    }
}

/// The order of day and month that a person gave.
pub(crate) fn order_of(plan: &LoadPlan) -> DateOrder {
    match plan.answers.get(DATE_ORDER).map(String::as_str) {
        Some("day_first") => DateOrder::DayFirst,
        Some("month_first") => DateOrder::MonthFirst,
        _ => DateOrder::Iso,
    }
}

/// How a column of a joined file writes dates.
pub(crate) fn dates_of(table: &Table, column: usize, order: DateOrder) -> DateStyle {
    let fallback = Format {
        decimal: Decimal::Point,
        dates: order.into(),
    };
    settled(date_style(table.counted(column)), fallback)
}

/// The decimal sign of a column of amounts in a joined file. Error: `question_arr_dots`.
pub(crate) fn decimal_of(table: &Table, column: usize, plan: &LoadPlan) -> Result<Decimal> {
    decimal_by(table, column, &marks_in(table, column), plan)
}

fn decimal_by(table: &Table, column: usize, marks: &Marks, plan: &LoadPlan) -> Result<Decimal> {
    match (marks.decided(), plan.answers.get(ARR_DOTS).map(String::as_str)) {
        (Some(decimal), _) => Ok(decimal),
        (None, Some("thousands")) => Ok(Decimal::Comma),
        (None, Some(_)) => Ok(Decimal::Point),
        (None, None) => Err(dots(table, column, marks).into()),
    }
}

fn header(table: &Table, column: usize) -> String {
    table.headers().get(column).map(|header| quoted(header)).unwrap_or_default()
}
