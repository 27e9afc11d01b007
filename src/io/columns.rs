//! Which column plays which role: by its header, checked against its values, with the evidence in words (S4).

use std::collections::BTreeMap;

use serde_json::json;

use super::dictionary::{self, Header, Match};
use super::joins::Added;
use super::veto::{DESTROYED, veto};
use super::{formats, quoted, scale};
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

/// Decides the role of every column (S4): given ones win, then the surest reading, then the first in the file.
///
/// A given role with an empty header is left out. Errors: `column_not_found` for each given header that is not there,
/// `bad_answer` for a scale.
pub(crate) fn infer(table: &Table, added: &BTreeMap<usize, Added>, plan: &LoadPlan) -> Result<Inferred> {
    let mut found = find(table, added, plan)?;
    let mut findings = std::mem::take(&mut found.findings);
    for (winner, rival, confidence) in std::mem::take(&mut found.rivals) {
        let sure = found.columns.get(winner).map_or(0.0, |column| column.confidence);
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
    /// Columns that could be ARR too: (the one that is, the other, how sure that one would be).
    rivals: Vec<(usize, usize, f64)>,
}

fn find(table: &Table, added: &BTreeMap<usize, Added>, plan: &LoadPlan) -> Result<Search> {
    let given = given(table, plan)?;
    let headers: Vec<Header> = table.headers().iter().map(|h| dictionary::header(h)).collect();
    let mut columns: Vec<Column> = headers.iter().map(|_| Column::default()).collect();
    let mut taken: BTreeMap<Role, usize> = given.clone();
    for (role, column) in &given {
        if let Some(slot) = columns.get_mut(*column) {
            slot.settle(*role, 1.0, "you said so".into());
        }
    }
    // What was worked out from a joined file was asked for: it comes before what a header suggests.
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
    let mut findings = Vec::new();
    let mut readings = readings(table, &headers, plan, &mut columns, &mut findings);
    readings.retain(|reading| !added.contains_key(&reading.column));
    const YIELDING: f64 = 0.5;
    readings.extend(added.iter().filter(|(_, added)| added.yields).filter_map(|(column, added)| {
        Some(Reading {
            role: added.role?,
            column: *column,
            confidence: YIELDING,
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
                taken.insert(reading.role, reading.column);
            }
            Some(winner) => {
                if reading.role == Role::Arr && !given.contains_key(&Role::Arr) && *winner < table.n_read() {
                    rivals.push((*winner, reading.column, reading.confidence));
                }
                let winner = table.headers().get(*winner).map(String::as_str).unwrap_or_default();
                slot.evidence
                    .get_or_insert_with(|| format!("{} is read from {}", reading.role, quoted(winner)));
            }
        }
    }
    Ok(Search {
        headers,
        columns,
        taken,
        findings,
        rivals,
    })
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
    evidence: Option<String>,
}

impl Column {
    fn settle(&mut self, role: Role, confidence: f64, evidence: String) {
        *self = Column {
            role: Some(role),
            confidence,
            evidence: Some(evidence),
        };
    }
}

struct Reading {
    role: Role,
    column: usize,
    confidence: f64,
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
        for (role, how, phrase) in dictionary::roles(header) {
            if refused(plan, role) {
                continue;
            }
            match veto(table, role, column) {
                None => readings.push(Reading {
                    role,
                    column,
                    confidence: how.confidence(role),
                    evidence: evidence(role, how, phrase, shown),
                }),
                Some(reason) => {
                    if reason == DESTROYED {
                        findings.push(destroyed(shown));
                    }
                    slot.evidence
                        .get_or_insert_with(|| format!("header looks like {role}, but {reason}"));
                }
            }
        }
    }
    readings
}

fn evidence(role: Role, how: Match, phrase: &str, header: &str) -> String {
    let times = if role == Role::Mrr { "; ARR = 12 ×" } else { "" };
    match how {
        Match::Exact if role == Role::Arr => "header is ARR".into(),
        Match::Exact => format!("header is `{phrase}`{times}"),
        Match::Alias if role == Role::Mrr => format!("header {} means monthly revenue{times}", quoted(header)),
        Match::Alias => format!("header {} means {role}", quoted(header)),
        Match::Weak if role == Role::Arr => "contract value a year, taken for ARR; say so if it is not".into(),
        Match::Weak => format!("header {} usually means {role}", quoted(header)),
        Match::Within => format!("header holds `{phrase}`{times}"),
        Match::Fuzzy => format!("header is spelled like `{phrase}`{times}"),
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
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::io::table_of;

    fn plan(columns: &[(Role, &str)]) -> LoadPlan {
        let columns = columns.iter().map(|(r, h)| (*r, h.to_string())).collect();
        LoadPlan {
            columns,
            ..LoadPlan::at(date(2026, 1, 1))
        }
    }

    fn read(text: &str, columns: &[(Role, &str)]) -> Result<Inferred> {
        infer(&table_of(text.as_bytes(), "t.csv").unwrap(), &BTreeMap::new(), &plan(columns))
    }

    fn roles(text: &str) -> Vec<Option<Role>> {
        read(text, &[]).unwrap().guesses.iter().map(|g| g.role).collect()
    }

    #[test]
    fn exports_are_recognised() {
        use Role::{Arr, Churned, Created, Health, Id, Mrr, Name, Owner, Renewal, Status};
        for (text, wanted) in [
            (
                "Id,Name,AnnualRevenue,OwnerId\n1,A,5,x\n",
                vec![Some(Id), Some(Name), None, Some(Owner)],
            ),
            (
                "id,Customer ID,Amount,Status,Canceled At (UTC)\ns,c,5,active,\n",
                vec![None, Some(Id), None, Some(Status), Some(Churned)],
            ),
            (
                "externalId,name,mrr,healthScore,nextRenewalDate\n1,A,5,7.5,2026-02-01\n",
                vec![Some(Id), Some(Name), Some(Mrr), Some(Health), Some(Renewal)],
            ),
            ("name,ARR,Total ARR\nA,5,6\n", vec![Some(Name), Some(Arr), None]),
            (
                "name,ARR,Annual Recurring Revenue\nA,high,6\n",
                vec![Some(Name), None, Some(Arr)],
            ),
            (
                "account,health,created\nA,green,2026-01-01\n",
                vec![Some(Name), None, Some(Created)],
            ),
            (
                "customerID,tenure,MonthlyCharges,TotalCharges,Churn\nx,1,5,5,No\n",
                vec![Some(Id), None, Some(Mrr), None, Some(Churned)],
            ),
        ] {
            assert_eq!(roles(text), wanted, "{text}");
        }
    }

    #[test]
    fn losers_name_the_winner_and_traps_their_reason() {
        let inferred = read("name,ARR,Total ARR,Total Spend\nA,5,6,7\n", &[]).unwrap();
        assert!(inferred.guesses[2].evidence.contains("`ARR`"), "{:?}", inferred.guesses);
        assert!(inferred.guesses[3].evidence.contains("lifetime"), "{:?}", inferred.guesses);
        assert_eq!(
            (inferred.guesses[1].confidence, inferred.guesses[1].evidence.as_str()),
            (0.98, "header is ARR")
        );
    }

    #[test]
    fn given_columns_win_and_missing_ones_are_reported_together() {
        let inferred = read("name,ARR,Contract\nA,5,6\n", &[(Role::Arr, "Contract")]).unwrap();
        assert_eq!(inferred.roles[&Role::Arr].column, 2);
        let error = read("name,ARR\nA,5\n", &[(Role::Arr, "ARRR"), (Role::Owner, "zzz")]).unwrap_err();
        assert_eq!(error.problems().len(), 2);
        assert_eq!(error.problems()[0].place.as_deref(), Some("columns.arr"));
        assert_eq!(error.fix(), Some(json!({"columns": {"arr": "ARR"}})));
        let inferred = read("name,ARR,churned\nA,5,yes\n", &[(Role::Churned, "")]).unwrap();
        assert!(!inferred.roles.contains_key(&Role::Churned));
    }

    #[test]
    fn rounded_ids_are_no_ids() {
        let inferred = read("account_id,name,arr\n7.00000E+15,A,1\n7.00000E+15,B,2\n", &[]).unwrap();
        assert!(!inferred.roles.contains_key(&Role::Id));
        assert_eq!(inferred.findings[0].code, "ids_destroyed");
    }
}
