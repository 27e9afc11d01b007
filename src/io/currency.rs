//! One currency for the book: which amounts are in which, what converts them, and what stays out (S4, S18).

use std::collections::BTreeMap;

use serde_json::json;

use super::codes::Codes;
use super::draft::Draft;
use super::{dictionary, listed, quoted};
use crate::error::{Problem, Result};
use crate::model::load::{LoadPlan, Reason};
use crate::model::money::counted;
use crate::model::money::{Money, plain_text};
use crate::model::values::currency_code;
use crate::parallel;

#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) n: usize,
    pub(crate) cents: i128,
}

/// Puts every amount into one currency and returns its code.
///
/// Rows in a currency without a rate are set aside when the caller named the book's currency.
/// Errors: `several_currencies`, `bad_answer`, `bad_rate`.
pub(crate) fn settle(drafts: &mut [Draft], codes: &Codes, header: &str, plan: &LoadPlan) -> Result<String> {
    check_rates(plan)?;
    let entries = census(drafts, codes.len() + usize::from(Codes::FIRST));
    let meaning = meanings(&entries, codes, header, plan);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (code, Entry { counting, .. }) in meaning.iter().zip(&entries).filter(|(_, entry)| entry.counting.n > 0) {
        let sum = tallies.entry(code.clone()).or_default();
        (sum.n, sum.cents) = (sum.n + counting.n, sum.cents + counting.cents);
    }
    let book = chosen(&tallies, plan)?;
    let lacking = lacking(tallies.keys(), &book, plan);
    if !lacking.is_empty() && !plan.answers.contains_key("currency") {
        return Err(several(&tallies, &lacking, &book, "account").into());
    }
    let is_foreign = |(entry, code): (&Entry, &String)| entry.n_priced > 0 && *code != book;
    if !entries.iter().zip(&meaning).any(is_foreign) {
        return Ok(book);
    }
    for draft in drafts.iter_mut() {
        let Some(cents) = draft.cents else { continue };
        let code = meaning.get(usize::from(draft.currency)).map_or("USD", String::as_str);
        if code == book {
            continue;
        }
        draft.cents = plan.rates.get(code).and_then(|rate| converted(cents, *rate));
        if draft.cents.is_none() && draft.fate.is_none() {
            draft.set_aside(Reason::ForeignCurrency, format!("{code} {}", Money(cents).plain()));
        }
    }
    Ok(book)
}

/// What stands under one currency as rows name it.
#[derive(Clone, Default)]
struct Entry {
    /// Rows with an amount.
    n_priced: usize,
    /// Those that are not set aside.
    counting: Tally,
}

fn census(drafts: &[Draft], n_entries: usize) -> Vec<Entry> {
    let parts = parallel::in_parts(drafts.len(), parallel::LEAST, |range| {
        let mut entries = vec![Entry::default(); n_entries];
        for draft in drafts.get(range).unwrap_or_default() {
            let Some(entry) = entries.get_mut(usize::from(draft.currency)) else {
                continue;
            };
            entry.n_priced += usize::from(draft.cents.is_some());
            if draft.fate.is_none() {
                entry.counting.n += 1;
                entry.counting.cents += i128::from(draft.cents.unwrap_or(0));
            }
        }
        entries
    });
    let mut all = vec![Entry::default(); n_entries];
    for part in parts {
        for (entry, more) in all.iter_mut().zip(part) {
            entry.n_priced += more.n_priced;
            entry.counting.n += more.counting.n;
            entry.counting.cents += more.counting.cents;
        }
    }
    all
}

/// What each entry means: a bare amount is in the header's currency, else in the commonest that is named.
fn meanings(entries: &[Entry], codes: &Codes, header: &str, plan: &LoadPlan) -> Vec<String> {
    let unit = dictionary::header(header).unit.and_then(|u| currency_code(&u));
    let counts: Vec<usize> = entries.iter().map(|entry| entry.n_priced).collect();
    let none_named = counts.iter().skip(usize::from(Codes::FIRST)).all(|n| *n == 0);
    let dollars = counts.get(usize::from(Codes::DOLLAR)).is_some_and(|n| *n > 0);
    let said = plan
        .answers
        .get("currency")
        .filter(|_| none_named && plan.rates.is_empty())
        .map(|c| c.trim().to_uppercase());
    let dollar = said.clone().unwrap_or_else(|| unit.unwrap_or("USD").to_string());
    let commonest = (0..codes.len())
        .max_by_key(|i| (counts.get(i + 2), std::cmp::Reverse(*i)))
        .and_then(|i| codes.get(Codes::FIRST + u16::try_from(i).ok()?));
    let bare = match (unit, commonest) {
        (None, Some(code)) if said.is_none() && !dollars => code.to_string(),
        _ => dollar.clone(),
    };
    let named = (0..codes.len())
        .filter_map(|i| codes.get(u16::try_from(i).ok()?.checked_add(Codes::FIRST)?))
        .map(str::to_string);
    [bare, dollar].into_iter().chain(named).collect()
}

fn chosen(tallies: &BTreeMap<String, Tally>, plan: &LoadPlan) -> Result<String> {
    let commonest = tallies
        .iter()
        .max_by_key(|(code, tally)| (tally.n, std::cmp::Reverse(code.as_str())));
    let commonest = commonest.map_or("USD", |(code, _)| code.as_str());
    let Some(answer) = plan.answers.get("currency") else {
        return Ok(commonest.to_string());
    };
    let wanted = answer.trim().to_uppercase();
    let reachable = tallies.contains_key(&wanted) || tallies.keys().all(|code| plan.rates.contains_key(code));
    if reachable && currency_code(&wanted).is_some() || tallies.contains_key(&wanted) {
        return Ok(wanted);
    }
    let problem = Problem::new("bad_answer", format!("no amount of this book is in {}", quoted(answer))).at("answers.currency");
    Err(problem
        .found(tallies.keys().map(|c| quoted(c)))
        .fix(json!({"answers": {"currency": commonest}}))
        .into())
}

/// The error for amounts in currencies that have no rate to the book's; `what` is counted by currency.
pub(crate) fn several(tallies: &BTreeMap<String, Tally>, lacking: &[&String], book: &str, what: &str) -> Problem {
    let mut by_size: Vec<(&String, &Tally)> = tallies.iter().collect();
    by_size.sort_by(|a, b| b.1.n.cmp(&a.1.n).then(a.0.cmp(b.0)));
    let found = by_size
        .iter()
        .map(|(code, t)| format!("{}: {}, {code} {}", quoted(code), counted(t.n, what), plain_text(t.cents)));
    const FIXED_MAX: usize = 10; // a column of more codes than this is hardly one of currencies
    let message = format!("the amounts are in {} currencies, so they cannot be added", tallies.len());
    let problem = Problem::new("several_currencies", message).at("rates").found(found);
    if lacking.len() > FIXED_MAX {
        return problem
            .expected("a currency code in each row; if that column holds something else, say so")
            .fix(json!({"columns": {"currency": ""}}));
    }
    let names = listed(lacking.iter().map(|c| c.as_str()));
    // A rate is the caller's to know: there is no fix that could be sent back.
    problem.expected(format!(
        "rates: for {names} a number, {book} per unit; or answers.currency `{book}` to set the other rows aside"
    ))
}

/// The currencies that are not the book's and have no rate.
pub(crate) fn lacking<'a>(codes: impl Iterator<Item = &'a String>, book: &str, plan: &LoadPlan) -> Vec<&'a String> {
    codes
        .filter(|code| *code != book && !plan.rates.contains_key(*code))
        .collect()
}

fn check_rates(plan: &LoadPlan) -> Result<()> {
    let bad = plan.rates.iter().find(|(_, rate)| !(rate.is_finite() && **rate > 0.0));
    match bad {
        Some((code, rate)) => {
            let message = format!("{rate} is no exchange rate");
            Err(Problem::new("bad_rate", message)
                .at(format!("rates.{code}"))
                .expected("a number above 0")
                .into())
        }
        None => Ok(()),
    }
}

/// The amount at a rate, rounded half away from zero. The rate's own decimals are used, so no float touches the amount (S1).
pub(crate) fn converted(cents: i64, rate: f64) -> Option<i64> {
    const PLACES: u32 = 12;
    let text = format!("{rate:.12}");
    let (whole, fraction) = text.split_once('.')?;
    let scaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    let product = i128::from(cents).checked_mul(scaled)?;
    let unit = 10_i128.pow(PLACES);
    let away = if product < 0 { -unit / 2 } else { unit / 2 };
    i64::try_from(product.checked_add(away)? / unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_is_exact_to_the_cent() {
        for (cents, rate, wanted) in [
            (100, 1.1, Some(110)),
            (5, 0.1, Some(1)),
            (-5, 0.1, Some(-1)),
            (1_200_000_000_000, 0.0067, Some(8_040_000_000)),
            (i64::MAX, 2.0, None),
        ] {
            assert_eq!(converted(cents, rate), wanted, "{cents} × {rate}");
        }
    }
}
