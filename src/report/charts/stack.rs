//! Bars of shares: accounts and ARR by tier, health by tier.

use askama::Template;

use super::{Figure, Frame, Key, Px, WIDTH, drawn, keys};
use crate::engine::health::Health;
use crate::error::Result;
use crate::model::health::{BandKind, UNKNOWN};
use crate::model::tier::Tier;
use crate::report::steps::health::{Tallies, status_by_tier_table, words};
use crate::report::steps::tiers::tier_table;
use crate::report::steps::{View, accounts, count};
use crate::report::text;

#[derive(Template)]
#[template(path = "charts/stack.svg")]
struct Stack {
    frame: Frame,
    bars: Vec<Bar>,
    keys: Vec<Key>,
}

struct Bar {
    name: String,
    whole: String,
    name_y: Px,
    y: Px,
    parts: Vec<Part>,
}

struct Part {
    class: String,
    label: String,
    x: Px,
    width: Px,
    middle: Px,
    text_y: Px,
}

/// A bar before it is laid out: its name, what stands at its end, and class, share and label of each part.
type Shares = (String, String, Vec<(String, f64, String)>);

const BAR: f64 = 28.0;
const STEP: f64 = 62.0;

fn laid_out(bars: Vec<Shares>) -> (Vec<Bar>, f64) {
    let height = bars.len() as f64 * STEP;
    let bar = |(i, (name, whole, shares)): (usize, Shares)| {
        let top = i as f64 * STEP;
        let mut x = 0.0;
        let mut parts = Vec::new();
        for (class, share, label) in shares.into_iter().filter(|(_, share, _)| *share > 0.0) {
            let width = share * WIDTH;
            let fits = width >= 9.0 * label.chars().count() as f64 + 6.0;
            parts.push(Part {
                class,
                label: if fits { label } else { String::new() },
                x: Px(x),
                width: Px(width),
                middle: Px(x + width / 2.0),
                text_y: Px(top + 22.0 + BAR / 2.0 + 5.0),
            });
            x += width;
        }
        Bar {
            name,
            whole,
            name_y: Px(top + 15.0),
            y: Px(top + 22.0),
            parts,
        }
    };
    (bars.into_iter().enumerate().map(bar).collect(), height)
}

fn svg(id: &'static str, title: &str, words: &[String], bars: Vec<Shares>, named: Vec<(String, String)>) -> Result<String> {
    let (bars, height) = laid_out(bars);
    let (keys, below) = keys(named, height + 4.0);
    drawn(&Stack {
        frame: Frame {
            id,
            title: title.to_string(),
            words: words.join(" "),
            height: Px(height + below + 6.0),
        },
        bars,
        keys,
    })
}

/// Accounts and ARR by tier.
pub fn mix(view: View) -> Result<Figure> {
    let scheme = view.policy.tiers.scheme;
    let total = |tier: Tier| view.outcome.segmentation.total(tier);
    let class = |tier: Tier| format!("tier-{}", tier.index() + 1);
    let part = |tier: Tier, share: f64| (class(tier), share, text::percent(share));
    let by_accounts = Tier::ALL.map(|tier| part(tier, view.account_share(total(tier).accounts)));
    let by_arr = Tier::ALL.map(|tier| part(tier, view.arr_share(total(tier).arr_cents)));
    let mut bars = vec![("Accounts".to_string(), count(view.book().len()), by_accounts.to_vec())];
    if view.book().total_cents() > 0 {
        bars.push(("ARR".to_string(), view.short(view.book().total_cents()), by_arr.to_vec()));
    }
    let words: Vec<String> = view
        .outcome
        .segmentation
        .filled()
        .map(|tier| {
            format!(
                "{} holds {} ({}) and {} of ARR ({}).",
                tier.name(scheme),
                accounts(total(tier).accounts),
                text::percent(view.account_share(total(tier).accounts)),
                view.short(total(tier).arr_cents),
                text::percent(view.arr_share(total(tier).arr_cents))
            )
        })
        .collect();
    let title = "Accounts and ARR by tier";
    let named = Tier::ALL.map(|tier| (class(tier), tier.name(scheme).to_string()));
    Ok(Figure {
        id: "chart-tiers",
        title: title.into(),
        svg: svg("chart-tiers", title, &words, bars, named.to_vec())?,
        words: Vec::new(),
        table: tier_table(view),
    })
}

/// Statuses of health by tier.
pub fn health(view: View, health: &Health, tallies: &Tallies) -> Result<Figure> {
    let shown = tallies.book.shown();
    let (mut bars, mut said) = (Vec::new(), Vec::new());
    for (tier, of_tier) in Tier::ALL.into_iter().zip(&tallies.by_tier) {
        let all = view.outcome.segmentation.total(tier).accounts;
        if all == 0 {
            continue;
        }
        let tally = &of_tier.tally;
        let name = tier.name(view.policy.tiers.scheme).to_string();
        let part = |status: &&'static str| {
            let n = tally.accounts(status);
            (class(health, status), n as f64 / all as f64, count(n))
        };
        let has = shown.iter().filter(|status| tally.accounts(status) > 0);
        let counts: Vec<String> = has
            .map(|status| format!("{} {}", count(tally.accounts(status)), words(status)))
            .collect();
        said.push(format!("{name}: {}.", counts.join(", ")));
        bars.push((name, accounts(all), shown.iter().map(part).collect()));
    }
    let title = "Accounts by health in each tier";
    let named = shown.iter().map(|status| (class(health, status), words(status))).collect();
    Ok(Figure {
        id: "chart-health",
        title: title.into(),
        svg: svg("chart-health", title, &said, bars, named)?,
        words: Vec::new(),
        table: status_by_tier_table(view, tallies),
    })
}

/// The colour of a status: what it says of the account, and the gravest of those at risk by itself.
pub fn class(health: &Health, status: &str) -> String {
    let bands = health.preset.bands();
    let kind = bands.iter().find(|band| band.code == status).map(|band| band.kind);
    let lowest = bands
        .iter()
        .min_by_key(|band| band.from)
        .is_some_and(|band| band.code == status);
    let at_risk = bands.iter().filter(|band| band.kind == BandKind::AtRisk).count();
    match kind {
        Some(BandKind::Good) => "good",
        Some(BandKind::Middle) => "middle",
        Some(BandKind::AtRisk) if lowest && at_risk > 1 => "critical",
        Some(BandKind::AtRisk) => "at-risk",
        None => UNKNOWN,
    }
    .to_string()
}
