//! Where a cut goes: a round amount near its target quantile that as few accounts as possible sit close to (S5).

use super::stats::{Amounts, Permille};

/// A target quantile with the window around it (S5), all in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Where the cut would ideally be.
    pub at: Permille,
    /// Lowest quantile allowed.
    pub from: Permille,
    /// Highest quantile allowed.
    pub to: Permille,
}

/// Places rising cuts, each in a gap of its own, so that every band between them holds an account.
///
/// With fewer prices than bands, each price gets a band of its own. Cuts are in cents, ascending; empty when nobody pays.
pub fn place(amounts: &Amounts, targets: &[Target], snap: bool) -> Vec<i64> {
    if amounts.is_empty() {
        return Vec::new();
    }
    if amounts.distinct(targets.len() + 1) <= targets.len() {
        return place_scarce(amounts, targets);
    }
    let mut cuts: Vec<i64> = targets.iter().map(|target| place_one(amounts, *target, snap)).collect();
    push_up(amounts, &mut cuts);
    push_down(amounts, &mut cuts);
    cuts
}

/// Significant digits of an amount in cents: 12,000.00 has two.
pub fn digits(mut cents: i64) -> u32 {
    while cents != 0 && cents % 10 == 0 {
        cents /= 10;
    }
    cents.checked_ilog10().map_or(1, |log| log + 1)
}

/// The roundest amounts of at most `most` significant digits in `from..=to`, ascending.
pub fn round_amounts(from: i64, to: i64, most: u32) -> Vec<i64> {
    let mut out = Vec::new();
    let mut decade = 1_i64;
    loop {
        let step = decade / 10_i64.checked_pow(most.saturating_sub(1)).unwrap_or(i64::MAX);
        let step = step.max(1);
        let end = to.min(decade.saturating_mul(10).saturating_sub(1));
        let mut amount = multiple_from(from.max(decade), step);
        while amount <= end {
            out.push(amount);
            amount = amount.saturating_add(step);
        }
        match decade.checked_mul(10) {
            Some(next) if next <= to => decade = next,
            _ => return out,
        }
    }
}

fn multiple_from(from: i64, step: i64) -> i64 {
    from.div_euclid(step)
        .saturating_add(i64::from(from % step != 0))
        .saturating_mul(step)
}

/// One cut by itself: a candidate in the window, or the gap whose share lies nearest on a price list.
fn place_one(amounts: &Amounts, target: Target, snap: bool) -> i64 {
    let aim = amounts.quantile(target.at);
    if !snap && aim > amounts.min() {
        return aim;
    }
    let (from, to) = (amounts.quantile(target.from), amounts.quantile(target.to));
    if from == to || !snap {
        return nearest_gap(amounts, target.at).unwrap_or(aim);
    }
    let above_smallest = from.max(amounts.min() + 1);
    let candidates = (2..=19)
        .map(|most| round_amounts(above_smallest, to, most))
        .find(|found| !found.is_empty());
    let best = candidates.unwrap_or_default().into_iter().min_by(|a, b| {
        let steady = amounts.carried(*a).cmp(&amounts.carried(*b));
        steady
            .then(digits(*a).cmp(&digits(*b)))
            .then_with(|| log_distance(*a, *b, aim))
            .then(a.cmp(b))
    });
    best.unwrap_or(aim)
}

/// Which of two amounts lies nearer to `aim` as a ratio, exactly.
fn log_distance(a: i64, b: i64, aim: i64) -> std::cmp::Ordering {
    let ratio = |x: i64| (i128::from(x.max(aim)), i128::from(x.min(aim)));
    let ((a_high, a_low), (b_high, b_low)) = (ratio(a), ratio(b));
    (a_high * b_low).cmp(&(b_high * a_low))
}

fn nearest_gap(amounts: &Amounts, at: Permille) -> Option<i64> {
    amounts
        .gaps()
        .min_by_key(|(low, _, below)| (share_error(amounts, *below, at), *low))
        .map(|(low, high, _)| in_gap(low, high))
}

/// How far the share below a gap is from a target, in units that compare exactly.
fn share_error(amounts: &Amounts, below: usize, at: Permille) -> i128 {
    (below as i128 * 1000 - i128::from(at) * amounts.len() as i128).abs()
}

/// The roundest amount in the middle half of a gap, nearest its middle, then the lower; the upper end of a gap too narrow for that.
pub fn in_gap(low: i64, high: i64) -> i64 {
    let width = high - low;
    round_in(low + (width + 3) / 4, high - (width + 3) / 4, low + width / 2).unwrap_or(high)
}

/// The roundest amount in a closed range, nearest `middle`, then the lower.
pub fn round_in(from: i64, to: i64, middle: i64) -> Option<i64> {
    if from > to {
        return None;
    }
    let found = (1..=19)
        .map(|most| round_amounts(from, to, most))
        .find(|found| !found.is_empty())?;
    found
        .into_iter()
        .min_by_key(|amount| (digits(*amount), (amount - middle).abs(), *amount))
}

/// A cut that leaves nobody between it and the one before takes the next gap up.
fn push_up(amounts: &Amounts, cuts: &mut [i64]) {
    let mut before: Option<i64> = None;
    for cut in cuts {
        if let Some(before) = before
            && (*cut <= before || amounts.below(*cut) == amounts.below(before))
        {
            *cut = gap_above(amounts, before).unwrap_or(*cut);
        }
        before = Some(*cut);
    }
}

/// Where there was no gap left above, the lower cuts make room.
fn push_down(amounts: &Amounts, cuts: &mut [i64]) {
    let mut after: Option<i64> = None;
    for cut in cuts.iter_mut().rev() {
        if let Some(after) = after
            && (*cut >= after || amounts.below(*cut) == amounts.below(after))
        {
            *cut = gap_below(amounts, after).unwrap_or(*cut);
        }
        after = Some(*cut);
    }
}

fn gap_above(amounts: &Amounts, cut: i64) -> Option<i64> {
    amounts
        .gaps()
        .find(|(low, _, _)| *low >= cut)
        .map(|(low, high, _)| in_gap(low, high))
}

fn gap_below(amounts: &Amounts, cut: i64) -> Option<i64> {
    amounts
        .gaps()
        .take_while(|(_, high, _)| *high < cut)
        .last()
        .map(|(low, high, _)| in_gap(low, high))
}

/// Fewer prices than bands: each price gets a band of its own, in order, nearest to the rank that the band stands for.
fn place_scarce(amounts: &Amounts, targets: &[Target]) -> Vec<i64> {
    let mut prices: Vec<(i64, usize)> = amounts.gaps().map(|(low, _, below)| (low, below)).collect();
    prices.push((amounts.max(), amounts.len()));
    let bands = nearest_bands(&prices, targets);
    let price = |i: usize| prices.get(i).map_or(0, |(price, _)| *price);
    let start = |band: usize| match bands.iter().position(|of| *of >= band) {
        None => round_in(
            amounts.max().saturating_add(amounts.max() / 2),
            amounts.max().saturating_mul(2),
            amounts.max(),
        ),
        Some(0) => round_in((amounts.min() / 2).max(1), amounts.min() - amounts.min() / 4, amounts.min()),
        Some(at) => Some(in_gap(price(at - 1), price(at))),
    };
    (1..=targets.len())
        .map(|band| start(band).unwrap_or(amounts.max().saturating_add(1)))
        .collect()
}

/// The rising bands for which the middle ranks of the prices lie nearest to the bands' middles, in all.
fn nearest_bands(prices: &[(i64, usize)], targets: &[Target]) -> Vec<usize> {
    let n = prices.last().map_or(1, |(_, n)| *n) as Permille;
    let ends: Vec<Permille> = [0].into_iter().chain(targets.iter().map(|t| t.at)).chain([1000]).collect();
    // Twice the middles, so that both stay whole.
    let middles: Vec<Permille> = ends
        .iter()
        .zip(ends.iter().skip(1))
        .map(|(from, to)| (from + to) * n)
        .collect();
    let starts = [0].into_iter().chain(prices.iter().map(|(_, up_to)| *up_to));
    let ranks: Vec<Permille> = starts
        .zip(prices)
        .map(|(from, (_, to))| (from + to) as Permille * 1000)
        .collect();
    let mut best: Option<(Permille, Vec<usize>)> = None;
    for mask in 0..1_u32 << middles.len() {
        let bands: Vec<usize> = (0..middles.len()).filter(|band| mask >> band & 1 == 1).collect();
        if bands.len() != ranks.len() {
            continue;
        }
        let middle = |band: &usize| middles.get(*band).copied().unwrap_or(0);
        let error = bands.iter().zip(&ranks).map(|(band, rank)| (middle(band) - rank).abs()).sum();
        if best.as_ref().is_none_or(|(least, _)| error < *least) {
            best = Some((error, bands));
        }
    }
    best.map(|(_, bands)| bands).unwrap_or_default()
}

/// One price for everybody: all stand between the two cuts, clear of both (S5).
pub fn around(price: i64) -> [i64; 2] {
    let low = round_in((price / 2).max(1), price - price / 4, price / 2).unwrap_or(price);
    let high = round_in(
        price.saturating_add(price / 2),
        price.saturating_mul(2),
        price.saturating_mul(2),
    );
    [low.min(price), high.unwrap_or(price).max(price.saturating_add(1))]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUARTILES: [Target; 2] = [
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
    ];
    const THREE: [Target; 3] = [
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

    fn prices(groups: &[(i64, usize)]) -> Amounts {
        Amounts::of(
            &groups
                .iter()
                .flat_map(|(cents, n)| std::iter::repeat_n(*cents, *n))
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn round_amounts_have_at_most_the_digits_asked_for() {
        assert_eq!(round_amounts(95, 130, 2), [95, 96, 97, 98, 99, 100, 110, 120, 130]);
        assert_eq!(
            round_amounts(123_401, 123_499, 5),
            (123_410..=123_490).step_by(10).collect::<Vec<_>>()
        );
        assert_eq!(round_amounts(5, 4, 2), [0_i64; 0]);
        assert_eq!((digits(1_200_000), digits(100), digits(84_420)), (2, 1, 4));
    }

    #[test]
    fn price_lists_are_cut_in_their_gaps() {
        // Three prices: both cuts want the same gap, so the high one takes the next.
        let amounts = prices(&[(1000, 60), (2000, 30), (3000, 10)]);
        let cuts = place(&amounts, &QUARTILES, true);
        assert_eq!(cuts.iter().map(|c| amounts.below(*c)).collect::<Vec<_>>(), [60, 90]);
        // The gap that both want is the last one: the low cut makes room.
        let amounts = prices(&[(1000, 1), (2000, 39), (3000, 60)]);
        let cuts = place(&amounts, &QUARTILES, true);
        assert_eq!(cuts.iter().map(|c| amounts.below(*c)).collect::<Vec<_>>(), [1, 40]);
    }

    #[test]
    fn few_prices_get_a_band_each_nearest_their_middle_rank() {
        let below = |groups: &[(i64, usize)]| {
            let amounts = prices(groups);
            place(&amounts, &THREE, true)
                .iter()
                .map(|c| amounts.below(*c))
                .collect::<Vec<_>>()
        };
        // 60% at P30, 30% at P75, 10% at P95: the second band stays empty.
        assert_eq!(below(&[(1000, 60), (2000, 30), (3000, 10)]), [60, 60, 90]);
        assert_eq!(below(&[(1000, 99), (500_000, 1)]), [0, 99, 99], "a crowd and a whale");
        assert_eq!(below(&[(120_000, 7)]), [0, 7, 7], "one price lies at P50");
        assert_eq!(
            below(&[(1000, 217), (2000, 108), (3000, 63)]),
            [217, 217, 325],
            "no two prices share a band"
        );
        assert_eq!(around(120_000), [60_000, 200_000]);
        assert_eq!(around(1), [1, 2]);
    }

    #[test]
    fn without_snap_the_raw_quantile_is_the_cut() {
        let amounts = Amounts::of(&(1..=101).map(|i| i * 137).collect::<Vec<_>>());
        assert_eq!(
            place(&amounts, &QUARTILES, false),
            [amounts.quantile(250), amounts.quantile(750)]
        );
    }

    proptest! {
        #[test]
        fn cuts_rise_lie_above_the_smallest_and_leave_nobody_out(cents in prop::collection::vec(1_i64..5_000_000, 3..80)) {
            let amounts = Amounts::of(&cents);
            let cuts = place(&amounts, &QUARTILES, true);
            if amounts.distinct(3) == 3 {
                let below: Vec<usize> = cuts.iter().map(|c| amounts.below(*c)).collect();
                prop_assert!(below[0] > 0 && below[0] < below[1] && below[1] < amounts.len(), "{cuts:?} {below:?}");
            }
        }

        #[test]
        fn a_cut_in_its_window_is_the_steadiest_round_amount(cents in prop::collection::vec(1_000_i64..9_000_000, 30..120)) {
            let amounts = Amounts::of(&cents);
            let target = QUARTILES[0];
            let (from, to) = (amounts.quantile(target.from), amounts.quantile(target.to));
            let cut = place_one(&amounts, target, true);
            if from < to {
                prop_assert!((from..=to).contains(&cut));
                let all = (2..=19).map(|d| round_amounts(from.max(amounts.min() + 1), to, d)).find(|c| !c.is_empty()).unwrap();
                prop_assert!(all.iter().all(|c| amounts.carried(*c) >= amounts.carried(cut)));
            }
        }
    }
}
