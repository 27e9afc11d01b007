//! `run`: the whole chain at once, from a book to a folder of files.

use std::io::Write;
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
use crate::model::finding::Finding;
use crate::model::load::{Reason, SetAside};
use crate::model::money::counted;
use crate::model::policy::Policy;
use crate::report::document::{self, Document};
use crate::report::steps::capacity::plain_number;
use crate::report::steps::{self, StepAnswer, View, envelope};
use crate::report::{Block, Report, Section, boxed, html, segments, text};
use crate::store::{ModelFile, Staged, check_target, is_same_path, keep_previous, revision, rewritten};
use crate::{engine, engine::resolve, io, parallel};

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
    /// What the steps noticed, gravest first.
    findings: Vec<Finding>,
}

/// The files in the order in which they are put in their places, with how one of ours begins.
const FILES: [(&str, &str); 5] = [
    ("segmentation.md", document::BEGINS),
    ("segmentation.html", html::BEGINS),
    ("segments.csv", segments::BEGINS),
    ("segmentation.toml", ""),
    ("set-aside.csv", io::set_aside::BEGINS),
];

fn write_files(context: &Context, request: &RunRequest, view: View, book: &Path, model: &str, revision: &str) -> Result<Written> {
    let care = engine::care(view.loaded, view.policy, view.outcome);
    let paths = FILES.map(|(name, _)| request.out.join(name));
    for (path, (_, begins)) in paths.iter().zip(FILES).filter(|(_, (_, begins))| !begins.is_empty()) {
        check_target(path, begins, book, "--out")?;
    }
    context.control.at("writing", 1, 1)?;
    let [markdown_path, html_path, accounts_path, model_path, aside_path] = &paths;
    let stage = |path: &Path, fill: &dyn Fn(&mut dyn Write) -> std::io::Result<()>| {
        Staged::fill(path, fill).map_err(|_| cannot_write(path))
    };
    let whole = |path: &Path, text: &str| stage(path, &|file| file.write_all(text.as_bytes()));
    // The rows of all accounts take about as long as everything else that is written.
    let (texts, accounts) = parallel::both(
        || {
            let document = Document::of(view, &care, None, revision);
            let (html, markdown) = parallel::both(
                || whole(html_path, &html::draw(&document)?),
                || whole(markdown_path, &document.markdown()),
            );
            Ok::<_, Error>((markdown?, html?, document.findings))
        },
        || {
            stage(accounts_path, &|file| {
                segments::put_parts(view, &care, |part| file.write_all(part.as_bytes()))
            })
        },
    );
    let (markdown, html, findings) = texts?;
    let accounts = accounts?;
    let is_kept_model = request.model.as_deref().is_some_and(|kept| is_same_path(kept, model_path));
    let staged_model = (!is_kept_model).then(|| whole(model_path, model)).transpose()?;
    let aside = whole(aside_path, &io::set_aside::set_aside_csv(view.loaded))?;
    // Nothing is replaced yet, and all that is left is to keep a copy and to rename.
    let kept_previous = !is_kept_model && keep_previous(model_path, model)?;
    let staged = [Some(markdown), Some(html), Some(accounts), staged_model, Some(aside)];
    for (path, file) in paths.iter().zip(staged) {
        file.map_or(Ok(()), Staged::keep).map_err(|_| cannot_write(path))?;
    }
    Ok(Written {
        files: paths.iter().map(|path| path.display().to_string()).collect(),
        kept_previous,
        findings,
    })
}

fn cannot_write(path: &Path) -> Error {
    Problem::new("cannot_write", format!("`{}` cannot be written", path.display()))
        .at("--out")
        .expected("a folder that can be written to")
        .into()
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
        findings: written.findings.clone(),
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
