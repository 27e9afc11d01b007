//! `run`: the whole chain at once, from a book to a folder of files.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::axes::{self, AxesEdit};
use super::book::{self, BookEdit};
use super::capacity::{self, CapacityEdit};
use super::session::view;
use super::{Answer, Context};
use crate::error::{Problem, Result};
use crate::model::policy::Policy;
use crate::report::steps::capacity::plain_number;
use crate::report::steps::{self, StepAnswer, View, envelope};
use crate::report::{Block, Report, Section, boxed, document, segments, text};
use crate::store::{ModelFile, revision, rewritten, write_whole};
use crate::{engine, engine::resolve, io};

/// What `run` is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest {
    /// The book and how to read it; without a path the model's book is read again as of the model's date.
    pub book: BookEdit,
    /// Headcount.
    pub capacity: CapacityEdit,
    /// A model file to start from and to keep.
    pub model: Option<PathBuf>,
    /// Folder for the files.
    pub out: PathBuf,
    /// JSON instead of a box.
    pub json: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunAnswer {
    /// The final box or JSON.
    pub answer: Answer,
    /// Whether no gate fails.
    pub ship: bool,
}

/// Runs the whole chain and writes its files.
pub fn run(context: &Context, request: &RunRequest) -> Result<RunAnswer> {
    let mut file = match &request.model {
        Some(path) => Some(ModelFile::open_path(path, &path.display().to_string())?),
        None => None,
    };
    let mut policy = file.as_ref().map_or_else(Policy::default, |file| file.policy.clone());
    book::apply(context, &mut policy, &request.book)?;
    let loaded = book::read(context, &policy)?;
    axes::apply(&mut policy, &loaded.book, &AxesEdit::default())?;
    resolve::tiers(&mut policy, &loaded.book);
    capacity::apply(&mut policy, &loaded.book, &request.capacity);
    let problems = crate::model::check::check(&policy);
    if !problems.is_empty() {
        return Err(crate::error::Error::all(problems));
    }
    let outcome = engine::run(&loaded, &policy);
    let text = match &mut file {
        Some(file) => file.save(&policy)?.to_string(),
        None => rewritten("", &policy)?,
    };
    let revision = revision(&text, &loaded.book.table.source.sha256);
    let view = view(&loaded, &policy, &outcome);
    let files = write_files(&request.out, view, &text, &revision)?;
    let ship = outcome.gates.approved().is_some();
    let step = answer(view, &files);
    let answer = if request.json {
        Answer::json(envelope(&step, "segmentation", &revision, None))
    } else {
        let document = files.first().map(String::as_str);
        Answer {
            text: boxed::draw(&step.report, document),
            json: None,
            report: document.map(str::to_string),
        }
    };
    Ok(RunAnswer { answer, ship })
}

fn write_files(out: &Path, view: View, model: &str, revision: &str) -> Result<Vec<String>> {
    let contents = [
        ("segmentation.md", document::draw(view, None, revision)),
        ("segments.csv", segments::csv(view)?),
        ("segmentation.toml", model.to_string()),
        ("set-aside.csv", io::set_aside::set_aside_csv(view.loaded)),
    ];
    let mut written = Vec::with_capacity(contents.len());
    for (name, content) in contents {
        let path = out.join(name);
        write_whole(&path, content.as_bytes()).map_err(|_| {
            Problem::new("cannot_write", format!("`{}` cannot be written", path.display()))
                .at("--out")
                .expected("a folder that can be written to")
        })?;
        written.push(path.display().to_string());
    }
    Ok(written)
}

fn answer(view: View, files: &[String]) -> StepAnswer {
    let verdict = format!(
        "{}: {}, {} ARR; {}",
        if view.outcome.gates.approved().is_some() {
            "APPROVED"
        } else {
            "DRAFT"
        },
        steps::accounts(view.book().len()),
        view.short(view.book().total_cents()),
        view.outcome.plan.sentence()
    );
    let findings = steps::all_findings(view);
    let gates = &view.outcome.gates;
    let counted = |verdict| gates.count(verdict);
    let summary = vec![
        format!("axis: {}", view.outcome.axis.reason),
        format!(
            "gates: {} pass, {} warn, {} fail; calibration confidence {}",
            counted(engine::gates::Verdict::Pass),
            counted(engine::gates::Verdict::Warn),
            counted(engine::gates::Verdict::Fail),
            gates.confidence.code()
        ),
        format!(
            "files: {}",
            files.iter().map(|file| text::clean(file)).collect::<Vec<_>>().join(", ")
        ),
    ];
    let report = Report {
        step: "run".into(),
        verdict,
        findings,
        sections: vec![
            Section::key("Tiers", vec![Block::Table(steps::tiers::tier_table(view))]),
            Section::key("How", vec![Block::List(summary)]),
        ],
        next: vec![next(view)],
    };
    let plan = &view.outcome.plan;
    let data = json!({
        "ship": gates.approved().is_some(),
        "rule": view.outcome.rule,
        "tiers": steps::tiers::tiers_json(view),
        "needed": {"low": plan.needed_low, "typical": plan.needed_typical, "high": plan.needed_high},
        "available": plan.available.map(plain_number),
        "gap": plan.gap().map(plain_number),
        "gates": gates.gates,
        "files": files,
    });
    StepAnswer { report, data }
}

fn next(view: View) -> String {
    match view.outcome.gates.failing().next() {
        Some(gate) if gate.id == "capacity_explicit" => "run again with --csms N, your CSM headcount".to_string(),
        Some(gate) => format!("{}: {}", gate.route_back, gate.detail),
        None => "Next quarter: keep-segment run BOOK --model segmentation.toml keeps cuts, bins and weights".to_string(),
    }
}
