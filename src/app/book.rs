//! `load_book`: names the account book, or looks for it; reads it, sets rows aside in a file of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::kept::{Kept, with_path};
use super::session::{Session, populated};
use super::{Answer, Common, Context};
use crate::engine::gaps::gaps;
use crate::error::{Error, Problem, Result};
use crate::io;
use crate::model::discovery::{Candidate, Discovery, Holds};
use crate::model::load::{Join, JoinKind, Loaded};
use crate::model::money::counted;
use crate::model::policy::{BookChoice, Motion, Policy};
use crate::model::role::Role;
use crate::report::{document, html, markdown, segments, steps, text};

/// How results of earlier runs begin: they name accounts with their ARR, and are no book.
pub(super) const OURS: [&str; 5] = [
    document::BEGINS,
    html::BEGINS,
    markdown::BEGINS,
    segments::BEGINS,
    io::set_aside::BEGINS,
];

/// What a call says about the book. Maps are merged key by key; none removes a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BookEdit {
    /// The file, relative to the workspace.
    pub path: Option<String>,
    /// The sheet, or the table among several; blank forgets the one that the model keeps.
    pub sheet: Option<String>,
    /// The date at which the book is read.
    pub as_of: Option<Date>,
    /// Roles by header.
    pub columns: BTreeMap<Role, Option<String>>,
    /// Answers to questions.
    pub answers: BTreeMap<String, Option<String>>,
    /// Book-currency units per foreign unit.
    pub rates: BTreeMap<String, Option<f64>>,
    /// Files that are joined to the book, whole; an empty list joins none.
    pub joins: Option<Vec<Join>>,
    /// Keep accounts that have left.
    pub keep_churned: Option<bool>,
    /// Texts of the status column that mean no customer, whole; an empty list counts all.
    pub not_customers: Option<Vec<String>>,
    /// Net revenue retention aimed at.
    pub target_nrr: Option<f64>,
    /// How the team works today.
    pub current_motion: Option<Motion>,
}

/// Loads the book and says how it was read; without any book to load, says which files may be it.
pub fn load(context: &Context, common: &Common, edit: &BookEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    if edit.path.is_none() && session.policy.book.is_none() {
        return discover(context, session, edit);
    }
    let before = session.policy.book.clone();
    let loaded = read(context, &mut session, edit).map_err(|error| with_path(error, before.as_ref(), edit.path.as_deref()))?;
    let gaps = gaps(&loaded, &session.policy);
    let set_aside = put_set_aside(context, &mut session, &loaded);
    let answer = steps::book::answer(&loaded, &gaps, set_aside.as_deref());
    session.finish(&answer, &loaded.content(), "book")
}

fn read(context: &Context, session: &mut Session, edit: &BookEdit) -> Result<Arc<Loaded>> {
    let kept = Kept::of(&session.policy, edit);
    apply(context, &mut session.policy, edit)?;
    session.check(&[("book.rates", "rates"), ("book.target_nrr", "target_nrr")])?;
    let loaded = kept.load(context, &mut session.policy)?;
    // A file without a row has nothing to be looked at; of one whose rows were all set aside the reasons are shown.
    match loaded.rows_read {
        0 => populated(loaded),
        _ => Ok(loaded),
    }
}

/// Looks for the book (K3) and says what is still to ask (K4). Error: `no_account_files`.
fn discover(context: &Context, session: Session, edit: &BookEdit) -> Result<Answer> {
    let found = io::discover(&context.folders(), &OURS, &context.control)?;
    if found.candidates.is_empty() {
        return Err(nothing_found(context, &found).into());
    }
    let said = BookEdit {
        sheet: edit.sheet.clone().filter(|sheet| !sheet.trim().is_empty()),
        ..edit.clone()
    };
    let known = steps::discovery::Known {
        csms: session.policy.capacity.headcount().is_some(),
        current_motion: edit.current_motion.is_some(),
        target_nrr: edit.target_nrr.is_some(),
        not_kept: said != BookEdit::default(),
    };
    let answer = steps::discovery::answer(&found, known);
    session.show(&answer, "", "files")
}

fn nothing_found(context: &Context, found: &Discovery) -> Problem {
    const SHOWN: usize = 5;
    let looked = &found.looked;
    let place = match context.allowed.is_empty() {
        true => "in the workspace",
        false => "in the workspace and the allowed folders",
    };
    let (files, folders) = (counted(looked.files, "file"), counted(looked.folders, "folder"));
    let rest = match looked.left_out {
        0 => String::new(),
        n => format!(", and left out {n} at the limits of the search"),
    };
    let refused = |(path, why): &(String, String)| {
        let path = io::quoted(&text::clean(path));
        match why.starts_with(&path) {
            true => text::clean(why),
            false => format!("{path}: {}", text::clean(why)),
        }
    };
    let message = format!("no file {place} holds account data: looked into {files} in {folders}{rest}");
    Problem::new("no_account_files", message)
        .at("path")
        .found(looked.refused.iter().take(SHOWN).map(refused))
        .expected("CSV, XLSX, JSON, Markdown or Parquet with a column of account names or ids and one of ARR or MRR")
        .next("load_book with path, when the user has said where the account export is")
}

/// Writes what the call says into the model. A path renews `as_of`: today unless a date is given (S16).
pub(super) fn apply(context: &Context, policy: &mut Policy, edit: &BookEdit) -> Result<()> {
    let before = policy.book.take();
    let path = match (&edit.path, &before) {
        (Some(path), _) => io::shown(
            &context.folders(),
            &io::resolve(&context.folders(), path).map_err(|e| e.or_next("load_book"))?,
        ),
        (None, Some(book)) => book.path.clone(),
        (None, None) => {
            return Err(
                Problem::new("missing_argument", "`path` is missing: no book has been loaded yet")
                    .at("path")
                    .expected("the account export (CSV, XLSX, JSON, Markdown or Parquet), relative to the workspace")
                    .next("load_book with path")
                    .into(),
            );
        }
    };
    let mut book = before.unwrap_or(BookChoice {
        path: String::new(),
        as_of: context.today,
        keep_churned: false,
        not_customers: Vec::new(),
        target_nrr: None,
        current_motion: None,
        sheet: None,
        columns: BTreeMap::new(),
        answers: BTreeMap::new(),
        rates: BTreeMap::new(),
        joins: Vec::new(),
    });
    book.path = path;
    book.as_of = edit
        .as_of
        .unwrap_or(if edit.path.is_some() { context.today } else { book.as_of });
    book.keep_churned = edit.keep_churned.unwrap_or(book.keep_churned);
    if let Some(statuses) = &edit.not_customers {
        book.not_customers.clone_from(statuses);
    }
    book.target_nrr = edit.target_nrr.or(book.target_nrr);
    book.current_motion = edit.current_motion.or(book.current_motion);
    if let Some(sheet) = &edit.sheet {
        book.sheet = Some(sheet.clone()).filter(|sheet| !sheet.trim().is_empty());
    }
    if let Some(joins) = &edit.joins {
        book.joins.clone_from(joins);
    }
    merge(&mut book.columns, &edit.columns);
    merge(&mut book.answers, &edit.answers);
    merge(&mut book.rates, &edit.rates);
    policy.book = Some(book);
    Ok(())
}

/// The error of a book without ARR, with a file beside it named that could give it.
pub(super) fn with_subscriptions(context: &Context, policy: &Policy, error: Error) -> Error {
    let is_missing = |problem: &Problem| problem.code == "arr_not_found";
    let Some(book) = policy.book.as_ref().filter(|_| error.problems().iter().any(is_missing)) else {
        return error;
    };
    let is_new = |path: &String| book.joins.iter().all(|join| join.path != *path);
    let Some(path) = subscriptions_beside(context, &book.path).filter(is_new) else {
        return error;
    };
    let mended = error.problems().iter().cloned().map(|problem| {
        if !is_missing(&problem) {
            return problem;
        }
        let message = format!(
            "{}; {} beside it may be joined as subscriptions",
            problem.message,
            io::quoted(&path)
        );
        let joins = book
            .joins
            .iter()
            .map(|join| json!(join))
            .chain([json!({"path": path, "kind": "subscriptions"})]);
        let fix = problem
            .fix
            .clone()
            .unwrap_or_else(|| json!({"joins": joins.collect::<Vec<_>>()}));
        Problem { message, ..problem }.fix(fix)
    });
    Error::all(mended.collect())
}

/// The likeliest file of subscriptions with amounts in the folder of a book.
fn subscriptions_beside(context: &Context, book: &str) -> Option<String> {
    let book = context.workspace.join(book);
    let folder = io::Folders {
        workspace: book.parent()?.to_path_buf(),
        allowed: Vec::new(),
    };
    let found = io::discover_beside(&folder, &OURS, &context.control).ok()?;
    let sold = |candidate: &&Candidate| candidate.holds == Holds::Join(JoinKind::Subscriptions) && candidate.has_amount;
    let path = found
        .candidates
        .iter()
        .filter(sold)
        .map(|found| folder.workspace.join(&found.path))
        .find(|path| *path != book)?;
    Some(io::shown(&context.folders(), &path))
}

/// Merges a map key by key; none removes the key.
pub(super) fn merge<K: Ord + Clone, V: Clone>(into: &mut BTreeMap<K, V>, from: &BTreeMap<K, Option<V>>) {
    for (key, value) in from {
        match value {
            Some(value) => into.insert(key.clone(), value.clone()),
            None => into.remove(key),
        };
    }
}

/// Has the rows that were set aside written, and tells where to.
fn put_set_aside(context: &Context, session: &mut Session, loaded: &Loaded) -> Option<String> {
    if loaded.set_aside.is_empty() {
        return None;
    }
    let stem = Path::new(&loaded.book.table.source.path)
        .file_stem()
        .map_or("book".into(), |stem| stem.to_string_lossy());
    let path = session.paths.set_aside.join(format!("{stem}.csv"));
    let shown = io::shown(&context.folders(), &path);
    session.put(path, io::set_aside::BEGINS, io::set_aside::set_aside_csv(loaded));
    Some(shown)
}
