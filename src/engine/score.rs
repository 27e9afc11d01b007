//! Strategic value: which factors are on, their weights, and one composite per account with its interval (S6, step 2).

use std::fmt;
use std::sync::Arc;

use super::cells::Columns;
use super::scores::{Score, Scores, weighted};
use super::summary::Summary;
use crate::model::book::Book;
use crate::model::finding::Finding;
use crate::model::policy::{BinMethod, Bins, Factor, Judgement, Policy};
use crate::model::presets;
use crate::model::signal::Signal;
use crate::model::tier::Bin;
use crate::parallel;

/// Composite in ten-thousandths: 0..=10000, rounded half up, compared as printed.
pub type BasisPoints = u16;

/// Strategic value of every account.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategic {
    /// The factors in rubric order.
    pub factors: Vec<FactorScore>,
    /// Composite of each account with the unknown at 0: the value that counts. Input order.
    pub value: Vec<BasisPoints>,
    /// Composite with the unknown at 1: what the account could reach if every blank were known.
    pub ceiling: Vec<BasisPoints>,
}

/// A factor over the whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorScore {
    /// Its name.
    pub name: String,
    /// The weight in the rubric, 0..1.
    pub weight_given: f64,
    /// The weight in force, 0..1: that of the factors that are off is shared out in proportion (M11). 0 when off.
    pub weight_used: f64,
    /// Whether it counts.
    pub on: bool,
    /// Share of accounts whose score is known from cells or judgements.
    pub coverage: f64,
    /// Mean score over all accounts with the unknown at 0; 0 when off.
    pub mean: f64,
    /// Spearman's rank correlation with ARR, −1..1; none when off or when either side does not vary.
    pub rho: Option<f64>,
    /// Where the scores come from; it prints as words.
    pub source: Feed,
    /// The scores; empty when off.
    pub scores: Arc<Scores>,
}

/// What feeds a factor, or why nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// These columns.
    Columns(String),
    /// People.
    Judgements,
    /// Nothing in this book, and it is on since tiers were first assigned: these columns are gone.
    Gone(String),
    /// Columns of this book would, and it is off since tiers were first assigned.
    Waiting,
    /// The team turned it off.
    TurnedOff,
    /// Its columns are there and blank.
    Blank,
    /// The book has none of these columns.
    Missing(String),
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Feed::Columns(headers) => f.write_str(headers),
            Feed::Judgements => f.write_str("judgements"),
            Feed::Gone(needs) => write!(f, "nothing feeds it now: it needs {needs}"),
            Feed::Waiting => f.write_str("off since the model was defined; columns would feed it"),
            Feed::TurnedOff => f.write_str("off: turned off in the model"),
            Feed::Blank => f.write_str("off: its columns are blank"),
            Feed::Missing(needs) => write!(f, "off: needs {needs}"),
        }
    }
}

/// Bin edges in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// Below is low.
    pub low: BasisPoints,
    /// Above is high.
    pub high: BasisPoints,
}

/// Where automatic bins start (M10).
pub const START: Edges = Edges { low: 3000, high: 6000 };

/// Above this rank correlation with ARR, a factor says what revenue says already (S6).
const RHO_MAX: f64 = 0.8;

impl Edges {
    /// The edges of the model, or where automatic bins start.
    pub fn of(bins: Option<Bins>) -> Edges {
        bins.map_or(START, |bins| Edges {
            low: basis_points(bins.low_below),
            high: basis_points(bins.high_above),
        })
    }

    /// The low edge in 0..1.
    pub fn low_below(self) -> f64 {
        share(self.low)
    }

    /// The high edge in 0..1.
    pub fn high_above(self) -> f64 {
        share(self.high)
    }

    /// The edges as the model writes them.
    pub fn bins(self, method: BinMethod) -> Bins {
        Bins {
            low_below: self.low_below(),
            high_above: self.high_above(),
            method,
        }
    }

    /// The bin of a composite: both edges are medium (M10).
    pub fn bin(self, value: BasisPoints) -> Bin {
        match value {
            v if v < self.low => Bin::Low,
            v if v > self.high => Bin::High,
            _ => Bin::Medium,
        }
    }
}

/// A composite in 0..1 as printed with four decimals, rounded half up.
pub fn basis_points(value: f64) -> BasisPoints {
    (value * 10_000.0 + 0.5).floor().clamp(0.0, 10_000.0) as BasisPoints
}

/// Ten-thousandths as 0..1, the other way round of [`basis_points`].
pub fn share(points: BasisPoints) -> f64 {
    f64::from(points) / 10_000.0
}

/// Scores every account with the same weights (M28).
pub fn score(columns: &Columns, policy: &Policy) -> Arc<Strategic> {
    let strategic = &policy.strategic;
    let kept_on = policy.baseline.as_ref().and_then(|baseline| baseline.factors_on.clone());
    let asked = (
        strategic.factors.clone(),
        strategic.signals.clone(),
        strategic.judgements.clone(),
        kept_on,
    );
    columns
        .book()
        .memo()
        .recent("strategic", &asked, || work_out(columns, policy))
}

fn work_out(columns: &Columns, policy: &Policy) -> Strategic {
    let judged: Vec<(usize, &Judgement)> = policy
        .strategic
        .judgements
        .iter()
        .filter_map(|(account, judgement)| Some((columns.book().find(account)?, judgement)))
        .collect();
    let asked: Vec<&Factor> = policy.strategic.factors.iter().collect();
    let mut factors = parallel::over(columns.book().len(), asked, |factor| fed(columns, policy, factor, &judged));
    let on_weight: f64 = factors.iter().filter(|f| f.on).map(|f| f.weight_given).sum();
    let all_on = factors.iter().all(|f| f.on);
    for factor in factors.iter_mut().filter(|f| f.on) {
        // Untouched weights stay as given: dividing by a sum of 0.9999999 would move four-decimal ties.
        factor.weight_used = if all_on {
            factor.weight_given
        } else {
            factor.weight_given / on_weight
        };
    }
    let n = columns.book().len();
    let value = composite(&factors, n, |score| score.low);
    let ceiling = composite(&factors, n, |score| score.high);
    Strategic { factors, value, ceiling }
}

impl Strategic {
    /// How many factors count.
    pub fn n_on(&self) -> usize {
        self.factors.iter().filter(|f| f.on).count()
    }

    /// The composite of an account, 0..1 as printed.
    pub fn value_of(&self, account: usize) -> f64 {
        share(self.value.get(account).copied().unwrap_or(0))
    }

    /// The bins at the ends of an account's interval; they differ when the account is uncertain.
    pub fn bin_range(&self, account: usize, edges: Edges) -> (Bin, Bin) {
        let at = |values: &[BasisPoints]| edges.bin(values.get(account).copied().unwrap_or(0));
        (at(&self.value), at(&self.ceiling))
    }

    /// Names of the factors that are on and unknown for an account.
    pub fn unknown_factors(&self, account: usize) -> Vec<&str> {
        let unknown = |f: &&FactorScore| f.on && f.scores.is_unknown(account);
        self.factors.iter().filter(unknown).map(|f| f.name.as_str()).collect()
    }

    /// Weighted coverage over the factors that are on, 0..1; 0 when none is.
    pub fn coverage(&self) -> f64 {
        self.factors.iter().filter(|f| f.on).map(|f| f.weight_used * f.coverage).sum()
    }
}

/// The signal in force for a factor: the team's, else the default one for the book's columns (S6a).
pub fn signal_of(columns: &Columns, policy: &Policy, factor: &str) -> Option<Signal> {
    policy
        .strategic
        .signals
        .get(factor)
        .cloned()
        .or_else(|| presets::signal(factor, columns))
}

/// Whether a signal, or a part of it, reads the book's ARR and nothing else (S6, M9).
pub fn reads_arr_alone(book: &Book, signal: &Signal) -> bool {
    let is_arr = |column: &&str| book.column(column).is_some_and(|column| book.is_arr(&column));
    signal
        .parts()
        .iter()
        .any(|part| !part.columns().is_empty() && part.columns().iter().all(is_arr))
}

/// What scoring has to say beside its numbers.
pub fn findings(strategic: &Strategic, columns: &Columns, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for factor in strategic.factors.iter().filter(|f| f.on) {
        if let Some(rho) = factor.rho.filter(|rho| rho.abs() > RHO_MAX) {
            findings.push(Finding::warning(
                "factor_follows_arr",
                match rho > 0.0 {
                    true => format!(
                        "{} follows ARR (rank correlation {rho:.2}): it counts revenue twice",
                        factor.name
                    ),
                    false => format!(
                        "{} runs against ARR (rank correlation {rho:.2}): it counts revenue a second time, the other way round",
                        factor.name
                    ),
                },
            ));
        }
    }
    for (factor, signal) in &policy.strategic.signals {
        findings.extend(columns_missing(columns, factor, signal));
    }
    let reads_arr = |(_, signal): &(&String, &Signal)| reads_arr_alone(columns.book(), signal);
    for (factor, _) in policy.strategic.signals.iter().filter(reads_arr) {
        findings.push(Finding::critical(
            "signal_reads_arr",
            format!("the signal of {factor} reads ARR alone; strategic value is what revenue does not say"),
        ));
    }
    findings.extend(super::unread::findings(columns, policy));
    findings.extend(changed_feeds(strategic));
    let unfed = |f: &&FactorScore| matches!(f.source, Feed::Missing(_));
    let off: Vec<&str> = strategic.factors.iter().filter(unfed).map(|f| f.name.as_str()).collect();
    if !off.is_empty() && strategic.n_on() > 0 {
        findings.push(Finding::info(
            "factors_off",
            format!(
                "off for want of data: {}; the weight of {} is shared out",
                off.join(", "),
                if off.len() == 1 { "that" } else { "those" }
            ),
        ));
    }
    let judged_off = judged_but_off(strategic, policy);
    if !judged_off.is_empty() {
        findings.push(Finding::info(
            "judgement_of_off_factor",
            format!(
                "judgements of {} are kept and change nothing while the factor is off: give define_axes the factors with \"on\": true",
                judged_off.join(", ")
            ),
        ));
    }
    findings
}

/// WARNING when a signal reads columns that the book does not have.
pub(super) fn columns_missing(columns: &Columns, fed: &str, signal: &Signal) -> Option<Finding> {
    let read = signal.columns().into_iter();
    let missing: Vec<String> = read.filter(|c| !columns.exists(c)).map(|c| format!("`{c}`")).collect();
    (!missing.is_empty()).then(|| {
        let text = format!(
            "{fed}: the book has no column {}; its cells read as blank",
            missing.join(", ")
        );
        Finding::warning("signal_column_missing", text)
    })
}

/// Factors whose columns came or went since tiers were first assigned: their weights stay until the team decides.
fn changed_feeds(strategic: &Strategic) -> Vec<Finding> {
    let mut findings = Vec::new();
    for factor in strategic.factors.iter().filter(|f| matches!(f.source, Feed::Gone(_))) {
        let text = format!(
            "{} keeps its weight and counts 0 for everyone: {}; bring that column back, or define_axes with method auto",
            factor.name, factor.source
        );
        findings.push(Finding::warning("factor_column_missing", text));
    }
    let fed: Vec<&str> = strategic
        .factors
        .iter()
        .filter(|f| f.source == Feed::Waiting)
        .map(|f| f.name.as_str())
        .collect();
    if !fed.is_empty() {
        let text = format!(
            "columns would feed {}, off when the model was defined: define_axes with method auto takes them in",
            fed.join(", ")
        );
        findings.push(Finding::info("factors_could_be_on", text));
    }
    findings
}

fn judged_but_off(strategic: &Strategic, policy: &Policy) -> Vec<String> {
    let judged = |name: &str| policy.strategic.judgements.values().any(|j| j.scores.contains_key(name));
    strategic
        .factors
        .iter()
        .filter(|f| !f.on && judged(&f.name))
        .map(|f| f.name.clone())
        .collect()
}

/// What feeds a factor, or a part of the tier score, besides judgements.
pub(super) struct Asked<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its weight.
    pub weight: f64,
    /// Turned on or off by the team.
    pub on: Option<bool>,
    /// The team's signal.
    pub own: Option<&'a Signal>,
    /// The default one for the book's columns.
    pub preset: Option<Signal>,
    /// Whether it was on when tiers were first assigned.
    pub kept_on: Option<bool>,
    /// The columns that would feed it by default.
    pub feeders: &'static str,
}

fn fed(columns: &Columns, policy: &Policy, factor: &Factor, judged: &[(usize, &Judgement)]) -> FactorScore {
    let asked = Asked {
        name: &factor.name,
        weight: factor.weight,
        on: factor.on,
        own: policy.strategic.signals.get(&factor.name),
        preset: presets::signal(&factor.name, columns),
        kept_on: kept_on(policy, &factor.name),
        feeders: presets::feeders(&factor.name),
    };
    asked.scored(columns, judged, true)
}

impl Asked<'_> {
    /// The scores over the book, with where they come from, and if it is asked for the correlation with ARR. Weights in
    /// force are for the caller to share out.
    pub(super) fn scored(self, columns: &Columns, judged: &[(usize, &Judgement)], correlates: bool) -> FactorScore {
        let factor = &self;
        let book = columns.book();
        let by_default = self.own.is_none();
        let signal = self
            .own
            .or(self.preset.as_ref())
            .filter(|s| s.columns().iter().any(|c| columns.exists(c)));
        let mut scores = signal.map_or_else(|| Arc::new(Scores::unknown(book.len())), |signal| columns.scores(signal));
        let covered = |signal: &Signal| *book.memo().get(format!("covered {signal:?}"), || scores.covered());
        let feeds = signal.is_some_and(|signal| covered(signal) > 0 || book.is_empty());
        let on = factor.weight > 0.0 && factor.on.unwrap_or(feeds && !by_default || self.kept_on.unwrap_or(feeds));
        let mut is_judged = false;
        for (account, judgement) in judged {
            if let Some(score) = judgement.scores.get(factor.name) {
                Arc::make_mut(&mut scores).judge(*account, *score);
                is_judged = true;
            }
        }
        let needs = || match self.own {
            Some(own) => own.columns().join(", "),
            None => self.feeders.to_string(),
        };
        let source = match signal {
            _ if factor.on == Some(false) || factor.weight == 0.0 => Feed::TurnedOff,
            Some(signal) if feeds && on => Feed::Columns(describe(&headers(book, [signal]), by_default)),
            _ if feeds => Feed::Waiting,
            _ if on && factor.on.is_none() => Feed::Gone(needs()),
            _ if on => Feed::Judgements,
            Some(_) => Feed::Blank,
            None => Feed::Missing(needs()),
        };
        let summary = || Summary::of(book, &scores, correlates && on);
        let Summary { coverage, mean, rho } = match signal.filter(|_| !is_judged) {
            Some(signal) => *book.memo().get(format!("summary {correlates} {on} {signal:?}"), summary),
            None => summary(),
        };
        FactorScore {
            name: factor.name.to_string(),
            weight_given: factor.weight,
            weight_used: 0.0,
            on,
            coverage: if on { coverage } else { 0.0 },
            mean: if on { mean } else { 0.0 },
            rho,
            source,
            scores,
        }
    }
}

/// Whether the factor was on when tiers were first assigned: weights stay from quarter to quarter (S16).
fn kept_on(policy: &Policy, factor: &str) -> Option<bool> {
    let factors_on = policy.baseline.as_ref()?.factors_on.as_ref()?;
    Some(factors_on.iter().any(|name| name == factor))
}

/// "Seats Used, Seats Licensed (default)": headers rather than roles, since people know their headers.
pub(super) fn describe(headers: &[String], by_default: bool) -> String {
    let origin = if by_default { " (default)" } else { "" };
    format!("{}{origin}", headers.join(", "))
}

/// The headers that signals read, each once, in the order in which they stand.
pub(super) fn headers<'s>(book: &Book, signals: impl IntoIterator<Item = &'s Signal>) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    let references = signals.into_iter().flat_map(Signal::columns);
    for header in references.flat_map(|reference| book.headers_of(reference)) {
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    headers
}

fn composite(factors: &[FactorScore], n: usize, pick: fn(&Score) -> f64) -> Vec<BasisPoints> {
    // The sums of so many accounts stay close at hand from factor to factor.
    const BLOCK: usize = 1 << 12;
    let on: Vec<&FactorScore> = factors.iter().filter(|f| f.on).collect();
    let parts = parallel::in_parts(n, parallel::LEAST, |accounts| {
        let mut values = Vec::with_capacity(accounts.len());
        for first in accounts.clone().step_by(BLOCK) {
            let mut sums = vec![0.0; BLOCK.min(accounts.end - first)];
            weighted(on.iter().map(|f| (f.weight_used, &*f.scores)), first, &mut sums, pick);
            values.extend(sums.into_iter().map(basis_points));
        }
        values
    });
    parallel::joined_up(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_medium_and_a_hair_above_is_high() {
        for (value, bin) in [
            (0.29994, Bin::Low),
            (0.3, Bin::Medium),
            (0.6, Bin::Medium),
            (0.60004, Bin::Medium),
            (0.60005, Bin::High),
        ] {
            assert_eq!(START.bin(basis_points(value)), bin, "{value}");
        }
    }

    #[test]
    fn edges_survive_the_model_file() {
        for points in 0..=10_000 {
            let edges = Edges {
                low: points,
                high: points,
            };
            assert_eq!(Edges::of(Some(edges.bins(BinMethod::Auto))), edges);
        }
    }
}
