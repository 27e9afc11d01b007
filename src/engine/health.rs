//! Health: components from signals, one score per account over what is known, and a status that missing cells cannot mend (S13).

mod parts;

use std::sync::Arc;

use parts::Whole;

use super::cells::Columns;
use super::score::{self, basis_points, describe};
use super::tiering::Segmentation;
use crate::model::health::{self, Band, BandKind, COLD_START, Preset};
use crate::model::policy::{Component, Health as Model};
use crate::model::role::Role;
use crate::model::signal::{Combine, Signal};
use crate::model::tier::Tier;
use crate::parallel;

/// A score in hundredths of a point: 0..=10000, rounded half up, compared as printed.
pub type Hundredths = u16;

/// A score in points, as printed.
pub fn points(score: Hundredths) -> f64 {
    f64::from(score) / 100.0
}

/// Health of every account.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whose bands hold, and whose components unless the team has its own.
    pub preset: Preset,
    /// The components in their order.
    pub components: Vec<ComponentScore>,
    /// The signs of a cold start, which stand in for usage and adoption of young accounts (U1).
    pub signs: Vec<ComponentScore>,
    /// Whether those signs have enough cells to stand in, and a component to stand in for.
    pub has_signs: bool,
    /// Input order.
    pub accounts: Vec<AccountHealth>,
}

/// A component over the whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentScore {
    /// Its name.
    pub name: String,
    /// The weight in the model where no tier is known.
    pub weight_given: f64,
    /// The weight in force: that of components that are off is shared out in proportion. 0 when off.
    pub weight_used: f64,
    /// Whether any account has a cell for it.
    pub on: bool,
    /// Share of accounts with at least one of its cells.
    pub coverage: f64,
    /// Mean over the accounts whose score is known, 0..100; none when off.
    pub mean: Option<f64>,
    /// Where it comes from, or what it needs.
    pub source: String,
    /// Where the better-known tenth of the accounts begins, 0..100; none when off.
    pub upper_decile: Option<f64>,
    /// Headers that it reads.
    pub headers: Vec<String>,
    /// Whether it reads the book's ARR.
    pub reads_arr: bool,
    /// The weights in the model and in force, by tier in list order.
    given: [f64; 4],
    used: [f64; 4],
    parts: Vec<Part>,
    whole: Arc<Whole>,
}

/// One signal in a component.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    weight: f64,
    signal: Signal,
    on: bool,
}

/// Health of one account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountHealth {
    /// Over what is known; none when nothing is.
    pub score: Option<Hundredths>,
    /// With all that is missing at its worst, over all components of the model.
    pub floor: Hundredths,
    /// With all that is missing at its best.
    pub ceiling: Hundredths,
    /// Share of the weight in force that is known.
    pub coverage: f64,
    /// None: too little is known.
    pub status: Option<&'static Band>,
    /// Kept out of a better status by what is missing.
    pub provisional: bool,
    /// Younger than the model's limit.
    pub cold_start: bool,
    /// The signs of a cold start stand in for what takes time.
    pub by_signs: bool,
}

/// What pulls an account down.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver<'a> {
    /// The component.
    pub component: &'a ComponentScore,
    /// The signs of a cold start stand in for it.
    pub by_signs: bool,
    /// Its score for the account, 0..100; none when it is not known.
    pub score: Option<f64>,
    /// Points of the account's score that it costs; 0 when it is not known.
    pub points: f64,
}

/// Below this share of the weight nothing is said (S13).
const KNOWN_MIN: f64 = 0.5;
/// Weights are sums of floats.
const DUST: f64 = 1e-9;

/// Scores every account. Without a segmentation every account has the weights that hold for no tier.
pub fn score(columns: &Columns, model: &Model, segmentation: Option<&Segmentation>) -> Health {
    let preset = model.preset.unwrap_or_else(|| health::called_for(columns));
    let components = fed(columns, model, &model.components_under(preset));
    let sign = |name: &&str| Component {
        name: (*name).into(),
        weight: 1.0 / COLD_START.len() as f64,
        by_tier: std::collections::BTreeMap::new(),
    };
    let signs = fed(columns, model, &COLD_START.iter().map(sign).collect::<Vec<_>>());
    let ages = columns.ages_days(Role::Created);
    let signs_fed: f64 = signs.iter().filter(|sign| sign.on).map(|sign| sign.weight_given).sum();
    let stand_in = components
        .iter()
        .any(|component| component.on && health::takes_time(&component.name));
    let has_signs = signs_fed >= KNOWN_MIN && stand_in;
    let bands = preset.bands();
    let account = |i: usize| {
        let tier = segmentation.map(|segmentation| segmentation.tier(i));
        let age = ages.get(i).flatten();
        // A start that lies ahead is no age.
        let cold_start = age.is_some_and(|days| (0..model.cold_start_days).contains(&days));
        let usual = judged(reading(&components, None, i, tier), bands);
        // A young account that does well by the usual score is well: otherwise a lost column of signs would mend it.
        if !cold_start || !has_signs || is_good(usual.status) {
            return AccountHealth { cold_start, ..usual };
        }
        AccountHealth {
            cold_start,
            by_signs: true,
            ..judged(reading(&components, Some(&signs), i, tier), bands)
        }
    };
    let accounts = parallel::collect(columns.book().len(), account);
    Health {
        preset,
        components,
        signs,
        has_signs,
        accounts,
    }
}

impl Health {
    /// Health of an account.
    pub fn of(&self, account: usize) -> Option<&AccountHealth> {
        self.accounts.get(account)
    }

    /// The score of an account in points; none when nothing is known of it.
    pub fn points(&self, account: usize) -> Option<f64> {
        self.of(account)?.score.map(points)
    }

    /// The status of an account as a code.
    pub fn status(&self, account: usize) -> &'static str {
        let band = self.of(account).and_then(|health| health.status);
        band.map_or(health::UNKNOWN, |band| band.code)
    }

    /// What the status of an account says; none when it is unknown.
    pub fn kind(&self, account: usize) -> Option<BandKind> {
        self.of(account)?.status.map(|band| band.kind)
    }

    /// Whether the ARR of an account is at risk.
    pub fn is_at_risk(&self, account: usize) -> bool {
        self.kind(account) == Some(BandKind::AtRisk)
    }

    /// The components that an account is scored by, those that cost it most first; what is not known comes last.
    pub fn drivers(&self, account: usize, tier: Option<Tier>) -> Vec<Driver<'_>> {
        let by_signs = self.of(account).is_some_and(|health| health.by_signs);
        let signs = by_signs.then_some(self.signs.as_slice());
        let on = || self.components.iter().filter(|component| component.on);
        let known = |component: &ComponentScore| component.known_with(signs, account).map(|(score, _)| score);
        let whole: f64 = on().filter(|c| known(c).is_some()).map(|c| c.used_in(tier)).sum();
        let mut drivers: Vec<Driver> = on()
            .map(|component| {
                let score = known(component);
                Driver {
                    component,
                    by_signs: by_signs && health::takes_time(&component.name),
                    score: score.map(|score| score * 100.0),
                    points: score.map_or(0.0, |score| (1.0 - score) * component.used_in(tier) / whole * 100.0),
                }
            })
            .collect();
        drivers.sort_by(|a, b| {
            let known_first = a.score.is_none().cmp(&b.score.is_none());
            known_first
                .then(b.points.total_cmp(&a.points))
                .then_with(|| a.component.name.cmp(&b.component.name))
        });
        drivers
    }
}

impl ComponentScore {
    fn known(&self, account: usize) -> Option<(f64, f64)> {
        self.whole.known.get(account).flatten()
    }

    /// [`Self::known`], by the signs of a cold start where they are given and stand in for the component.
    fn known_with(&self, signs: Option<&[ComponentScore]>, account: usize) -> Option<(f64, f64)> {
        let Some(signs) = signs.filter(|_| health::takes_time(&self.name)) else {
            return self.known(account);
        };
        let (mut sum, mut known) = (0.0, 0.0);
        let on: f64 = signs.iter().map(|sign| sign.weight_used).sum();
        for sign in signs {
            let Some((score, _)) = sign.known(account) else { continue };
            sum += sign.weight_used * score;
            known += sign.weight_used;
        }
        (known > 0.0).then(|| (sum / known, known / on))
    }

    fn range_with(&self, signs: Option<&[ComponentScore]>, account: usize) -> (f64, f64) {
        let Some(signs) = signs.filter(|_| health::takes_time(&self.name)) else {
            return self.range(account);
        };
        signs.iter().fold((0.0, 0.0), |(low, high), sign| {
            let (from, to) = sign.range(account);
            (low + sign.weight_given * from, high + sign.weight_given * to)
        })
    }

    fn range(&self, account: usize) -> (f64, f64) {
        self.whole.range.get(account).unwrap_or((0.0, 1.0))
    }

    fn given_in(&self, tier: Option<Tier>) -> f64 {
        tier.and_then(|tier| self.given.get(tier.index()).copied())
            .unwrap_or(self.weight_given)
    }

    /// The weight in force in a tier.
    pub fn used_in(&self, tier: Option<Tier>) -> f64 {
        tier.and_then(|tier| self.used.get(tier.index()).copied())
            .unwrap_or(self.weight_used)
    }

    /// Whether some of its parts have no cells in the book.
    pub fn is_partly_fed(&self) -> bool {
        self.on && self.parts.iter().any(|part| !part.on)
    }

    /// The signal over the parts that have cells, for a model that settles on them; none when nothing feeds it.
    pub fn fed_signal(&self) -> Option<Signal> {
        let fed = || self.parts.iter().filter(|part| part.on);
        let on: f64 = fed().map(|part| part.weight).sum();
        let mut of: Vec<(f64, Signal)> = fed().map(|part| (part.weight / on, part.signal.clone())).collect();
        match of.len() {
            0 | 1 => of.pop().map(|(_, signal)| signal),
            _ => Some(Signal::Combine {
                how: Combine::Weighted,
                of,
            }),
        }
    }
}

fn is_good(status: Option<&Band>) -> bool {
    status.is_some_and(|band| band.kind == BandKind::Good)
}

/// What the components say of one account.
struct Reading {
    score: Option<f64>,
    floor: f64,
    ceiling: f64,
    coverage: f64,
}

fn reading(components: &[ComponentScore], signs: Option<&[ComponentScore]>, account: usize, tier: Option<Tier>) -> Reading {
    let (mut sum, mut known, mut coverage, mut floor, mut ceiling) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for component in components {
        let (low, high) = component.range_with(signs, account);
        floor += component.given_in(tier) * low;
        ceiling += component.given_in(tier) * high;
        let Some((score, share)) = component.known_with(signs, account) else {
            continue;
        };
        let weight = component.used_in(tier);
        sum += weight * score;
        known += weight;
        coverage += weight * share;
    }
    let score = match known {
        none if none <= 0.0 => None,
        all if (all - 1.0).abs() < DUST => Some(sum),
        some => Some(sum / some),
    };
    Reading {
        score,
        floor,
        ceiling,
        coverage,
    }
}

fn band_of(bands: &'static [Band], score: Hundredths) -> Option<&'static Band> {
    bands.iter().find(|band| score >= band.from)
}

/// The status by score, unless what is missing could spoil a good one: then the one that the floor deserves, or the middle.
fn judged(reading: Reading, bands: &'static [Band]) -> AccountHealth {
    let (score, floor) = (reading.score.map(basis_points), basis_points(reading.floor));
    let known = reading.coverage >= KNOWN_MIN - DUST;
    let by_score = score.filter(|_| known).and_then(|score| band_of(bands, score));
    let by_floor = band_of(bands, floor);
    let status = match by_score {
        Some(good) if good.kind == BandKind::Good => match by_floor {
            Some(sure) if sure.kind == BandKind::Good => Some(if sure.from < good.from { sure } else { good }),
            _ => bands.iter().find(|band| band.kind == BandKind::Middle),
        },
        other => other,
    };
    AccountHealth {
        score,
        floor,
        ceiling: basis_points(reading.ceiling),
        coverage: reading.coverage.min(1.0),
        status,
        provisional: status != by_score,
        cold_start: false,
        by_signs: false,
    }
}

/// Components over the book, with their weights in force.
fn fed(columns: &Columns, model: &Model, components: &[Component]) -> Vec<ComponentScore> {
    let each = components.iter().collect();
    let mut fed = parallel::over(columns.book().len(), each, |component| one(columns, model, component));
    let shared = |weight: &dyn Fn(&ComponentScore) -> f64| -> Vec<f64> {
        let on: f64 = fed.iter().filter(|c| c.on).map(weight).sum();
        let all_on = fed.iter().all(|c| c.on || weight(c) == 0.0);
        let share = |c: &ComponentScore| match (c.on, all_on) {
            (false, _) => 0.0,
            (true, true) => weight(c),
            (true, false) if on > 0.0 => weight(c) / on,
            (true, false) => 0.0,
        };
        fed.iter().map(share).collect()
    };
    let plain = shared(&|c| c.weight_given);
    let by_tier: Vec<Vec<f64>> = Tier::ALL.iter().map(|tier| shared(&|c| c.given_in(Some(*tier)))).collect();
    for (at, component) in fed.iter_mut().enumerate() {
        component.weight_used = plain.get(at).copied().unwrap_or(0.0);
        for (used, weights) in component.used.iter_mut().zip(&by_tier) {
            *used = weights.get(at).copied().unwrap_or(0.0);
        }
    }
    fed
}

fn one(columns: &Columns, model: &Model, component: &Component) -> ComponentScore {
    let book = columns.book();
    let own = model.signals.get(&component.name);
    let signals = own.map_or_else(|| health::parts(&component.name), |signal| parts_of(signal.clone()));
    let whole = Whole::of(columns, &signals);
    let parts: Vec<Part> = signals
        .iter()
        .zip(&whole.on)
        .map(|((weight, signal), on)| Part {
            weight: *weight,
            signal: signal.clone(),
            on: *on,
        })
        .collect();
    let read: Vec<&Signal> = signals
        .iter()
        .zip(&parts)
        .filter(|(_, part)| part.on)
        .map(|((_, signal), _)| signal)
        .collect();
    let headers = score::headers(book, read.iter().copied());
    let reads_arr = read
        .iter()
        .flat_map(|signal| signal.columns())
        .any(|reference| book.column(reference).is_some_and(|column| book.is_arr(&column)));
    let on = parts.iter().any(|part| part.on);
    let source = match on {
        true => describe(&headers, own.is_none()),
        false => match own {
            Some(signal) => format!("off: {} blank or missing", signal.columns().join(", ")),
            None => format!("off: needs {}", health::feeders(&component.name)),
        },
    };
    let mut scored = ComponentScore {
        name: component.name.clone(),
        weight_given: component.weight,
        weight_used: 0.0,
        on,
        coverage: 0.0,
        mean: None,
        upper_decile: None,
        source,
        headers,
        reads_arr,
        given: Tier::ALL.map(|tier| component.weight_in(tier)),
        used: [0.0; 4],
        parts,
        whole,
    };
    let mut by_score: Vec<(f64, usize)> = scored
        .whole
        .known
        .counted()
        .into_iter()
        .filter_map(|(known, n)| Some((known.as_ref()?.0, n)))
        .collect();
    by_score.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_known: usize = by_score.iter().map(|(_, n)| n).sum();
    let mut left = n_known * 9 / 10;
    let decile = by_score.iter().find(|(_, n)| {
        let holds = left < *n;
        left = left.saturating_sub(*n);
        holds
    });
    scored.upper_decile = decile.map(|(score, _)| score * 100.0);
    scored.coverage = n_known as f64 / book.len().max(1) as f64;
    // In the order of ids, so that the order of rows does not show in the last digit.
    let sum: f64 = book.by_id().filter_map(|account| Some(scored.known(account)?.0)).sum();
    scored.mean = (n_known > 0).then(|| sum / n_known as f64 * 100.0);
    scored
}

/// A weighted combination is scored over the parts that are known; anything else is one part.
fn parts_of(signal: Signal) -> Vec<(f64, Signal)> {
    match signal {
        Signal::Combine {
            how: Combine::Weighted,
            of,
        } => of,
        single => vec![(1.0, single)],
    }
}
