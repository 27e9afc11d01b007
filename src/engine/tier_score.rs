//! The tier score of rule `score`: which parts are fed, their weights, and from which ARR on each tier starts (H48, H49).

use std::sync::Arc;

use super::cells::Columns;
use super::percentile::Percentiles;
use super::score::{Asked, BasisPoints, FactorScore, Feed, columns_missing, reads_arr_alone};
use super::scores::Score;
use super::series::Series;
use super::stats::Amounts;
use crate::model::finding::Finding;
use crate::model::policy::{GroupWeights, Policy};
use crate::model::tier::Tier;
use crate::model::tier_score::{BANDS, Group, Part};
use crate::parallel;

/// What the parts other than ARR give of the whole score, 0..1.
pub type Rest = f64;

/// From which ARR on an account reaches a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Whatever it pays.
    Always,
    /// From this amount, in cents.
    At(i64),
    /// ARR alone does not carry it there.
    Never,
}

/// Where High-Touch, Mid-Touch and Tech-Touch start for one account.
pub type Starts = [Start; 3];

/// The tier score of every account.
#[derive(Debug, Clone, PartialEq)]
pub struct TierScore {
    /// The parts in the order of the source; weights are those in the whole score.
    pub parts: Vec<PartScore>,
    /// What the parts other than ARR give each account, in input order.
    pub rest: Vec<Rest>,
    /// ARR percentiles with the weight of theirs.
    pub ladder: Ladder,
}

/// A part over the whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct PartScore {
    /// The part.
    pub part: Part,
    /// Its group.
    pub group: Group,
    /// Weights, coverage, mean and source, as those of a factor of strategic value.
    pub score: FactorScore,
}

/// How ARR adds to the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    percentiles: Arc<Percentiles>,
    /// Weight of the ARR percentile, 0..1.
    weight: f64,
}

/// A score in hundredths of a point, rounded half up as printed. A sum of floats that ends a hair below a half is a half.
fn printed(score: f64) -> BasisPoints {
    const HAIR: f64 = 1e-7;
    (score * 10_000.0 + 0.5 + HAIR).floor().clamp(0.0, 10_000.0) as BasisPoints
}

impl Ladder {
    /// The score of an account that pays `own` and has this rest, if it paid `cents`.
    pub fn score(&self, own: i64, cents: i64, rest: Rest) -> BasisPoints {
        self.at(self.percentiles.rank(own, cents), rest)
    }

    fn at(&self, rank: f64, rest: Rest) -> BasisPoints {
        printed(rest + self.weight * rank)
    }

    /// From which ARR on an account that pays `own` and has this rest reaches each tier, the others as they are.
    pub fn starts(&self, own: i64, rest: Rest) -> Starts {
        BANDS.map(|(_, band)| match self.at(0.0, rest) >= band {
            true => Start::Always,
            false => {
                let near = (f64::from(band) / 10_000.0 - rest) / self.weight;
                let least = self.percentiles.least(own, near, |rank| self.at(rank, rest) >= band);
                least.map_or(Start::Never, Start::At)
            }
        })
    }
}

/// The tier of a score: bands are half-open (H49, X23).
pub fn tier(score: BasisPoints) -> Tier {
    BANDS
        .into_iter()
        .find(|(_, from)| score >= *from)
        .map_or(Tier::Plg, |(tier, _)| tier)
}

/// Scores every account with the same weights.
pub fn score(columns: &Columns, amounts: &Amounts, policy: &Policy) -> TierScore {
    let book = columns.book();
    let percentiles = book.memo().get("percentiles", || Percentiles::new(amounts));
    let groups = policy.tiers.score.groups();
    let of_group = |group: &GroupWeights| {
        let (name, weight) = (group.group, group.weight);
        group.parts.map(|(part, within)| (name, part, weight * within))
    };
    let asked: Vec<(Group, Part, f64)> = groups.iter().flat_map(of_group).collect();
    let mut parts = parallel::over(book.len(), asked, |(group, part, weight)| PartScore {
        part,
        group,
        score: match part {
            Part::ArrPercentile => arr_part(columns, &percentiles, weight),
            _ => fed(columns, policy, part, weight),
        },
    });
    share_out(&groups, &mut parts);
    let weight = parts
        .iter()
        .find(|p| p.part == Part::ArrPercentile)
        .map_or(0.0, |p| p.score.weight_used);
    TierScore {
        rest: rest(&parts, book.len()),
        parts,
        ladder: Ladder { percentiles, weight },
    }
}

fn arr_part(columns: &Columns, percentiles: &Percentiles, weight: f64) -> FactorScore {
    let book = columns.book();
    let known = |rank: f64| Score {
        low: rank,
        high: rank,
        covered: true,
    };
    let ranked = || Series::of_each(percentiles.of_all(book).into_iter().map(known).collect());
    let scores = book.memo().get("arr percentile", ranked);
    let on = weight > 0.0;
    FactorScore {
        name: Part::ArrPercentile.code().to_string(),
        weight_given: weight,
        weight_used: 0.0,
        on,
        coverage: if on { 1.0 } else { 0.0 },
        mean: book.by_id().map(|i| scores.low(i)).sum::<f64>() / book.len().max(1) as f64,
        rho: None,
        source: if on { Feed::Columns("ARR".into()) } else { Feed::TurnedOff },
        scores,
    }
}

fn fed(columns: &Columns, policy: &Policy, part: Part, weight: f64) -> FactorScore {
    let kept = policy.baseline.as_ref().and_then(|baseline| baseline.parts_on.as_ref());
    Asked {
        name: part.code(),
        weight,
        on: None,
        own: policy.tiers.score.signals.get(&part),
        preset: part.signal(columns),
        kept_on: kept.map(|on| on.contains(&part)),
        feeders: part.feeders(),
    }
    .scored(columns, &[], false)
}

/// A part that is off gives its weight to the others of its group; a group with none on, to the other groups.
fn share_out(groups: &[GroupWeights], parts: &mut [PartScore]) {
    let on = |parts: &[PartScore], group: Group| -> f64 {
        let on = parts.iter().filter(|p| p.group == group && p.score.on);
        on.map(|p| p.score.weight_given).sum()
    };
    let filled: Vec<(GroupWeights, f64)> = groups
        .iter()
        .map(|group| (*group, on(parts, group.group)))
        .filter(|(_, on)| *on > 0.0)
        .collect();
    let whole: f64 = filled.iter().map(|(group, _)| group.weight).sum();
    // Untouched weights stay as given, as those of strategic value do.
    let all_on = parts.iter().all(|p| p.score.on || p.score.weight_given == 0.0);
    for (group, on) in filled {
        for part in parts.iter_mut().filter(|p| p.group == group.group && p.score.on) {
            let given = part.score.weight_given;
            part.score.weight_used = if all_on { given } else { given / on * (group.weight / whole) };
        }
    }
}

fn rest(parts: &[PartScore], n: usize) -> Vec<Rest> {
    let mut sums = vec![0.0_f64; n];
    for part in parts.iter().filter(|p| p.score.on && p.part != Part::ArrPercentile) {
        part.score
            .scores
            .add_weighted(0, &mut sums, part.score.weight_used, |score| score.low);
    }
    sums
}

impl TierScore {
    /// The score of an account, in hundredths of a point.
    pub fn of(&self, account: usize, cents: i64) -> BasisPoints {
        self.ladder
            .score(cents, cents, self.rest.get(account).copied().unwrap_or(0.0))
    }

    /// The score of an account with the ARR that it pays.
    pub fn now(&self, account: usize) -> BasisPoints {
        let rank = self.parts.iter().find(|p| p.part == Part::ArrPercentile);
        let rank = rank.map_or(0.0, |p| p.score.scores.low(account));
        self.ladder.at(rank, self.rest.get(account).copied().unwrap_or(0.0))
    }

    /// From which ARR on an account that pays `cents` reaches each tier.
    pub fn starts_of(&self, account: usize, cents: i64) -> Starts {
        self.ladder.starts(cents, self.rest.get(account).copied().unwrap_or(0.0))
    }

    /// What the parts other than ARR would give an account if the part at this place scored so.
    pub fn rest_with(&self, account: usize, at: usize, score: f64) -> Rest {
        let parts = self.parts.iter().enumerate();
        let counted = parts.filter(|(_, p)| p.score.on && p.part != Part::ArrPercentile);
        let own = |p: &PartScore| p.score.scores.low(account);
        counted.fold(0.0, |sum, (i, p)| {
            sum + p.score.weight_used * if i == at { score } else { own(p) }
        })
    }

    /// From which ARR on each account reaches each tier.
    pub fn starts(&self, arr_cents: &[i64]) -> Vec<Starts> {
        parallel::collect(arr_cents.len(), |account| {
            self.starts_of(account, arr_cents.get(account).copied().unwrap_or(0))
        })
    }

    /// A group's own score of an account, 0..100; none where no part of it is on.
    pub fn group(&self, group: Group, account: usize) -> Option<f64> {
        let on = || self.parts.iter().filter(move |p| p.group == group && p.score.on);
        let weight: f64 = on().map(|p| p.score.weight_used).sum();
        let score = |p: &PartScore| p.score.weight_used * p.score.scores.low(account);
        (weight > 0.0).then(|| on().map(score).sum::<f64>() / weight * 100.0)
    }

    /// The parts that count.
    pub fn on(&self) -> impl Iterator<Item = &PartScore> {
        self.parts.iter().filter(|p| p.score.on)
    }

    /// Whether nothing but ARR counts.
    pub fn is_arr_alone(&self) -> bool {
        let mut on = self.on().peekable();
        on.peek().is_some() && on.all(|p| p.part == Part::ArrPercentile)
    }

    /// Weighted share of accounts for which the parts that count are known, 0..1.
    pub fn coverage(&self) -> f64 {
        self.on().map(|p| p.score.weight_used * p.score.coverage).sum()
    }

    /// The parts whose signal reads ARR and nothing else: ARR has its own part.
    pub fn arr_readers(columns: &Columns, policy: &Policy) -> Vec<Part> {
        let signals = policy.tiers.score.signals.iter();
        let reads = signals.filter(|(_, signal)| reads_arr_alone(columns.book(), signal));
        reads.map(|(part, _)| *part).collect()
    }
}

/// What scoring has to say beside its numbers.
pub fn findings(scored: &TierScore, columns: &Columns, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let needs = |p: &PartScore| format!("{} ({})", p.part.code(), p.part.feeders());
    if scored.is_arr_alone() {
        let off: Vec<String> = scored.parts.iter().filter(|p| !p.score.on).map(needs).collect();
        let text = format!(
            "rule score is the ARR percentile alone, since nothing else is fed: add columns or signals for {}",
            off.join(", ")
        );
        findings.push(Finding::warning("score_is_arr_alone", text));
    }
    for part in TierScore::arr_readers(columns, policy) {
        let text = format!(
            "the signal of {} reads ARR alone, which the ARR percentile counts already: take it out of [tiers.score.signals]",
            part.code()
        );
        findings.push(Finding::critical("signal_reads_arr", text));
    }
    for (part, signal) in &policy.tiers.score.signals {
        findings.extend(columns_missing(columns, part.code(), signal));
    }
    for part in scored.parts.iter().filter(|p| matches!(p.score.source, Feed::Gone(_))) {
        let text = format!(
            "{} keeps its weight and counts 0 for everyone: {}; bring that column back, or define_axes with method auto",
            part.part.code(),
            part.score.source
        );
        findings.push(Finding::warning("part_column_missing", text));
    }
    let waiting: Vec<&str> = scored
        .parts
        .iter()
        .filter(|p| p.score.source == Feed::Waiting)
        .map(|p| p.part.code())
        .collect();
    if !waiting.is_empty() {
        let text = format!(
            "columns would feed {}, off when tiers were first scored: define_axes with method auto takes them in",
            waiting.join(", ")
        );
        findings.push(Finding::info("parts_could_be_on", text));
    }
    findings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ladder(cents: &[i64], weight: f64) -> Ladder {
        Ladder {
            percentiles: Arc::new(Percentiles::new(&Amounts::of(cents))),
            weight,
        }
    }

    /// G2 and G20: the sub-scores and the total of the source's own example, recomputed.
    #[test]
    fn the_worked_example_adds_up() {
        let weights = Policy::default().tiers.score.groups();
        let scores = [[68.0, 80.0, 100.0], [90.0, 75.0, 80.0], [60.0, 75.0, 70.0]];
        let group = |at: usize| -> f64 {
            let parts = weights[at].parts.iter().zip(scores[at]);
            parts.map(|((_, weight), score)| weight * score).sum()
        };
        for (at, expected) in [(0, 79.0), (1, 82.5), (2, 68.25)] {
            assert!(
                (group(at) - expected).abs() < 1e-9,
                "{} is {}",
                weights[at].group.code(),
                group(at)
            );
        }
        let rest = (0.4 * 45.0 + 0.35 * 82.5 + 0.25 * 68.25) / 100.0;
        // 17 of 25 accounts pay less, counting half of the two that pay the same.
        let book: Vec<i64> = (1..=16).chain([17, 17]).chain(18..=24).collect();
        let score = ladder(&book, 0.2).score(17, 17, rest);
        assert_eq!((score, tier(score)), (7_754, Tier::MidTouch));
    }

    #[test]
    fn bands_are_half_open_and_compared_as_printed() {
        for (score, tier_of) in [
            (8_000, Tier::HighTouch),
            (7_999, Tier::MidTouch),
            (7_995, Tier::MidTouch),
            (6_000, Tier::MidTouch),
            (5_999, Tier::TechTouch),
            (4_000, Tier::TechTouch),
            (3_999, Tier::Plg),
            (0, Tier::Plg),
        ] {
            assert_eq!(tier(score), tier_of, "{score}");
        }
        let none = ladder(&[], 0.2);
        for (rest, score) in [(0.799_949_99, 7_999), (0.799_95, 8_000), (0.0, 0)] {
            assert_eq!(none.score(0, 0, rest), score, "{rest}");
        }
    }

    /// Thirds and twelfths that make a half exactly are rounded up, whatever floats make of them.
    #[test]
    fn exact_ties_are_rounded_up() {
        let parts = [
            0.2 * 7.0 / 12.0,
            0.1 * 12.0 / 36.0,
            0.1 * 0.4995,
            0.14,
            0.105,
            0.105,
            0.0875,
            0.0875,
            0.075,
        ];
        assert_eq!(printed(parts.iter().sum()), 8_000);
    }

    proptest! {
        /// An account is in a tier exactly from the amount at which that tier is said to start.
        #[test]
        fn starts_are_where_the_tier_changes(cents in prop::collection::vec(0_i64..60, 1..10), weight in 0.0_f64..=1.0, rest in 0.0_f64..=1.0) {
            let ladder = ladder(&cents, weight);
            let (own, rest) = (cents[0], rest * (1.0 - weight));
            for cents in 0..80 {
                let found = ladder.starts(own, rest).into_iter().zip(BANDS).find(|(start, _)| match start {
                    Start::Always => true,
                    Start::At(from) => cents >= *from,
                    Start::Never => false,
                });
                let by_start = found.map_or(Tier::Plg, |(_, (tier, _))| tier);
                prop_assert_eq!(by_start, tier(ladder.score(own, cents, rest)), "{}", cents);
            }
        }
    }
}
