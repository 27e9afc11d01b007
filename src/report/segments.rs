//! `segments.csv`: one row per account in input order, safe to open in a spreadsheet (contract, part 4).

use std::borrow::Cow;

use super::steps::View;
use super::steps::scored::score_text;
use crate::engine::Care;
use crate::engine::health::Health;
use crate::engine::margin::Margins;
use crate::error::{Problem, Result};
use crate::model::tier::Rule;
use crate::model::values::csv_safe;

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
pub fn csv(view: View, care: &Care) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: String| Problem::new("internal", format!("segments.csv could not be written: {e}"));
    writer.write_record(HEADER).map_err(|e| failed(e.to_string()))?;
    let scored = view.outcome.rule == Rule::Grid;
    let health = Some(&*care.health).filter(|health| health.components.iter().any(|component| component.on));
    let expansion = Some(&care.expansion).filter(|expansion| expansion.factors.iter().any(|factor| factor.on));
    for account in 0..view.book().len() {
        let arr = view.book().arr(account);
        let flags: Vec<&str> = view.outcome.flags.of(account).collect();
        let value = if scored {
            format!("{:.4}", view.outcome.strategic.value_of(account))
        } else {
            String::new()
        };
        let (cents, points) = (arr.0, view.outcome.strategic.value.get(account).copied().unwrap_or(0));
        let (segmentation, hysteresis) = (&view.outcome.segmentation, view.policy.tiers.hysteresis);
        let margins = Margins::of_account(segmentation, hysteresis, account, cents, points);
        let signed = |change: Option<f64>| change.map_or(Cow::Borrowed(""), |share| format!("{share:+.4}").into());
        let row: [Cow<str>; 16] = [
            csv_safe(view.book().id(account)),
            csv_safe(view.book().name(account)),
            arr.plain().into(),
            view.outcome.axis.band_of(arr.0).into(),
            view.outcome.segmentation.row(account).code().into(),
            value.into(),
            view.outcome.segmentation.bin(account).map_or("", |bin| bin.code()).into(),
            view.outcome.segmentation.tier(account).code().into(),
            flags.join(";").into(),
            if view.outcome.segmentation.is_near(account) {
                "true".into()
            } else {
                "false".into()
            },
            signed(margins.nearest_arr(cents).map(|(share, _)| share)),
            signed(margins.nearest_value(points).map(|(share, _)| share)),
            score_text(view, account).unwrap_or_default().into(),
            health.map_or(Cow::Borrowed(""), |health| score_cell(health, account).into()),
            health.map_or("", |health| health.status(account)).into(),
            expansion.map_or("", |expansion| expansion.level(account)).into(),
        ];
        writer
            .write_record(row.iter().map(|cell| cell.as_bytes()))
            .map_err(|e| failed(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| failed(e.to_string()).into())
}

fn score_cell(health: &Health, account: usize) -> String {
    health.points(account).map_or(String::new(), |points| format!("{points:.2}"))
}
