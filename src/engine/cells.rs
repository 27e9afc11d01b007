//! Reads rules over the book: conditions to yes, no or blank; signals to scores with what is unknown kept apart.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::model::book::{Book, ColumnRef};
use crate::model::presets::Known;
use crate::model::role::Role;
use crate::model::signal::{Case, Combine, Condition, Line, Literal, Op, Signal, When};
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

/// What a condition says of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The condition holds.
    Yes,
    /// It does not.
    No,
    /// The cell is blank: it does not hold, and nobody knows.
    Blank,
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
                self.lined(|i| numbers.get(i).copied().flatten(), stand_in, *line)
            }
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
                self.lined(quotient, stand_in, *line)
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
        let join = |pick: fn(&Scores) -> &Vec<f64>| -> Vec<f64> {
            let mut joined = vec![0.0; n];
            for (weight, part) in &parts {
                for (sum, score) in joined.iter_mut().zip(pick(part)) {
                    match how {
                        Combine::Max => *sum = f64::max(*sum, *score),
                        Combine::Weighted => *sum += score * weight,
                    }
                }
            }
            joined
        };
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

    fn lined(&self, number: impl Fn(usize) -> Option<f64>, stand_in: Option<f64>, line: Line) -> Scores {
        let slope = 1.0 / (line.to - line.from);
        let mut scores = Scores::with_capacity(self.book.len());
        for i in 0..self.book.len() {
            let there = number(i);
            let score = there.or(stand_in).map(|x| ((x - line.from) * slope).clamp(0.0, line.max));
            scores.push(score, there.is_some());
        }
        scores
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

/// The number that a literal stands for.
fn number_of(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Number(n) => Some(*n),
        Literal::Text(text) => values::number(text),
        Literal::Bool(_) | Literal::List(_) => None,
    }
}

/// In a condition a cell says yes when it is filled with anything but a no: a title or a date counts.
fn says_yes(text: &str) -> bool {
    !text.is_empty() && values::truthy(text) != Some(false)
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

impl Holds {
    fn of(yes: bool) -> Holds {
        if yes { Holds::Yes } else { Holds::No }
    }
}

/// A condition made ready for one column.
struct Test<'a> {
    op: Op,
    value: &'a Literal,
    /// The number to compare with; a text such as `50k` counts where an order is asked for.
    number: Option<f64>,
    words: Vec<String>,
    date: Option<jiff::civil::Date>,
    order: values::DateStyle,
}

const NOTHING: Literal = Literal::Bool(true);

impl<'a> Test<'a> {
    fn new(condition: &'a Condition, book: &Book, column: &ColumnRef) -> Test<'a> {
        let value = condition.value.as_ref().unwrap_or(&NOTHING);
        let words = match value {
            Literal::List(items) => items.iter().map(|item| item.text().trim().to_lowercase()).collect(),
            other => vec![other.text().trim().to_lowercase()],
        };
        let ordering = condition.asks_order();
        let date = value
            .date(book.as_of)
            .filter(|_| ordering || matches!(condition.op, Op::Eq | Op::Ne));
        let number = match value {
            Literal::Number(number) => Some(*number),
            text if ordering && date.is_none() => number_of(text),
            _ => None,
        };
        let order = match column {
            ColumnRef::Cells { column, .. } if date.is_some() => book.dates(*column),
            _ => values::DateStyle::default(),
        };
        Test {
            op: condition.op,
            value,
            number,
            words,
            date,
            order,
        }
    }

    fn wants_numbers(&self) -> bool {
        match self.value {
            _ if self.number.is_some() => true,
            Literal::List(items) => items.iter().any(|item| matches!(item, Literal::Number(_))),
            _ => false,
        }
    }

    fn holds(&self, text: &str, number: Option<f64>) -> bool {
        match self.op {
            Op::Present => true,
            Op::In => self.is_one(text, number),
            Op::Contains => {
                let text = text.to_lowercase();
                self.words.iter().any(|word| text.contains(word))
            }
            Op::Eq => self.compare(text, number).is_some_and(|o| o.is_eq()),
            Op::Ne => !self.compare(text, number).is_some_and(|o| o.is_eq()),
            Op::Lt => self.compare(text, number).is_some_and(|o| o.is_lt()),
            Op::Le => self.compare(text, number).is_some_and(|o| o.is_le()),
            Op::Gt => self.compare(text, number).is_some_and(|o| o.is_gt()),
            Op::Ge => self.compare(text, number).is_some_and(|o| o.is_ge()),
        }
    }

    fn is_one(&self, text: &str, number: Option<f64>) -> bool {
        let text = text.trim().to_lowercase();
        let numbers = match self.value {
            Literal::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let equal = |item: &Literal| matches!((item, number), (Literal::Number(want), Some(have)) if *want == have);
        self.words.contains(&text) || numbers.iter().any(equal)
    }

    fn compare(&self, text: &str, number: Option<f64>) -> Option<std::cmp::Ordering> {
        if let Some(date) = self.date {
            return values::date(text, self.order).map(|cell| cell.cmp(&date));
        }
        if let Some(value) = self.number {
            return number?.partial_cmp(&value);
        }
        match self.value {
            Literal::Bool(yes) => Some(says_yes(text).cmp(yes)),
            _ => self.words.first().map(|word| text.trim().to_lowercase().cmp(word)),
        }
    }
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
