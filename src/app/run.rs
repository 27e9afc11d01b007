//! `run`: the whole chain at once, from a book to a folder of files.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::axes::{self, AxesEdit};
use super::book::{self, BookEdit};
use super::capacity::{self, CapacityEdit};
use super::kept::Kept;
use super::session::{self, view};
use super::{Answer, Context, calibration};
use crate::engine::calibrate::Calibration;
use crate::error::{Error, Problem, Result};
use crate::model::check::check;
use crate::model::load::{Reason, SetAside};
use crate::model::money::counted;
use crate::model::policy::Policy;
use crate::report::document::{self, Document};
use crate::report::steps::capacity::plain_number;
use crate::report::steps::{self, StepAnswer, View, envelope};
use crate::report::{Block, Report, Section, boxed, html, segments, text};
use crate::store::{ModelFile, check_target, is_same_path, keep_previous, revision, rewritten, write_whole_with};
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
    let file = match &request.model {
        Some(path) => Some(ModelFile::open_path(path, &path.display().to_string(), &context.control)?),
        None => None,
    };
    let mut policy = file.as_ref().map_or_else(Policy::default, |file| file.policy.clone());
    let context = &with_book_of(context, &policy);
    let kept = Kept::of(&policy, &request.book);
    book::apply(context, &mut policy, &request.book)?;
    let loaded = kept
        .load(context, &mut policy)
        .map_err(|error| book::with_subscriptions(context, &policy, error))
        .and_then(session::populated)?;
    axes::apply(&mut policy, &loaded.book, &AxesEdit::default())?;
    resolve::tiers(&mut policy, &loaded.book);
    capacity::apply(&mut policy, &loaded.book, &request.capacity);
    Error::unless_none(check(&policy))?;
    let mut outcome = engine::run(&loaded, &policy);
    let fitting = match &request.capacity.apply {
        Some(id) => {
            outcome = calibration::apply(context, &mut policy, &loaded, &outcome, id)?.0;
            None
        }
        // Where need and headcount agree, there is nothing to offer.
        None if outcome.plan.gap().is_some_and(|gap| gap != 0.0) || !policy.capacity.csms_by_tier.is_empty() => {
            Some(calibration::search(context, &loaded, &policy, &outcome)?)
        }
        None => None,
    };
    let text = match &file {
        Some(file) => file.text_of(&policy)?,
        None => rewritten("", &policy)?,
    };
    let revision = revision(&text, &loaded.content());
    let view = view(&loaded, &policy, &outcome);
    let book = context.workspace.join(&loaded.book.table.source.path);
    let written = write_files(context, request, view, &book, &text, &revision)?;
    // The model that a person keeps comes last: a run that fails has decided nothing.
    if let Some(file) = file {
        file.write(&text)?;
    }
    let ship = outcome.gates.approved().is_some();
    let step = answer(view, fitting.as_ref(), &written);
    let answer = if request.json {
        Answer::json(envelope(&step, "segmentation", &revision, None))
    } else {
        let document = written.files.first().map(String::as_str);
        Answer {
            text: boxed::draw(&step.report, document),
            json: None,
            report: document.map(str::to_string),
        }
    };
    Ok(RunAnswer { answer, ship })
}

/// The book that a model file names is read wherever it lies: the person at the shell named the file.
fn with_book_of(context: &Context, policy: &Policy) -> Context {
    let folder = policy.book.as_ref().and_then(|book| Path::new(&book.path).parent());
    let resolved = folder.and_then(|folder| io::canonical_dir(&context.workspace.join(folder)).ok());
    let mut context = context.clone();
    context.allowed.extend(resolved);
    context
}

/// The files of a run.
struct Written {
    files: Vec<String>,
    /// Another model was there and stands beside the new one.
    kept_previous: bool,
}

fn write_files(context: &Context, request: &RunRequest, view: View, book: &Path, model: &str, revision: &str) -> Result<Written> {
    let document = Document::of(view, None, revision);
    let accounts =
        |file: &mut dyn std::io::Write| segments::put_parts(view, &document.care, |part| file.write_all(part.as_bytes()));
    let files: [(&str, &str, Content); 5] = [
        ("segmentation.md", document::BEGINS, Content::Text(document.markdown())),
        ("segmentation.html", html::BEGINS, Content::Text(html::draw(&document)?)),
        ("segments.csv", segments::BEGINS, Content::Parts(&accounts)),
        ("segmentation.toml", "", Content::Text(model.to_string())),
        (
            "set-aside.csv",
            io::set_aside::BEGINS,
            Content::Text(io::set_aside::set_aside_csv(view.loaded)),
        ),
    ];
    for (name, begins, _) in files.iter().filter(|(_, begins, _)| !begins.is_empty()) {
        check_target(&request.out.join(name), begins, book, "--out")?;
    }
    context.control.at("writing", 1, 1)?;
    let model_path = request.out.join("segmentation.toml");
    let is_kept_model = request.model.as_deref().is_some_and(|kept| is_same_path(kept, &model_path));
    let kept_previous = !is_kept_model && keep_previous(&model_path, model)?;
    let mut written = Vec::with_capacity(files.len());
    for (name, _, content) in files {
        let path = request.out.join(name);
        if !(is_kept_model && path == model_path) {
            let put = |file: &mut dyn std::io::Write| match content {
                Content::Text(text) => file.write_all(text.as_bytes()),
                Content::Parts(put) => put(file),
            };
            write_whole_with(&path, put).map_err(|_| {
                Problem::new("cannot_write", format!("`{}` cannot be written", path.display()))
                    .at("--out")
                    .expected("a folder that can be written to")
            })?;
        }
        written.push(path.display().to_string());
    }
    Ok(Written {
        files: written,
        kept_previous,
    })
}

/// What goes into a file: a text, or what is written while it is worked out.
enum Content<'a> {
    Text(String),
    Parts(&'a dyn Fn(&mut dyn std::io::Write) -> std::io::Result<()>),
}

fn answer(view: View, found: Option<&Calibration>, written: &Written) -> StepAnswer {
    let files = &written.files;
    let unread = |row: &&SetAside| matches!(row.reason, Reason::MissingArr | Reason::UnparseableArr);
    let aside = match view.loaded.set_aside.iter().filter(unread).count() {
        0 => String::new(),
        n => format!(" ({} without an amount)", counted(n, "row")),
    };
    let verdict = format!(
        "{}: {}, {} ARR{aside}; {}",
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
    let mut summary = vec![
        format!("book: {}", view.loaded.arr_source),
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
    if written.kept_previous {
        summary.push("the other model that was there is kept as segmentation.previous.toml".into());
    }
    let report = Report {
        step: "run".into(),
        verdict,
        findings,
        sections: vec![
            Section::key("Tiers", vec![Block::Table(steps::tiers::tier_table(view))]),
            Section::key("How", vec![Block::List(summary)]),
        ],
        next: [Some(next(view, files)), found.and_then(fits_better)]
            .into_iter()
            .flatten()
            .collect(),
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

/// Where need and headcount differ, the option that fits better than what stands.
fn fits_better(found: &Calibration) -> Option<String> {
    let best = found.options.first().filter(|best| !best.is_today && best.note.is_none())?;
    let csms = |hundredths: u64| hundredths as f64 / 100.0;
    (best.misfit_hundredths < found.today_misfit_hundredths).then(|| {
        format!(
            "run again with --apply {}: need and headcount would be {} CSMs apart, not {}; {} move",
            best.id,
            csms(best.misfit_hundredths),
            csms(found.today_misfit_hundredths),
            steps::accounts(best.moved)
        )
    })
}

fn next(view: View, files: &[String]) -> String {
    let model = files
        .iter()
        .find(|file| file.ends_with(".toml"))
        .map_or("segmentation.toml", String::as_str);
    match view.outcome.gates.failing().next() {
        Some(gate) if gate.id == "capacity_explicit" => "run again with --csms N, your CSM headcount".to_string(),
        Some(gate) => format!("{}: {}", gate.route_back, gate.detail),
        None => format!("Next quarter: keep-segment run BOOK --model {model} keeps cuts, bins and weights"),
    }
}
