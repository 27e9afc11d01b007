//! What the model keeps of how a book is read, when the next call reads with it: another file may not have it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Context;
use super::book::BookEdit;
use super::session;
use crate::error::{Error, Problem, Result};
use crate::io;
use crate::model::finding::Finding;
use crate::model::load::Loaded;
use crate::model::policy::{BookChoice, Policy};
use crate::report::text;

/// The entries of the model that a call did not give.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// The file for which they were given; none before the first.
    path: Option<String>,
    columns: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    sheet: bool,
    /// Paths of joined files.
    joins: Vec<String>,
}

impl Kept {
    /// What stays in the model when a call says this.
    pub(super) fn of(policy: &Policy, edit: &BookEdit) -> Kept {
        let Some(book) = &policy.book else { return Kept::default() };
        let columns = book.columns.iter().filter(|(role, _)| !edit.columns.contains_key(role));
        let answers = book.answers.iter().filter(|(id, _)| !edit.answers.contains_key(*id));
        Kept {
            path: Some(book.path.clone()),
            columns: columns
                .map(|(role, header)| (role.code().to_string(), header.clone()))
                .collect(),
            answers: answers.map(|(id, choice)| (id.clone(), choice.clone())).collect(),
            sheet: book.sheet.is_some() && edit.sheet.is_none(),
            joins: match edit.joins {
                None => book.joins.iter().map(|join| join.path.clone()).collect(),
                Some(_) => Vec::new(),
            },
        }
    }

    /// Reads the book of the model. A kept sheet that another file does not have is forgotten; columns and answers that are
    /// applied to another file than their own are said.
    pub(super) fn load(&self, context: &Context, policy: &mut Policy) -> Result<Arc<Loaded>> {
        let is_other = self.path.is_some() && self.path.as_ref() != policy.book.as_ref().map(|book| &book.path);
        let mut read = session::load(context, policy);
        let no_sheet = |error: &Error| error.problems().iter().any(is_about_sheet);
        if is_other
            && self.sheet
            && read.as_ref().is_err_and(no_sheet)
            && let Some(book) = &mut policy.book
        {
            book.sheet = None;
            read = session::load(context, policy);
        }
        let mut loaded = read.map_err(|error| self.explained(error))?;
        if is_other {
            let said = Arc::make_mut(&mut loaded);
            said.findings.extend(self.finding());
            said.findings.extend(self.joins_kept());
            said.findings.sort_by_key(|finding| finding.severity);
        }
        Ok(loaded)
    }

    /// The error with the entries to blame named as the model's, each with the fix that takes it back.
    pub(super) fn explained(&self, error: Error) -> Error {
        Error::all(
            error
                .problems()
                .iter()
                .cloned()
                .map(|problem| self.explain(problem))
                .collect(),
        )
    }

    fn explain(&self, mut problem: Problem) -> Problem {
        let Some(fix) = self.blamed(problem.place.as_deref().unwrap_or_default()) else {
            return problem;
        };
        problem.message.push_str("; the model keeps this from an earlier call");
        problem.fix = Some(fix);
        problem
    }

    /// What takes back the kept entry at a place, if it is one.
    fn blamed(&self, place: &str) -> Option<Value> {
        let (argument, key) = place.split_once('.').unwrap_or((place, ""));
        let has = |entries: &[(String, String)]| entries.iter().any(|(known, _)| known == key);
        match argument {
            "columns" if has(&self.columns) => Some(json!({"columns": {key: null}})),
            "answers" if has(&self.answers) => Some(json!({"answers": {key: null}})),
            "sheet" if self.sheet => Some(json!({"sheet": null})),
            _ => None,
        }
    }

    /// Another book beside the old joined files mixes two dates.
    fn joins_kept(&self) -> Option<Finding> {
        let paths: Vec<String> = self.joins.iter().map(|path| io::quoted(&text::clean(path))).collect();
        let (files, are) = if paths.len() == 1 { ("file", "is") } else { ("files", "are") };
        (!paths.is_empty()).then(|| {
            let text = format!(
                "the book is another file, and the joined {files} of before {are} read again: {}. Give `joins` with the files of \
                 the new date, or an empty list to join none",
                paths.join(", ")
            );
            Finding::warning("joins_kept", text)
        })
    }

    fn finding(&self) -> Option<Finding> {
        let entry = |argument: &str, (key, value): &(String, String)| format!("{argument} {key} = {}", io::quoted(value));
        let columns = self.columns.iter().map(|kept| entry("columns", kept));
        let entries: Vec<String> = columns
            .chain(self.answers.iter().map(|kept| entry("answers", kept)))
            .collect();
        let path = self.path.as_deref().unwrap_or_default();
        (!entries.is_empty()).then(|| {
            let text = format!(
                "given for {} and applied to this file too: {}; null takes one back",
                io::quoted(path),
                entries.join(", ")
            );
            Finding::info("kept_from_model", text)
        })
    }
}

fn is_about_sheet(problem: &Problem) -> bool {
    problem.code == "sheet_not_found" && problem.place.as_deref() == Some("sheet")
}

/// The error of a call that names a file and leaves no book behind: each fix names the file too, or it would begin a search.
pub(super) fn with_path(error: Error, before: Option<&BookChoice>, path: Option<&str>) -> Error {
    let (None, Some(path)) = (before, path) else { return error };
    let named = error.problems().iter().cloned().map(|mut problem| {
        if let Some(Value::Object(fix)) = &mut problem.fix {
            fix.entry("path").or_insert_with(|| json!(path));
        }
        problem
    });
    Error::all(named.collect())
}
