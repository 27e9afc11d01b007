//! Reads rules over the book: conditions to yes, no or blank; signals to scores with what is unknown kept apart.
//!
//! What a text means is worked out once, however many accounts have it (`series`).

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::condition::{Holds, Test, number_of};
use super::scores::{Numbers, Score, Scores};
use super::series::Series;
use crate::model::book::{Book, ColumnRef};
use crate::model::presets::Known;
use crate::model::role::Role;
use crate::model::signal::{Case, Combine, Condition, Literal, Op, Signal, Step, Trend, When};
use crate::model::values;
use crate::parallel;

/// The book's columns as rules read them; what a rule gives is worked out once and kept with the book.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    book: &'a Book,
}

/// What `read` makes of the cells of a column, by account. Blanks and null words (`n/a`) read as empty.
pub fn of_cells<'b, T: Send>(book: &'b Book, column: usize, read: impl Fn(&'b str) -> T + Sync) -> Series<T> {
    if let Some(codes) = book.codes(column) {
        let different = book
            .table
            .counted(column)
            .map(|(text, _)| values::present(text).unwrap_or(""));
        return Series::of_codes(different.map(read).collect(), codes);
    }
    Series::of_each(parallel::collect(book.len(), |i| read(book.cell(i, column))))
}

impl<'a> Columns<'a> {
    /// Columns of this book.
    pub fn new(book: &'a Book) -> Self {
        Columns { book }
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
    pub fn scores(&self, signal: &Signal) -> Arc<Scores> {
        self.book.memo().get(format!("scores {signal:?}"), || self.scored(signal))
    }

    fn scored(&self, signal: &Signal) -> Scores {
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
                placed(&numbers, stand_in, |x| line.score(x))
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
                placed(&numbers, stand_in, score)
            }
            Signal::Trend { base, by, strength } => self.trending(&self.scored(base), by, *strength),
            Signal::Ratio {
                over: [over, under],
                line,
                blank,
            } => {
                let stand_in = blank.as_ref().and_then(number_of);
                placed(&self.quotient(over, under), stand_in, |x| line.score(x))
            }
            Signal::Cases { cases, otherwise, blank } => self.cases(cases, *otherwise, blank.as_ref()),
            Signal::Combine { how, of } => self.combined(*how, of),
        }
    }

    /// Whether a flag is set for each account; a blank cell never sets one (S18).
    pub fn flags(&self, when: &When) -> Arc<Vec<bool>> {
        self.book.memo().get(format!("flags {when:?}"), || self.met(when))
    }

    fn met(&self, when: &When) -> Vec<bool> {
        let all = matches!(when, When::All(_));
        let join = |met: &bool, tested: &Tested| {
            let holds = tested.holds == Holds::Yes;
            if all { *met && holds } else { *met || holds }
        };
        let none_yet = Series::constant(all, self.book.len());
        let tests = when.conditions().iter().map(|condition| self.condition(condition, None));
        let met = tests.fold(none_yet, |met, test| met.zip_few(&test, join));
        met.to_vec()
    }

    /// Days from the date in a role's column to the date of the book, by account; none without such a column.
    pub fn ages_days(&self, role: Role) -> Arc<Series<Option<i32>>> {
        self.book.memo().get(format!("days since {role}"), || self.days_since(role))
    }

    fn days_since(&self, role: Role) -> Series<Option<i32>> {
        let Some(found) = self.book.roles.get(&role) else {
            return Series::constant(None, self.book.len());
        };
        let style = self.book.dates(found.column);
        of_cells(self.book, found.column, |text| {
            let date = values::date(text, style)?;
            Some(self.book.as_of.since(date).ok()?.get_days())
        })
    }

    /// A number of each account; none where the cell is blank or the column is not there.
    pub fn numbers_of(&self, role: Role) -> Arc<Numbers> {
        self.numbers(&format!("role:{role}"))
    }

    /// A condition over all accounts, and whether each tested cell was there.
    fn condition(&self, condition: &Condition, blank: Option<&Literal>) -> Series<Tested> {
        let Some(column) = self.book.column(&condition.column) else {
            let unknown = Tested {
                holds: Holds::Blank,
                there: false,
            };
            return Series::constant(unknown, self.book.len());
        };
        let test = Test::new(condition, self.book, &column);
        let tested = |text: &str, number: Option<f64>| Tested {
            there: !text.is_empty(),
            holds: match (text.is_empty(), blank) {
                (false, _) => Holds::of(test.holds(text, number)),
                (true, _) if condition.op == Op::Present => Holds::No,
                (true, None) => Holds::Blank,
                (true, Some(value)) => Holds::of(test.holds(&value.text(), number_of(value))),
            },
        };
        match &column {
            ColumnRef::Cells { column, unit } => {
                let decimal = self.book.decimal(*column);
                let wanted = test.wants_numbers();
                let number = |text: &str| {
                    if wanted {
                        decimal.number(text).map(|n| unit.of(n))
                    } else {
                        None
                    }
                };
                of_cells(self.book, *column, |text| tested(text, number(text))).map_few(|tested| *tested)
            }
            _ => self
                .numbers(&condition.column)
                .map_few(|number| match number.is_none() || test.reads_text() {
                    true => tested(&text_of(*number), number.filter(|_| test.wants_numbers())),
                    false => tested("a number", *number),
                }),
        }
    }

    /// The first case that holds decides; the interval is open where a blank could let one hold.
    fn cases(&self, cases: &[Case], otherwise: f64, blank: Option<&Literal>) -> Scores {
        let start = Standing {
            hit: None,
            some_blank: false,
            all_there: true,
        };
        let mut standing = Series::constant(start, self.book.len());
        for case in cases {
            let tried = self.all_of(&case.when, blank);
            standing = standing.zip_few(&tried, |before, tried| before.after(*tried, case.score));
        }
        standing.map(|standing| match standing.hit {
            Some((score, there)) => Score::of(Some(score), there),
            None if standing.some_blank => Score::of(None, false),
            None => Score::of(Some(otherwise), standing.all_there),
        })
    }

    /// What the conditions of one case come to.
    fn all_of(&self, conditions: &[Condition], blank: Option<&Literal>) -> Series<Tried> {
        let nothing = Tried {
            all: true,
            some_blank: false,
            some_no: false,
            there: true,
        };
        let join = |before: &Tried, tested: &Tested| Tried {
            all: before.all && tested.holds == Holds::Yes,
            some_blank: before.some_blank || tested.holds == Holds::Blank,
            some_no: before.some_no || tested.holds == Holds::No,
            there: before.there && tested.there,
        };
        let tests = conditions.iter().map(|condition| self.condition(condition, blank));
        tests.fold(Series::constant(nothing, self.book.len()), |tried, test| {
            tried.zip_few(&test, join)
        })
    }

    fn combined(&self, how: Combine, of: &[(f64, Signal)]) -> Scores {
        let nothing = Score {
            low: 0.0,
            high: 0.0,
            covered: true,
        };
        let start = Series::constant(nothing, self.book.len());
        of.iter().fold(start, |sum, (weight, signal)| {
            sum.zip(&self.scored(signal), |sum, part| Score {
                low: how.add(sum.low, *weight, part.low),
                high: how.add(sum.high, *weight, part.high),
                covered: sum.covered && part.covered,
            })
        })
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

    fn leaf(&self, column: &str, blank: &Option<Literal>, score: impl Fn(&str) -> Option<f64> + Sync) -> Scores {
        let stand_in = blank.as_ref().map(Literal::text);
        let read = |text: &str| {
            let there = !text.is_empty();
            let known = if there {
                score(text)
            } else {
                stand_in.as_deref().and_then(&score)
            };
            Score::of(known, there && known.is_some())
        };
        match self.book.column(column) {
            None => Series::constant(read(""), self.book.len()),
            Some(ColumnRef::Cells { column, .. }) => of_cells(self.book, column, read),
            Some(_) => self.numbers(column).map(|number| read(&text_of(*number))),
        }
    }

    /// base × (1 + trend × strength) (H7). Without a trend the base could stand anywhere from where a use that has stopped
    /// puts it.
    fn trending(&self, base: &Scores, by: &Trend, strength: f64) -> Scores {
        let trends = match by {
            Trend::Column(column) => self.numbers(column),
            // H24: there is no trend from nothing.
            Trend::Over([now, before]) => Arc::new(self.numbers(now).zip(&self.numbers(before), |now, before| {
                Some((*now)? / before.filter(|before| *before > 0.0)? - 1.0)
            })),
        };
        let moved = |score: f64, factor: f64| if score == 0.0 { 0.0 } else { (score * factor).clamp(0.0, 1.0) };
        base.zip(&trends, |base, trend| {
            let factors = trend.map_or((1.0 - strength, f64::INFINITY), |trend| {
                (1.0 + trend * strength, 1.0 + trend * strength)
            });
            Score {
                low: moved(base.low, factors.0),
                high: moved(base.high, factors.1),
                covered: trend.is_some() && base.covered,
            }
        })
    }

    /// Scores of a signal, and the lowest score that each account could have if all blank cells were known: below
    /// [`Score::low`] where a case further up could hold and scores less. Worked out at each call.
    pub fn scores_and_floors(&self, signal: &Signal) -> (Scores, Series<f64>) {
        let scores = self.scored(signal);
        let floors = self.lowest(signal, &scores);
        (scores, floors)
    }

    fn lowest(&self, signal: &Signal, scores: &Scores) -> Series<f64> {
        match signal {
            Signal::Cases { cases, blank, .. } => self.case_floors(cases, blank.as_ref(), scores),
            Signal::Combine { how, of } => {
                let start = Series::constant(0.0, self.book.len());
                of.iter().fold(start, |sum, (weight, signal)| {
                    let floors = self.lowest(signal, &self.scored(signal));
                    sum.zip(&floors, |sum, floor| how.add(*sum, *weight, *floor))
                })
            }
            Signal::Trend { base, by, strength } => {
                let scores = self.scored(base);
                let lowest = scores.zip(&self.lowest(base, &scores), |score, floor| Score { low: *floor, ..*score });
                self.trending(&lowest, by, *strength).map(|score| score.low)
            }
            _ => scores.map(|score| score.low),
        }
    }

    fn case_floors(&self, cases: &[Case], blank: Option<&Literal>, scores: &Scores) -> Series<f64> {
        let mut floors = scores.map(|score| (score.low, true));
        for case in cases {
            let tried = self.all_of(&case.when, blank);
            floors = floors.zip(&tried, |(floor, open), tried| match open {
                true if tried.some_no => (*floor, true),
                true => (floor.min(case.score), !tried.all),
                false => (*floor, false),
            });
        }
        floors.map(|(floor, _)| *floor)
    }

    fn numbers(&self, reference: &str) -> Arc<Numbers> {
        self.book
            .memo()
            .get(format!("numbers {reference}"), || match self.book.column(reference) {
                Some(column) => self.read_numbers(&column),
                None => Series::constant(None, self.book.len()),
            })
    }

    fn read_numbers(&self, column: &ColumnRef) -> Numbers {
        match column {
            ColumnRef::Arr => Series::of_each(
                self.book
                    .arr_cents()
                    .iter()
                    .map(|cents| Some(*cents as f64 / 100.0))
                    .collect(),
            ),
            ColumnRef::Count { column } => of_cells(self.book, *column, values::list_len),
            ColumnRef::Cells { column, unit } => {
                let decimal = self.book.decimal(*column);
                of_cells(self.book, *column, |text| decimal.number(text).map(|n| unit.of(n)))
            }
            ColumnRef::Quotient { over, under } => over_under(&self.read_numbers(over), &self.read_numbers(under)),
        }
    }

    fn quotient(&self, over: &str, under: &str) -> Numbers {
        over_under(&self.numbers(over), &self.numbers(under))
    }
}

/// One number over another; none where either is not known, or the second is nothing.
fn over_under(over: &Numbers, under: &Numbers) -> Numbers {
    over.zip(under, |over, under| Some((*over)? / under.filter(|under| *under != 0.0)?))
}

fn placed(numbers: &Numbers, stand_in: Option<f64>, score: impl Fn(f64) -> f64 + Sync) -> Scores {
    numbers.map(|there| Score::of(there.or(stand_in).map(&score), there.is_some()))
}

/// A number as rules for texts read it; blank where it is not known.
fn text_of(number: Option<f64>) -> String {
    number.map(|n| n.to_string()).unwrap_or_default()
}

/// What a condition says of an account, and whether the cell was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tested {
    holds: Holds,
    there: bool,
}

/// What the conditions of a case say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tried {
    all: bool,
    some_blank: bool,
    some_no: bool,
    there: bool,
}

/// Where an account stands after some cases.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Standing {
    /// The score of the case that holds, and whether its cells were there.
    hit: Option<(f64, bool)>,
    some_blank: bool,
    all_there: bool,
}

impl Standing {
    fn after(self, tried: Tried, score: f64) -> Standing {
        if self.hit.is_some() {
            return self;
        }
        Standing {
            hit: tried.all.then_some((score, tried.there)),
            some_blank: self.some_blank || tried.some_blank,
            all_there: self.all_there && tried.there,
        }
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
        let holds = || {
            let known = of_cells(self.book, found.column, |text| {
                texts.contains(&text.trim().to_lowercase().as_str())
            });
            known.count(|known| *known) > 0
        };
        let name = format!("{role} holds one of {:x}", FxBuildHasher.hash_one(texts));
        *self.book.memo().get(name, holds)
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

/// What a flag scores: by the texts that count as yes, else by the usual words, and then nothing else is known.
fn flag(yes: &[String], text: &str) -> Option<f64> {
    let hit = if yes.is_empty() {
        values::truthy(text)?
    } else {
        yes.iter().any(|y| y.trim().eq_ignore_ascii_case(text))
    };
    Some(if hit { 1.0 } else { 0.0 })
}
