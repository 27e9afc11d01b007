//! What loading noticed: how good the data is and the findings that say what to mend (H58).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::answers::{BLANK_ARR, LEFT_BUT_LIVE};
use super::dictionary::says_here;
use super::draft::Draft;
use super::{listed, quoted};
use crate::model::book::RoleColumn;
use crate::model::finding::{Finding, Severity};
use crate::model::load::{LoadPlan, Quality, Question, Reason, SetAside};
use crate::model::money::counted;
use crate::model::money::short_text;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{self, present};

/// More statuses than this are no statuses of an account.
const MANY_STATUSES: usize = 12;

/// What the notes are about.
pub(crate) struct Facts<'a> {
    pub(crate) table: &'a Table,
    pub(crate) roles: &'a BTreeMap<Role, RoleColumn>,
    pub(crate) drafts: &'a [Draft<'a>],
    /// Those of which more is to be said.
    pub(crate) remarkable: &'a [&'a Draft<'a>],
    pub(crate) set_aside: &'a [SetAside],
    pub(crate) merged: usize,
    pub(crate) as_of: jiff::civil::Date,
    pub(crate) currency: &'a str,
}

/// The columns in which a blank is a gap.
fn that_matter(facts: &Facts) -> Vec<usize> {
    // A blank in these says "no".
    const BLANK_IS_NO: [Role; 8] = [
        Role::Churned,
        Role::Deleted,
        Role::CommittedArr,
        Role::Parent,
        Role::Tags,
        Role::CaseStudy,
        Role::DesignPartner,
        Role::Reference,
    ];
    let roles = facts.roles.iter().filter(|(role, _)| !BLANK_IS_NO.contains(role));
    roles.map(|(_, found)| found.column).collect()
}

/// How good the data is (H58): completeness over the cells of columns with a role, where a blank is a gap.
pub(crate) fn quality(facts: &Facts) -> Quality {
    let columns = that_matter(facts);
    let is_none = |draft: &&&Draft| draft.fate == Some(Reason::NotARow);
    let no_rows: Vec<usize> = facts.remarkable.iter().filter(is_none).map(|d| d.row).collect();
    let filled_in = |column: usize| {
        let beside = no_rows
            .iter()
            .filter(|row| present(facts.table.cell(**row, column)).is_some());
        facts.table.len_of(column, |cell| present(cell).is_some()) - beside.count()
    };
    let filled: usize = columns.iter().copied().map(filled_in).sum();
    let n = facts.drafts.len() - no_rows.len();
    let cells = n * columns.len();
    let duplicates = facts.merged + facts.set_aside.iter().filter(|s| s.reason == Reason::Duplicate).count();
    Quality {
        completeness: if cells == 0 { 1.0 } else { filled as f64 / cells as f64 },
        uniqueness: if n == 0 { 1.0 } else { 1.0 - duplicates as f64 / n as f64 },
        freshness_days: freshness(facts),
    }
}

/// The findings about rows and quality, gravest first within each kind.
pub(crate) fn findings(facts: &Facts, quality: &Quality) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(nobody(facts));
    findings.extend(by_reason(facts));
    findings.extend(not_started(facts));
    findings.extend(left_but_live(facts));
    findings.extend(other_statuses(facts));
    findings.extend(ragged(facts.table));
    findings.extend(committed(facts));
    findings.extend(below_par(facts, quality));
    findings
}

/// The question what a blank amount means.
pub(crate) fn blank_amounts(facts: &Facts, plan: &LoadPlan) -> Option<Question> {
    let blank: Vec<&SetAside> = facts
        .set_aside
        .iter()
        .filter(|row| row.reason == Reason::MissingArr)
        .collect();
    (!blank.is_empty() && !plan.answers.contains_key(BLANK_ARR)).then(|| Question {
        id: BLANK_ARR,
        text: format!(
            "{} without an amount: is that unknown, so that they are set aside (used), or nothing to pay?",
            counted(blank.len(), "row")
        ),
        fix: json!({"answers": {BLANK_ARR: "zero"}}),
    })
}

/// WARNING about statuses among the accounts that say neither that one is there nor that it has left: trials, leads, partners.
fn other_statuses(facts: &Facts) -> Option<Finding> {
    const SHOWN: usize = 3;
    let column = facts.roles.get(&Role::Status)?.column;
    let mut statuses: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for draft in facts.drafts.iter().filter(|draft| draft.fate.is_none()) {
        let Some(status) = present(facts.table.cell(draft.row, column)) else {
            continue;
        };
        let (n, cents) = statuses.entry(status).or_default();
        *n += 1;
        *cents = cents.saturating_add(draft.cents.unwrap_or(0));
        if statuses.len() > MANY_STATUSES {
            return None;
        }
    }
    let (here, others): (Vec<_>, Vec<_>) = statuses.into_iter().partition(|(status, _)| is_there(status));
    // Without a word for "active" among them the column says something else, such as a stage.
    if here.is_empty() || others.is_empty() {
        return None;
    }
    let mut common = others;
    common.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    let said = common.iter().take(SHOWN).map(|(status, (n, cents))| {
        let arr = short_text(i128::from(*cents), facts.currency);
        format!("{} ({}, {arr})", quoted(status), counted(*n, "account"))
    });
    let text = format!(
        "other statuses than active count as customers: {}; load_book with `not_customers` sets some aside",
        said.collect::<Vec<_>>().join(", ")
    );
    Some(Finding::warning("other_statuses", text))
}

/// `Active`, and `Active - M&A` too.
fn is_there(status: &str) -> bool {
    let first = status.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    says_here(status) || says_here(first)
}

/// CRITICAL when no account is left.
fn nobody(facts: &Facts) -> Option<Finding> {
    if facts.drafts.iter().any(|draft| draft.fate.is_none()) {
        return None;
    }
    let path = quoted(&facts.table.source.path);
    let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
    for row in facts.set_aside {
        *counts.entry(row.reason).or_default() += 1;
    }
    let reasons: Vec<String> = counts
        .iter()
        .map(|(reason, n)| format!("{} {}", counted(*n, "row"), reason.code()))
        .collect();
    let text = match reasons.is_empty() {
        true => format!("{path} has a header and no rows: there is nothing to segment. Export it again"),
        false => format!(
            "no account is left of {path}: {}. No step can go on from here",
            reasons.join(", ")
        ),
    };
    Some(Finding::critical("no_accounts", text))
}

fn freshness(facts: &Facts) -> Option<i64> {
    let column = facts.roles.get(&Role::Modified)?.column;
    let order = values::date_style(facts.table.counted(column));
    // Rows that are blank are no drafts, and hold no date.
    let newest = facts
        .table
        .counted(column)
        .filter_map(|(cell, _)| values::date(cell, order))
        .max()?;
    let days = facts.as_of.since((jiff::Unit::Day, newest)).ok()?.get_days();
    Some(i64::from(days).max(0))
}

fn by_reason(facts: &Facts) -> Vec<Finding> {
    let mut grouped: BTreeMap<Reason, Vec<&SetAside>> = BTreeMap::new();
    for row in facts.set_aside.iter().filter(|row| !row.not_started) {
        grouped.entry(row.reason).or_default().push(row);
    }
    let labels: BTreeMap<usize, &Draft> = facts
        .remarkable
        .iter()
        .filter(|d| d.fate.is_some())
        .map(|d| (d.row, *d))
        .collect();
    let describe = |reason: Reason, rows: &[&SetAside]| {
        let cents: i128 = rows.iter().filter_map(|r| r.arr).map(|m| i128::from(m.0)).sum();
        let names: Vec<Cow<str>> = rows
            .iter()
            .filter_map(|r| labels.get(&r.row))
            .map(|d| d.label(facts.table))
            .collect();
        let amount = if cents == 0 {
            String::new()
        } else {
            format!(", {} ARR", short_text(cents, facts.currency))
        };
        let who = format!("{}{amount}", counted(rows.len(), "row"));
        (reason, who, listed(names.iter().map(AsRef::as_ref)))
    };
    // So many rows without a readable amount that the tiers say little about the company.
    const CRITICAL_SHARE: usize = 10;
    let critical = |reason: Reason| {
        let n = grouped.get(&reason).map_or(0, Vec::len);
        matches!(reason, Reason::MissingArr | Reason::UnparseableArr) && n * CRITICAL_SHARE > facts.drafts.len()
    };
    grouped
        .iter()
        .map(|(reason, rows)| describe(*reason, rows))
        .map(|(reason, who, names)| {
            let finding = sentence(facts, reason, &who, &names);
            let severity = if critical(reason) {
                Severity::Critical
            } else {
                finding.severity
            };
            Finding { severity, ..finding }
        })
        .collect()
}

fn sentence(facts: &Facts, reason: Reason, who: &str, names: &str) -> Finding {
    let amount = facts
        .roles
        .get(&Role::Arr)
        .or(facts.roles.get(&Role::Mrr))
        .and_then(|c| facts.table.headers().get(c.column));
    let column = amount.map_or("the amount".to_string(), |h| quoted(h));
    match reason {
        Reason::MissingArr => Finding::warning(
            "rows_missing_arr",
            format!("{who} set aside: {column} is blank ({names}). They are in no tier; fill the amount, 0 for free accounts"),
        ),
        Reason::UnparseableArr => Finding::warning(
            "rows_unparseable_arr",
            format!(
                "{who} set aside: {column} holds no amount ({names}). They are in no tier; write plain numbers such as 12000.50"
            ),
        ),
        Reason::NegativeArr => Finding::warning(
            "rows_negative_arr",
            format!("{who} set aside: {column} is below zero ({names}). They are in no tier; credits belong outside ARR"),
        ),
        Reason::ForeignCurrency => Finding::warning(
            "rows_foreign_currency",
            format!(
                "{who} set aside: no rate to {} ({names}). They are in no tier; give `rates`",
                facts.currency
            ),
        ),
        Reason::Duplicate => Finding::info(
            "rows_duplicate",
            format!("{who} set aside as duplicates of rows that count ({names}); nothing to do"),
        ),
        Reason::Churned => Finding::info(
            "rows_churned",
            format!("{who} set aside: the accounts have left ({names}). Give `keep_churned` to count them"),
        ),
        Reason::NotCustomer => Finding::info(
            "rows_not_customer",
            format!("{who} set aside: their status is one of `not_customers` ({names})"),
        ),
        Reason::Deleted => Finding::info(
            "rows_deleted",
            format!("{who} set aside: deleted in their system ({names}); nothing to do"),
        ),
        Reason::NotARow => Finding::info(
            "rows_not_a_row",
            format!("{who} set aside: totals, footers or repeated headers ({names})"),
        ),
    }
}

/// Accounts that are yet to come are no losses, and to keep them would add accounts that pay nothing.
fn not_started(facts: &Facts) -> Option<Finding> {
    let rows = that_are(facts, |d| d.fate.is_some() && d.not_started);
    let names: Vec<Cow<str>> = rows.iter().map(|d| d.label(facts.table)).collect();
    (!rows.is_empty()).then(|| {
        let text = format!(
            "{} set aside: their subscriptions start after {}, so these accounts have not left. Give a later as_of to count them \
             ({})",
            counted(rows.len(), "row"),
            facts.as_of,
            listed(names.iter().map(AsRef::as_ref))
        );
        Finding::info("rows_not_started", text)
    })
}

/// Live subscriptions win over a mark of having left; which of the two is wrong only a person can tell.
fn left_but_live(facts: &Facts) -> Option<Finding> {
    let rows = that_are(facts, |d| d.fate.is_none() && d.left_but_live.is_some());
    let cents: i128 = rows.iter().filter_map(|d| d.cents).map(i128::from).sum();
    let columns: BTreeSet<usize> = rows.iter().filter_map(|d| d.left_but_live).collect();
    let headers = columns.iter().filter_map(|column| facts.table.headers().get(*column));
    let names: Vec<Cow<str>> = rows.iter().map(|d| d.label(facts.table)).collect();
    (!rows.is_empty()).then(|| {
        let text = format!(
            "{}, {} ARR, marked as left by {} with live subscriptions: they count, unless answers.{LEFT_BUT_LIVE} says \
             `set_aside` ({})",
            counted(rows.len(), "account"),
            short_text(cents, facts.currency),
            listed(headers.map(String::as_str)),
            listed(names.iter().map(AsRef::as_ref))
        );
        Finding::warning("left_but_live", text)
    })
}

fn that_are<'a>(facts: &Facts<'a>, picked: impl Fn(&Draft) -> bool) -> Vec<&'a Draft<'a>> {
    facts.remarkable.iter().copied().filter(|draft| picked(draft)).collect()
}

fn ragged(table: &Table) -> Option<Finding> {
    let (short, long) = (table.short_rows, table.n_long_rows());
    (short + long > 0).then(|| {
        let text = format!(
            "{} shorter and {} longer than the header of {}: missing cells read as blank, surplus cells are left out. \
             Look for unquoted delimiters",
            counted(short, "row"),
            counted(long, "row"),
            quoted(&table.source.path)
        );
        Finding::info("ragged_rows", text)
    })
}

fn committed(facts: &Facts) -> Option<Finding> {
    let rows = that_are(facts, |d| d.committed && d.fate.is_none());
    let cents: i128 = rows.iter().filter_map(|d| d.cents).map(i128::from).sum();
    let names: Vec<Cow<str>> = rows.iter().map(|d| d.label(facts.table)).collect();
    (!rows.is_empty()).then(|| {
        let text = format!(
            "{} signed and not live yet count with their committed ARR, {} ({})",
            counted(rows.len(), "account"),
            short_text(cents, facts.currency),
            listed(names.iter().map(AsRef::as_ref))
        );
        Finding::info("committed_arr", text)
    })
}

/// Quality under the thresholds of H58.
fn below_par(facts: &Facts, quality: &Quality) -> Vec<Finding> {
    const COMPLETENESS_MIN: f64 = 0.85;
    const UNIQUENESS_MIN: f64 = 0.99;
    const FRESHNESS_DAYS_MAX: i64 = 30;
    let mut findings = Vec::new();
    if quality.completeness < COMPLETENESS_MIN {
        let text = format!(
            "{:.0}% of the cells that matter are filled, 85% is the mark; most blanks: {}. Their signals are unknown; fill them in the source",
            quality.completeness * 100.0,
            emptiest(facts)
        );
        findings.push(Finding::warning("completeness", text));
    }
    if quality.uniqueness < UNIQUENESS_MIN {
        let text = format!(
            "{:.1}% of the rows are unique, 99% is the mark. Export one row per account",
            quality.uniqueness * 100.0
        );
        findings.push(Finding::warning("uniqueness", text));
    }
    if let Some(days) = quality.freshness_days.filter(|d| *d > FRESHNESS_DAYS_MAX) {
        let text = format!("the newest change in the book is {days} days old, 30 is the mark. Export it again, or say `as_of`");
        findings.push(Finding::warning("freshness", text));
    }
    findings
}

fn emptiest(facts: &Facts) -> String {
    let blanks = |column: usize| facts.table.len_of(column, |cell| present(cell).is_none());
    let mut columns: Vec<(usize, &str)> = that_matter(facts)
        .into_iter()
        .filter_map(|column| Some((blanks(column), facts.table.headers().get(column)?.as_str())))
        .collect();
    columns.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    columns.dedup();
    listed(columns.into_iter().filter(|(n, _)| *n > 0).take(3).map(|(_, h)| h))
}

#[cfg(test)]
mod tests;
