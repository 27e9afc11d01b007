//! The three rules over one book: what each would place, and where they disagree with the rule in force. Decides nothing.

use super::cells::Columns;
use super::tiering::{self, TierTotal};
use super::{Outcome, axes, tier_score};
use crate::model::book::Book;
use crate::model::policy::{BinMethod, Policy};
use crate::model::tier::{Rule, Tier};

/// What a rule makes of the book.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleView {
    /// The rule.
    pub rule: Rule,
    /// Whether it is in force.
    pub in_force: bool,
    /// On how much it rests: factors or parts that are fed, and of how many; none under rule `arr`.
    pub fed: Option<(usize, usize)>,
    /// The tier of each account, in input order.
    pub tiers: Vec<Tier>,
    /// Accounts and ARR by tier, in list order.
    pub totals: [TierTotal; 4],
    /// Accounts that it would serve in another tier than the rule in force.
    pub moved: usize,
    /// Their ARR in cents.
    pub moved_cents: i128,
}

/// The rules that can be in force.
const RULES: [Rule; 3] = [Rule::Grid, Rule::Arr, Rule::Score];

/// Grid, ARR alone and tier score, in this order. Where the model has no bins or cuts for a rule yet, they stand where the
/// first assignment of tiers would put them.
pub fn compare(book: &Book, policy: &Policy, outcome: &Outcome) -> Vec<RuleView> {
    let now = &outcome.segmentation;
    let strategic = &outcome.strategic;
    RULES
        .map(|rule| {
            let (tiers, fed) = place(book, policy, outcome, rule);
            let mut totals = [TierTotal::default(); 4];
            let (mut moved, mut moved_cents) = (0, 0);
            for ((tier, before), cents) in tiers.iter().zip(&now.tiers).zip(book.arr_cents()) {
                if let Some(total) = totals.get_mut(tier.index()) {
                    total.accounts += 1;
                    total.arr_cents += i128::from(*cents);
                }
                if tier != before {
                    moved += 1;
                    moved_cents += i128::from(*cents);
                }
            }
            RuleView {
                rule,
                in_force: rule == outcome.rule,
                fed: fed.or_else(|| (rule == Rule::Grid).then(|| (strategic.n_on(), strategic.factors.len()))),
                tiers,
                totals,
                moved,
                moved_cents,
            }
        })
        .into()
}

/// The tier in which each account would be served; and the parts of the tier score that are fed.
fn place(book: &Book, policy: &Policy, outcome: &Outcome, rule: Rule) -> (Vec<Tier>, Option<(usize, usize)>) {
    let score = match (rule, &outcome.tier_score) {
        (Rule::Score, None) => Some(tier_score::score(&Columns::new(book), &outcome.amounts, policy)),
        _ => None,
    };
    let scored = score.as_ref().or(outcome.tier_score.as_ref()).filter(|_| rule == Rule::Score);
    let fed = scored.map(|scored| (scored.on().count(), scored.parts.len()));
    if rule == outcome.rule {
        return (outcome.segmentation.tiers.clone(), fed);
    }
    let mut policy = policy.clone();
    let strategic = &outcome.strategic;
    match rule {
        Rule::Arr if policy.tiers.arr_cuts.is_none() => {
            policy.tiers.arr_cuts = axes::derive_tier_cuts(&outcome.amounts, policy.axis.snap);
        }
        Rule::Grid if policy.strategic.bins.is_none() => {
            let (edges, _) = tiering::auto_bins(book, strategic, policy.axis.cuts);
            policy.strategic.bins = Some(edges.bins(BinMethod::Auto));
        }
        _ => {}
    }
    (tiering::serve(book, strategic, scored, &policy, rule), fed)
}

/// Accounts on which the rules do not all agree, largest first.
pub fn disputed<'a>(book: &'a Book, rules: &'a [RuleView]) -> impl Iterator<Item = usize> + 'a {
    book.by_arr().filter(|account| {
        let mut tiers = rules.iter().filter_map(|rule| rule.tiers.get(*account));
        let first = tiers.next();
        tiers.any(|tier| Some(tier) != first)
    })
}
