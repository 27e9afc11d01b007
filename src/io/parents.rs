//! Accounts below a parent: a question where there are any, and one account for a whole family on request (S4).

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::answers::{self, PARENTS};
use super::draft::Draft;
use super::duplicates::bare_name;
use super::{listed, quoted};
use crate::error::{Problem, Result};
use crate::model::finding::Finding;
use crate::model::load::{LoadPlan, Question};
use crate::model::money::counted;
use crate::model::table::Table;
use crate::model::values::present;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Families {
    /// Drafts that were added into the topmost account above them.
    pub(crate) gone: Vec<usize>,
    pub(crate) question: Option<Question>,
    pub(crate) finding: Option<Finding>,
}

/// Joins children to the topmost account above them when asked to, and asks where nobody said. Error: `arr_too_large`.
pub(crate) fn settle(
    drafts: &mut [Draft],
    gone: &HashSet<usize>,
    table: &Table,
    parent: Option<usize>,
    plan: &LoadPlan,
) -> Result<Families> {
    let Some(column) = parent else {
        return Ok(Families::default());
    };
    let above = above(drafts, gone, table, column);
    let children: Vec<usize> = (0..drafts.len()).filter(|at| above.contains_key(at)).collect();
    if children.is_empty() || answers::is(plan, PARENTS, "separate") {
        return Ok(Families::default());
    }
    if !answers::is(plan, PARENTS, "roll_up") {
        let header = table.headers().get(column).map(|header| quoted(header)).unwrap_or_default();
        let text = format!(
            "{} of the book stand below another by {header}: do they count by themselves (used) or as one with the topmost?",
            counted(children.len(), "account")
        );
        return Ok(Families {
            question: Some(Question {
                id: PARENTS,
                text,
                fix: json!({"answers": {PARENTS: "roll_up"}}),
            }),
            ..Families::default()
        });
    }
    let mut families = Families::default();
    let mut names: Vec<String> = Vec::new();
    let mut named: HashSet<usize> = HashSet::new();
    let tops = tops(&children, &above);
    for child in children {
        let top = tops.get(&child).copied().unwrap_or(child);
        let cents = drafts.get(child).and_then(|draft| draft.cents).unwrap_or(0);
        let Some(draft) = drafts.get_mut(top).filter(|_| top != child) else {
            continue;
        };
        let sum = draft.cents.unwrap_or(0).checked_add(cents);
        draft.cents = Some(sum.ok_or_else(|| Problem::new("arr_too_large", "the ARR of a family of accounts does not fit"))?);
        if named.insert(top) {
            names.push(draft.label(table).into_owned());
        }
        families.gone.push(child);
    }
    let text = format!(
        "{} joined to the {} above them ({})",
        counted(families.gone.len(), "account"),
        names.len(),
        listed(names.iter().map(String::as_str))
    );
    families.finding = (!families.gone.is_empty()).then(|| Finding::info("parents_rolled_up", text));
    Ok(families)
}

/// For each account that names a parent in the book: that parent.
fn above(drafts: &[Draft], gone: &HashSet<usize>, table: &Table, column: usize) -> HashMap<usize, usize> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let there = |at: &usize| drafts.get(*at).is_some_and(|draft| draft.fate.is_none()) && !gone.contains(at);
    let all: Vec<usize> = (0..drafts.len()).filter(there).collect();
    for at in &all {
        let Some(draft) = drafts.get(*at) else { continue };
        for key in [draft.id.to_string(), bare_name(draft.name)] {
            if !key.is_empty() {
                known.entry(key).or_insert(*at);
            }
        }
    }
    let parent = |at: &usize| {
        let cell = present(table.cell(drafts.get(*at)?.row, column))?;
        let parent = known.get(cell).or_else(|| known.get(&bare_name(cell)))?;
        (parent != at).then_some((*at, *parent))
    };
    all.iter().filter_map(parent).collect()
}

/// The topmost account above each child; in a circle, the first of the circle. Each account is passed once.
fn tops(children: &[usize], above: &HashMap<usize, usize>) -> HashMap<usize, usize> {
    let mut tops: HashMap<usize, usize> = HashMap::with_capacity(children.len());
    for child in children {
        let mut path: Vec<usize> = Vec::new();
        let mut passed: HashMap<usize, usize> = HashMap::new();
        let mut at = *child;
        let top = loop {
            if let Some(top) = tops.get(&at) {
                break *top;
            }
            if let Some(from) = passed.get(&at) {
                // Everyone in the circle must come to the same account.
                break path.iter().skip(*from).copied().min().unwrap_or(at);
            }
            let Some(parent) = above.get(&at) else { break at };
            passed.insert(at, path.len());
            path.push(at);
            at = *parent;
        };
        tops.extend(path.into_iter().map(|one| (one, top)));
    }
    tops
}
