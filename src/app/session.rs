//! A call on a workspace's model: locked while it runs, edited, checked, computed, saved, answered.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::book::BookEdit;
use super::kept::Kept;
use super::{Answer, Common, Context};
use crate::engine::{self, Outcome, resolve};
use crate::error::{Error, Problem, Result};
use crate::model::check::check;
use crate::model::load::{LoadPlan, Loaded, Reason};
use crate::model::policy::{BookChoice, Policy};
use crate::report::steps::{StepAnswer, envelope};
use crate::report::{boxed, markdown};
use crate::store::{ModelFile, ModelPaths, STATE_FOLDER, check_target_inside, revision, write_inside};
use crate::{io, report};

/// Where a path of the model document is found among a tool's arguments.
pub(super) type Renames = &'static [(&'static str, &'static str)];

pub(super) struct Session<'a> {
    pub(super) context: &'a Context,
    pub(super) paths: ModelPaths,
    pub(super) policy: Policy,
    pub(super) file: ModelFile,
    common: &'a Common,
    /// Files that are written together with the model.
    files: Vec<Output>,
}

/// A file to write, and how files of its kind begin.
struct Output {
    path: PathBuf,
    begins: &'static str,
    text: String,
}

/// The share of a call at which the book is loaded.
pub(super) const LOADED: f64 = 0.5;

impl<'a> Session<'a> {
    pub(super) fn open(context: &'a Context, common: &'a Common) -> Result<Session<'a>> {
        let paths = ModelPaths::new(&context.workspace, &common.model)?;
        let file = ModelFile::open(&paths, &shown(common), &context.control)?;
        Ok(Session::of(context, common, paths, file))
    }

    /// For a call that only answers: it waits for nobody and writes nothing, not even a lock.
    pub(super) fn look(context: &'a Context, common: &'a Common) -> Result<Session<'a>> {
        let paths = ModelPaths::new(&context.workspace, &common.model)?;
        let file = ModelFile::look(&paths, &shown(common))?;
        Ok(Session::of(context, common, paths, file))
    }

    fn of(context: &'a Context, common: &'a Common, paths: ModelPaths, file: ModelFile) -> Session<'a> {
        Session {
            context,
            paths,
            policy: file.policy.clone(),
            file,
            common,
            files: Vec::new(),
        }
    }

    /// Has a file written when the call is done; `begins` is how files of its kind begin, by which ours are known.
    pub(super) fn put(&mut self, path: PathBuf, begins: &'static str, text: String) {
        self.files.push(Output { path, begins, text });
    }

    /// Refuses edits that the document cannot hold, in terms of the tool's own arguments.
    pub(super) fn check(&self, renames: Renames) -> Result<()> {
        Error::unless_none(check(&self.policy).into_iter().map(|p| in_arguments(p, renames)).collect())
    }

    /// The book as the model says to read it.
    pub(super) fn load(&self) -> Result<Arc<Loaded>> {
        let kept = Kept::of(&self.policy, &BookEdit::default());
        load(self.context, &self.policy).map_err(|error| kept.explained(error))
    }

    /// The book, or the error that names the step to call first.
    pub(super) fn load_after(&self, step: Step) -> Result<Arc<Loaded>> {
        if self.policy.book.is_none() {
            return Err(no_book());
        }
        if step == Step::Axes && !resolve::has_axis(&self.policy) {
            return Err(missing("axes_not_defined", "the axes have not been defined", "define_axes"));
        }
        self.load().and_then(populated)
    }

    /// What follows from the model, or the error that tiers must be assigned first.
    pub(super) fn settled(&self, loaded: &Loaded) -> Result<Arc<Outcome>> {
        let outcome = engine::run(loaded, &self.policy);
        if resolve::has_tiers(&self.policy, outcome.rule, outcome.amounts.is_empty()) {
            return Ok(outcome);
        }
        let what = match self.policy.baseline.is_some() {
            true => format!(
                "tiers now go by rule `{}`, and have not been assigned by it",
                outcome.rule.code()
            ),
            false => "tiers have not been assigned".to_string(),
        };
        Err(missing("tiers_not_assigned", &what, "assign_tiers"))
    }

    /// The revision that this call leaves: of the model as edited so far, and the book.
    pub(super) fn revision(&self, loaded: &Loaded) -> Result<String> {
        Ok(revision(&self.file.text_of(&self.policy)?, &loaded.content()))
    }

    /// Saves the model, writes the full report if the box cannot hold it, and answers. This is where a call can be cancelled
    /// for the last time: from the first write on it goes through.
    pub(super) fn finish(mut self, answer: &StepAnswer, book_sha256: &str, report_name: &str) -> Result<Answer> {
        let text = self.file.text_of(&self.policy)?;
        let done = self.drawn(answer, &revision(&text, book_sha256), report_name);
        self.write_files()?;
        // The model comes last: a call that fails has decided nothing.
        self.file.write(&text)?;
        Ok(done)
    }

    /// Answers, and leaves the model as it is; no hash where there is no book.
    pub(super) fn show(mut self, answer: &StepAnswer, book_sha256: &str, report_name: &str) -> Result<Answer> {
        let revision = revision(&self.file.text_of(&self.policy)?, book_sha256);
        let done = self.drawn(answer, &revision, report_name);
        self.write_files()?;
        Ok(done)
    }

    /// Answers and writes nothing at all: what a box cannot hold is for JSON.
    pub(super) fn tell(self, answer: &StepAnswer, book_sha256: &str) -> Result<Answer> {
        let revision = revision(&self.file.text_of(&self.policy)?, book_sha256);
        self.context.control.at("answering", 1, 1)?;
        Ok(match self.common.json {
            true => Answer::json(envelope(answer, &self.common.model, &revision, None)),
            false => Answer {
                text: boxed::draw(&answer.report, None),
                json: None,
                report: None,
            },
        })
    }

    /// Whether the answer is drawn as a box.
    pub(super) fn draws_box(&self) -> bool {
        !self.common.json
    }

    fn drawn(&mut self, answer: &StepAnswer, revision: &str, report_name: &str) -> Answer {
        if self.common.json {
            return Answer::json(envelope(answer, &self.common.model, revision, None));
        }
        let mut report = None;
        if !boxed::fits(&answer.report) {
            let path = self.paths.reports.join(format!("{report_name}.md"));
            report = Some(io::shown(&self.context.folders(), &path));
            self.put(path, markdown::BEGINS, markdown::draw(&answer.report));
        }
        Answer {
            text: boxed::draw(&answer.report, report.as_deref()),
            json: None,
            report,
        }
    }

    fn write_files(&self) -> Result<()> {
        self.context.control.at("writing", 1, 1)?;
        let book = self.policy.book.as_ref().map_or("", |book| book.path.as_str());
        let book = self.context.workspace.join(book);
        for Output { path, begins, .. } in &self.files {
            check_target_inside(path, begins, &book, &io::shown(&self.context.folders(), path))?;
        }
        let mut roots = self.context.allowed.clone();
        roots.insert(0, self.context.workspace.clone());
        self.files
            .iter()
            .try_for_each(|file| write_inside(&roots, &file.path, file.text.as_bytes()))
    }
}

fn shown(common: &Common) -> String {
    format!("{STATE_FOLDER}/{}.toml", common.model)
}

/// What a step builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Book,
    Axes,
}

fn no_book() -> Error {
    missing(
        "book_not_loaded",
        "no book has been loaded",
        "load_book with path, the account export",
    )
}

fn missing(code: &'static str, what: &str, tool: &str) -> Error {
    Problem::new(code, format!("{what}, and this step builds on it"))
        .at("model")
        .next(tool)
        .into()
}

impl Answer {
    /// An answer whose text is the JSON itself.
    pub(super) fn json(envelope: Value) -> Answer {
        let report = envelope.get("report").and_then(Value::as_str).map(str::to_string);
        Answer {
            text: envelope.to_string(),
            json: Some(envelope),
            report,
        }
    }
}

/// Reads the book that a model names.
pub(super) fn load(context: &Context, policy: &Policy) -> Result<Arc<Loaded>> {
    let Some(book) = &policy.book else {
        return Err(Problem::new("book_not_loaded", "no book has been loaded")
            .at("path")
            .next("load_book")
            .into());
    };
    let (folders, plan, control) = (context.folders(), plan(book), context.control.part(0.0, LOADED));
    let loaded = match &context.books {
        Some(books) => books.load(folders, &book.path, &plan, &control)?,
        None => Arc::new(io::load(&folders, &book.path, &plan, &control)?),
    };
    context.control.part(LOADED, 1.0).at("segmenting", 0, 1)?;
    Ok(loaded)
}

/// A book with accounts in it: nothing can be said of one without.
pub(super) fn populated(loaded: Arc<Loaded>) -> Result<Arc<Loaded>> {
    if !loaded.book.is_empty() {
        return Ok(loaded);
    }
    let why = loaded.findings.iter().find(|finding| finding.code == "no_accounts");
    let message = why.map_or("the book holds no account", |finding| finding.text.as_str());
    let problem = Problem::new("no_accounts", message)
        .at("path")
        .next("load_book with another file");
    let churned = loaded
        .set_aside
        .iter()
        .any(|row| row.reason == Reason::Churned && !row.not_started);
    Err(match churned {
        // Only load_book takes it, whatever tool has come upon this.
        true => problem
            .fix(json!({"keep_churned": true}))
            .next("load_book with the fix, or with another file"),
        false => problem.expected("at least one account with an amount"),
    }
    .into())
}

/// What the engine says of a loaded book and a model.
pub(super) fn view<'a>(loaded: &'a Loaded, policy: &'a Policy, outcome: &'a Outcome) -> report::steps::View<'a> {
    report::steps::View { loaded, policy, outcome }
}

fn plan(book: &BookChoice) -> LoadPlan {
    LoadPlan {
        as_of: book.as_of,
        columns: book.columns.clone(),
        answers: book.answers.clone(),
        rates: book.rates.clone(),
        keep_churned: book.keep_churned,
        not_customers: book.not_customers.clone(),
        sheet: book.sheet.clone(),
        joins: book.joins.clone(),
    }
}

/// Moves a problem's place and fix from the document's paths to the tool's arguments.
pub(super) fn in_arguments(mut problem: Problem, renames: Renames) -> Problem {
    let Some(place) = problem.place.clone() else { return problem };
    for (from, to) in renames {
        let Some(rest) = place.strip_prefix(from) else { continue };
        problem.place = Some(format!("{to}{rest}"));
        problem.fix = problem.fix.take().and_then(|fix| moved(fix, from, to));
        return problem;
    }
    problem
}

/// `{"strategic": {"bins": x}}` as `{"bins": x}`.
fn moved(fix: Value, from: &str, to: &str) -> Option<Value> {
    let inner = from.split('.').try_fold(fix, |value, key| match value {
        Value::Object(mut map) => map.remove(key),
        _ => None,
    })?;
    Some(Value::Object(Map::from_iter([(to.to_string(), inner)])))
}
