//! What the timings of stages and the counts of allocations share: a book, and the chain of a run over it, stage by stage.

mod book;

use std::path::Path;

use keep_segment::app::book::BookEdit;
use keep_segment::app::capacity::CapacityEdit;
use keep_segment::app::run::{RunRequest, run};
use keep_segment::app::{Context, Control};
use keep_segment::engine::calibrate::{Question, search};
use keep_segment::engine::cells::Columns;
use keep_segment::engine::stats::Amounts;
use keep_segment::engine::{self, axes, resolve, score, stability, tiering};
use keep_segment::io::{self, Folders};
use keep_segment::model::load::LoadPlan;
use keep_segment::model::money::grouped;
use keep_segment::report::document::Document;
use keep_segment::report::steps::View;
use keep_segment::report::{html, segments};
use keep_segment::store::ModelFile;

const MODEL: &str = include_str!("../model.toml");
const AS_OF: &str = "2026-06-30";
/// Accounts per CSM of the headcount that the search for cuts is asked to meet.
const ACCOUNTS_PER_CSM: usize = 160;

/// Looks at the stages of a run.
pub trait Watch {
    /// Runs a stage, once or more often, and hands on what it gave.
    fn stage<T>(&mut self, name: &'static str, work: impl FnMut() -> T) -> T;
}

/// The sizes of books to look at: `KEEP_SEGMENT_ROWS`, with commas between.
fn sizes() -> Vec<usize> {
    let asked = std::env::var("KEEP_SEGMENT_ROWS").unwrap_or_else(|_| "10000,100000".into());
    asked.split(',').filter_map(|size| size.trim().parse().ok()).collect()
}

/// Takes a book of so many accounts through all stages of a run.
pub fn chain(rows: usize, watch: &mut impl Watch) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("book.csv"), book::csv(rows, book::TOP_HEAVY, 42)).unwrap();
    std::fs::write(at("model.toml"), MODEL).unwrap();
    let control = Control::default();
    let plan = LoadPlan::at(AS_OF.parse().unwrap());
    let model = ModelFile::open_path(&at("model.toml"), "model.toml", &control).unwrap();
    let mut policy = model.policy.clone();
    drop(model);

    let bytes = std::fs::read(at("book.csv")).unwrap();
    drop(watch.stage("read cells (part of load)", || {
        io::table(&bytes, "book.csv", None, &control).unwrap()
    }));
    drop(bytes);
    let folders = Folders {
        workspace: io::canonical_dir(folder.path()).unwrap(),
        allowed: Vec::new(),
    };
    let loaded = watch.stage("load", || io::load(&folders, "book.csv", &plan, &control).unwrap());
    let book = &loaded.book;
    let anew = || book.memo().forget();
    policy = watch.stage("decide (score and tier, once)", || {
        anew();
        let mut policy = policy.clone();
        resolve::tiers(&mut policy, book);
        policy
    });
    let amounts = watch.stage("axes", || {
        anew();
        let amounts = Amounts::of_book(book);
        axes::describe(book, &amounts, &policy.axis);
        amounts
    });
    let strategic = watch.stage("score", || {
        anew();
        score::score(&Columns::new(book), &policy)
    });
    let rule = tiering::rule(policy.tiers.rule, &strategic);
    let tiered = watch.stage("tier", || {
        anew();
        tiering::assign(book, &strategic, None, &policy, rule)
    });
    watch.stage("stability", || {
        stability::measure(book, &amounts, &strategic, &tiered, policy.seed)
    });
    let outcome = watch.stage("engine (axes to gates)", || {
        anew();
        engine::run(&loaded, &policy)
    });
    let mut step = 0.0;
    watch.stage("engine again, one weight changed", || {
        step += 0.001;
        let mut changed = policy.clone();
        if let [first, second, ..] = changed.strategic.factors.as_mut_slice() {
            (first.weight, second.weight) = (first.weight + step, second.weight - step);
        }
        resolve::tiers(&mut changed, book);
        engine::run(&loaded, &changed)
    });
    let mut staffed = policy.clone();
    staffed.capacity.csms = Some((rows / ACCOUNTS_PER_CSM) as f64);
    watch.stage("calibrate (with a headcount)", || {
        search(&Question::new(book, &staffed, &outcome), &control).unwrap()
    });
    let view = View {
        loaded: &loaded,
        policy: &policy,
        outcome: &outcome,
    };
    let care = watch.stage("care (health, expansion, actions)", || {
        anew();
        engine::care(&loaded, &policy, &outcome)
    });
    let document = watch.stage("document", || Document::of(view, &care, None, "bench"));
    watch.stage("Markdown", || document.markdown());
    watch.stage("HTML", || html::draw(&document).unwrap());
    watch.stage("segments.csv", || segments::csv(view, &care));
    drop(document);
    drop(care);
    drop(outcome);
    drop(loaded);

    let context = Context::new(folder.path(), &[], AS_OF.parse().unwrap()).unwrap();
    watch.stage(WHOLE, || whole(&context, folder.path()));
}

/// The stage that is all others together, but for the search.
pub const WHOLE: &str = "whole run";

fn whole(context: &Context, folder: &Path) {
    std::fs::write(folder.join("kept.toml"), MODEL).unwrap();
    let request = RunRequest {
        book: BookEdit {
            path: Some("book.csv".into()),
            as_of: Some(context.today),
            ..BookEdit::default()
        },
        capacity: CapacityEdit::default(),
        model: Some(folder.join("kept.toml")),
        out: folder.join("out"),
        json: false,
    };
    run(context, &request).unwrap();
}

/// A Markdown table: a line a stage, a column a size, from the cells that each size gives for its stages.
pub fn print(title: &str, measured: impl Fn(usize) -> Vec<(&'static str, String)>) {
    let sizes = sizes();
    let mut rows: Vec<(&'static str, Vec<String>)> = Vec::new();
    for size in &sizes {
        for (at, (stage, cell)) in measured(*size).into_iter().enumerate() {
            match rows.get_mut(at) {
                Some((_, cells)) => cells.push(cell),
                None => rows.push((stage, vec![cell])),
            }
        }
    }
    let heads: Vec<String> = sizes.iter().map(|size| grouped(*size as u64)).collect();
    println!("| {title} | {} |", heads.join(" | "));
    println!("| --- |{}", " ---: |".repeat(sizes.len()));
    for (stage, cells) in rows {
        println!("| {stage} | {} |", cells.join(" | "));
    }
}
