//! How concentrated ARR is: the share of ARR that the smallest accounts hold, with the cuts on the curve.

use askama::Template;

use super::{Figure, Frame, Px, cuts, drawn};
use crate::engine::stats::Amounts;
use crate::error::Result;
use crate::report::steps::axes::concentration_line;
use crate::report::steps::{View, accounts};
use crate::report::{Table, text};

#[derive(Template)]
#[template(path = "charts/concentration.svg")]
struct Curve {
    frame: Frame,
    path: String,
    ticks: Vec<Tick>,
    marks: Vec<Mark>,
}

struct Tick {
    x: Px,
    y: Px,
    label: String,
}

struct Mark {
    letter: char,
    x: Px,
    y: Px,
    text_y: Px,
}

const LEFT: f64 = 46.0;
const TOP: f64 = 14.0;
const SIDE: f64 = 374.0;
const HIGH: f64 = 250.0;
/// Points of the curve.
const POINTS: usize = 100;

/// The share of ARR that the `n` smallest of the paying accounts hold.
fn held_by_smallest(amounts: &Amounts, n: usize) -> f64 {
    1.0 - amounts.top_share(amounts.len().saturating_sub(n)).unwrap_or(0.0)
}

/// The curve; nothing where nobody pays.
pub fn concentration(view: View) -> Result<Option<Figure>> {
    let amounts = &view.outcome.amounts;
    if amounts.is_empty() {
        return Ok(None);
    }
    let n = amounts.len();
    let at = |smallest: usize| {
        let share = held_by_smallest(amounts, smallest);
        (Px(LEFT + smallest as f64 / n as f64 * SIDE), Px(TOP + (1.0 - share) * HIGH))
    };
    let mut path: Vec<String> = Vec::new();
    let mut last = usize::MAX;
    for point in 0..=POINTS {
        let smallest = n * point / POINTS;
        if smallest != last {
            let (x, y) = at(smallest);
            path.push(format!("{x},{y}"));
        }
        last = smallest;
    }
    let mut marks = Vec::new();
    let mut words = vec![format!("{}.", capital(&concentration_line(view)))];
    let mut table = Table::new(&["Accounts that pay least", ">Accounts", ">Share of ARR"]);
    for tenth in [1, 3, 5, 7, 8, 9, 10] {
        let smallest = n * tenth / 10;
        table.push([
            format!("{}0%", tenth),
            crate::report::steps::count(smallest),
            text::percent(held_by_smallest(amounts, smallest)),
        ]);
    }
    for cut in cuts(view) {
        let below = amounts.below(cut.cents);
        let (x, y) = at(below);
        marks.push(Mark {
            letter: cut.letter,
            x,
            y,
            text_y: Px(y.0 + 4.5),
        });
        words.push(format!(
            "{}, {}: {} under it ({} of those who pay) hold {} of ARR.",
            cut.letter,
            cut.name,
            accounts(below),
            text::percent(below as f64 / n as f64),
            text::percent(held_by_smallest(amounts, below))
        ));
    }
    let ticks = [0, 25, 50, 75, 100].map(|percent| Tick {
        x: Px(LEFT + f64::from(percent) / 100.0 * SIDE),
        y: Px(TOP + (1.0 - f64::from(percent) / 100.0) * HIGH),
        label: format!("{percent}%"),
    });
    let title = "How concentrated ARR is";
    let svg = drawn(&Curve {
        frame: Frame {
            id: "chart-concentration",
            title: title.into(),
            words: words.join(" "),
            height: Px(TOP + HIGH + 46.0),
        },
        path: path.join(" "),
        ticks: ticks.into_iter().collect(),
        marks,
    })?;
    Ok(Some(Figure {
        id: "chart-concentration",
        title: title.into(),
        svg,
        words,
        table,
    }))
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_runs_from_nothing_to_everything() {
        let amounts = Amounts::of(&[0, 10, 20, 70]);
        let held = |n| (held_by_smallest(&amounts, n) * 100.0).round();
        assert_eq!([held(0), held(1), held(2), held(3)], [0.0, 10.0, 30.0, 100.0]);
    }
}
