//! Patterns that spoil a segmentation, as far as model and book show them (H55).

use super::{View, accounts, count};
use crate::model::finding::Finding;
use crate::model::policy::Migration;
use crate::model::tier::{Row, Rule, Tier};
use crate::report::text;

/// A book of fewer accounts may well be served in one way.
const ACCOUNTS_LEAST: usize = 20;
/// From this many factors on, the grid could take the place of ARR alone (S7).
const FACTORS_LEAST: usize = 2;

/// Everything that can be seen.
pub fn findings(view: View) -> Vec<Finding> {
    let found = [
        arr_only(view),
        static_model(view),
        one_tier(view),
        one_book_size(view),
        rich_and_unserved(view),
        poor_and_served(view),
        no_migration(view),
    ];
    found.into_iter().flatten().collect()
}

/// The team chose ARR alone although the book says more.
fn arr_only(view: View) -> Option<Finding> {
    let fed = view.outcome.strategic.n_on();
    (view.policy.tiers.rule == Rule::Arr && fed >= FACTORS_LEAST).then(|| {
        let of = view.outcome.strategic.factors.len();
        let text = format!(
            "tiers follow ARR alone while {fed} of {of} strategic factors are fed: assign_tiers with rule auto lets them count"
        );
        Finding::info("arr_only_tiers", text)
    })
}

/// The baseline is older than the model says it may get (M48).
fn static_model(view: View) -> Option<Finding> {
    let baseline = view.policy.baseline.as_ref()?;
    let months = view.policy.triggers.as_ref()?.baseline_months?;
    let span = jiff::Span::new().try_months(i64::from(months)).ok()?;
    // Under the grid the cuts have a date of their own: looking at another rule makes them no younger.
    let decided = match view.outcome.rule {
        Rule::Grid => view.policy.axis.placed.unwrap_or(baseline.as_of),
        _ => baseline.as_of,
    };
    let due = decided.checked_add(span).ok()?;
    (view.book().as_of > due).then(|| {
        let text = format!(
            "cuts, bins and weights are those of {}, more than {months} months old: define_axes with method auto places them anew",
            decided
        );
        Finding::warning("static_segmentation", text)
    })
}

/// Everyone is served alike.
fn one_tier(view: View) -> Option<Finding> {
    let n = view.book().len();
    let all = |tier: &Tier| view.outcome.segmentation.total(*tier).accounts == n;
    let tier = Tier::ALL.into_iter().find(all).filter(|_| n >= ACCOUNTS_LEAST)?;
    let text = format!(
        "all {} are in {}: four tiers that treat everyone alike; look at the cuts, the bins or the rule",
        accounts(n),
        tier.label()
    );
    Some(Finding::warning("same_engagement", text))
}

/// The tiers that have CSMs have books of one size.
fn one_book_size(view: View) -> Option<Finding> {
    let [high, mid, tech] = [Tier::HighTouch, Tier::MidTouch, Tier::TechTouch].map(|tier| view.policy.capacity.book_size(tier));
    (high == mid && mid == tech).then(|| {
        let text = format!(
            "a CSM serves {} accounts in every tier, so the tiers do not differ in attention: give calibrate_capacity book_sizes",
            super::capacity::book_text(high)
        );
        Finding::warning("same_engagement", text)
    })
}

/// Accounts of the high ARR row that nobody serves.
fn rich_and_unserved(view: View) -> Option<Finding> {
    let (n, cents) = those(view, Row::High, Tier::Plg)?;
    let cut = view.policy.axis.cuts?.high;
    let text = format!(
        "self-serve holds {} ({}) with ARR from {}: look at what keeps them out of the tiers above",
        accounts(n),
        view.short(cents),
        view.exact(cut)
    );
    Some(Finding::warning("leakage", text))
}

/// Accounts of the low ARR row with a CSM of their own.
fn poor_and_served(view: View) -> Option<Finding> {
    let (n, cents) = those(view, Row::Low, Tier::HighTouch).filter(|_| view.policy.axis.cuts.is_some())?;
    let high_touch = view.outcome.segmentation.total(Tier::HighTouch).accounts;
    let text = format!(
        "{} of {} High-Touch accounts ({}, {} of ARR) pay less than the low cut: make sure that each is worth it",
        count(n),
        count(high_touch),
        view.short(cents),
        text::percent(view.arr_share(cents))
    );
    Some(Finding::info("leakage_low_arr", text))
}

/// Accounts of a row in a tier, with their ARR; none where there are none.
fn those(view: View, row: Row, tier: Tier) -> Option<(usize, i128)> {
    let segmentation = &view.outcome.segmentation;
    let is_one = |account: &usize| segmentation.tier(*account) == tier && segmentation.row(*account) == row;
    let (mut n, mut cents) = (0, 0_i128);
    for account in (0..view.book().len()).filter(is_one) {
        n += 1;
        cents += i128::from(view.book().arr(account).0);
    }
    (n > 0).then_some((n, cents))
}

/// Nothing says how an account changes tier.
fn no_migration(view: View) -> Option<Finding> {
    view.policy.migration.as_ref().is_none_or(Migration::is_empty).then(|| {
        let text = "the model has no [migration], so nothing says how an account moves up or down: add the section with up_at_renewal = true";
        Finding::info("no_migration_path", text)
    })
}
