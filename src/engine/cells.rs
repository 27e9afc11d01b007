//! Reads rules over the book: conditions to yes, no or blank; signals to scores with what is unknown kept apart.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::condition::{Holds, Test, number_of};
use crate::model::book::{Book, ColumnRef};
use crate::model::presets::Known;
use crate::model::role::Role;
use crate::model::signal::{Case, Combine, Condition, Literal, Op, Signal, Step, Trend, When};
use crate::model::values;

/// Scores of one factor over all accounts. Unknown is an interval of 0..1.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Score with the unknown at 0.
    pub low: Vec<f64>,
    /// Score with the unknown at 1.
    pub high: Vec<f64>,
    /// Whether the cells are there; a value that stands in for a blank does not count.
    pub covered: Vec<bool>,
}

/// The book's columns as rules read them; each column's numbers are parsed once.
pub struct Columns<'a> {
    book: &'a Book,
    numbers: RefCell<HashMap<String, Rc<[Option<f64>]>>>,
}

impl<'a> Columns<'a> {
    /// Columns of this book.
    pub fn new(book: &'a Book) -> Self {
        Columns {
            book,
            numbers: RefCell::default(),
        }
    }

    /// The book.
    pub fn book(&self) -> &'a Book {
        self.book
    }

    /// Whether the book has the column.
    pub fn exists(&self, reference: &str) -> bool {
        self.book.column(reference).is_some()
    }

    /// Scores of a signal over all accounts (design: "Signals"). A column that is not there reads as blank.
    pub fn scores(&self, signal: &Signal) -> Scores {
        match signal {
            Signal::Flag { column, yes, blank } => self.leaf(column, blank, |text| flag(yes, text)),
            Signal::Levels {
                column,
                scores,
                otherwise,
                blank,
            } => {
                let levels: HashMap<String, f64> = scores
                    .iter()
                    .map(|(level, score)| (level.trim().to_lowercase(), *score))
                    .collect();
                let level = |text: &str| levels.get(&text.to_lowercase()).copied().unwrap_or(*otherwise);
                self.leaf(column, blank, |text| Some(level(text)))
            }
            Signal::Recent {
                column,
                within_days,
                blank,
            } => self.recent(column, *within_days, blank),
            Signal::Scale { column, line, blank } => {
                let numbers = self.numbers(column);
                let stand_in = blank.as_ref().and_then(number_of);
                self.placed(|i| numbers.get(i).copied().flatten(), stand_in, |x| line.score(x))
            }
            Signal::Threshold {
                column,
                steps,
                otherwise,
                blank,
            } => {
                let numbers = self.numbers(column);
                let stand_in = blank.as_ref().and_then(number_of);
                let score = |x: f64| Step::score(steps, x).unwrap_or(*otherwise);
                self.placed(|i| numbers.get(i).copied().flatten(), stand_in, score)
            }
            Signal::Trend { base, by, strength } => self.trending(&self.scores(base), by, *strength),
            Signal::Ratio {
                over: [over, under],
                line,
                blank,
            } => {
                let (over, under) = (self.numbers(over), self.numbers(under));
                let stand_in = blank.as_ref().and_then(number_of);
                let quotient = |i: usize| {
                    let under = under.get(i).copied().flatten().filter(|u| *u != 0.0)?;
                    Some(over.get(i).copied().flatten()? / under)
                };
                self.placed(quotient, stand_in, |x| line.score(x))
            }
            Signal::Cases { cases, otherwise, blank } => self.cases(cases, *otherwise, blank.as_ref()),
            Signal::Combine { how, of } => self.combined(*how, of),
        }
    }

    /// Whether a flag is set for each account; a blank cell never sets one (S18).
    pub fn flags(&self, when: &When) -> Vec<bool> {
        let tests: Vec<Vec<Holds>> = when.conditions().iter().map(|c| self.condition(c, None).0).collect();
        let holds = |i: usize| tests.iter().map(move |test| test.get(i) == Some(&Holds::Yes));
        (0..self.book.len())
            .map(|i| match when {
                When::All(_) => holds(i).all(|yes| yes),
                When::Any(_) => holds(i).any(|yes| yes),
            })
            .collect()
    }

    /// Days from the date in a role's column to the date of the book, by account; empty without such a column.
    pub fn ages_days(&self, role: Role) -> Vec<Option<i32>> {
        let Some(found) = self.book.roles.get(&role) else {
            return Vec::new();
        };
        let style = self.book.dates(found.column);
        let age = |i: usize| {
            let date = values::date(self.book.cell(i, found.column), style)?;
            Some(self.book.as_of.since(date).ok()?.get_days())
        };
        (0..self.book.len()).map(age).collect()
    }

    /// A number of each account; none where the cell is blank or the column is not there.
    pub fn numbers_of(&self, role: Role) -> Rc<[Option<f64>]> {
        self.numbers(&format!("role:{role}"))
    }

    /// A condition over all accounts, and whether each tested cell was there.
    fn condition(&self, condition: &Condition, blank: Option<&Literal>) -> (Vec<Holds>, Vec<bool>) {
        let Some(column) = self.book.column(&condition.column) else {
            return (vec![Holds::Blank; self.book.len()], vec![false; self.book.len()]);
        };
        let test = Test::new(condition, self.book, &column);
        let numbers = test.wants_numbers().then(|| self.numbers(&condition.column));
        let mut holds = Vec::with_capacity(self.book.len());
        let mut there = Vec::with_capacity(self.book.len());
        for i in 0..self.book.len() {
            let text = self.text(i, &column);
            there.push(!text.is_empty());
            let number = numbers.as_ref().and_then(|n| n.get(i).copied().flatten());
            holds.push(match (text.is_empty(), blank) {
                (false, _) => Holds::of(test.holds(&text, number)),
                (true, _) if condition.op == Op::Present => Holds::No,
                (true, None) => Holds::Blank,
                (true, Some(value)) => Holds::of(test.holds(&value.text(), number_of(value))),
            });
        }
        (holds, there)
    }

    fn cases(&self, cases: &[Case], otherwise: f64, blank: Option<&Literal>) -> Scores {
        type Tested = Vec<(Vec<Holds>, Vec<bool>)>;
        let tested: Vec<(f64, Tested)> = cases
            .iter()
            .map(|case| (case.score, case.when.iter().map(|c| self.condition(c, blank)).collect()))
            .collect();
        let mut scores = Scores::with_capacity(self.book.len());
        for i in 0..self.book.len() {
            let mut hit = None;
            let (mut some_blank, mut all_there) = (false, true);
            for (score, tests) in &tested {
                let all = tests.iter().all(|(holds, _)| holds.get(i) == Some(&Holds::Yes));
                some_blank |= tests.iter().any(|(holds, _)| holds.get(i) == Some(&Holds::Blank));
                all_there &= tests.iter().all(|(_, there)| there.get(i) == Some(&true));
                if all {
                    let case_there = tests.iter().all(|(_, there)| there.get(i) == Some(&true));
                    hit = Some((*score, case_there));
                    break;
                }
            }
            match hit {
                Some((score, there)) => scores.push(Some(score), there),
                None if some_blank => scores.push(None, false),
                None => scores.push(Some(otherwise), all_there),
            }
        }
        scores
    }

    fn combined(&self, how: Combine, of: &[(f64, Signal)]) -> Scores {
        let parts: Vec<(f64, Scores)> = of.iter().map(|(weight, signal)| (*weight, self.scores(signal))).collect();
        let n = self.book.len();
        let join = |pick: fn(&Scores) -> &Vec<f64>| joined(how, n, parts.iter().map(|(weight, part)| (*weight, pick(part))));
        let covered = (0..n)
            .map(|i| parts.iter().all(|(_, part)| part.covered.get(i) == Some(&true)))
            .collect();
        Scores {
            low: join(|s| &s.low),
            high: join(|s| &s.high),
            covered,
        }
    }

    fn recent(&self, column: &str, within_days: i32, blank: &Option<Literal>) -> Scores {
        let order = match self.book.column(column) {
            Some(ColumnRef::Cells { column, .. }) => self.book.dates(column),
            _ => values::DateStyle::default(),
        };
        let as_of = self.book.as_of;
        let recent = |text: &str| {
            let date = values::date(text, order)?;
            let days = as_of.since(date).ok()?.get_days();
            Some(if (0..=within_days).contains(&days) { 1.0 } else { 0.0 })
        };
        self.leaf(column, blank, recent)
    }

    fn leaf(&self, column: &str, blank: &Option<Literal>, score: impl Fn(&str) -> Option<f64>) -> Scores {
        let stand_in = blank.as_ref().map(Literal::text);
        let found = self.book.column(column);
        let mut scores = Scores::with_capacity(self.book.len());
        for i in 0..self.book.len() {
            let text = found.as_ref().map_or(Cow::Borrowed(""), |column| self.text(i, column));
            let there = !text.is_empty();
            let known = if there {
                score(&text)
            } else {
                stand_in.as_deref().and_then(&score)
            };
            scores.push(known, there && known.is_some());
        }
        scores
    }

    fn text(&self, account: usize, column: &ColumnRef) -> Cow<'a, str> {
        match column {
            ColumnRef::Cells { column, .. } => Cow::Borrowed(self.book.cell(account, *column)),
            other => Cow::Owned(self.book.text(account, other)),
        }
    }

    fn placed(&self, number: impl Fn(usize) -> Option<f64>, stand_in: Option<f64>, score: impl Fn(f64) -> f64) -> Scores {
        let mut scores = Scores::with_capacity(self.book.len());
        for i in 0..self.book.len() {
            let there = number(i);
            scores.push(there.or(stand_in).map(&score), there.is_some());
        }
        scores
    }

    /// base × (1 + trend × strength) (H7). Without a trend the base could stand anywhere from where a use that has stopped
    /// puts it.
    fn trending(&self, base: &Scores, by: &Trend, strength: f64) -> Scores {
        let (now, before) = match by {
            Trend::Column(column) => (self.numbers(column), None),
            Trend::Over([now, before]) => (self.numbers(now), Some(self.numbers(before))),
        };
        let at = |numbers: &Rc<[Option<f64>]>, i: usize| numbers.get(i).copied().flatten();
        let trend = |i: usize| match &before {
            None => at(&now, i),
            // H24: there is no trend from nothing.
            Some(before) => Some(at(&now, i)? / at(before, i).filter(|before| *before > 0.0)? - 1.0),
        };
        let mut scores = Scores::with_capacity(self.book.len());
        for (i, (low, high)) in base.low.iter().zip(&base.high).enumerate() {
            let trend = trend(i);
            let factors = trend.map_or((1.0 - strength, f64::INFINITY), |trend| {
                (1.0 + trend * strength, 1.0 + trend * strength)
            });
            let moved = |score: f64, factor: f64| if score == 0.0 { 0.0 } else { (score * factor).clamp(0.0, 1.0) };
            scores.low.push(moved(*low, factors.0));
            scores.high.push(moved(*high, factors.1));
            scores.covered.push(trend.is_some() && base.covered.get(i) == Some(&true));
        }
        scores
    }

    /// The lowest score that each account could have if all blank cells were known: below [`Scores::low`] where a case
    /// further up could hold and scores less.
    pub fn floors(&self, signal: &Signal, scores: &Scores) -> Vec<f64> {
        match signal {
            Signal::Cases { cases, blank, .. } => self.case_floors(cases, blank.as_ref(), scores),
            Signal::Combine { how, of } => {
                let part = |(weight, signal): &(f64, Signal)| (*weight, self.floors(signal, &self.scores(signal)));
                let parts: Vec<(f64, Vec<f64>)> = of.iter().map(part).collect();
                joined(*how, self.book.len(), parts.iter().map(|(weight, part)| (*weight, part)))
            }
            Signal::Trend { base, by, strength } => {
                let scores = self.scores(base);
                let lowest = Scores {
                    low: self.floors(base, &scores),
                    ..scores
                };
                self.trending(&lowest, by, *strength).low
            }
            _ => scores.low.clone(),
        }
    }

    fn case_floors(&self, cases: &[Case], blank: Option<&Literal>, scores: &Scores) -> Vec<f64> {
        let mut floors = scores.low.clone();
        let mut open = vec![true; self.book.len()];
        for case in cases {
            let tests: Vec<Vec<Holds>> = case.when.iter().map(|c| self.condition(c, blank).0).collect();
            for (i, (floor, open)) in floors.iter_mut().zip(&mut open).enumerate().filter(|(_, (_, open))| **open) {
                let holds = |wanted: Holds| tests.iter().filter(|test| test.get(i) == Some(&wanted)).count();
                let (yes, no) = (holds(Holds::Yes), holds(Holds::No));
                if no == 0 {
                    *floor = floor.min(case.score);
                }
                *open = yes < tests.len();
            }
        }
        floors
    }

    fn numbers(&self, reference: &str) -> Rc<[Option<f64>]> {
        if let Some(found) = self.numbers.borrow().get(reference) {
            return Rc::clone(found);
        }
        let column = self.book.column(reference);
        let numbers: Rc<[Option<f64>]> = (0..self.book.len())
            .map(|i| column.as_ref().and_then(|c| self.book.number(i, c)))
            .collect();
        self.numbers.borrow_mut().insert(reference.to_string(), Rc::clone(&numbers));
        numbers
    }
}

impl Known for Columns<'_> {
    fn has(&self, role: Role) -> bool {
        self.exists(&format!("role:{role}"))
    }

    fn holds_one(&self, role: Role, texts: &[&str]) -> bool {
        let Some(found) = self.book.roles.get(&role) else {
            return false;
        };
        (0..self.book.len()).any(|i| texts.contains(&self.book.cell(i, found.column).trim().to_lowercase().as_str()))
    }

    fn holds_dates(&self, role: Role) -> bool {
        let Some(found) = self.book.roles.get(&role) else {
            return false;
        };
        let mut filled = (0..self.book.len())
            .map(|i| self.book.cell(i, found.column))
            .filter(|cell| !cell.is_empty());
        let first: Vec<&str> = filled.by_ref().take(20).collect();
        !first.is_empty()
            && first
                .iter()
                .all(|cell| values::date(cell, self.book.dates(found.column)).is_some())
    }
}

/// Scores of several signals as one.
fn joined<'s>(how: Combine, n: usize, parts: impl Iterator<Item = (f64, &'s Vec<f64>)>) -> Vec<f64> {
    let mut joined = vec![0.0; n];
    for (weight, part) in parts {
        for (sum, score) in joined.iter_mut().zip(part) {
            match how {
                Combine::Max => *sum = f64::max(*sum, *score),
                Combine::Weighted => *sum += score * weight,
            }
        }
    }
    joined
}

/// What a flag scores: by the texts that count as yes, else by the usual words, and then nothing else is known.
fn flag(yes: &[String], text: &str) -> Option<f64> {
    let hit = if yes.is_empty() {
        values::truthy(text)?
    } else {
        yes.iter().any(|y| y.trim().eq_ignore_ascii_case(text))
    };
    Some(if hit { 1.0 } else { 0.0 })
}

impl Scores {
    fn with_capacity(n: usize) -> Scores {
        Scores {
            low: Vec::with_capacity(n),
            high: Vec::with_capacity(n),
            covered: Vec::with_capacity(n),
        }
    }

    /// Appends a score, or the whole interval for an unknown one.
    fn push(&mut self, score: Option<f64>, covered: bool) {
        self.low.push(score.unwrap_or(0.0));
        self.high.push(score.unwrap_or(1.0));
        self.covered.push(covered);
    }

    /// Puts a person's score in place of the signal's.
    pub fn judge(&mut self, account: usize, score: f64) {
        let Some(low) = self.low.get_mut(account) else { return };
        *low = score;
        if let Some(high) = self.high.get_mut(account) {
            *high = score;
        }
        if let Some(covered) = self.covered.get_mut(account) {
            *covered = true;
        }
    }

    /// All unknown, for a factor that only judgements feed.
    pub fn unknown(n: usize) -> Scores {
        Scores {
            low: vec![0.0; n],
            high: vec![1.0; n],
            covered: vec![false; n],
        }
    }

    /// Whether nobody knows this account's score.
    pub fn is_unknown(&self, account: usize) -> bool {
        self.low.get(account) != self.high.get(account)
    }
}
