//! Where cuts go, against a second implementation that tries every cent (S5, S7, S18).

use keep_segment::engine::axes::{choose, derive, derive_tier_cuts, row};
use keep_segment::engine::stats::Amounts;
use keep_segment::model::policy::Method;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::cases;

/// A target quantile and its window, in thousandths.
type Target = (i64, i64, i64);
const QUARTILE: [Target; 2] = [(250, 200, 300), (750, 700, 800)];
const LOG: [Target; 2] = [(600, 520, 680), (900, 860, 940)];
const ARR: [Target; 3] = [(350, 300, 400), (680, 630, 730), (925, 900, 950)];

/// What the rules say of one cut by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    At(i64),
    /// In the middle half of the gap between these two amounts.
    Gap(i64, i64),
}

impl Place {
    fn holds(self, cut: i64) -> bool {
        match self {
            Place::At(wanted) => cut == wanted,
            Place::Gap(low, high) => is_roundest_in_gap(low, high, cut),
        }
    }
}

/// The roundest number of the middle half; where a gap is too narrow to have one, anything that parts the two amounts.
fn is_roundest_in_gap(low: i64, high: i64, cut: i64) -> bool {
    let inside = |c: i64| 4 * (c - low) >= high - low && 4 * (high - c) >= high - low;
    if !(low + 1..high).any(inside) {
        return low < cut && cut <= high;
    }
    let roundest = (low + 1..high).filter(|c| inside(*c)).map(n_digits).min().unwrap();
    inside(cut) && n_digits(cut) == roundest
}

fn n_digits(cents: i64) -> usize {
    cents.to_string().trim_end_matches('0').len().max(1)
}

/// Linear quantile (type 7), rounded half up to a cent.
fn quantile(sorted: &[i64], at: i64) -> i64 {
    let position = at as i128 * (sorted.len() - 1) as i128;
    let (i, part) = ((position / 1000) as usize, position % 1000);
    let next = sorted[(i + 1).min(sorted.len() - 1)];
    let thousandfold = sorted[i] as i128 * (1000 - part) + next as i128 * part;
    ((thousandfold + 500) / 1000) as i64
}

fn carried(sorted: &[i64], cut: i64) -> usize {
    let crosses = |x: &&i64| {
        let x = **x as i128;
        let c = cut as i128;
        (9 * x < 10 * c && 10 * c <= 10 * x) || (10 * x < 10 * c && 10 * c <= 11 * x)
    };
    sorted.iter().filter(crosses).count()
}

fn gaps(sorted: &[i64]) -> Vec<(i64, i64, usize)> {
    (1..sorted.len())
        .filter(|i| sorted[i - 1] < sorted[*i])
        .map(|i| (sorted[i - 1], sorted[i], i))
        .collect()
}

fn place(sorted: &[i64], (at, from, to): Target) -> Place {
    let (low, high, aim) = (quantile(sorted, from), quantile(sorted, to), quantile(sorted, at));
    if low == high {
        let n = sorted.len() as i64;
        let error = |below: usize| (below as i64 * 1000 - at * n).abs();
        let gap = gaps(sorted)
            .into_iter()
            .min_by_key(|(low, _, below)| (error(*below), *low))
            .unwrap();
        return Place::Gap(gap.0, gap.1);
    }
    let window = low.max(sorted[0] + 1)..=high;
    for most in 2.. {
        // As far from the aim as a ratio: 12 and 48 are both a factor of two away from 24.
        let far = |c: i64| {
            if c > aim {
                c as f64 / aim as f64
            } else {
                aim as f64 / c as f64
            }
        };
        let candidates = window.clone().filter(|c| n_digits(*c) <= most);
        let best = candidates.min_by(|a, b| {
            let steady = carried(sorted, *a)
                .cmp(&carried(sorted, *b))
                .then(n_digits(*a).cmp(&n_digits(*b)));
            steady.then(far(*a).total_cmp(&far(*b))).then(a.cmp(b))
        });
        if let Some(best) = best {
            return Place::At(best);
        }
    }
    unreachable!()
}

/// Accounts in `from..to`.
fn between(sorted: &[i64], from: i64, to: i64) -> usize {
    sorted.iter().filter(|x| (from..to).contains(*x)).count()
}

fn check(sorted: &[i64], targets: &[Target], cuts: &[i64]) -> Result<(), TestCaseError> {
    let places: Vec<Place> = targets.iter().map(|target| place(sorted, *target)).collect();
    let shown = format!("{sorted:?}\ncuts {cuts:?}, expected {places:?}");
    prop_assert!(cuts.windows(2).all(|pair| pair[0] < pair[1]), "cuts rise: {}", shown);
    prop_assert!(cuts[0] > sorted[0], "the low cut lies above the smallest amount: {}", shown);
    // Cuts that would leave nobody between them move apart; all others stand where they would alone.
    let edge = |place: &Place| match place {
        Place::At(cut) => *cut,
        Place::Gap(_, high) => *high,
    };
    let clash = places
        .windows(2)
        .any(|pair| between(sorted, edge(&pair[0]), edge(&pair[1])) == 0);
    for (i, cut) in cuts.iter().enumerate() {
        if !clash {
            prop_assert!(places[i].holds(*cut), "cut {}: {}", i, shown);
        }
    }
    if let ([low, high], [Place::At(alone_low), Place::At(alone_high)]) = (cuts, &places[..])
        && alone_high <= alone_low
        && let Some(next) = gaps(sorted).into_iter().find(|gap| gap.0 >= *alone_low)
    {
        prop_assert_eq!(low, alone_low, "{}", &shown);
        prop_assert!(
            Place::Gap(next.0, next.1).holds(*high),
            "the high cut takes the next gap up: {}",
            shown
        );
    }
    Ok(())
}

/// Books as they come: spread out, price lists, one price with exceptions, and a giant.
fn book() -> impl Strategy<Value = Vec<i64>> {
    let prices = vec(1i64..400, 3..7).prop_flat_map(|prices| vec(proptest::sample::select(prices), 4..60));
    let peaked = vec(prop_oneof![3 => Just(120i64), 1 => 1i64..2_000], 4..60);
    let skewed = vec((1i64..=40, 1i64..=40).prop_map(|(a, b)| a * b), 4..80);
    let shape = prop_oneof![3 => vec(1i64..3_000, 4..80), 2 => prices, 2 => peaked, 3 => skewed];
    (shape, proptest::sample::select(vec![1, 7, 10, 100]))
        .prop_map(|(amounts, scale)| amounts.iter().map(|x| x * scale).collect())
}

fn sorted(amounts: &[i64]) -> Vec<i64> {
    let mut sorted: Vec<i64> = amounts.iter().copied().filter(|x| *x > 0).collect();
    sorted.sort_unstable();
    sorted
}

fn n_distinct(sorted: &[i64]) -> usize {
    gaps(sorted).len() + usize::from(!sorted.is_empty())
}

proptest! {
    #![proptest_config(cases(200))]

    /// Both methods place their two cuts as the second implementation does.
    #[test]
    fn two_cuts_are_where_trying_every_cent_puts_them(book in book()) {
        let sorted = sorted(&book);
        prop_assume!(n_distinct(&sorted) > 2);
        for (method, targets) in [(Method::Quartile, QUARTILE), (Method::Log, LOG)] {
            let cuts = derive(&Amounts::of(&book), method, true).cuts.unwrap();
            check(&sorted, &targets, &[cuts.low.0, cuts.high.0])?;
        }
    }

    /// The three cuts of rule `arr` follow the same placing.
    #[test]
    fn three_cuts_are_where_trying_every_cent_puts_them(book in book()) {
        let sorted = sorted(&book);
        prop_assume!(n_distinct(&sorted) > 3);
        let cuts = derive_tier_cuts(&Amounts::of(&book), true).unwrap();
        check(&sorted, &ARR, &[cuts.tech_touch.0, cuts.mid_touch.0, cuts.high_touch.0])?;
    }

    /// Without snapping a cut is the raw quantile, unless that is the smallest amount.
    #[test]
    fn unsnapped_cuts_are_raw_quantiles(book in book()) {
        let sorted = sorted(&book);
        prop_assume!(n_distinct(&sorted) > 2);
        for (method, targets) in [(Method::Quartile, QUARTILE), (Method::Log, LOG)] {
            let cuts = derive(&Amounts::of(&book), method, false).cuts.unwrap();
            let raw = targets.map(|target| quantile(&sorted, target.0));
            let apart = raw[0] > sorted[0] && raw[0] < raw[1] && between(&sorted, raw[0], raw[1]) > 0;
            if apart {
                prop_assert_eq!([cuts.low.0, cuts.high.0], raw);
            }
            prop_assert!(sorted[0] < cuts.low.0 && cuts.low < cuts.high);
        }
    }

    /// Order statistics equal their textbook formulas.
    #[test]
    fn statistics_equal_naive_formulas(book in book(), at in 0i64..=1000) {
        let (sorted, amounts) = (sorted(&book), Amounts::of(&book));
        prop_assert_eq!(amounts.quantile(at), quantile(&sorted, at));
        let n = sorted.len() as f64;
        let total: i64 = sorted.iter().sum();
        let differences: i64 = sorted.iter().flat_map(|a| sorted.iter().map(move |b| (a - b).abs())).sum();
        let gini = differences as f64 / (2.0 * n * total as f64);
        prop_assert!((amounts.gini().unwrap() - gini).abs() < 1e-9, "{:?} {}", amounts.gini(), gini);
        let k = (sorted.len() as f64 * 0.2).ceil() as usize;
        let top: i64 = sorted.iter().rev().take(k).sum();
        prop_assert!((amounts.top_share(k).unwrap() - top as f64 / total as f64).abs() < 1e-12);
    }

    /// The method follows from the three numbers of S5, compared without rounding.
    #[test]
    fn the_method_follows_from_three_numbers(book in book()) {
        let sorted = sorted(&book);
        let n = sorted.len();
        let k = n.div_ceil(10);
        let total: i64 = sorted.iter().sum();
        let top: i64 = sorted.iter().rev().take(k).sum();
        let giant = sorted[n - 1] * 20 > total;
        let wanted = match (top * 2 > total, giant || n < 20) {
            (true, _) => (Method::Log, false),
            (false, false) => (Method::Quartile, false),
            (false, true) => (Method::Log, true),
        };
        prop_assert_eq!(choose(&Amounts::of(&book)), wanted);
    }
}

/// Few prices: one puts everyone in the mid row, two are low and high, nobody paying is low (S5).
#[test]
fn few_prices_fill_the_rows_that_they_can() {
    let cases: [(&[i64], &str); 8] = [
        (&[], ""),
        (&[0, 0], "low low"),
        (&[500], "mid"),
        (&[1], "mid"),
        (&[500, 500, 500], "mid mid mid"),
        (&[0, 500, 500], "low mid mid"),
        (&[100, 900], "low high"),
        (&[1, 4, 4, 0], "low high high low"),
    ];
    for (book, wanted) in cases {
        for method in [Method::Auto, Method::Log, Method::Quartile] {
            let axis = derive(&Amounts::of(book), method, true);
            let rows: Vec<&str> = book.iter().map(|cents| row(*cents, axis.cuts).code()).collect();
            assert_eq!(rows.join(" "), wanted, "{book:?} {method:?} {axis:?}");
        }
    }
}

/// Zero has no say: free accounts move no cut (S5, "all shares over accounts with positive ARR").
#[test]
fn free_accounts_move_no_cut() {
    let paying: Vec<i64> = (1..80).map(|i| i * i * 130).collect();
    let mut with_free = vec![0; 60];
    with_free.extend(&paying);
    for method in [Method::Auto, Method::Log, Method::Quartile] {
        assert_eq!(
            derive(&Amounts::of(&paying), method, true),
            derive(&Amounts::of(&with_free), method, true)
        );
    }
    assert_eq!(
        derive_tier_cuts(&Amounts::of(&paying), true),
        derive_tier_cuts(&Amounts::of(&with_free), true)
    );
}

/// Amounts near the limit of whole cents neither overflow nor lose their order.
#[test]
fn huge_amounts_are_cut_like_small_ones() {
    let small: Vec<i64> = (1..60).map(|i| i * 37 + 11).collect();
    let huge: Vec<i64> = small.iter().map(|x| x * 1_000_000_000_000).collect();
    for method in [Method::Log, Method::Quartile] {
        let cuts = [&small, &huge].map(|book| derive(&Amounts::of(book), method, true).cuts.unwrap());
        assert!(cuts[1].low < cuts[1].high);
        for (a, b) in small.iter().zip(&huge) {
            let rows = (row(*a, Some(cuts[0])).index() as i64, row(*b, Some(cuts[1])).index() as i64);
            assert!((rows.0 - rows.1).abs() <= 1, "{method:?}: {a} is {rows:?}, {cuts:?}");
        }
    }
}
