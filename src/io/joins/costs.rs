//! What subscriptions cost in one currency: rates, and what stays out where there is none.

use std::collections::{BTreeMap, BTreeSet};

use super::price::Priced;
use super::{Line, State};
use crate::error::Result;
use crate::io::answers::CURRENCY;
use crate::io::currency::{Tally, converted, lacking, several};
use crate::io::listed;
use crate::model::load::LoadPlan;

/// What a line costs a year, once currencies are settled.
pub(super) enum Cost {
    /// In the currency of the whole.
    Cents(i64),
    /// In another that has no rate, where a person named the currency of the whole.
    Foreign(String, i64),
    /// No amount can be read.
    Unread,
}

impl Cost {
    /// In the currency of the whole; nothing where that is not known.
    pub(super) fn cents(&self) -> i64 {
        match self {
            Cost::Cents(cents) => *cents,
            _ => 0,
        }
    }
}

/// Lines whose parts are in several currencies, as an item in dollars and one in euros, in one. Error: `several_currencies`.
pub(super) fn in_one_currency(states: &[State], priced: Vec<Vec<Priced>>, plan: &LoadPlan) -> Result<Vec<Line>> {
    let live = states.iter().zip(&priced).filter(|(state, _)| **state == State::Live);
    let tallies = tally(live.flat_map(|(_, parts)| parts));
    let base = base(&tallies, plan);
    let mixed = |parts: &&Vec<Priced>| parts.iter().filter(|part| part.currency.is_some()).count() > 1;
    let mixed_and_live = priced
        .iter()
        .zip(states)
        .filter(|(parts, state)| **state == State::Live && mixed(parts));
    let codes: BTreeSet<&String> = mixed_and_live
        .flat_map(|(parts, _)| parts)
        .filter_map(|part| part.currency.as_ref())
        .collect();
    // An item without a rate would make its subscription cheaper than it is, whatever was said of the book's currency.
    if let Some(base) = &base
        && let missing = lacking(codes.into_iter(), base, plan)
        && !missing.is_empty()
    {
        let names = listed(missing.into_iter().map(String::as_str));
        let wanted =
            format!("rates: for {names} a number, {base} per unit, since one subscription has items in several currencies");
        let lacking = lacking(tallies.keys(), base, plan);
        return Err(several(&tallies, &lacking, base, "live row").expected(wanted).into());
    }
    let lines = states.iter().zip(priced).map(|(state, parts)| {
        let one = match parts.len() {
            1 => parts.into_iter().next().unwrap_or_default(),
            _ => summed(&parts, base.as_deref(), plan),
        };
        Line {
            state: *state,
            cents: one.cents,
            currency: one.currency,
        }
    });
    Ok(lines.collect())
}

fn summed(parts: &[Priced], base: Option<&str>, plan: &LoadPlan) -> Priced {
    let named: BTreeSet<&str> = parts.iter().filter_map(|part| part.currency.as_deref()).collect();
    // Amounts beside which no currency stands are in the one that stands beside the others.
    let into = match named.len() {
        1 => named.first().copied(),
        _ => base,
    };
    let cents = parts.iter().try_fold(0_i64, |sum, part| {
        let cents = match part.currency.as_deref() {
            Some(code) if Some(code) != into => converted(part.cents?, *plan.rates.get(code)?)?,
            _ => part.cents?,
        };
        sum.checked_add(cents)
    });
    Priced {
        cents,
        currency: into.map(str::to_string),
        open: false,
    }
}

/// The currency that lines are added up in, and each line in it. Error: `several_currencies`, where a live line's currency
/// has no rate and nobody named the book's.
pub(super) fn in_base(lines: &[Line], plan: &LoadPlan) -> Result<(Option<String>, Vec<Cost>)> {
    let live = lines.iter().filter(|line| line.state == State::Live);
    let parts: Vec<Priced> = live
        .map(|line| Priced {
            cents: line.cents,
            currency: line.currency.clone(),
            open: false,
        })
        .collect();
    let tallies = tally(parts.iter());
    let base = base(&tallies, plan);
    let lacking = base
        .as_deref()
        .map(|base| lacking(tallies.keys(), base, plan))
        .unwrap_or_default();
    if let (false, false, Some(base)) = (lacking.is_empty(), plan.answers.contains_key(CURRENCY), &base) {
        return Err(several(&tallies, &lacking, base, "live row").into());
    }
    let cost = |line: &Line| {
        let Some(cents) = line.cents else { return Cost::Unread };
        match line.currency.as_deref() {
            Some(code) if Some(code) != base.as_deref() => match plan.rates.get(code) {
                Some(rate) => converted(cents, *rate).map_or(Cost::Unread, Cost::Cents),
                None => Cost::Foreign(code.to_string(), cents),
            },
            _ => Cost::Cents(cents),
        }
    };
    Ok((base.clone(), lines.iter().map(cost).collect()))
}

fn tally<'a>(parts: impl Iterator<Item = &'a Priced>) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (code, part) in parts.filter_map(|part| Some((part.currency.as_ref()?, part))) {
        let tally = tallies.entry(code.clone()).or_default();
        tally.n += 1;
        tally.cents += i128::from(part.cents.unwrap_or(0));
    }
    tallies
}

/// The currency that a person named, where amounts are in it or can be brought to it; else the commonest.
fn base(tallies: &BTreeMap<String, Tally>, plan: &LoadPlan) -> Option<String> {
    let wanted = plan.answers.get(CURRENCY).map(|code| code.trim().to_uppercase());
    let reachable = |code: &String| tallies.contains_key(code) || tallies.keys().all(|code| plan.rates.contains_key(code));
    let commonest = tallies
        .iter()
        .max_by_key(|(code, tally)| (tally.n, std::cmp::Reverse(code.as_str())));
    commonest.map(|(code, _)| wanted.filter(reachable).unwrap_or_else(|| code.clone()))
}
