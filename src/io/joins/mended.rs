//! Errors about one joined file in terms of the call: the place among the joins, the fix as the whole list.

use serde_json::{Value, json};

use crate::error::{Error, Problem, candidates};
use crate::model::control::CANCELLED;
use crate::model::load::Join;

impl Error {
    /// The same error about a joined file: its places lie under the join, and a fix of the join is one of the whole list.
    pub(crate) fn under(self, joins: &[Join], at: usize) -> Error {
        let place = format!("joins.{at}");
        let moved = |mut problem: Problem| {
            if problem.code == CANCELLED {
                return problem;
            }
            problem.place = Some(match problem.place.as_deref() {
                Some("path" | "sheet") | None => format!("{place}.{}", problem.place.as_deref().unwrap_or("path")),
                Some(other) => other.to_string(),
            });
            problem.fix = problem.fix.and_then(|fix| whole(fix, joins, at));
            problem
        };
        Error::all(self.problems().iter().cloned().map(moved).collect())
    }
}

/// A list replaces the one before it, so a fix holds all joins as they were sent, this one mended.
fn whole(fix: Value, joins: &[Join], at: usize) -> Option<Value> {
    if fix.get("answers").is_some() || fix.get("rates").is_some() || fix.get("joins").is_some() {
        return Some(fix);
    }
    let mut list = serde_json::to_value(joins).ok()?;
    let sent = joins.get(at)?;
    let join = list.get_mut(at)?.as_object_mut()?;
    for (key, value) in fix.as_object()? {
        match (key.as_str(), value) {
            ("path", Value::String(path)) if !is_like(path, &sent.path) => return None,
            ("path" | "sheet" | "key" | "date", Value::Null) => {
                join.shift_remove(key);
            }
            ("path" | "sheet" | "key" | "date", value) => {
                join.insert(key.clone(), value.clone());
            }
            _ => return None,
        }
    }
    Some(json!({ "joins": list }))
}

/// Whether one file may be meant by the other's name: the only other file of a folder is likely to be the book.
fn is_like(path: &str, wanted: &str) -> bool {
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    !candidates(&name(wanted), [name(path).as_str()], 1).is_empty()
}
