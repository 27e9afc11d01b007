//! Decisions that the engine takes for the team and writes into the model, where they stay until derived again (S16).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::axes;
use super::cells::Columns;
use super::score::{self, FactorScore};
use super::stats::Amounts;
use super::tier_score::{self, TierScore};
use super::tiering::{self, Segmentation, Thresholds};
use crate::model::book::Book;
use crate::model::money::Money;
use crate::model::policy::{Axis, Baseline, BinMethod, Method, Policy, Previous};
use crate::model::tier::{Rule, Tier};
use crate::model::tier_score::Part;

/// Whether the ARR axis has been defined for this model.
pub fn has_axis(policy: &Policy) -> bool {
    policy.axis.cuts.is_some() || policy.axis.method == Method::None
}

/// Whether tiers have been assigned by the rule in force, with all that it needs in the model.
pub fn has_tiers(policy: &Policy, rule: Rule, nobody_pays: bool) -> bool {
    let decided = match rule {
        Rule::Arr => nobody_pays || policy.tiers.arr_cuts.is_some(),
        Rule::Score => true,
        _ => policy.strategic.bins.is_some(),
    };
    decided && policy.baseline.as_ref().is_some_and(|baseline| baseline.rule == rule)
}

/// Derives the ARR cuts and records the decision.
pub fn axis(policy: &mut Policy, book: &Book, asked: Method, snap: bool) {
    let amounts = Amounts::of_book(book);
    let before = policy.axis.clone();
    policy.axis = axes::derive(&amounts, asked, snap);
    policy.axis.placed = Some(book.as_of);
    record_axis(policy, book, &before);
}

/// Opens again what the first assignment of tiers decided: automatic bins, the cuts of rule `arr`, the baseline.
pub fn reopen(policy: &mut Policy) {
    if policy.tiers.arr_cuts.is_some_and(|cuts| cuts.method == BinMethod::Auto) {
        policy.tiers.arr_cuts = None;
    }
    policy.baseline = None;
    if policy.strategic.bins.is_some_and(|bins| bins.method == BinMethod::Auto) {
        policy.strategic.bins = None;
    }
}

/// Lets the next assignment of tiers place the bin edges, whoever placed them before.
pub fn reopen_bins(policy: &mut Policy) {
    policy.strategic.bins = None;
    policy.baseline = None;
}

/// The rule by which tiers go.
pub fn rule(policy: &Policy, book: &Book) -> Rule {
    tiering::rule(policy.tiers.rule, &score::score(&Columns::new(book), policy))
}

/// Puts an option's cuts and bins into the model; what stood there before is kept for [`undo`] (S11).
pub fn take(policy: &mut Policy, book: &Book, option: Thresholds) {
    policy.previous = Some(standing(policy));
    match option {
        Thresholds::Grid { cuts, edges } => {
            policy.axis.method = Method::Given;
            policy.axis.placed = Some(book.as_of);
            policy.axis.cuts = cuts;
            policy.strategic.bins = Some(edges.bins(BinMethod::Given));
        }
        Thresholds::Arr(cuts) => policy.tiers.arr_cuts = cuts,
        Thresholds::Score => {}
    }
    rebase(policy, book);
}

/// Puts back what stood before the last option was applied; called again, it applies the option again. False when no
/// option was.
pub fn undo(policy: &mut Policy, book: &Book) -> bool {
    let Some(previous) = policy.previous.take() else {
        return false;
    };
    policy.previous = Some(standing(policy));
    policy.axis.method = previous.method;
    policy.axis.placed = previous.placed;
    policy.axis.cuts = previous.cuts;
    policy.strategic.bins = previous.bins;
    policy.tiers.arr_cuts = previous.arr_cuts;
    rebase(policy, book);
    true
}

fn standing(policy: &Policy) -> Previous {
    Previous {
        method: policy.axis.method,
        placed: policy.axis.placed,
        cuts: policy.axis.cuts,
        bins: policy.strategic.bins,
        arr_cuts: policy.tiers.arr_cuts,
    }
}

/// Drift is measured from the book on which the team last decided.
fn rebase(policy: &mut Policy, book: &Book) {
    if let Some(baseline) = &mut policy.baseline {
        baseline.tiers.clear();
    }
    tiers(policy, book);
}

/// Notes how the axis came about, when it changed.
pub fn record_axis(policy: &mut Policy, book: &Book, before: &Axis) {
    if (policy.axis.method, policy.axis.cuts) == (before.method, before.cuts) {
        return;
    }
    let amounts = Amounts::of_book(book);
    let described = axes::describe(book, &amounts, &policy.axis);
    let cuts = match policy.axis.cuts {
        Some(cuts) => format!(
            "cuts {} and {}",
            cuts.low.exact(&book.currency),
            cuts.high.exact(&book.currency)
        ),
        None => "no cuts".to_string(),
    };
    policy.decide(book.as_of, "define_axes", format!("{cuts}: {}", described.reason));
}

/// Decides anew whether the factors whose signals a person just changed are on; all others stay as they are.
pub fn refeed<'a>(policy: &mut Policy, book: &Book, changed: impl Iterator<Item = &'a String>) {
    if policy.baseline.as_ref().is_none_or(|baseline| baseline.factors_on.is_none()) {
        return;
    }
    let mut anew = policy.clone();
    if let Some(baseline) = &mut anew.baseline {
        baseline.factors_on = None;
    }
    let strategic = score::score(&Columns::new(book), &anew);
    let Some(baseline) = &mut policy.baseline else { return };
    // What moves tiers now is this decision, not the book: the next assignment measures drift from there.
    baseline.tiers.clear();
    let Some(on) = &mut baseline.factors_on else { return };
    let changed: Vec<&String> = changed.collect();
    let stays = |factor: &&FactorScore| match changed.contains(&&factor.name) {
        true => factor.on,
        false => on.contains(&factor.name),
    };
    *on = strategic
        .factors
        .iter()
        .filter(stays)
        .map(|factor| factor.name.clone())
        .collect();
}

/// Decides what the first assignment of tiers decides: bins or the cuts of rule `arr`, and the baseline.
pub fn tiers(policy: &mut Policy, book: &Book) {
    let columns = Columns::new(book);
    let strategic = score::score(&columns, policy);
    let rule = tiering::rule(policy.tiers.rule, &strategic);
    if rule == Rule::Grid && policy.strategic.bins.is_none() {
        let (edges, steps) = tiering::auto_bins(book, &strategic, policy.axis.cuts);
        policy.strategic.bins = Some(edges.bins(BinMethod::Auto));
        for step in steps {
            let share = step.high_touch as f64 / book.len().max(1) as f64 * 100.0;
            let bound = if step.to < step.from { "under 5%" } else { "over 15%" };

            let text = format!(
                "high edge {:.2} to {:.2}: High-Touch held {} of {} accounts ({share:.1}%), {bound}",
                score::share(step.from),
                score::share(step.to),
                step.high_touch,
                book.len()
            );
            policy.decide(book.as_of, "assign_tiers", text);
        }
    }
    if rule == Rule::Arr && policy.tiers.arr_cuts.is_none() {
        let amounts = Amounts::of_book(book);
        policy.tiers.arr_cuts = axes::derive_tier_cuts(&amounts, policy.axis.snap);
        if let Some(cuts) = policy.tiers.arr_cuts {
            let exact = |money: Money| money.exact(&book.currency);
            let text = format!(
                "tiers start at {}, {} and {}, rule arr",
                exact(cuts.tech_touch),
                exact(cuts.mid_touch),
                exact(cuts.high_touch)
            );
            policy.decide(book.as_of, "assign_tiers", text);
        }
    }
    let tier_score = (rule == Rule::Score).then(|| tier_score::score(&columns, &Amounts::of_book(book), policy));
    let stale = policy
        .baseline
        .as_ref()
        .is_none_or(|baseline| baseline.rule != rule || baseline.tiers.is_empty());
    let few_prices = (rule == Rule::Arr).then(|| few_prices(book)).flatten();
    let wanted = stale || few_prices.is_some();
    let segmentation = wanted.then(|| tiering::assign(book, &strategic, tier_score.as_ref(), policy, rule));
    if let (Some(segmentation), Some(n)) = (&segmentation, few_prices) {
        document_few_prices(policy, book, segmentation, n);
    }
    let on: Vec<String> = strategic.factors.iter().filter(|f| f.on).map(|f| f.name.clone()).collect();
    if let Some(baseline) = &mut policy.baseline {
        baseline.factors_on = Some(on.clone());
    }
    // A rule that is only looked at decides nothing about the parts of another.
    let kept_parts = policy.baseline.as_ref().and_then(|baseline| baseline.parts_on.clone());
    let parts_on = tier_score.as_ref().map(parts_on).or(kept_parts);
    if let (Some(baseline), Some(parts)) = (&mut policy.baseline, &parts_on) {
        baseline.parts_on = Some(parts.clone());
    }
    if let Some(segmentation) = segmentation.filter(|_| stale) {
        let arr = |tier: Tier| Money(i64::try_from(segmentation.total(tier).arr_cents).unwrap_or(i64::MAX));
        policy.baseline = Some(Baseline {
            as_of: book.as_of,
            accounts: book.len(),
            arr: Money(i64::try_from(book.total_cents()).unwrap_or(i64::MAX)),
            rule,
            tiers: Tier::ALL
                .into_iter()
                .map(|tier| (tier, arr(tier)))
                .collect::<BTreeMap<_, _>>(),
            factors_on: Some(on),
            parts_on,
            csms: policy.capacity.headcount(),
        });
    }
}

fn parts_on(scored: &TierScore) -> Vec<Part> {
    scored.on().map(|part| part.part).collect()
}

/// How many different prices the book has, where they are fewer than tiers.
fn few_prices(book: &Book) -> Option<usize> {
    let prices = Amounts::of_book(book).distinct(Tier::ALL.len());
    (1..Tier::ALL.len()).contains(&prices).then_some(prices)
}

/// Fewer than four prices cannot fill four tiers by ARR alone: that is the reason, and it is written down (M39).
fn document_few_prices(policy: &mut Policy, book: &Book, segmentation: &Segmentation, prices: usize) {
    let why = match prices {
        1 => "one price cannot tell four tiers apart".to_string(),
        n => format!("{n} prices cannot fill four tiers"),
    };
    for tier in Tier::ALL.into_iter().filter(|tier| segmentation.total(*tier).accounts == 0) {
        if let Entry::Vacant(undocumented) = policy.tiers.documented_empty.entry(tier) {
            undocumented.insert(why.clone());
            policy.decide(book.as_of, "assign_tiers", format!("{} stays empty: {why}", tier.code()));
        }
    }
}
