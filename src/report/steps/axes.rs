//! `define_axes`: the ARR axis with its reason, and which factors of strategic value are fed.

use serde_json::{Value, json};

use super::{StepAnswer, View, accounts, count, share, share_or_null};
use crate::engine::score::{self, Edges, START};
use crate::model::policy::{BinMethod, Method};
use crate::model::tier::{Row, Rule};
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `define_axes`.
pub fn answer(view: View) -> StepAnswer {
    let axis = &view.outcome.axis;
    let rows = axis.rows.map(|row| count(row.accounts));
    let [low, mid, high] = &rows;
    let verdict = match axis.cuts {
        Some(cuts) => format!(
            "{} cuts at {} and {}: {low} low, {mid} mid, {high} high of {}",
            axis.method.code(),
            view.exact(cuts.low),
            view.exact(cuts.high),
            accounts(view.book().len())
        ),
        None => format!("no cuts: none of {} pays", accounts(view.book().len())),
    };
    let mut findings = view.outcome.axis_findings.clone();
    findings.extend(view.outcome.strategic_findings.clone());
    findings.extend(super::tier_findings::no_axis(&view, true));
    findings.extend(super::tier_findings::unused_cuts(view));
    let report = Report {
        step: "define_axes".into(),
        verdict,
        findings,
        sections: sections(view),
        next: vec![next(view)],
    };
    StepAnswer {
        report,
        data: data(view),
    }
}

/// The factor table, also used by the report document.
pub fn factor_table(view: View) -> Table {
    let mut table = Table::new(&["Factor", ">Given", ">In force", "Source"]);
    for factor in &view.outcome.strategic.factors {
        table.push([
            factor.name.clone(),
            format!("{:.2}", factor.weight_given),
            format!("{:.2}", factor.weight_used),
            text::clean(&factor.source.to_string()),
        ]);
    }
    table
}

/// The band table, also used by the report document.
pub fn band_table(view: View) -> Table {
    let mut table = Table::new(&["Band", ">Accounts", ">ARR", ">Share"]);
    for band in &view.outcome.axis.bands {
        let cents = i128::from(band.arr.0);
        table.push([
            band.label.clone(),
            count(band.accounts),
            view.short(cents),
            text::percent(view.arr_share(cents)),
        ]);
    }
    table
}

/// Concentration in words, also used by the report document.
pub fn concentration_line(view: View) -> String {
    let of = view.outcome.axis.concentration;
    let percent = |value: Option<f64>| value.map_or("-".to_string(), text::percent);
    format!(
        "largest 10% hold {}, largest 20% {}, the largest account {}; Gini {}",
        percent(of.top10_share),
        percent(of.top20_share),
        percent(of.max_share),
        of.gini.map_or("-".to_string(), |gini| format!("{gini:.2}"))
    )
}

fn sections(view: View) -> Vec<Section> {
    let axis = &view.outcome.axis;
    let mut why = vec![axis.reason.clone()];
    if let (Some(raw), Method::Log | Method::Quartile) = (axis.quantiles, axis.method) {
        why.push(format!(
            "raw quantiles aimed at: {} and {}",
            view.exact(raw.low),
            view.exact(raw.high)
        ));
    }
    why.push(concentration_line(view));
    let edges = Edges::of(view.policy.strategic.bins);
    let decided = if view.policy.strategic.bins.is_some() {
        ""
    } else {
        " to start with; assign_tiers settles them"
    };
    let bins = format!(
        "bins: low below {:.2}, high above {:.2}{decided}",
        edges.low_below(),
        edges.high_above()
    );
    vec![
        Section::key("ARR bands", vec![Block::Table(band_table(view))]),
        Section::key("Why", vec![Block::List(why)]),
        Section::key("Strategic factors", vec![Block::Table(factor_table(view)), Block::Text(bins)]),
    ]
}

fn next(view: View) -> String {
    match view.outcome.rule {
        Rule::Score => "assign_tiers to place every account by its tier score".into(),
        Rule::Arr => "score_strategic to feed factors (signals, judgements), or assign_tiers to go by ARR alone".into(),
        _ => "score_strategic to score every account".into(),
    }
}

fn data(view: View) -> Value {
    let axis = &view.outcome.axis;
    let rows: Vec<Value> = [Row::Low, Row::Mid, Row::High]
        .into_iter()
        .zip(axis.rows)
        .map(|(row, total)| json!({"row": row, "accounts": total.accounts, "arr": super::amount(total.arr_cents)}))
        .collect();
    let factors: Vec<Value> = view
        .outcome
        .strategic
        .factors
        .iter()
        .map(|f| json!({"name": f.name, "weight_given": f.weight_given, "weight_used": share(f.weight_used), "on": f.on, "source": f.source.to_string()}))
        .collect();
    let of = axis.concentration;
    json!({
        "arr_axis": {
            "method": axis.method,
            "reason": axis.reason,
            "cuts": {"low": axis.cuts.map(|c| c.low), "high": axis.cuts.map(|c| c.high)},
            "bands": axis.bands,
            "rows": rows,
        },
        "concentration": {
            "top10_share": share_or_null(of.top10_share),
            "top20_share": share_or_null(of.top20_share),
            "max_share": share_or_null(of.max_share),
            "gini": share_or_null(of.gini),
        },
        "quantiles": {"low": axis.quantiles.map(|c| c.low), "high": axis.quantiles.map(|c| c.high)},
        "strategic_axis": {"factors": factors, "bins": bins(view)},
    })
}

/// The bin edges with the automatic moves of the high one (S6).
pub fn bins(view: View) -> Value {
    let edges = Edges::of(view.policy.strategic.bins);
    let automatic = view.policy.strategic.bins.is_some_and(|bins| bins.method == BinMethod::Auto);
    let mut moved = Vec::new();
    let mut at = START.high;
    while automatic && at != edges.high {
        at = if edges.high < at {
            at.saturating_sub(500).max(edges.high)
        } else {
            (at + 500).min(edges.high)
        };
        moved.push(score::share(at));
    }
    json!({"low_below": edges.low_below(), "high_above": edges.high_above(), "moved": moved})
}
