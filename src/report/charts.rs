//! Charts as SVG: geometry worked out here, drawn by the templates in `templates/charts`. Each comes with its figures in words and a table.

mod capacity;
mod concentration;
mod distribution;
mod stack;

pub use capacity::capacity;
pub use concentration::concentration;
pub use distribution::distribution;
pub use stack::{class as status_class, health, mix};

use std::fmt;

use super::Table;
use super::steps::View;
use crate::error::{Problem, Result};
use crate::model::money::Money;

/// A chart with what it says beside it.
pub struct Figure {
    /// Anchor of its own on the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// The drawing.
    pub svg: String,
    /// The figures in sentences.
    pub words: Vec<String>,
    /// The figures as a table.
    pub table: Table,
}

/// What every drawing begins with.
struct Frame {
    id: &'static str,
    title: String,
    /// For those who do not see it.
    words: String,
    height: Px,
}

/// Width of every drawing in its own units.
const WIDTH: f64 = 440.0;

/// A length with one decimal, so that the same chart has the same bytes everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Px(f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        match tenths % 10 {
            0 => write!(f, "{}", tenths / 10),
            rest => {
                let sign = if tenths < 0 { "-" } else { "" };
                write!(f, "{sign}{}.{}", (tenths / 10).abs(), rest.abs())
            }
        }
    }
}

/// A key of a chart: a swatch and its name.
struct Key {
    class: String,
    name: String,
    x: Px,
    y: Px,
}

/// Keys in two columns under each other from `top`, and the height that they take.
fn keys(named: Vec<(String, String)>, top: f64) -> (Vec<Key>, f64) {
    const ROW: f64 = 22.0;
    let rows = named.len().div_ceil(2);
    let key = |(i, (class, name)): (usize, (String, String))| Key {
        class,
        name,
        x: Px(if i % 2 == 0 { 0.0 } else { WIDTH / 2.0 }),
        y: Px(top + (i / 2) as f64 * ROW),
    };
    (named.into_iter().enumerate().map(key).collect(), rows as f64 * ROW)
}

/// A cut with the letter that stands for it in the charts.
struct Cut {
    letter: char,
    name: String,
    cents: i64,
}

/// The ARR cuts that decide tiers; under rule `score` those of the rows, which decide nothing.
fn cuts(view: View) -> Vec<Cut> {
    let deciding = view.outcome.segmentation.thresholds.arr_cuts();
    let rows = || {
        view.outcome
            .axis
            .cuts
            .map(|cuts| vec![("low", cuts.low.0), ("high", cuts.high.0)])
    };
    let cuts = if deciding.is_empty() {
        rows().unwrap_or_default()
    } else {
        deciding
    };
    let named = |(letter, (code, cents)): (char, (&str, i64))| Cut {
        letter,
        name: format!("{} cut, {}", code.replace('_', " "), view.exact(Money(cents))),
        cents,
    };
    ('A'..='Z').zip(cuts).map(named).collect()
}

fn drawn(template: &impl askama::Template) -> Result<String> {
    template
        .render()
        .map_err(|e| Problem::new("internal", format!("a chart could not be drawn: {e}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_at_most_one_decimal() {
        for (length, expected) in [(0.0, "0"), (12.04, "12"), (12.05, "12.1"), (-0.26, "-0.3"), (439.96, "440")] {
            assert_eq!(Px(length).to_string(), expected, "{length}");
        }
    }
}
