//! Which cuts and bin edges calibration may combine: the candidates, and the rails that bind them (S11).

use crate::engine::axes;
use crate::engine::cuts::{in_gap, round_amounts};
use crate::engine::score::{BasisPoints, basis_points};
use crate::engine::stats::{Amounts, Permille};
use crate::engine::tiering::Thresholds;
use crate::model::money::Money;
use crate::model::policy::{Cuts, Method, Policy, TierCuts};
use crate::model::tier::Rule;

/// What a search may not do; relaxed one at a time to say what stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// Where the lowest cut may lie.
    LowCut,
    /// Where the highest cut may lie.
    HighCut,
    /// Where the low bin edge may lie.
    LowEdge,
    /// Where the high bin edge may lie.
    HighEdge,
    /// How far the edges must be apart.
    EdgeDistance,
    /// The largest share of accounts in High-Touch.
    HighTouchShare,
    /// The gate of M24.
    MidTouchShare,
    /// The gate of M39.
    NoEmptyTiers,
}

impl Constraint {
    /// Rails first: a team gives them up more easily than a gate.
    pub const ALL: [Constraint; 8] = [
        Constraint::LowCut,
        Constraint::HighCut,
        Constraint::LowEdge,
        Constraint::HighEdge,
        Constraint::EdgeDistance,
        Constraint::HighTouchShare,
        Constraint::MidTouchShare,
        Constraint::NoEmptyTiers,
    ];

    /// The code: a gate id, or `rail_low_cut` and the like (S18).
    pub fn code(self) -> &'static str {
        match self {
            Constraint::LowCut => "rail_low_cut",
            Constraint::HighCut => "rail_high_cut",
            Constraint::LowEdge => "rail_low_edge",
            Constraint::HighEdge => "rail_high_edge",
            Constraint::EdgeDistance => "rail_edge_distance",
            Constraint::HighTouchShare => "rail_high_touch_share",
            Constraint::MidTouchShare => "mid_touch_share",
            Constraint::NoEmptyTiers => "no_empty_tiers",
        }
    }
}

/// The rails in the units of the book; both ends are allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest cut, in cents.
    pub low_cut: (i64, i64),
    /// Highest cut, in cents.
    pub high_cut: (i64, i64),
    /// Low bin edge.
    pub low_edge: (BasisPoints, BasisPoints),
    /// High bin edge.
    pub high_edge: (BasisPoints, BasisPoints),
    /// Least distance of the edges.
    pub edge_distance: BasisPoints,
}

/// One combination, as positions in the lists of a [`Space`]: two cuts and two edges, or under rule `arr` three cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key {
    /// The lowest cut.
    pub low: u16,
    /// The highest cut.
    pub high: u16,
    /// The low edge; under rule `arr` the cut between.
    pub first: u16,
    /// The high edge; 0 under rule `arr`.
    pub second: u16,
}

/// All combinations to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    /// Grid or `arr`.
    pub rule: Rule,
    /// Every ARR candidate in cents, ascending, before the rails.
    pub cuts: Vec<i64>,
    /// Candidates of the lowest cut, ascending.
    pub lows: Vec<i64>,
    /// Candidates of the highest cut, ascending.
    pub highs: Vec<i64>,
    /// Rule `arr`: candidates of the cut between, ascending.
    pub mids: Vec<i64>,
    /// Candidates of the low edge, ascending; empty under rule `arr`.
    pub low_edges: Vec<BasisPoints>,
    /// Candidates of the high edge, ascending; empty under rule `arr`.
    pub high_edges: Vec<BasisPoints>,
    /// The rails.
    pub bounds: Bounds,
    /// The combination that the model holds today.
    pub today: Key,
}

/// ARR candidates of one search (S11).
const CUTS_MAX: usize = 200;
/// Below this many round amounts, the gaps between prices are candidates too (S11).
const ROUND_MIN: usize = 20;
/// Bin edges lie at every hundredth.
const EDGE_STEP: BasisPoints = 100;

impl Space {
    /// The space around what the model holds; none when nobody pays. Constraints in `relaxed` do not narrow it.
    pub fn new(amounts: &Amounts, policy: &Policy, now: Thresholds, relaxed: &[Constraint]) -> Option<Space> {
        let bounds = bounds(amounts, policy, matches!(now, Thresholds::Arr(_)));
        let today = now.arr_cuts();
        let (first, last) = (today.first()?.1, today.last()?.1);
        let own: Vec<i64> = today.iter().map(|(_, cents)| *cents).collect();
        let cuts = cut_candidates(amounts, &[bounds.low_cut, bounds.high_cut], &own);
        let within = |(from, to): (i64, i64), own: i64, free: Constraint| -> Vec<i64> {
            let free = relaxed.contains(&free);
            let allowed = |cents: &i64| free || *cents == own || (from..=to).contains(cents);
            cuts.iter().copied().filter(allowed).collect()
        };
        let lows = within(bounds.low_cut, first, Constraint::LowCut);
        let highs = within(bounds.high_cut, last, Constraint::HighCut);
        let at = |list: &[i64], cents: i64| list.binary_search(&cents).unwrap_or(0) as u16;
        let mut space = Space {
            today: Key {
                low: at(&lows, first),
                high: at(&highs, last),
                ..Key::default()
            },
            rule: Rule::Grid,
            mids: Vec::new(),
            low_edges: Vec::new(),
            high_edges: Vec::new(),
            bounds,
            lows,
            highs,
            cuts,
        };
        match now {
            // Fixed bands leave nothing to place.
            Thresholds::Score => return None,
            Thresholds::Arr(_) => {
                space.rule = Rule::Arr;
                let mid = today.get(1)?.1;
                space.mids.clone_from(&space.cuts);
                space.today.first = at(&space.mids, mid);
            }
            Thresholds::Grid { edges, .. } => {
                space.low_edges = edge_candidates(bounds.low_edge, edges.low, relaxed.contains(&Constraint::LowEdge));
                space.high_edges = edge_candidates(bounds.high_edge, edges.high, relaxed.contains(&Constraint::HighEdge));
                if relaxed.contains(&Constraint::EdgeDistance) {
                    space.bounds.edge_distance = 1;
                }
                let at = |list: &[BasisPoints], edge: BasisPoints| list.binary_search(&edge).unwrap_or(0) as u16;
                space.today.first = at(&space.low_edges, edges.low);
                space.today.second = at(&space.high_edges, edges.high);
            }
        }
        Some(space)
    }

    /// The thresholds of a combination.
    pub fn thresholds(&self, key: Key) -> Thresholds {
        let cut = |list: &[i64], at: u16| Money(list.get(usize::from(at)).copied().unwrap_or(0));
        let edge = |list: &[BasisPoints], at: u16| list.get(usize::from(at)).copied().unwrap_or(0);
        let (low, high) = (cut(&self.lows, key.low), cut(&self.highs, key.high));
        match self.rule {
            Rule::Arr => Thresholds::Arr(Some(TierCuts {
                tech_touch: low,
                mid_touch: cut(&self.mids, key.first),
                high_touch: high,
                method: crate::model::policy::BinMethod::Given,
            })),
            _ => Thresholds::Grid {
                cuts: Some(Cuts { low, high }),
                edges: crate::engine::score::Edges {
                    low: edge(&self.low_edges, key.first),
                    high: edge(&self.high_edges, key.second),
                },
            },
        }
    }

    /// Whether the cuts of a combination rise. A price list may have left the model with equal ones, and what stands is looked
    /// at all the same.
    pub fn rises(&self, key: Key) -> bool {
        let cut = |list: &[i64], at: u16| list.get(usize::from(at)).copied().unwrap_or(0);
        let (low, high) = (cut(&self.lows, key.low), cut(&self.highs, key.high));
        let same_ends = (key.low, key.high) == (self.today.low, self.today.high);
        match self.rule {
            Rule::Arr => {
                let between = cut(&self.mids, key.first);
                low < between && between < high || same_ends && key.first == self.today.first
            }
            _ => low < high || same_ends,
        }
    }

    /// Whether two edges may stand together.
    pub fn apart(&self, first: u16, second: u16) -> bool {
        let edge = |list: &[BasisPoints], at: u16| list.get(usize::from(at)).copied().unwrap_or(0);
        let (low, high) = (edge(&self.low_edges, first), edge(&self.high_edges, second));
        let own = (first, second) == (self.today.first, self.today.second);
        low < high && (own || high - low >= self.bounds.edge_distance)
    }

    /// Bin edges of both lists, ascending.
    pub fn edges(&self) -> Vec<BasisPoints> {
        let mut edges = [self.low_edges.as_slice(), &self.high_edges].concat();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

fn bounds(amounts: &Amounts, policy: &Policy, arr: bool) -> Bounds {
    let rails = &policy.rails;
    let method = match policy.axis.method {
        Method::Log | Method::Quartile => policy.axis.method,
        _ => axes::choose(amounts).0,
    };
    // Rule `arr` starts Tech-Touch near P35 and High-Touch near P92.5 (S7); its rails lie around those.
    let (low, high) = match (arr, method) {
        (true, _) => ([0.20, 0.50], [0.80, 0.97]),
        (false, Method::Quartile) => ([0.20, 0.40], [0.65, 0.85]),
        (false, _) => ([0.40, 0.75], [0.80, 0.97]),
    };
    let cents = |[from, to]: [f64; 2]| (amounts.quantile(permille(from)), amounts.quantile(permille(to)));
    let points = |[from, to]: [f64; 2]| (basis_points(from), basis_points(to));
    Bounds {
        low_cut: cents(rails.low_cut.unwrap_or(low)),
        high_cut: cents(rails.high_cut.unwrap_or(high)),
        low_edge: points(rails.low_edge),
        high_edge: points(rails.high_edge),
        edge_distance: basis_points(rails.edge_distance),
    }
}

fn permille(share: f64) -> Permille {
    (share * 1_000.0).round() as Permille
}

/// Amounts of two digits between P1 and P99, and today's, ascending (S11). Where those are few, over all or within a rail,
/// the gaps between prices are candidates too: on a narrow book the next round amount lies far off.
fn cut_candidates(amounts: &Amounts, rails: &[(i64, i64)], today: &[i64]) -> Vec<i64> {
    let (first, last) = (amounts.quantile(10).max(1), amounts.quantile(990));
    let round = round_amounts(first, last, 2);
    let mut cuts = thinned(round.clone(), CUTS_MAX);
    for (from, to) in rails.iter().copied().chain([(first, last)]) {
        let within = |cut: &i64| (from.max(first)..=to.min(last)).contains(cut);
        if round.iter().copied().filter(|cut| within(cut)).count() < ROUND_MIN {
            let gaps = amounts.gaps().map(|(low, high, _)| in_gap(low, high)).filter(within);
            cuts.extend(thinned(gaps.collect(), CUTS_MAX / 4));
        }
    }
    cuts.extend(today);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// At most so many of the amounts, evenly spread in log distance.
fn thinned(cuts: Vec<i64>, most: usize) -> Vec<i64> {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else {
        return cuts;
    };
    if cuts.len() <= most {
        return cuts;
    }
    let (from, to) = ((*first as f64).ln(), (*last as f64).ln());
    let nearest = |step: usize| {
        let aim = (from + (to - from) * step as f64 / (most - 1) as f64).exp();
        let above = cuts.partition_point(|cut| (*cut as f64) < aim);
        let around = [above.checked_sub(1), Some(above)];
        let candidates = around.into_iter().flatten().filter_map(|at| cuts.get(at));
        candidates
            .min_by(|a, b| {
                let ratio = |cut: i64| (cut as f64 / aim).max(aim / cut as f64);
                ratio(**a).total_cmp(&ratio(**b)).then(a.cmp(b))
            })
            .copied()
    };
    let mut thin: Vec<i64> = (0..most).filter_map(nearest).collect();
    thin.dedup();
    thin
}

fn edge_candidates((from, to): (BasisPoints, BasisPoints), own: BasisPoints, free: bool) -> Vec<BasisPoints> {
    let (from, to) = if free { (EDGE_STEP, 10_000 - EDGE_STEP) } else { (from, to) };
    let steps = from.div_ceil(EDGE_STEP)..=to / EDGE_STEP;
    let mut edges: Vec<BasisPoints> = steps.map(|step| step * EDGE_STEP).chain([own]).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cuts::digits;

    #[test]
    fn candidates_are_round_spread_and_few() {
        let wide = Amounts::of(&(1..5_000_i64).map(|i| i * i * 100).collect::<Vec<_>>());
        let cuts = cut_candidates(&wide, &[], &[123_456]);
        assert!(cuts.len() <= CUTS_MAX + 1 && cuts.len() > 150, "{}", cuts.len());
        assert!(cuts.contains(&123_456) && cuts.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(cuts.iter().all(|cut| *cut == 123_456 || digits(*cut) <= 2));
        let narrow = Amounts::of(&(0..50).map(|i| 1_000_000 + i * 137).collect::<Vec<_>>());
        assert!(
            (47..=49).contains(&cut_candidates(&narrow, &[], &[]).len()),
            "one in each gap"
        );
        assert_eq!(cut_candidates(&Amounts::of(&[500; 9]), &[], &[250, 1_000]), [250, 500, 1_000]);
        let wide_and_dense = Amounts::of(
            &(0..2_000)
                .map(|i| if i < 1_000 { 1_000 + i * 3_000 } else { 10_000_000 + i })
                .collect::<Vec<_>>(),
        );
        let dense = (10_001_100, 10_001_900);
        let within = |cuts: Vec<i64>| cuts.into_iter().filter(|cut| (dense.0..=dense.1).contains(cut)).count();
        assert_eq!(within(cut_candidates(&wide_and_dense, &[], &[])), 0);
        assert!(within(cut_candidates(&wide_and_dense, &[dense], &[])) >= 40);
    }

    #[test]
    fn edges_stand_at_hundredths_within_the_rails_and_where_they_are() {
        assert_eq!(
            edge_candidates((2_000, 2_300), 3_333, false),
            [2_000, 2_100, 2_200, 2_300, 3_333]
        );
        assert_eq!(edge_candidates((2_000, 2_300), 3_000, true).len(), 99);
    }
}
