//! Which of several tables in one file holds the accounts: the sheet of a workbook, the list in a JSON document.

use serde_json::json;

use super::{header, listed, quoted};
use crate::error::{Problem, Result, candidates};
use crate::model::finding::Finding;

/// A table as far as it takes to choose it.
pub(crate) struct Offer {
    /// What the file calls it.
    pub(crate) name: String,
    /// How much its header speaks of accounts.
    worth: u32,
    /// Rows that hold anything, counted as far as they were looked at.
    rows: usize,
}

/// The table that was chosen, and what to say of the others.
pub(crate) struct Picked {
    pub(crate) at: usize,
    pub(crate) note: Option<Finding>,
}

impl Offer {
    /// A table with its first rows.
    pub(crate) fn new<S: AsRef<str>>(name: impl Into<String>, first_rows: &[Vec<S>]) -> Offer {
        let filled = |row: &&Vec<S>| row.iter().any(|cell| !cell.as_ref().trim().is_empty());
        Offer {
            name: name.into(),
            worth: header::find(first_rows).worth,
            rows: first_rows.iter().filter(filled).count(),
        }
    }
}

/// Chooses the table that `sheet` names, else the one that looks most like accounts.
///
/// Errors: `sheet_not_found`, `empty_file`, and `question_sheet` where two look alike.
pub(crate) fn pick(offers: &[Offer], sheet: Option<&str>, file: &str, word: &str) -> Result<Picked> {
    let names = || offers.iter().map(|offer| offer.name.as_str());
    if let Some(wanted) = sheet {
        let same = |name: &str| name.trim().eq_ignore_ascii_case(wanted.trim());
        // Tables of a text often have no names of their own.
        let number = || {
            let digits = wanted.trim().trim_start_matches("table ");
            digits
                .parse::<usize>()
                .ok()?
                .checked_sub(1)
                .filter(|at| word == "table" && *at < offers.len())
        };
        let at = names()
            .position(|name| name == wanted)
            .or_else(|| names().position(same))
            .or_else(number);
        return match at {
            Some(at) => Ok(Picked { at, note: None }),
            None => Err(not_found(offers, wanted, file, word).into()),
        };
    }
    let filled = || offers.iter().enumerate().filter(|(_, offer)| offer.rows > 0);
    let best = filled().max_by_key(|(at, offer)| (offer.worth, offer.rows, std::cmp::Reverse(*at)));
    let Some((at, best)) = best else {
        return Err(
            Problem::new("empty_file", format!("no {word} of {} holds a row", quoted(file)))
                .at("path")
                .expected("a header and rows")
                .into(),
        );
    };
    // ARR and a name or id are worth this much: with less, neither table is a book that could be meant.
    const BOOK: u32 = 18;
    let rivals: Vec<&str> = filled()
        .filter(|(other, offer)| *other != at && offer.worth == best.worth && best.worth >= BOOK)
        .map(|(_, offer)| offer.name.as_str())
        .collect();
    if !rivals.is_empty() {
        let message = format!("several {word}s of {} look like the account book", quoted(file));
        return Err(Problem::new("question_sheet", message)
            .at("sheet")
            .found(std::iter::once(best.name.as_str()).chain(rivals).map(quoted))
            .fix(json!({"sheet": best.name}))
            .into());
    }
    let others: Vec<&str> = filled()
        .filter(|(other, _)| *other != at)
        .map(|(_, offer)| offer.name.as_str())
        .collect();
    let note = (!others.is_empty()).then(|| {
        let text = format!(
            "read from {word} {}, which looks most like accounts; also there: {}",
            quoted(&best.name),
            listed(others.into_iter())
        );
        Finding::info("sheet_chosen", text)
    });
    Ok(Picked { at, note })
}

fn not_found(offers: &[Offer], wanted: &str, file: &str, word: &str) -> Problem {
    let names = || offers.iter().map(|offer| offer.name.as_str());
    let near = candidates(wanted, names(), 1);
    let problem = Problem::new("sheet_not_found", format!("no {word} {} in {}", quoted(wanted), quoted(file)))
        .at("sheet")
        .found(names().map(quoted));
    match (near.first(), offers) {
        (Some(best), _) => problem.fix(json!({"sheet": best})),
        (None, [only]) => problem.fix(json!({"sheet": only.name})),
        (None, _) => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(name: &str, text: &str) -> Offer {
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        Offer::new(name, &rows)
    }

    #[test]
    fn the_table_of_accounts_is_chosen_and_the_others_are_said() {
        let offers = [
            offer("Summary", "Month,Total\nJan,5\n"),
            offer("Accounts", "Account,ARR\nA,5\n"),
            offer("Empty", ""),
        ];
        let picked = pick(&offers, None, "f.xlsx", "sheet").unwrap();
        assert_eq!((picked.at, picked.note.is_some()), (1, true));
        assert_eq!(pick(&offers, Some("summary"), "f", "sheet").unwrap().at, 0);
        for (number, word, at) in [
            ("2", "table", Some(1)),
            ("table 3", "table", Some(2)),
            ("0", "table", None),
            ("2", "sheet", None),
        ] {
            assert_eq!(
                pick(&offers, Some(number), "f.md", word).ok().map(|picked| picked.at),
                at,
                "{number}"
            );
        }
        let error = pick(&offers, Some("Acounts"), "f", "sheet").err().unwrap();
        assert_eq!(
            (error.code(), error.fix()),
            ("sheet_not_found", Some(json!({"sheet": "Accounts"})))
        );
        assert_eq!(
            pick(&offers[2..], None, "f", "sheet").err().map(|e| e.code()),
            Some("empty_file")
        );
    }

    #[test]
    fn two_that_look_alike_are_a_question() {
        let offers = [offer("Q1", "Account,ARR\nA,5\n"), offer("Q2", "Account,ARR\nA,6\nB,7\n")];
        let error = pick(&offers, None, "f", "sheet").err().unwrap();
        assert_eq!((error.code(), error.fix()), ("question_sheet", Some(json!({"sheet": "Q2"}))));
    }
}
