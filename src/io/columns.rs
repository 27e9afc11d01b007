//! Which column plays which role: by its header, checked against its values, with the evidence in words (S4).

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::json;

use super::dictionary::{self, Header, Match, Sense};
use super::fit::{self, fit};
use super::joins::Added;
use super::sample::Sample;
use super::veto::{DESTROYED, veto};
use super::{by_values, formats, quoted, scale};
use crate::error::{Error, Problem, Result, candidates};
use crate::model::book::{RoleColumn, Unit};
use crate::model::finding::Finding;
use crate::model::format::Formats;
use crate::model::load::{ColumnGuess, LoadPlan, Question};
use crate::model::role::Role;
use crate::model::table::Table;

/// What the columns of a table mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inferred {
    /// The column of each role.
    pub(crate) roles: BTreeMap<Role, RoleColumn>,
    /// What each column was taken for, in file order.
    pub(crate) guesses: Vec<ColumnGuess>,
    /// How the columns write numbers and dates.
    pub(crate) formats: Formats,
    /// Questions about units and dates.
    pub(crate) questions: Vec<Question>,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// Decides the role of every column (S4): given ones win, then the surest reading, then the first in the file; last, what
/// values show where no header does.
///
/// A given role with an empty header is left out. Errors: `column_not_found` for each given header that is not there,
/// `bad_answer` for a scale.
pub(crate) fn infer(table: &Table, added: &BTreeMap<usize, Added>, plan: &LoadPlan) -> Result<Inferred> {
    let mut found = find(table, added, plan)?;
    let mut findings = std::mem::take(&mut found.findings);
    for (winner, rival, confidence) in std::mem::take(&mut found.rivals) {
        let sure = found.columns.get(winner).map_or(0.0, |column| column.by_header);
        findings.extend(two_arr_columns(table, winner, rival, confidence >= sure)?);
    }
    finish(table, added, plan, found, findings)
}

/// The column of each role by what is given and by header, before units and dates are looked at.
pub(crate) fn given_or_found(table: &Table, plan: &LoadPlan) -> Result<BTreeMap<Role, usize>> {
    find(table, &BTreeMap::new(), plan).map(|found| found.taken)
}

/// What headers and values say, before units are looked at.
struct Search {
    headers: Vec<Header>,
    columns: Vec<Column>,
    taken: BTreeMap<Role, usize>,
    findings: Vec<Finding>,
    /// Columns that could be ARR too: (the one that is, the other, how sure that one would be by its header).
    rivals: Vec<(usize, usize, f64)>,
}

fn find(table: &Table, added: &BTreeMap<usize, Added>, plan: &LoadPlan) -> Result<Search> {
    let given = given(table, plan)?;
    let headers: Vec<Header> = table.headers().iter().map(|h| dictionary::header(h)).collect();
    let mut columns: Vec<Column> = headers.iter().map(|_| Column::default()).collect();
    let mut taken: BTreeMap<Role, usize> = given.clone();
    settle_told(table, added, plan, &mut columns, &mut taken);
    let mut findings = Vec::new();
    let mut readings = readings(table, &headers, plan, &mut columns, &mut findings);
    readings.retain(|reading| !added.contains_key(&reading.column));
    own_keys_only(&mut readings, table);
    const YIELDING: f64 = 0.5;
    readings.extend(added.iter().filter(|(_, added)| added.yields).filter_map(|(column, added)| {
        Some(Reading {
            role: added.role?,
            column: *column,
            confidence: YIELDING,
            by_header: YIELDING,
            evidence: added.evidence.clone(),
        })
    }));
    readings.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(a.column.cmp(&b.column))
            .then(a.role.cmp(&b.role))
    });
    let mut rivals = Vec::new();
    for reading in readings {
        let Some(slot) = columns.get_mut(reading.column) else {
            continue;
        };
        if slot.role.is_some() {
            continue;
        }
        match taken.get(&reading.role) {
            None => {
                slot.settle(reading.role, reading.confidence, reading.evidence);
                slot.by_header = reading.by_header;
                taken.insert(reading.role, reading.column);
            }
            Some(winner) => {
                if reading.role == Role::Arr && !given.contains_key(&Role::Arr) && *winner < table.n_read() {
                    rivals.push((*winner, reading.column, reading.by_header));
                }
                let winner = table.headers().get(*winner).map(String::as_str).unwrap_or_default();
                slot.evidence
                    .get_or_insert_with(|| format!("{} is read from {}", reading.role, quoted(winner)));
            }
        }
    }
    let mut found = Search {
        headers,
        columns,
        taken,
        findings,
        rivals,
    };
    found.look_at_values(table, plan);
    Ok(found)
}

/// What an account is called stands in the book: a joined file that calls only some of them otherwise must not tell.
fn own_keys_only(readings: &mut Vec<Reading>, table: &Table) {
    let own: Vec<Role> = readings
        .iter()
        .filter(|r| r.column < table.n_read())
        .map(|r| r.role)
        .collect();
    let key = |role: Role| matches!(role, Role::Id | Role::Name);
    readings.retain(|r| r.column < table.n_read() || !key(r.role) || !own.contains(&r.role));
}

/// Settles the columns that were given, then those that joined files were asked for.
fn settle_told(
    table: &Table,
    added: &BTreeMap<usize, Added>,
    plan: &LoadPlan,
    columns: &mut [Column],
    taken: &mut BTreeMap<Role, usize>,
) {
    for (role, column) in taken.iter() {
        if let Some(slot) = columns.get_mut(*column) {
            let fit = fit(&Sample::of(table, *column), *role);
            slot.settle(*role, 1.0, with("you said so".into(), &fit.words));
        }
    }
    for (column, added) in added {
        let free = added
            .role
            .filter(|role| !added.yields && !taken.contains_key(role) && !refused(plan, *role));
        if let (Some(role), Some(slot)) = (free, columns.get_mut(*column)) {
            slot.settle(role, 1.0, added.evidence.clone());
            taken.insert(role, *column);
        } else if let Some(slot) = columns.get_mut(*column) {
            slot.evidence = Some(added.evidence.clone());
        }
    }
}

impl Search {
    /// Takes an id and a currency by their values where no header gives one.
    fn look_at_values(&mut self, table: &Table, plan: &LoadPlan) {
        let free = |columns: &[Column]| -> Vec<usize> {
            let columns = columns.iter().enumerate().take(table.n_read());
            columns.filter(|(_, c)| c.role.is_none()).map(|(at, _)| at).collect()
        };
        let open = |taken: &BTreeMap<Role, usize>, role: Role| !taken.contains_key(&role) && !refused(plan, role);
        let mut seen = Vec::new();
        if open(&self.taken, Role::Id) {
            let named = self.taken.contains_key(&Role::Name);
            seen.extend(by_values::id(table, &self.headers, &free(&self.columns), named).map(|seen| (Role::Id, seen)));
        }
        // What a joined file says of its own amounts is not what the book's are in.
        let joined = self
            .taken
            .get(&Role::Currency)
            .copied()
            .filter(|column| *column >= table.n_read());
        let told = plan.columns.contains_key(&Role::Currency);
        if open(&self.taken, Role::Currency) || (joined.is_some() && !told) {
            seen.extend(by_values::currency(table, &free(&self.columns)).map(|seen| (Role::Currency, seen)));
        }
        for (role, seen) in seen {
            if let Some(slot) = self.columns.get_mut(seen.column) {
                slot.settle(role, seen.confidence, seen.evidence);
                let before = self.taken.insert(role, seen.column);
                if let Some(slot) = before.and_then(|column| self.columns.get_mut(column)) {
                    slot.role = None;
                }
            }
        }
    }
}

/// Whether the caller said that no column plays the role.
fn refused(plan: &LoadPlan, role: Role) -> bool {
    plan.columns.get(&role).is_some_and(|header| header.trim().is_empty())
}

/// Two columns that could both be ARR and differ: a question when one is as likely as the other, else a warning.
fn two_arr_columns(table: &Table, winner: usize, rival: usize, alike: bool) -> Result<Option<Finding>> {
    let differ = (0..table.n_rows()).any(|row| table.cell(row, winner).trim() != table.cell(row, rival).trim());
    if !differ {
        return Ok(None);
    }
    let header = |column: usize| table.headers().get(column).cloned().unwrap_or_default();
    let (winner, rival) = (header(winner), header(rival));
    if !alike {
        let text = format!(
            "{} is read as ARR; {} could be meant too and differs: name it in columns.arr if so",
            quoted(&winner),
            quoted(&rival)
        );
        return Ok(Some(Finding::warning("arr_rival", text)));
    }
    Err(
        Problem::new("question_arr_column", "two columns could be ARR, and they differ")
            .at("columns.arr")
            .found([quoted(&winner), quoted(&rival)])
            .fix(json!({"columns": {"arr": winner}}))
            .into(),
    )
}

#[derive(Debug, Clone, Default)]
struct Column {
    role: Option<Role>,
    confidence: f64,
    /// The confidence before values had their say: which of two columns is meant is not for values to tell.
    by_header: f64,
    evidence: Option<String>,
}

impl Column {
    fn settle(&mut self, role: Role, confidence: f64, evidence: String) {
        *self = Column {
            role: Some(role),
            confidence,
            by_header: confidence,
            evidence: Some(evidence),
        };
    }
}

struct Reading {
    role: Role,
    column: usize,
    confidence: f64,
    by_header: f64,
    evidence: String,
}

fn given(table: &Table, plan: &LoadPlan) -> Result<BTreeMap<Role, usize>> {
    let mut found = BTreeMap::new();
    let mut problems = Vec::new();
    for (role, header) in plan.columns.iter().filter(|(_, header)| !header.trim().is_empty()) {
        match table.find(header) {
            Some(column) => {
                found.insert(*role, column);
            }
            None => problems.push(not_found(table, *role, header)),
        }
    }
    Error::unless_none(problems).map(|()| found)
}

fn not_found(table: &Table, role: Role, header: &str) -> Problem {
    let names = || table.headers().iter().map(String::as_str);
    let near = candidates(header, names(), 5);
    let message = format!("no column {} in {}", quoted(header), quoted(&table.source.path));
    let problem = Problem::new("column_not_found", message).at(format!("columns.{role}"));
    match near.first() {
        Some(best) => {
            let rest = names().filter(|n| !near.contains(n));
            problem
                .found(near.iter().copied().chain(rest).map(quoted))
                .fix(json!({"columns": {role.code(): best}}))
        }
        None => problem.found(names().map(quoted)),
    }
}

/// Every role that a free column may play, once its values have had their say.
fn readings(
    table: &Table,
    headers: &[Header],
    plan: &LoadPlan,
    columns: &mut [Column],
    findings: &mut Vec<Finding>,
) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (column, (header, slot)) in headers.iter().zip(columns).enumerate() {
        if slot.role.is_some() {
            continue;
        }
        let trap = dictionary::trap(header).map(|why| format!("not ARR: {why}"));
        slot.evidence = slot.evidence.take().or(trap);
        let shown = table.headers().get(column).map(String::as_str).unwrap_or_default();
        let senses = dictionary::roles(header)
            .into_iter()
            .filter(|sense| !refused(plan, sense.role));
        let sample = OnceCell::new();
        for sense in senses {
            let sample = sample.get_or_init(|| Sample::of(table, column));
            let role = sense.role;
            match veto(sample, role, sense.how) {
                None => {
                    let fit = fit(sample, role);
                    readings.push(Reading {
                        role,
                        column,
                        confidence: fit::rounded(sense.confidence() + fit.shift),
                        by_header: sense.confidence(),
                        evidence: with(evidence(sense, shown), &fit.words),
                    });
                }
                Some(reason) => {
                    if reason == DESTROYED {
                        findings.push(destroyed(shown));
                    }
                    if sense.how != Match::Weak || role != Role::Id {
                        slot.evidence
                            .get_or_insert_with(|| format!("header looks like {role}, but {reason}"));
                    }
                }
            }
        }
    }
    readings
}

fn evidence(sense: Sense, header: &str) -> String {
    let Sense { role, how, phrase, .. } = sense;
    let times = if role == Role::Mrr { "; ARR = 12 ×" } else { "" };
    let phrase = phrase.replace('*', "");
    match how {
        Match::Weak if role == Role::Arr => "contract value a year, taken for ARR; say so if it is not".into(),
        Match::Exact | Match::Alias if sense.at_end => format!("header ends in `{phrase}`{times}"),
        Match::Exact if role == Role::Arr => "header is ARR".into(),
        Match::Exact if role == Role::Mrr => format!("header is MRR{times}"),
        Match::Exact => "header says so".into(),
        Match::Alias if role == Role::Mrr => format!("header {} means monthly revenue{times}", quoted(header)),
        Match::Alias => format!("header {} means {role}", quoted(header)),
        Match::Weak => format!("header {} usually means {role}", quoted(header)),
        Match::Within => format!("header holds `{phrase}`{times}"),
        Match::Fuzzy => format!("header is spelled like `{phrase}`{times}"),
    }
}

/// What the header says and what the values show.
fn with(header: String, values: &str) -> String {
    if values.is_empty() {
        header
    } else {
        format!("{header}; {values}")
    }
}

fn destroyed(header: &str) -> Finding {
    let text = format!(
        "{} holds ids that a spreadsheet rounded (such as `7.00000E+15`), so it is not used as id; accounts go by name. \
         Export again with that column as text",
        quoted(header)
    );
    Finding::warning("ids_destroyed", text)
}

fn finish(
    table: &Table,
    added: &BTreeMap<usize, Added>,
    plan: &LoadPlan,
    found: Search,
    findings: Vec<Finding>,
) -> Result<Inferred> {
    let Search {
        headers, columns, taken, ..
    } = found;
    let mut inferred = Inferred {
        findings,
        ..Inferred::default()
    };
    let mut problems = Vec::new();
    for (index, ((shown, header), column)) in table.headers().iter().zip(&headers).zip(columns).enumerate() {
        let mut evidence = column.evidence.unwrap_or_default();
        if let Some(unit) = header.unit.as_ref().filter(|_| column.role.is_some()) {
            evidence = format!("{evidence}; unit {}", quoted(unit));
        }
        if let Some(role) = column.role {
            let known = added.get(&index).and_then(|added| added.unit);
            match known.map_or_else(|| scale::of(table, role, index, plan), |unit| Ok(scale::Scale::known(unit))) {
                Ok(scale) => {
                    evidence.extend(scale.evidence.map(|e| format!("; {e}")));
                    inferred.questions.extend(scale.question);
                    inferred.roles.insert(
                        role,
                        RoleColumn {
                            column: index,
                            unit: scale.unit,
                        },
                    );
                }
                Err(error) => problems.extend(error.problems().iter().cloned()),
            }
        }
        let guess = ColumnGuess {
            header: shown.clone(),
            role: column.role,
            confidence: column.confidence,
            evidence,
        };
        inferred.guesses.push(guess);
    }
    // One column may be given two roles (id and name); its guess shows one of them.
    for (role, column) in taken {
        inferred.roles.entry(role).or_insert(RoleColumn {
            column,
            unit: Unit::default(),
        });
    }
    Error::unless_none(problems)?;
    let decided = formats::decide(table, &inferred.roles, plan)?;
    for (index, guess) in inferred.guesses.iter_mut().enumerate() {
        if let Some(words) = decided.evidence.get(&index) {
            guess.evidence = format!("{}; {words}", guess.evidence);
        }
    }
    inferred.formats = decided.formats;
    inferred.questions.extend(decided.questions);
    inferred.findings.extend(decided.findings);
    Ok(inferred)
}

#[cfg(test)]
mod tests;
