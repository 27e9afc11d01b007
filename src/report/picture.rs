//! Pictures in text: a distribution with its cuts, a row of numbers.

use crate::engine::stats::Amounts;
use crate::model::money::Money;

/// Columns of the distribution.
const WIDTH: usize = 72;
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Paying accounts by ARR, in steps of equal ratio from the smallest to the largest; below it where each cut lies, with its
/// amount and the accounts under it. Nothing where all pay the same.
pub fn distribution(amounts: &Amounts, cuts: &[(&str, i64)], currency: &str) -> Vec<String> {
    let heights = steps(amounts, WIDTH);
    if heights.is_empty() {
        return Vec::new();
    }
    let most = heights.iter().copied().max().unwrap_or(1).max(1);
    let bars: String = heights
        .iter()
        .map(|n| BLOCKS.get((n * 8).div_ceil(most)).copied().unwrap_or('█'))
        .collect();
    let (low, high) = (Money(amounts.min()).short(currency), Money(amounts.max()).short(currency));
    let mut lines = vec![format!("{low} {bars} {high}")];
    let indent = low.chars().count() + 1;
    for (name, cents) in cuts {
        let column = (place(amounts, *cents) * WIDTH as f64).clamp(0.0, (WIDTH - 1) as f64) as usize;
        let below = amounts.below(*cents) as f64 / amounts.len() as f64 * 100.0;
        let short = format!("{name} {}", Money(*cents).exact(currency));
        let long = format!("{short}, {below:.0}% of those who pay lie under it");
        let drawn = [&long, &short].into_iter().find_map(|label| beside(indent + column, label));
        lines.push(drawn.unwrap_or_else(|| format!("{}▲ {short}", " ".repeat(indent + column))));
    }
    lines
}

/// Paying accounts in this many steps of equal ratio from the smallest amount to the largest; none where all pay the same.
pub fn steps(amounts: &Amounts, columns: usize) -> Vec<usize> {
    let (from, to) = (amounts.min().max(1) as f64, amounts.max() as f64);
    if amounts.is_empty() || from >= to {
        return Vec::new();
    }
    let start = |column: usize| (from * (to / from).powf(column as f64 / columns as f64)).round() as i64;
    (0..columns)
        .map(|column| {
            let end = if column + 1 == columns { i64::MAX } else { start(column + 1) };
            amounts.below(end) - amounts.below(if column == 0 { i64::MIN } else { start(column) })
        })
        .collect()
}

/// Where an amount lies on that scale: 0 at the smallest, 1 at the largest.
pub fn place(amounts: &Amounts, cents: i64) -> f64 {
    let (from, to) = (amounts.min().max(1) as f64, amounts.max() as f64);
    (cents.max(1) as f64 / from).ln() / (to / from).ln()
}

/// A mark at a column with its label on the right of it, or on the left where the line is longer; none where neither fits.
fn beside(column: usize, label: &str) -> Option<String> {
    const LINE: usize = 90;
    let width = label.chars().count();
    if column + 2 + width <= LINE {
        return Some(format!("{}▲ {label}", " ".repeat(column)));
    }
    let blanks = column.checked_sub(width + 1)?;
    Some(format!("{}{label} ▲", " ".repeat(blanks)))
}

/// Rows of numbers under each other, each behind its name: `CSMs  4  5  6`.
pub fn rows(named: &[(&str, Vec<String>)]) -> Vec<String> {
    let name_width = named.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let columns = named.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = named.iter().filter_map(|(_, cells)| cells.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    named
        .iter()
        .map(|(name, cells)| {
            let cells = (0..columns).map(|at| {
                let cell = cells.get(at).map_or("", String::as_str);
                format!("{cell:>width$}", width = width(at))
            });
            format!("{name:name_width$}  {}", cells.collect::<Vec<_>>().join("  "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cuts_stand_under_their_place_in_the_distribution() {
        let amounts = Amounts::of(
            &(0..1_000)
                .map(|i| 10_000 * 1_000_i64.pow(i / 300) + i as i64)
                .collect::<Vec<_>>(),
        );
        let drawn = distribution(&amounts, &[("low", 9_000_000), ("high", 9_000_000_000_000)], "USD").join("\n");
        insta::assert_snapshot!(drawn, @"
        $100 █                       █                       █                      ▃ $100B
                                    ▲ low $90K, 30% of those who pay lie under it
                                   high $90,000M, 90% of those who pay lie under it ▲
        ");
        assert!(distribution(&Amounts::of(&[500; 4]), &[], "USD").is_empty());
        assert!(distribution(&Amounts::of(&[]), &[], "USD").is_empty());
    }

    #[test]
    fn numbers_stand_under_each_other() {
        let cells = |list: &[&str]| list.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
        let drawn = rows(&[("CSMs", cells(&["9", "10", "11"])), ("gap", cells(&["1", "0"]))]);
        assert_eq!(drawn, ["CSMs  9  10  11", "gap   1   0    "]);
    }
}
