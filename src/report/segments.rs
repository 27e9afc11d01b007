//! `segments.csv`: one row per account in input order, safe to open in a spreadsheet (contract, part 4).

use super::cells::{hundredths, signed, ten_thousandths, text};
use super::steps::View;
use super::steps::scored::score_text;
use crate::engine::Care;
use crate::engine::expansion::Expansion;
use crate::engine::health::Health;
use crate::engine::margin::Margins;
use crate::model::tier::Rule;
use crate::model::values::csv_safe;
use crate::parallel;

const HEADER: [&str; 16] = [
    "account_id",
    "name",
    "arr",
    "arr_band",
    "arr_row",
    "strategic_value",
    "strategic_bin",
    "primary_segment",
    "override_flags",
    "within_10pct",
    "nearest_arr_change",
    "nearest_value_change",
    "tier_score",
    "health_score",
    "health_status",
    "expansion",
];

/// How every such file begins, by which a file is known as ours.
pub const BEGINS: &str = "account_id,name,arr,arr_band,";

/// The file's text. Strategic value is blank but under rule `grid`, the tier score but under rule `score`, health and expansion
/// where no column feeds them.
pub fn csv(view: View, care: &Care) -> String {
    let mut out = String::new();
    let put = |part: String| {
        out.push_str(&part);
        Ok::<(), std::convert::Infallible>(())
    };
    // It cannot fail.
    let _ = put_parts(view, care, put);
    out
}

/// The file's text part by part: while one is put where it belongs, the next are written.
pub fn put_parts<E>(view: View, care: &Care, mut put: impl FnMut(String) -> Result<(), E>) -> Result<(), E> {
    // About what a row takes; memory that stays unused is never touched.
    const ROW_BYTES: usize = 192;
    const PART: usize = 1 << 12;
    let fed = Fed {
        value: view.outcome.rule == Rule::Grid,
        health: Some(&*care.health).filter(|health| health.components.iter().any(|component| component.on)),
        expansion: Some(&care.expansion).filter(|expansion| expansion.factors.iter().any(|factor| factor.on)),
    };
    let n = view.book().len();
    let part = |at: usize| {
        let (from, to) = (at * PART, n.min((at + 1) * PART));
        let mut out = String::with_capacity((to - from) * ROW_BYTES);
        (from..to).for_each(|account| row(&mut out, view, &fed, account));
        out
    };
    put(HEADER.join(",") + "\n")?;
    parallel::in_order(n.div_ceil(PART), part, put)
}

/// What is there to be written beside ARR and tier.
struct Fed<'a> {
    value: bool,
    health: Option<&'a Health>,
    expansion: Option<&'a Expansion>,
}

fn row(out: &mut String, view: View, fed: &Fed, account: usize) {
    let outcome = view.outcome;
    let cents = view.book().arr(account).0;
    let points = outcome.strategic.value.get(account).copied().unwrap_or(0);
    let segmentation = &outcome.segmentation;
    let margins = Margins::of_account(segmentation, view.policy.tiers.hysteresis, account, cents, points);
    text(out, &csv_safe(view.book().id(account)));
    out.push(',');
    text(out, &csv_safe(view.book().name(account)));
    out.push(',');
    hundredths(out, cents);
    out.push(',');
    text(out, outcome.axis.band_of(cents));
    out.push(',');
    out.push_str(segmentation.row(account).code());
    out.push(',');
    if fed.value {
        ten_thousandths(out, u64::from(points));
    }
    out.push(',');
    out.push_str(segmentation.bin(account).map_or("", |bin| bin.code()));
    out.push(',');
    out.push_str(segmentation.tier(account).code());
    out.push(',');
    let mut flags = outcome.flags.of(account);
    match (flags.next(), flags.next()) {
        (None, _) => {}
        (Some(only), None) => text(out, only),
        (Some(first), Some(second)) => {
            let all: Vec<&str> = [first, second].into_iter().chain(flags).collect();
            text(out, &all.join(";"));
        }
    }
    out.push_str(if segmentation.is_near(account) { ",true," } else { ",false," });
    margins
        .nearest_arr(cents)
        .into_iter()
        .for_each(|(share, _)| signed(out, share));
    out.push(',');
    margins
        .nearest_value(points)
        .into_iter()
        .for_each(|(share, _)| signed(out, share));
    out.push(',');
    text(out, &score_text(view, account).unwrap_or_default());
    out.push(',');
    let health = fed
        .health
        .and_then(|health| health.of(account))
        .and_then(|health| health.score);
    health.into_iter().for_each(|score| hundredths(out, i64::from(score)));
    out.push(',');
    out.push_str(fed.health.map_or("", |health| health.status(account)));
    out.push(',');
    text(out, fed.expansion.map_or("", |expansion| expansion.level(account)));
    out.push('\n');
}
