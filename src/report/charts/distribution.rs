//! Paying accounts by ARR in steps of equal ratio, with the cuts.

use askama::Template;

use super::{Figure, Frame, Px, cuts, drawn};
use crate::engine::stats::Amounts;
use crate::error::Result;
use crate::model::money::Money;
use crate::report::picture;
use crate::report::steps::axes::band_table;
use crate::report::steps::{View, accounts};

#[derive(Template)]
#[template(path = "charts/distribution.svg")]
struct Histogram {
    frame: Frame,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    marks: Vec<Mark>,
    most: String,
}

struct Bar {
    x: Px,
    y: Px,
    height: Px,
}

struct Tick {
    x: Px,
    label: String,
    anchor: &'static str,
}

struct Mark {
    letter: char,
    x: Px,
}

const COLUMNS: usize = 36;
const LEFT: f64 = 8.0;
const SIDE: f64 = 424.0;
const TOP: f64 = 46.0;
const HIGH: f64 = 220.0;

/// The histogram; nothing where all pay the same, or nobody pays.
pub fn distribution(view: View) -> Result<Option<Figure>> {
    let amounts = &view.outcome.amounts;
    let heights = picture::steps(amounts, COLUMNS);
    let most = heights.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Ok(None);
    }
    let step = SIDE / COLUMNS as f64;
    let bar = |(i, n): (usize, &usize)| {
        // What is there at all must be seen.
        let height = (*n as f64 / most as f64 * HIGH).max(2.0);
        Bar {
            x: Px(LEFT + i as f64 * step),
            y: Px(TOP + HIGH - height),
            height: Px(height),
        }
    };
    let bars = heights.iter().enumerate().filter(|(_, n)| **n > 0).map(bar).collect();
    let currency = &view.book().currency;
    let mut words = vec![format!(
        "{} pay, from {} to {}; the tallest bar holds {}.",
        accounts(amounts.len()),
        Money(amounts.min()).short(currency),
        Money(amounts.max()).short(currency),
        accounts(most)
    )];
    let mut marks = Vec::new();
    for cut in cuts(view) {
        words.push(format!("{}, {}.", cut.letter, cut.name));
        marks.push(Mark {
            letter: cut.letter,
            x: Px(LEFT + picture::place(amounts, cut.cents).clamp(0.0, 1.0) * SIDE),
        });
    }
    let title = "Paying accounts by ARR";
    let svg = drawn(&Histogram {
        frame: Frame {
            id: "chart-distribution",
            title: title.into(),
            words: words.join(" "),
            height: Px(TOP + HIGH + 46.0),
        },
        bars,
        ticks: ticks(amounts, currency),
        marks,
        most: accounts(most),
    })?;
    Ok(Some(Figure {
        id: "chart-distribution",
        title: title.into(),
        svg,
        words,
        table: band_table(view),
    }))
}

/// Both ends and the powers of ten between them that have room.
fn ticks(amounts: &Amounts, currency: &str) -> Vec<Tick> {
    const ROOM: f64 = 0.19;
    let tick = |cents: i64, anchor| Tick {
        x: Px(LEFT + picture::place(amounts, cents) * SIDE),
        label: Money(cents).short(currency),
        anchor,
    };
    let mut ticks = vec![tick(amounts.min(), "start")];
    let mut last = 0.0;
    for power in 0..18 {
        let cents = 10_i64.pow(power);
        let place = picture::place(amounts, cents);
        if place >= last + ROOM && place <= 1.0 - ROOM {
            ticks.push(tick(cents, "middle"));
            last = place;
        }
    }
    ticks.push(tick(amounts.max(), "end"));
    ticks
}
