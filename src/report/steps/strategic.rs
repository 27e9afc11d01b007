//! `score_strategic`: the factors over the book, the bins, who is uncertain, and whom to judge first.

use serde_json::{Map, Value, json};

use super::{StepAnswer, View, accounts, amount, count, put_list, share};
use crate::engine::score::{Edges, FactorScore};
use crate::model::finding::Finding;
use crate::model::tier::Rule;
use crate::model::tier::{Bin, cell};
use crate::parallel;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `score_strategic`.
pub fn answer(view: View) -> StepAnswer {
    let strategic = &view.outcome.strategic;
    let shape = Shape::of(view);
    let [low, medium, high] = shape.bins.map(count);
    let scored = scored(view);
    let verdict = match strategic.n_on() {
        0 => format!("no factor is fed: {} stay unscored", accounts(view.book().len())),
        on => format!(
            "{} scored on {on} of {} factors: {low} low, {medium} medium, {high} high; {} uncertain",
            accounts(scored),
            strategic.factors.len(),
            count(shape.uncertain.len())
        ),
    };
    let mut findings = view.outcome.strategic_findings.clone();
    findings.extend(super::tier_findings::no_axis(&view, true));
    findings.extend(uncertain_finding(view, &shape.uncertain));
    let next = match strategic.n_on() {
        0 | 1 if view.policy.tiers.rule == Rule::Grid => {
            "define_axes with \"on\": true for factors that you can judge, or assign_tiers with \"rule\": \"arr\" to go by ARR \
             alone: the model asks for the grid"
        }
        0 | 1 => "define_axes with \"on\": true for factors that you can judge, or assign_tiers to go by ARR alone",
        _ if shape.judge_first.is_empty() => "assign_tiers to place every account",
        _ => "assign_tiers, or judge the accounts above with score_strategic first",
    };
    let report = Report {
        step: "score_strategic".into(),
        verdict,
        findings,
        sections: sections(view, &shape),
        next: vec![next.to_string()],
    };
    StepAnswer {
        report,
        data: data(view, &shape, scored),
    }
}

/// What the scores look like over the book.
struct Shape {
    bins: [usize; 3],
    /// Accounts whose interval crosses an edge, largest first.
    uncertain: Vec<usize>,
    /// Uncertain accounts whose tier a judgement could change, largest first.
    judge_first: Vec<usize>,
}

impl Shape {
    fn of(view: View) -> Shape {
        let strategic = &view.outcome.strategic;
        let edges = Edges::of(view.policy.strategic.bins);
        let mut shape = Shape {
            bins: [0; 3],
            uncertain: Vec::new(),
            judge_first: Vec::new(),
        };
        for account in view.book().by_arr() {
            let (low, high) = strategic.bin_range(account, edges);
            if let Some(n) = shape.bins.get_mut(low.index()) {
                *n += 1;
            }
            if low == high {
                continue;
            }
            shape.uncertain.push(account);
            let row = view.outcome.segmentation.row(account);
            if cell(row, low) != cell(row, high) {
                shape.judge_first.push(account);
            }
        }
        shape
    }
}

/// Accounts with at least one known factor.
fn scored(view: View) -> usize {
    let strategic = &view.outcome.strategic;
    let on = strategic.n_on();
    (0..view.book().len())
        .filter(|i| on > 0 && strategic.unknown_factors(*i).len() < on)
        .count()
}

/// WARNING about accounts that what is blank could move; also shown by `run`.
pub fn uncertain(view: View) -> Option<Finding> {
    let edges = Edges::of(view.policy.strategic.bins);
    let crossing = |account: usize| {
        let (low, high) = view.outcome.strategic.bin_range(account, edges);
        (low != high).then_some(account)
    };
    uncertain_finding(view, &parallel::picked(view.book().len(), crossing))
}

fn uncertain_finding(view: View, uncertain: &[usize]) -> Option<Finding> {
    if uncertain.is_empty() || view.outcome.strategic.n_on() == 0 {
        return None;
    }
    let (factor, n) = collect_first(view, uncertain)?;
    let collect = crate::model::presets::feeders(&factor);
    Some(Finding::warning(
        "uncertain_accounts",
        format!(
            "{} ({}) could change bin if what is blank were known; {factor} is blank for {} of them: collect {collect} first",
            accounts(uncertain.len()),
            view.short(arr_of(view, uncertain)),
            if n == uncertain.len() { "all".to_string() } else { count(n) }
        ),
    ))
}

fn arr_of(view: View, some: &[usize]) -> i128 {
    some.iter().map(|account| i128::from(view.book().arr(*account).0)).sum()
}

/// The factor whose blanks hold the most ARR among the uncertain accounts.
fn collect_first(view: View, uncertain: &[usize]) -> Option<(String, usize)> {
    let strategic = &view.outcome.strategic;
    let weigh = |name: &str| {
        let named: Vec<&FactorScore> = strategic.factors.iter().filter(|f| f.on && f.name == name).collect();
        let blank = uncertain.iter().filter(|i| named.iter().any(|f| f.scores.is_unknown(**i)));
        blank.fold((0_i128, 0), |(cents, n), i| {
            (cents + i128::from(view.book().arr(*i).0), n + 1)
        })
    };
    let on: Vec<&FactorScore> = strategic.factors.iter().filter(|f| f.on).collect();
    let weighed = parallel::over(uncertain.len(), on, |f| (weigh(&f.name), f.name.clone()));
    let heaviest = weighed.into_iter().max_by_key(|((cents, n), _)| (*cents, *n))?;
    (heaviest.0.1 > 0).then_some((heaviest.1, heaviest.0.1))
}

fn sections(view: View, shape: &Shape) -> Vec<Section> {
    let mut factors = Table::new(&["Factor", ">Weight", ">Coverage", ">Mean", "Source"]);
    for factor in &view.outcome.strategic.factors {
        let number = |value: f64| if factor.on { format!("{value:.2}") } else { "off".into() };
        factors.push([
            factor.name.clone(),
            number(factor.weight_used),
            if factor.on {
                text::percent(factor.coverage)
            } else {
                "-".into()
            },
            if factor.on {
                format!("{:.2}", factor.mean)
            } else {
                "-".into()
            },
            text::clean(&factor.source.to_string()),
        ]);
    }
    let mut sections = vec![Section::key("Factors", vec![Block::Table(factors)])];
    let mut judge = Table::new(&["Account", ">ARR", "Unknown"]);
    let first: Vec<usize> = shape.judge_first.iter().take(8).copied().collect();
    for (account, name) in first.iter().zip(view.told_apart(&first)) {
        judge.push([
            name,
            view.book().arr(*account).full(&view.book().currency),
            view.outcome.strategic.unknown_factors(*account).join(", "),
        ]);
    }
    let more = shape.judge_first.len().saturating_sub(8);
    let mut blocks = vec![Block::Table(judge)];
    if more > 0 {
        blocks.push(Block::Text(format!(
            "{} more whose tier a judgement could change",
            count(more)
        )));
    }
    if !shape.judge_first.is_empty() && view.outcome.strategic.n_on() > 0 {
        sections.push(Section::key("Judge first", blocks));
    }
    sections
}

fn data(view: View, shape: &Shape, scored: usize) -> Value {
    let strategic = &view.outcome.strategic;
    let [low, medium, high] = shape.bins;
    let factors: Vec<Value> = strategic
        .factors
        .iter()
        .map(|f| {
            json!({
                "name": f.name,
                "on": f.on,
                "weight_used": share(f.weight_used),
                "coverage": share(f.coverage),
                "mean": share(f.mean),
                "arr_correlation": f.rho.map(share),
                "source": f.source.to_string(),
            })
        })
        .collect();
    let entry = |account: &usize| {
        json!({
            "account": view.book().id(*account),
            "name": view.book().name(*account),
            "arr": view.book().arr(*account),
            "unknown": strategic.unknown_factors(*account),
        })
    };
    let crossing = |account: &usize| {
        let edges = Edges::of(view.policy.strategic.bins);
        let (from, to): (Bin, Bin) = strategic.bin_range(*account, edges);
        json!({"account": view.book().id(*account), "arr": view.book().arr(*account), "bin": from, "could_be": to})
    };
    let mut uncertain = Map::new();
    uncertain.insert("accounts".into(), json!(shape.uncertain.len()));
    uncertain.insert("arr".into(), amount(arr_of(view, &shape.uncertain)));
    uncertain.insert(
        "collect_first".into(),
        json!(collect_first(view, &shape.uncertain).map(|(factor, _)| factor)),
    );
    put_list(&mut uncertain, "top", shape.uncertain.iter().map(crossing));
    let mut data = Map::new();
    data.insert("scored".into(), json!(scored));
    data.insert("bins".into(), json!({"low": low, "medium": medium, "high": high}));
    data.insert("factors".into(), Value::Array(factors));
    data.insert("uncertain".into(), Value::Object(uncertain));
    put_list(&mut data, "judge_first", shape.judge_first.iter().map(entry));
    Value::Object(data)
}
