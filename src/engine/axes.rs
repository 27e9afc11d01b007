//! The ARR axis: which method the distribution calls for, where the cuts lie, and what each band holds (S5).

use jiff::civil::Date;
use serde::Serialize;

use super::cuts::{self, Target};
use super::stats::{Amounts, Permille};
use crate::model::book::Book;
use crate::model::finding::Finding;
use crate::model::money::{Money, counted};
use crate::model::policy::{Axis, BinMethod, Cuts, Method, TierCuts};
use crate::model::tier::Row;

/// The ARR axis with what it shows of the book.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrAxis {
    /// How the cuts came about.
    pub method: Method,
    /// Why, with the three numbers that decide.
    pub reason: String,
    /// The cuts; none when nobody pays.
    pub cuts: Option<Cuts>,
    /// The quantiles that the method aims at, before cuts are rounded or moved (S5).
    pub quantiles: Option<Cuts>,
    /// The method S5 would choose for this book.
    pub suggested: Method,
    /// Bands from smallest to largest; together they hold every account once.
    pub bands: Vec<Band>,
    /// Accounts and ARR by row, lowest first.
    pub rows: [RowTotal; 3],
    /// How concentrated ARR is.
    pub concentration: Concentration,
}

/// A stretch of the ARR axis: `from` included, `to` excluded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// `$12K-25K`.
    pub label: String,
    /// Lower end; null for the first band.
    pub from: Option<Money>,
    /// Upper end; null for the last.
    pub to: Option<Money>,
    /// Accounts in it.
    pub accounts: usize,
    /// Their ARR.
    pub arr: Money,
}

/// Accounts and ARR of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowTotal {
    /// Accounts.
    pub accounts: usize,
    /// ARR in cents.
    pub arr_cents: i128,
}

/// Concentration of ARR over paying accounts; null where nobody pays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Concentration {
    /// Share of the largest tenth, rounded up to whole accounts.
    pub top10_share: Option<f64>,
    /// Share of the largest fifth.
    pub top20_share: Option<f64>,
    /// Share of the largest account.
    pub max_share: Option<f64>,
    /// 0 all equal, towards 1 one holds all.
    pub gini: Option<f64>,
}

/// Books under this size are never cut at quartiles (X8).
const QUARTILE_ACCOUNTS_MIN: usize = 20;

/// Cuts of rule `arr`: P35, P68 and P92.5 (S7, from K5).
const ARR_TARGETS: [Target; 3] = [
    Target {
        at: 350,
        from: 300,
        to: 400,
    },
    Target {
        at: 680,
        from: 630,
        to: 730,
    },
    Target {
        at: 925,
        from: 900,
        to: 950,
    },
];

/// The method that the distribution calls for (M6, M7), and whether neither rule held.
pub fn choose(amounts: &Amounts) -> (Method, bool) {
    if amounts.is_empty() {
        return (Method::None, false);
    }
    let tenth = amounts.len().div_ceil(10);
    let top_heavy = amounts.top_sum(tenth) * 2 > amounts.total();
    let no_giant = i128::from(amounts.max()) * 20 <= amounts.total();
    match (top_heavy, no_giant && amounts.len() >= QUARTILE_ACCOUNTS_MIN) {
        (true, _) => (Method::Log, false),
        (false, true) => (Method::Quartile, false),
        (false, false) => (Method::Log, true),
    }
}

/// The targets of a method's two cuts (S5).
pub fn targets(method: Method) -> [Target; 2] {
    match method {
        Method::Quartile => [
            Target {
                at: 250,
                from: 200,
                to: 300,
            },
            Target {
                at: 750,
                from: 700,
                to: 800,
            },
        ],
        _ => [
            Target {
                at: 600,
                from: 520,
                to: 680,
            },
            Target {
                at: 900,
                from: 860,
                to: 940,
            },
        ],
    }
}

/// Derives the axis from the distribution: the method as asked, or chosen for `auto`.
pub fn derive(amounts: &Amounts, asked: Method, snap: bool) -> Axis {
    let (suggested, _) = choose(amounts);
    let method = match asked {
        Method::Log | Method::Quartile if !amounts.is_empty() => asked,
        _ => suggested,
    };
    let cuts = match amounts.distinct(3) {
        1 => pair(&cuts::around(amounts.max())),
        2 => two_prices(amounts),
        _ => pair(&cuts::place(amounts, &targets(method), snap)),
    };
    Axis {
        method,
        snap,
        placed: None,
        cuts,
    }
}

/// Cuts of rule `arr` (S7); none when nobody pays.
pub fn derive_tier_cuts(amounts: &Amounts, snap: bool) -> Option<TierCuts> {
    match cuts::place(amounts, &ARR_TARGETS, snap).as_slice() {
        [tech, mid, high] => Some(TierCuts {
            high_touch: Money(*high),
            mid_touch: Money(*mid),
            tech_touch: Money(*tech),
            method: BinMethod::Auto,
        }),
        _ => None,
    }
}

/// The axis as it stands over this book.
pub fn describe(book: &Book, amounts: &Amounts, axis: &Axis) -> ArrAxis {
    let described = book.memo().recent("axis", axis, || described(book, amounts, axis));
    ArrAxis::clone(&described)
}

fn described(book: &Book, amounts: &Amounts, axis: &Axis) -> ArrAxis {
    let (suggested, neither) = choose(amounts);
    let method = if axis.cuts.is_none() { suggested } else { axis.method };
    let [low, high] = targets(if method == Method::Given { suggested } else { method });
    let quantiles = (!amounts.is_empty()).then(|| Cuts {
        low: Money(amounts.quantile(low.at)),
        high: Money(amounts.quantile(high.at)),
    });
    let mut rows = [RowTotal::default(); 3];
    for cents in book.arr_cents() {
        if let Some(total) = rows.get_mut(row(*cents, axis.cuts).index()) {
            total.accounts += 1;
            total.arr_cents += i128::from(*cents);
        }
    }
    ArrAxis {
        method,
        reason: match axis.placed.filter(|placed| *placed != book.as_of && axis.cuts.is_some()) {
            Some(placed) => kept_reason(amounts, method, suggested, placed),
            None => reason(amounts, method, suggested, neither),
        },
        cuts: axis.cuts,
        quantiles,
        suggested,
        bands: bands(book, amounts, method, axis.cuts),
        rows,
        concentration: Concentration {
            top10_share: amounts.top_share(amounts.len().div_ceil(10)),
            top20_share: amounts.top_share(amounts.len().div_ceil(5)),
            max_share: amounts.top_share(1),
            gini: amounts.gini(),
        },
    }
}

/// The row of an amount: low < low cut ≤ mid < high cut ≤ high; zero is low, and so is everyone where nobody pays.
pub fn row(cents: i64, cuts: Option<Cuts>) -> Row {
    match cuts {
        Some(cuts) if cents >= cuts.high.0 => Row::High,
        Some(cuts) if cents >= cuts.low.0 => Row::Mid,
        _ => Row::Low,
    }
}

/// What the axis has to say beside its numbers.
pub fn findings(axis: &ArrAxis, amounts: &Amounts, currency: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (_, neither) = choose(amounts);
    if neither && axis.method != Method::Given {
        findings.push(Finding::warning(
            "axis_rules_undecided",
            format!("neither axis rule holds ({}); log cuts are used", three_numbers(amounts)),
        ));
    }
    if axis.cuts.is_none() {
        findings.push(Finding::warning(
            "no_paying_account",
            "no account pays: everyone is in the low row",
        ));
    }
    let distinct = amounts.distinct(4);
    if (1..4).contains(&distinct) {
        let rows = [
            "everyone who pays is in the mid row",
            "rows are low and high, without a mid",
            "cuts lie in the two gaps",
        ];
        let text = rows.get(distinct - 1).copied().unwrap_or("");
        let prices = if distinct == 1 {
            "one price".to_string()
        } else {
            format!("only {distinct} different prices")
        };
        findings.push(Finding::info("few_prices", format!("the book has {prices}: {text}")));
    }
    if let Some(drift) = drift(axis, amounts, currency) {
        findings.push(drift);
    }
    findings
}

/// How far kept cuts have moved away from the windows of their method (S16).
fn drift(axis: &ArrAxis, amounts: &Amounts, currency: &str) -> Option<Finding> {
    let cuts = axis.cuts.filter(|_| matches!(axis.method, Method::Log | Method::Quartile))?;
    if amounts.distinct(20) < 20 {
        return None;
    }
    let outside = |cut: Money, target: Target, name: &str| {
        let below = amounts.below(cut.0);
        let at = below as f64 / amounts.len() as f64 * 100.0;
        let inside = cut.0 >= amounts.quantile(target.from) && cut.0 <= amounts.quantile(target.to);
        let window = (target.from as f64 / 10.0, target.to as f64 / 10.0);
        (!inside).then(|| {
            format!(
                "{name} cut {} now lies at P{at:.0}, outside P{}-P{}",
                cut.exact(currency),
                window.0,
                window.1
            )
        })
    };
    let [low, high] = targets(axis.method);
    let moved: Vec<String> = [outside(cuts.low, low, "low"), outside(cuts.high, high, "high")]
        .into_iter()
        .flatten()
        .collect();
    (!moved.is_empty()).then(|| {
        Finding::warning(
            "cuts_drifted",
            format!("{}; define_axes with method auto derives them again", moved.join("; ")),
        )
    })
}

fn pair(cuts: &[i64]) -> Option<Cuts> {
    match cuts {
        [low, high] => Some(Cuts {
            low: Money(*low),
            high: Money(*high),
        }),
        _ => None,
    }
}

/// Two different prices: both cuts lie in the one gap, so that rows are low and high.
fn two_prices(amounts: &Amounts) -> Option<Cuts> {
    let (low, high, _) = amounts.gaps().next()?;
    let width = high - low;
    let first = cuts::round_in(low + (width + 3) / 4, low + width / 2, low + width / 2).unwrap_or(high);
    let second = cuts::round_in(first + 1, high - width / 4, low + width / 2).unwrap_or((first + 1).max(high));
    Some(Cuts {
        low: Money(first),
        high: Money(second),
    })
}

fn reason(amounts: &Amounts, method: Method, suggested: Method, neither: bool) -> String {
    let numbers = three_numbers(amounts);
    match method {
        Method::None => "no account pays, so there is nothing to cut".into(),
        Method::Given => format!("cuts given; the distribution would call for {} ({numbers})", suggested.code()),
        _ if method != suggested => format!(
            "{} as asked; the distribution would call for {} ({numbers})",
            method.code(),
            suggested.code()
        ),
        _ if neither => format!("log, since neither rule holds: {numbers}"),
        Method::Log => format!("log, since the largest 10% hold more than half of ARR: {numbers}"),
        _ => format!("quartile, since no account holds more than 5% of ARR and the largest 10% hold at most half: {numbers}"),
    }
}

fn kept_reason(amounts: &Amounts, method: Method, suggested: Method, placed: Date) -> String {
    let today = match method == suggested {
        true => "today's distribution calls for the same".to_string(),
        false => format!("today's distribution would call for {}", suggested.code()),
    };
    format!(
        "{} cuts kept from {placed}; {today} ({})",
        method.code(),
        three_numbers(amounts)
    )
}

fn three_numbers(amounts: &Amounts) -> String {
    let percent = |share: Option<f64>| share.map_or("-".into(), |s| format!("{:.1}%", s * 100.0));
    format!(
        "top 10% hold {}, largest holds {}, {} pay",
        percent(amounts.top_share(amounts.len().div_ceil(10))),
        percent(amounts.top_share(1)),
        counted(amounts.len(), "account")
    )
}

/// Bands: quartile, the four buckets; log, the decades and 500K (M6); the cuts always among the edges.
fn bands(book: &Book, amounts: &Amounts, method: Method, cuts: Option<Cuts>) -> Vec<Band> {
    let Some(cuts) = cuts else {
        return vec![band(book, None, None)];
    };
    let mut edges = vec![cuts.low.0, cuts.high.0];
    if method == Method::Quartile {
        edges.push(amounts.quantile(MEDIAN));
    } else {
        let decades = std::iter::successors(Some(100_i64), |edge| edge.checked_mul(10)).take_while(|edge| *edge <= amounts.max());
        edges.extend(
            decades
                .chain([HALF_MILLION])
                .filter(|edge| *edge > amounts.min() && *edge <= amounts.max()),
        );
    }
    edges.sort_unstable();
    edges.dedup();
    let ends = edges.iter().map(|e| Some(*e)).chain([None]);
    let starts = [None].into_iter().chain(edges.iter().map(|e| Some(*e)));
    let mut bands: Vec<Band> = starts.zip(ends).map(|(from, to)| band(book, from, to)).collect();
    let mut totals = vec![(0_usize, 0_i64); bands.len()];
    for cents in book.arr_cents() {
        if let Some(total) = totals.get_mut(edges.partition_point(|e| e <= cents)) {
            *total = (total.0 + 1, total.1.saturating_add(*cents));
        }
    }
    for (band, (accounts, cents)) in bands.iter_mut().zip(totals) {
        band.accounts = accounts;
        band.arr = Money(cents);
    }
    bands
}

const MEDIAN: Permille = 500;
const HALF_MILLION: i64 = 50_000_000; // M6: the extra edge at 500K

fn band(book: &Book, from: Option<i64>, to: Option<i64>) -> Band {
    let exact = |cents: i64| Money(cents).exact(&book.currency);
    let label = match (from, to) {
        (None, None) => "all".to_string(),
        (None, Some(to)) => format!("<{}", exact(to)),
        (Some(from), None) => format!("{}+", exact(from)),
        (Some(from), Some(to)) => format!(
            "{}-{}",
            exact(from),
            exact(to).trim_start_matches(|c: char| !c.is_ascii_digit())
        ),
    };
    let everyone = (book.len(), Money(i64::try_from(book.total_cents()).unwrap_or(i64::MAX)));
    let (accounts, arr) = if from.is_none() && to.is_none() {
        everyone
    } else {
        (0, Money(0))
    };
    Band {
        label,
        from: from.map(Money),
        to: to.map(Money),
        accounts,
        arr,
    }
}

impl ArrAxis {
    /// The label of the band that an amount falls into.
    pub fn band_of(&self, cents: i64) -> &str {
        let hit = self.bands.iter().find(|band| band.to.is_none_or(|to| cents < to.0));
        hit.map_or("", |band| band.label.as_str())
    }
}
