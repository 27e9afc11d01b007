//! The options of calibration: what each would change, what was searched, and what one more CSM would do (S11).

use serde_json::{Map, Value, json};

use super::capacity::plain_number;
use super::{View, accounts, amount, share};
use crate::engine::Outcome;
use crate::engine::calibrate::{Calibration, Choice, Constraint, Infeasible, Reached};
use crate::engine::score;
use crate::engine::tiering::Thresholds;
use crate::model::finding::Finding;
use crate::model::load::Loaded;
use crate::model::money::{Money, short_text};
use crate::model::policy::Policy;
use crate::model::tier::{Rule, Tier};
use crate::report::{Block, Section, Table, picture, text};

/// An option that was taken, or taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// `B`, or `previous`.
    pub id: String,
    /// The line that the model keeps.
    pub decision: String,
    /// Numbers before and after.
    pub before: Numbers,
    /// Numbers after.
    pub after: Numbers,
}

/// What an option changes, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    thresholds: Thresholds,
    needed: u64,
    gap: Option<f64>,
    near: f64,
}

impl Numbers {
    fn of(outcome: &Outcome) -> Numbers {
        Numbers {
            thresholds: outcome.segmentation.thresholds,
            needed: outcome.plan.needed_typical,
            gap: outcome.plan.gap(),
            near: outcome.stability.account_share,
        }
    }

    fn json(&self) -> Value {
        json!({
            "cuts": cuts_json(self.thresholds),
            "bins": bins_json(self.thresholds),
            "needed": self.needed,
            "gap": self.gap.map(plain_number),
            "unstable_share": share(self.near),
        })
    }
}

/// What was done, with the numbers before and after (M25).
pub fn applied(id: &str, title: &str, loaded: &Loaded, before: &Outcome, after: &Outcome) -> Applied {
    let book = &loaded.book;
    let moved = before.segmentation.differing(&after.segmentation);
    let (n, cents) = moved.fold((0, 0_i128), |(n, cents), i| (n + 1, cents + i128::from(book.arr(i).0)));
    let (was, now) = (Numbers::of(before), Numbers::of(after));
    let gap = |numbers: &Numbers| numbers.gap.map_or(String::new(), |gap| format!(", gap {gap}"));
    let decision = format!(
        "{id} ({title}): {} become {}; CSMs needed {}{} become {}{}; {} ({}) move; {} near a cut become {}",
        thresholds_text(was.thresholds, &book.currency),
        thresholds_text(now.thresholds, &book.currency),
        was.needed,
        gap(&was),
        now.needed,
        gap(&now),
        accounts(n),
        short_text(cents, &book.currency),
        text::percent(was.near),
        text::percent(now.near),
    );
    Applied {
        id: id.to_string(),
        decision,
        before: was,
        after: now,
    }
}

/// The sections about options, in the order of the answer.
pub fn sections(view: View, found: &Calibration) -> Vec<Section> {
    let mut sections = Vec::new();
    if !found.options.is_empty() {
        sections.push(Section::key("Options", vec![Block::Table(options_table(view, found))]));
    }
    let lines: Vec<String> = [
        found.infeasible.as_ref().map(|infeasible| infeasible_text(view, infeasible)),
        one_more_text(view, found),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !lines.is_empty() {
        sections.push(Section::key("What the team can carry", vec![Block::List(lines)]));
    }
    if view.outcome.rule != Rule::Score {
        sections.push(Section::key("Where the cuts lie", vec![Block::Picture(distribution(view))]));
    }
    if !found.curve.is_empty() {
        let row = |cell: fn(&crate::engine::calibrate::CurvePoint) -> u64| found.curve.iter().map(move |p| cell(p).to_string());
        let curve = picture::rows(&[
            ("CSMs", row(|p| p.csms).collect()),
            ("best gap", row(|p| p.best_gap).collect()),
        ]);
        sections.push(Section::new("Best gap by headcount", vec![Block::Picture(curve)]));
    }
    if let Some(searched) = &found.searched {
        sections.push(Section::full_only(
            "Searched",
            vec![Block::List(searched_lines(view, searched))],
        ));
    }
    sections
}

fn options_table(view: View, found: &Calibration) -> Table {
    let currency = &view.book().currency;
    let mut table = Table::new(&[
        "Option",
        ">CSMs needed (gap)",
        ">Accounts that move",
        ">Near a cut",
        ">High-Touch ARR",
        ">Mid-Touch",
        "Cuts and bins",
        "Leads in",
        "Note",
    ]);
    for option in &found.options {
        table.push([
            format!("{} {}", option.id, name(option)),
            format!("{} ({})", option.needed, gap_text(option)),
            format!("{} ({})", option.moved, short_text(option.moved_cents, currency)),
            text::percent(view.account_share(option.near)),
            text::percent(view.arr_share(total(option, Tier::HighTouch).1)),
            text::percent(view.account_share(total(option, Tier::MidTouch).0)),
            thresholds_text(option.thresholds, currency),
            option.title.clone(),
            option.note.clone().unwrap_or_default(),
        ]);
    }
    table
}

/// The first way in which an option leads, and whether it is the model as it is.
fn name(option: &Choice) -> String {
    let first = option.title.split(", ").next().unwrap_or_default();
    match option.is_today {
        true => format!("{first}, as it is"),
        false => first.to_string(),
    }
}

fn total(option: &Choice, tier: Tier) -> (usize, i128) {
    option
        .totals
        .get(tier.index())
        .map_or((0, 0), |total| (total.accounts, total.arr_cents))
}

fn gap_text(option: &Choice) -> String {
    let gap = match option.gap_hundredths {
        0 => "0".to_string(),
        gap => format!("{:+}", gap as f64 / 100.0),
    };
    // With headcount by tier, a surplus in one does not fill what lacks in another.
    match option.misfit_hundredths == option.gap_hundredths.unsigned_abs() {
        true => gap,
        false => format!("{gap}, by tier {}", option.misfit_hundredths as f64 / 100.0),
    }
}

fn distribution(view: View) -> Vec<String> {
    let cuts = view.outcome.segmentation.thresholds.arr_cuts();
    picture::distribution(&view.outcome.amounts, &cuts, &view.book().currency)
}

/// `cuts $9,000 and $27,000, bins 0.30 and 0.60`.
pub fn thresholds_text(thresholds: Thresholds, currency: &str) -> String {
    let cuts: Vec<String> = thresholds
        .arr_cuts()
        .iter()
        .map(|(_, cents)| Money(*cents).exact(currency))
        .collect();
    let cuts = match cuts.split_last() {
        Some((last, rest)) => format!("cuts {} and {last}", rest.join(", ")),
        None => "no cuts".to_string(),
    };
    match thresholds {
        Thresholds::Grid { edges, .. } => format!("{cuts}, bins {:.2} and {:.2}", edges.low_below(), edges.high_above()),
        Thresholds::Arr(_) => cuts,
        Thresholds::Score => "the fixed bands of the tier score".to_string(),
    }
}

fn one_more_text(view: View, found: &Calibration) -> Option<String> {
    // While CSMs are idle, more of them change nothing.
    let more = found
        .one_more
        .filter(|_| view.outcome.plan.gap().is_some_and(|gap| gap >= 0.0))?;
    Some(format!(
        "one more CSM lets {}, {} ARR, move up to High-Touch",
        accounts(more.accounts),
        view.short(more.arr_cents)
    ))
}

/// Why nothing fits, and how close one can come.
pub fn infeasible_text(view: View, infeasible: &Infeasible) -> String {
    let best = match infeasible.best {
        Reached::Amount(money) => money.exact(&view.book().currency),
        Reached::Share(share) if matches!(infeasible.constraint, Constraint::HighTouchShare | Constraint::MidTouchShare) => {
            text::percent(share)
        }
        Reached::Share(share) => format!("{share:.2}"),
        Reached::Tiers(n) => format!("{n} of 4"),
    };
    let what = match infeasible.constraint {
        Constraint::LowCut => "the lowest cut would have to lie outside its rail, nearest at",
        Constraint::HighCut => "the highest cut would have to lie outside its rail, nearest at",
        Constraint::LowEdge => "the low bin edge would have to lie outside its rail, nearest at",
        Constraint::HighEdge => "the high bin edge would have to lie outside its rail, nearest at",
        Constraint::EdgeDistance => "the bin edges would have to stand closer, at best",
        Constraint::HighTouchShare => "High-Touch would have to hold more accounts than its rail allows, at least",
        Constraint::MidTouchShare => "Mid-Touch holds more than its limit wherever the cuts lie, at least",
        Constraint::NoEmptyTiers => "some tier stays empty wherever the cuts lie; tiers that can hold accounts:",
    };
    let also = match infeasible.alone {
        true => String::new(),
        false => format!(", and only while these give way too: {}", given_up(infeasible.constraint)),
    };
    format!(
        "no combination keeps to every limit ({}): {what} {best}{also}",
        infeasible.constraint.code()
    )
}

/// The constraints that were relaxed before this one.
fn given_up(constraint: Constraint) -> String {
    let before = Constraint::ALL.into_iter().take_while(|other| *other != constraint);
    before.map(Constraint::code).collect::<Vec<_>>().join(", ")
}

/// What the options have to say.
pub fn findings(view: View, found: &Calibration) -> Vec<Finding> {
    let mut findings = Vec::new();
    if view.outcome.rule == Rule::Score && view.outcome.plan.available.is_some() {
        let text = "rule score has fixed bands, so there is nothing to place and no option to offer: assign_tiers with rule grid or arr lets calibration search";
        findings.push(Finding::info("score_has_no_options", text));
    }
    if let Some(infeasible) = &found.infeasible {
        findings.push(Finding::warning("calibration_infeasible", infeasible_text(view, infeasible)));
    }
    findings
}

fn searched_lines(view: View, searched: &crate::engine::calibrate::Searched) -> Vec<String> {
    let currency = &view.book().currency;
    let list = |cuts: &[i64]| {
        cuts.iter()
            .map(|cents| Money(*cents).exact(currency))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let space = &searched.space;
    let bounds = space.bounds;
    let edge = |(from, to): (u16, u16)| format!("{:.2} to {:.2}", score::share(from), score::share(to));
    let range = |(from, to): (i64, i64)| format!("{} to {}", Money(from).exact(currency), Money(to).exact(currency));
    let mut lines = vec![
        format!(
            "{} combinations; {} that no other beats",
            searched.combinations,
            searched.front.len()
        ),
        format!("ARR candidates: {}", list(&space.cuts)),
        format!(
            "lowest cut within {}, highest within {}, or today's",
            range(bounds.low_cut),
            range(bounds.high_cut)
        ),
        format!("High-Touch holds at least {} accounts", searched.high_touch_least),
    ];
    if !space.low_edges.is_empty() {
        lines.push(format!(
            "bin edges at every hundredth: low within {}, high within {}, at least {:.2} apart, or today's",
            edge(bounds.low_edge),
            edge(bounds.high_edge),
            score::share(bounds.edge_distance)
        ));
    }
    lines
}

/// What the answer's next steps say about options.
pub fn next(found: &Calibration, revision: &str) -> Option<String> {
    let option = found.options.first()?;
    Some(format!(
        "calibrate_capacity with {{\"apply\": \"{}\", \"revision\": \"{revision}\"}} takes option {}",
        option.id, option.id
    ))
}

/// Cuts by the codes they go by, also used by `assign_tiers`.
pub fn cuts_json(thresholds: Thresholds) -> Value {
    let cuts = thresholds
        .arr_cuts()
        .into_iter()
        .map(|(name, cents)| (name.to_string(), json!(Money(cents))));
    Value::Object(cuts.collect::<Map<String, Value>>())
}

/// Bin edges, null under rule `arr`; also used by `assign_tiers`.
pub fn bins_json(thresholds: Thresholds) -> Value {
    match thresholds {
        Thresholds::Grid { edges, .. } => json!({"low_below": edges.low_below(), "high_above": edges.high_above()}),
        Thresholds::Arr(_) | Thresholds::Score => Value::Null,
    }
}

fn option_json(view: View, option: &Choice) -> Value {
    json!({
        "id": option.id.to_string(),
        "title": option.title,
        "cuts": cuts_json(option.thresholds),
        "bins": bins_json(option.thresholds),
        "needed": option.needed,
        "gap": plain_number(option.gap_hundredths as f64 / 100.0),
        "gap_by_tier": plain_number(option.misfit_hundredths as f64 / 100.0),
        "moved_accounts": option.moved,
        "moved_arr": amount(option.moved_cents),
        "unstable_share": share(view.account_share(option.near)),
        "mid_touch_share": share(view.account_share(total(option, Tier::MidTouch).0)),
        "high_touch_arr_share": share(view.arr_share(total(option, Tier::HighTouch).1)),
        "high_touch_accounts": total(option, Tier::HighTouch).0,
        "note": option.note,
    })
}

/// The JSON fields of calibration, into the data of the answer.
pub fn put(data: &mut Map<String, Value>, view: View, found: &Calibration, applied: Option<&Applied>) {
    let options: Vec<Value> = found.options.iter().map(|option| option_json(view, option)).collect();
    data.insert("options".into(), json!(options));
    data.insert(
        "searched".into(),
        found
            .searched
            .as_ref()
            .map_or(Value::Null, |searched| searched_json(view.policy, searched)),
    );
    let point = |p: &crate::engine::calibrate::CurvePoint| json!({"csms": p.csms, "best_gap": p.best_gap});
    data.insert(
        "headcount_curve".into(),
        json!(found.curve.iter().map(point).collect::<Vec<_>>()),
    );
    let one_more = one_more_text(view, found)
        .zip(found.one_more)
        .map(|(sentence, more)| json!({"accounts": more.accounts, "arr": amount(more.arr_cents), "sentence": sentence}));
    data.insert("one_more_csm".into(), json!(one_more));
    data.insert(
        "infeasible".into(),
        found.infeasible.as_ref().map_or(Value::Null, |i| infeasible_json(view, i)),
    );
    let applied = applied
        .map(|done| json!({"id": done.id, "decision": done.decision, "before": done.before.json(), "after": done.after.json()}));
    data.insert("applied".into(), json!(applied));
}

fn infeasible_json(view: View, infeasible: &Infeasible) -> Value {
    let best = match infeasible.best {
        Reached::Amount(money) => json!(money),
        Reached::Share(value) => json!(share(value)),
        Reached::Tiers(n) => json!(n),
    };
    json!({
        "constraint": infeasible.constraint.code(),
        "best": best,
        "alone": infeasible.alone,
        "text": infeasible_text(view, infeasible),
    })
}

fn searched_json(policy: &Policy, searched: &crate::engine::calibrate::Searched) -> Value {
    let space = &searched.space;
    let bounds = space.bounds;
    let money = |(from, to): (i64, i64)| json!([Money(from), Money(to)]);
    let edges = |(from, to): (u16, u16)| json!([score::share(from), score::share(to)]);
    json!({
        "combinations": searched.combinations,
        "front": searched.front.len(),
        "arr_candidates": space.cuts.iter().map(|cents| Money(*cents)).collect::<Vec<_>>(),
        "bin_candidates": space.edges().into_iter().map(score::share).collect::<Vec<_>>(),
        "rails": {
            "low_cut": money(bounds.low_cut),
            "high_cut": money(bounds.high_cut),
            "low_edge": edges(bounds.low_edge),
            "high_edge": edges(bounds.high_edge),
            "edge_distance": score::share(bounds.edge_distance),
            "high_touch_least": searched.high_touch_least,
            "high_touch_max": policy.rails.high_touch_max,
            "mid_touch_max": policy.gates.mid_touch_max,
        },
    })
}
