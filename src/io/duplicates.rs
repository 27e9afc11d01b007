//! The same account twice: identical rows go, differing rows under one id are a question, like names are a warning (S3).

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::json;

use super::alike::{alike, rises};
use super::answers::DUPLICATES;
use super::draft::Draft;
use super::quoted;
use crate::error::{Problem, Result};
use crate::model::book::RoleColumn;
use crate::model::finding::Finding;
use crate::model::load::{LoadPlan, Reason};
use crate::model::money::{counted, grouped_text, short_text};
use crate::model::table::{Arena, Table};
use crate::model::values::{self, DateStyle, present, trim};
use crate::parallel;

/// What to do with differing rows of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Sum,
    Latest,
    First,
}

/// What came of the search.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Rows that were added into another.
    pub(crate) merged: usize,
    /// Which drafts those are.
    pub(crate) gone: Vec<usize>,
    /// Names alike but for the legal suffix.
    pub(crate) similar: Option<Finding>,
}

/// Columns that matter here.
pub(crate) struct Columns<'a> {
    /// The name, which is compared loosely.
    pub(crate) name: Option<usize>,
    /// Dates that may tell which row is the latest, best first.
    pub(crate) dated: Option<&'a RoleColumn>,
    /// How those dates are written.
    pub(crate) dates: DateStyle,
    /// Whether the rows look like subscriptions.
    pub(crate) subscriptions: bool,
    /// The column whose amount is that of the whole account, from a joined file.
    pub(crate) joined_arr: Option<usize>,
}

impl Columns<'_> {
    fn is_of_account(&self, draft: &Draft, table: &Table) -> bool {
        self.joined_arr
            .is_some_and(|column| present(table.cell(draft.row, column)).is_some())
    }
}

/// An amount from a joined file stands on every row of its account and counts once: on the first that is not set aside.
pub(crate) fn count_once(drafts: &mut [Draft], table: &Table, columns: &Columns) {
    if columns.joined_arr.is_none() {
        return;
    }
    let mut holders: HashMap<(bool, String), usize> = HashMap::new();
    let mut others = Vec::new();
    for (at, draft) in drafts.iter().enumerate().filter(|(_, d)| columns.is_of_account(d, table)) {
        let account = match (draft.id, draft.name) {
            ("", "") => continue,
            ("", name) => (false, name.to_lowercase()),
            (id, _) => (true, id.to_string()),
        };
        let holder = *holders.entry(account.clone()).or_insert(at);
        if holder == at {
            continue;
        }
        let moves = draft.fate.is_none() && drafts.get(holder).is_some_and(|held| held.fate.is_some());
        others.push(if moves { holder } else { at });
        if moves {
            holders.insert(account, at);
        }
    }
    for at in others {
        if let Some(draft) = drafts.get_mut(at) {
            draft.cents = draft.cents.map(|_| 0);
        }
    }
}

/// Sets duplicates aside or merges them. Errors: `question_duplicates`, `bad_answer`, `latest_needs_date`, `arr_too_large`.
pub(crate) fn settle(drafts: &mut [Draft], table: &Table, columns: &Columns, currency: &str, plan: &LoadPlan) -> Result<Outcome> {
    let choice = match plan.answers.get(DUPLICATES).map(String::as_str) {
        Some("sum" | "roll_up") => Some(Choice::Sum),
        Some("latest") => Some(Choice::Latest),
        Some("first") => Some(Choice::First),
        _ => None,
    };
    let names = bare_names(drafts);
    let groups = groups(drafts, &names);
    let mut outcome = Outcome::default();
    let mut differing: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        let kept = without_identical(drafts, table, columns.name, group);
        differing.extend(same_account(drafts, kept));
    }
    match choice {
        _ if differing.is_empty() => {}
        None => return Err(question(drafts, table, &differing, columns.subscriptions, currency).into()),
        Some(choice) => {
            for group in &differing {
                resolve(drafts, table, columns, choice, group, &mut outcome)?;
            }
        }
    }
    outcome.similar = similar(drafts, &names);
    Ok(outcome)
}

/// The bare name of each row; blank for those that are set aside.
fn bare_names(drafts: &[Draft]) -> Arena {
    let parts = parallel::in_parts(drafts.len(), parallel::LEAST, |range| {
        let mut names = Arena::default();
        let mut buffer = String::new();
        for draft in drafts.get(range).unwrap_or_default() {
            let name = if draft.fate.is_none() { draft.name } else { "" };
            names.push(bare(name, &mut buffer));
        }
        names
    });
    let mut parts = parts.into_iter();
    let mut names = parts.next().unwrap_or_default();
    parts.for_each(|part| names.append(&part));
    names
}

/// A name without case, surrounding blanks, punctuation at its end and legal suffix: `Acme, Inc.` is `acme`.
pub(crate) fn bare_name(name: &str) -> String {
    bare(name, &mut String::new()).to_string()
}

/// [`bare_name`] in a text that is used again.
fn bare<'b>(name: &str, buffer: &'b mut String) -> &'b str {
    buffer.clear();
    if name.is_ascii() {
        buffer.push_str(trim(name));
        buffer.make_ascii_lowercase();
    } else {
        buffer.push_str(&trim(name).to_lowercase());
    }
    let mut rest = buffer.as_str();
    loop {
        rest = rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ','));
        let Some((head, last)) = rest.rsplit_once(|c: char| c.is_whitespace() || c == ',') else {
            break;
        };
        let is_suffix = match last.contains('.') {
            false => is_legal_form(last),
            true => is_legal_form(&last.replace('.', "")),
        };
        if !is_suffix || trim(head).is_empty() {
            break;
        }
        rest = head;
    }
    rest
}

fn is_legal_form(word: &str) -> bool {
    matches!(
        word,
        "inc"
            | "incorporated"
            | "llc"
            | "ltd"
            | "limited"
            | "gmbh"
            | "ag"
            | "sa"
            | "corp"
            | "corporation"
            | "co"
            | "company"
            | "plc"
            | "bv"
            | "nv"
            | "kg"
            | "se"
            | "sas"
            | "sarl"
            | "srl"
            | "spa"
            | "ab"
            | "as"
            | "oy"
            | "oyj"
            | "aps"
            | "pty"
            | "pte"
            | "llp"
            | "lp"
            | "sl"
            | "kk"
            | "pvt"
            | "ug"
    )
}

/// Rows under one id, or without id under one bare name; groups of two and more, in file order.
fn groups(drafts: &[Draft], names: &Arena) -> Vec<Vec<usize>> {
    // In many exports ids rise from row to row. The first row alone may have none then, which makes no group.
    if rises(drafts.len(), |at| drafts.get(at).map_or("", |draft| draft.id)) {
        return Vec::new();
    }
    let key = |at: usize| match drafts.get(at).filter(|draft| draft.fate.is_none()) {
        Some(draft) if !draft.id.is_empty() => (true, draft.id),
        Some(_) => (false, names.get(at)),
        None => (false, ""),
    };
    let tell = |groups: &mut Vec<Vec<usize>>, group: &[usize]| groups.push(group.to_vec());
    let mut groups: Vec<Vec<usize>> = alike(drafts.len(), key, tell).concat();
    groups.sort_unstable();
    groups
}

/// Sets all but the first of identical rows aside; returns the rest of the group.
fn without_identical(drafts: &mut [Draft], table: &Table, name: Option<usize>, group: Vec<usize>) -> Vec<usize> {
    let loose = |row: usize, column: usize| {
        let cell = trim(table.cell(row, column));
        if Some(column) == name {
            bare_name(cell)
        } else {
            cell.to_string()
        }
    };
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut kept = Vec::new();
    for at in group {
        let Some(row) = drafts.get(at).map(|d| d.row) else { continue };
        let mut hasher = DefaultHasher::new();
        (0..table.n_columns()).for_each(|column| loose(row, column).hash(&mut hasher));
        let alike = seen.entry(hasher.finish()).or_default();
        let twin = alike
            .iter()
            .copied()
            .find(|other| (0..table.n_columns()).all(|c| loose(row, c) == loose(*other, c)));
        match (twin, drafts.get_mut(at)) {
            (Some(twin), Some(draft)) => {
                draft.set_aside(Reason::Duplicate, format!("same as {}", table.place(twin)));
            }
            _ => {
                alike.push(row);
                kept.push(at);
            }
        }
    }
    kept
}

/// Of rows that share an id or a bare name, those that are one account: the same id, or without ids the same full name.
fn same_account(drafts: &[Draft], kept: Vec<usize>) -> Vec<Vec<usize>> {
    let mut parts: Vec<(String, Vec<usize>)> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for at in kept {
        let Some(draft) = drafts.get(at) else { continue };
        let key = if draft.id.is_empty() {
            draft.name.to_lowercase()
        } else {
            String::new()
        };
        let slot = *index.entry(key.clone()).or_insert_with(|| {
            parts.push((key, Vec::new()));
            parts.len() - 1
        });
        if let Some((_, part)) = parts.get_mut(slot) {
            part.push(at);
        }
    }
    parts
        .into_iter()
        .map(|(_, part)| part)
        .filter(|part| part.len() > 1)
        .collect()
}

/// Amounts of one account that the question shows.
const AMOUNTS_SHOWN: usize = 3;

fn question(drafts: &[Draft], table: &Table, differing: &[Vec<usize>], subscriptions: bool, currency: &str) -> Problem {
    let rows: usize = differing.iter().map(Vec::len).sum();
    let cents: i128 = differing
        .iter()
        .flatten()
        .filter_map(|at| drafts.get(*at)?.cents)
        .map(i128::from)
        .sum();
    let mut largest: Vec<&Vec<usize>> = differing.iter().collect();
    largest.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let found = largest.iter().take(5).filter_map(|group| {
        let draft = drafts.get(*group.first()?)?;
        let amounts = group.iter().filter_map(|at| drafts.get(*at)?.cents).take(AMOUNTS_SHOWN);
        let amounts: Vec<String> = amounts.map(|cents| grouped_text(i128::from(cents))).collect();
        let more = if group.len() > AMOUNTS_SHOWN { ", .." } else { "" };
        let rows = counted(group.len(), "row");
        Some(match amounts.is_empty() {
            true => format!("{} {rows}", quoted(&draft.label(table))),
            false => format!("{} {rows} of {}{more}", quoted(&draft.label(table)), amounts.join(" and ")),
        })
    });
    let message = format!(
        "{} on {} that differ, {} in all: which rows count?",
        counted(differing.len(), "account"),
        counted(rows, "row"),
        short_text(cents, currency)
    );
    Problem::new("question_duplicates", message)
        .at("answers.duplicates")
        .found(found)
        .expected(match subscriptions {
            true => "roll_up (live rows, brought to a year, added up), sum, latest or first",
            false => "sum, latest or first",
        })
        .fix(json!({"answers": {DUPLICATES: if subscriptions { "roll_up" } else { "sum" }}}))
        .next("load_book again")
}

fn resolve(
    drafts: &mut [Draft],
    table: &Table,
    columns: &Columns,
    choice: Choice,
    group: &[usize],
    outcome: &mut Outcome,
) -> Result<()> {
    let Some(first) = group.first().copied() else { return Ok(()) };
    let keep = if choice == Choice::Latest {
        latest(drafts, table, columns, group)?
    } else {
        first
    };
    let kept_at = drafts.get(keep).map(|d| table.place(d.row)).unwrap_or_default();
    let mut total = drafts.get(keep).and_then(|d| d.cents).unwrap_or(0);
    for at in group.iter().copied().filter(|at| *at != keep) {
        let Some(draft) = drafts.get_mut(at) else { continue };
        // Whichever row is kept, what the account is worth stays with it.
        let of_account = columns.is_of_account(draft, table);
        if choice == Choice::Sum || of_account {
            total = total.checked_add(draft.cents.unwrap_or(0)).ok_or_else(|| {
                Problem::new(
                    "arr_too_large",
                    format!("the ARR of {} does not fit", quoted(&draft.label(table))),
                )
            })?;
        }
        if choice == Choice::Sum {
            outcome.merged += 1;
            outcome.gone.push(at);
        } else {
            draft.cents = if of_account { Some(0) } else { draft.cents };
            draft.set_aside(Reason::Duplicate, format!("{kept_at} counts"));
        }
    }
    if let Some(draft) = drafts.get_mut(keep) {
        draft.cents = Some(total);
    }
    Ok(())
}

/// The row with the newest date; of several, the last in the file.
fn latest(drafts: &[Draft], table: &Table, columns: &Columns, group: &[usize]) -> Result<usize> {
    let Some(dated) = columns.dated else {
        let message = "`latest` needs a column that says when a row was changed, created or renews";
        return Err(Problem::new("latest_needs_date", message)
            .at("answers.duplicates")
            .expected("columns.modified, or answers.duplicates sum or first")
            .fix(json!({"answers": {"duplicates": "first"}}))
            .into());
    };
    let key = |at: &usize| {
        drafts
            .get(*at)
            .and_then(|d| values::date(table.cell(d.row, dated.column), columns.dates))
    };
    Ok(group.iter().copied().max_by_key(|at| (key(at), *at)).unwrap_or_default())
}

/// Accounts whose names differ only in case or legal suffix, and that are not one account.
fn similar(drafts: &[Draft], names: &Arena) -> Option<Finding> {
    // Names were taken before duplicates went; those have no say.
    let name = |at: usize| match drafts.get(at) {
        Some(draft) if draft.fate.is_none() => (false, names.get(at)),
        _ => (false, ""),
    };
    let full = |at: usize| drafts.get(at).map_or("", |draft| draft.name);
    const SHOWN: usize = 5;
    // How many pairs, and those that stand first in the file.
    type Pairs = (usize, BTreeSet<(usize, usize)>);
    let add = |pairs: &mut Pairs, pair: (usize, usize)| {
        let comes_later = pairs.1.len() >= SHOWN && pairs.1.last().is_some_and(|last| *last < pair);
        if !comes_later {
            pairs.1.insert(pair);
        }
        if pairs.1.len() > SHOWN {
            pairs.1.pop_last();
        }
    };
    let tell = |pairs: &mut Pairs, group: &[usize]| {
        let Some((head, others)) = group.split_first() else { return };
        for at in others.iter().filter(|at| !is_same_text(full(*head), full(**at))) {
            pairs.0 += 1;
            add(pairs, (*at, *head));
        }
    };
    let (mut n, mut pairs) = Pairs::default();
    for (more, found) in alike(drafts.len(), name, tell) {
        n += more;
        pairs.extend(found);
    }
    let shown: Vec<String> = pairs
        .into_iter()
        .take(SHOWN)
        .map(|(at, head)| format!("{} and {}", quoted(full(head)), quoted(full(at))))
        .collect();
    (n > 0).then(|| {
        let text = format!(
            "{} of names alike but for the legal suffix: {}. They count as separate accounts; merge them in the source if they are one",
            counted(n, "pair"),
            shown.join("; ")
        );
        Finding::warning("similar_names", text)
    })
}

/// Whether two texts are the same but for case.
fn is_same_text(a: &str, b: &str) -> bool {
    match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        false => a.to_lowercase() == b.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bared_of_case_and_legal_suffix() {
        for (name, bare) in [
            ("Acme, Inc.", "acme"),
            (" ACME Corp ", "acme"),
            ("Acme GmbH & Co. KG", "acme gmbh &"),
            ("Acme B.V.", "acme"),
            ("Acme Pty Ltd", "acme"),
            ("Inc", "inc"),
            ("Co-op Foods", "co-op foods"),
            ("Costco", "costco"),
            ("", ""),
        ] {
            assert_eq!(bare_name(name), bare, "{name}");
        }
    }
}
