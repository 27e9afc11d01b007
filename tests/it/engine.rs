//! The engine over any book: what is partitioned, what is monotone, what agrees with a count by hand.

use std::fmt::Write as _;

use keep_segment::engine::capacity::plan;
use keep_segment::engine::score::Edges;
use keep_segment::engine::tiering::{Segmentation, Thresholds, TierTotal};
use keep_segment::engine::{self, Outcome, resolve};
use keep_segment::io::{self, Folders};
use keep_segment::model::control::Control;
use keep_segment::model::load::{LoadPlan, Loaded};
use keep_segment::model::money::Money;
use keep_segment::model::policy::{Capacity, Cuts, Method, Policy, TierCuts};
use keep_segment::model::tier::{Bin, Row, Rule, Tier};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{AS_OF, HEADER, Place, amount, cases, cents, rows};

/// An account before it is written: cents, and seven small numbers from which cells are made.
type Account = (i64, [u8; 7]);

/// Books of all kinds: spread, price lists, free accounts, giants; cells that are sometimes blank.
fn book() -> impl Strategy<Value = Vec<Account>> {
    let price = prop_oneof![
        4 => 100i64..9_000_000,
        2 => proptest::sample::select(vec![120_000i64, 480_000, 1_200_000]),
        1 => Just(0i64),
        1 => 1i64..300,
    ];
    let giant = proptest::option::weighted(0.1, 1_000_000_000i64..90_000_000_000);
    (vec((price, any::<[u8; 7]>()), 1..90), giant).prop_map(|(mut book, giant)| {
        if let (Some(first), Some(giant)) = (book.first_mut(), giant) {
            first.0 = giant;
        }
        book
    })
}

fn text_of(book: &[(usize, Account)]) -> String {
    let mut text = String::from(
        "Account ID,Account Name,ARR,Logo Tier,Reference,Design Partner,Regulated,Seats Licensed,Seats Used,NPS,Health Score,Products\n",
    );
    for (i, (arr, dice)) in book {
        let yes_no = |die: u8| ["Yes", "No", "No", ""][usize::from(die % 4)];
        let logo = ["A", "B", "C", ""][usize::from(dice[0] % 4)];
        writeln!(
            text,
            "A{i:04},Account {i},{},{logo},{},{},{},{},{},{},{},{}",
            amount(*arr),
            yes_no(dice[1]),
            yes_no(dice[2]),
            yes_no(dice[3]),
            10 + dice[4] % 90,
            dice[5] % 60,
            i16::from(dice[6]) % 100,
            dice[1] % 100,
            1 + dice[2] % 4,
        )
        .unwrap();
    }
    text
}

fn numbered(book: &[Account]) -> Vec<(usize, Account)> {
    book.iter().copied().enumerate().collect()
}

/// Loads the book, defines axes and tiers as the tools do, and runs the engine.
fn computed(text: &str, rule: Rule) -> (Loaded, Policy, std::sync::Arc<Outcome>) {
    let place = Place::with_book(text);
    let folders = Folders {
        workspace: place.root().canonicalize().unwrap(),
        allowed: Vec::new(),
    };
    let plan = LoadPlan::at(AS_OF.parse().unwrap());
    let loaded = io::load(&folders, "book.csv", &plan, &Control::default()).unwrap();
    let mut policy = Policy::default();
    policy.tiers.rule = rule;
    resolve::axis(&mut policy, &loaded.book, Method::Auto, true);
    resolve::tiers(&mut policy, &loaded.book);
    let outcome = engine::run(&loaded, &policy);
    (loaded, policy, outcome)
}

/// The grid of M12, written out once more.
fn grid(row: usize, bin: usize) -> usize {
    [[3, 2, 1], [2, 1, 0], [1, 1, 0]][row][bin]
}

/// The tier by the rules alone, with ARR in tenths so that ±10% stays whole.
fn tier_by_hand(policy: &Policy, rule: Rule, arr_tenths: i128, value: u16) -> usize {
    let reaches = |cut: Money| arr_tenths >= i128::from(cut.0) * 10;
    if rule == Rule::Arr {
        return policy.tiers.arr_cuts.map_or(3, |cuts| {
            3 - [cuts.tech_touch, cuts.mid_touch, cuts.high_touch]
                .into_iter()
                .filter(|c| reaches(*c))
                .count()
        });
    }
    let row = policy
        .axis
        .cuts
        .map_or(0, |cuts| [cuts.low, cuts.high].into_iter().filter(|c| reaches(*c)).count());
    let bins = policy.strategic.bins.unwrap();
    let value = f64::from(value) / 10_000.0;
    let bin = usize::from(value >= bins.low_below) + usize::from(value > bins.high_above);
    grid(row, bin)
}

proptest! {
    #![proptest_config(cases(48))]

    /// Every account and every cent is in one tier, one row and one band; what was read is kept or set aside.
    #[test]
    fn accounts_and_cents_are_partitioned(book in book(), arr in any::<bool>()) {
        let total: i128 = book.iter().map(|(arr, _)| i128::from(*arr)).sum();
        let (loaded, _, outcome) = computed(&text_of(&numbered(&book)), if arr { Rule::Arr } else { Rule::Auto });
        prop_assert_eq!(loaded.rows_read, loaded.book.len() + loaded.merged + loaded.set_aside.len());
        prop_assert_eq!(loaded.rows_read, book.len());
        prop_assert_eq!(loaded.book.total_cents(), total);
        let tiers = &outcome.segmentation.totals;
        prop_assert_eq!(tiers.iter().map(|t| t.accounts).sum::<usize>(), book.len());
        prop_assert_eq!(tiers.iter().map(|t| t.arr_cents).sum::<i128>(), total);
        let axis = &outcome.axis;
        prop_assert_eq!(axis.rows.iter().map(|t| t.accounts).sum::<usize>(), book.len());
        prop_assert_eq!(axis.rows.iter().map(|t| t.arr_cents).sum::<i128>(), total);
        prop_assert_eq!(axis.bands.iter().map(|b| b.accounts).sum::<usize>(), book.len());
        prop_assert_eq!(axis.bands.iter().map(|b| i128::from(b.arr.0)).sum::<i128>(), total);
        for pair in axis.bands.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from, "bands touch");
        }
    }

    /// Tiers, near flags and their count equal what the rules give account by account.
    #[test]
    fn tiers_and_near_flags_equal_a_count_by_hand(book in book(), arr in any::<bool>()) {
        let rule = if arr { Rule::Arr } else { Rule::Grid };
        let (loaded, policy, outcome) = computed(&text_of(&numbered(&book)), rule);
        let mut near = 0;
        for i in 0..loaded.book.len() {
            let (arr, value) = (i128::from(loaded.book.arr(i).0), outcome.strategic.value[i]);
            let [now, down, up] = [10, 9, 11].map(|tenths| tier_by_hand(&policy, rule, arr * tenths, value));
            prop_assert_eq!(outcome.segmentation.tier(i).index(), now, "account {} of {:?}", i, policy.axis);
            prop_assert_eq!(outcome.segmentation.is_near(i), down != now || up != now, "account {}", i);
            near += usize::from(down != now || up != now);
        }
        prop_assert_eq!(outcome.stability.near.len(), near);
        prop_assert_eq!(outcome.stability.sample.len(), loaded.book.len().min(3));
    }

    /// Automatic bins start at .30/.60 and move one way in steps of .05 until High-Touch holds 5 to 15% of accounts.
    #[test]
    fn automatic_bins_follow_the_rule(book in book()) {
        let (loaded, policy, outcome) = computed(&text_of(&numbered(&book)), Rule::Grid);
        let n = loaded.book.len();
        let high_touch = |high: u16| {
            let edge = |i: &usize| {
                let arr = loaded.book.arr(*i);
                let in_row = policy.axis.cuts.is_some_and(|cuts| arr >= cuts.low);
                in_row && outcome.strategic.value[*i] > high
            };
            (0..n).filter(edge).count()
        };
        let few = |high| (high_touch(high) as f64) < 0.05 * n as f64;
        let many = |high| 100 * high_touch(high) > 15 * n;
        let mut high = 6_000;
        if few(high) {
            while few(high) && high > 4_000 { high -= 500; }
        } else {
            while many(high) && high < 8_000 { high += 500; }
        }
        let bins = policy.strategic.bins.unwrap();
        prop_assert_eq!((bins.low_below, bins.high_above), (0.3, f64::from(high) / 10_000.0));
        let steps = policy.decisions.iter().filter(|d| d.step == "assign_tiers").count();
        prop_assert_eq!(steps, usize::from((6_000 - i32::from(high)).unsigned_abs() as u16 / 500), "each step is a decision");
    }

    /// More ARR at the same strategic value, or more strategic value at the same ARR, never means a lower tier.
    #[test]
    fn tiers_are_monotone(low in 1i64..1_000_000, gap in 1i64..1_000_000, edge in 0u16..9_000, width in 1u16..1_000,
                          arr in 0i64..2_500_000, more in 0i64..2_500_000, value in 0u16..=10_000, higher in 0u16..=10_000) {
        let grid = Thresholds::Grid {
            cuts: Some(Cuts { low: Money(low), high: Money(low + gap) }),
            edges: Edges { low: edge, high: edge + width },
        };
        let arr_rule = Thresholds::Arr(Some(TierCuts { tech_touch: Money(low), mid_touch: Money(low + gap), high_touch: Money(low + 2 * gap), method: keep_segment::model::policy::BinMethod::Given }));
        for thresholds in [grid, arr_rule] {
            let tier = thresholds.tier(arr, value);
            prop_assert!(thresholds.tier(arr.max(more), value) <= tier, "tiers are ordered highest first");
            prop_assert!(thresholds.tier(arr, value.max(higher)) <= tier);
            let [down, up] = thresholds.nudged(arr, value);
            prop_assert!(up <= tier && tier <= down);
        }
    }

    /// CSMs needed are the exact sum of accounts over book size, rounded up once; low, typical and high rise.
    #[test]
    fn demand_is_rounded_up_once(counts in [0usize..400, 0..900, 0..6_000, 0..9_000], csms in proptest::option::of(0u32..200)) {
        let totals = counts.map(|accounts| TierTotal { accounts, arr_cents: 0 });
        let segmentation = Segmentation {
            rule: Rule::Grid, thresholds: Thresholds::Arr(None), rows: vec![], bins: vec![], starts: vec![], tiers: vec![],
            near: vec![], held: vec![], moved: vec![], today: vec![], unread_tiers: 0, totals,
        };
        let capacity = Capacity { csms: csms.map(f64::from), ..Capacity::default() };
        let found = plan(&Policy { capacity, ..Policy::default() }, &segmentation);
        // Book sizes 8-15, 40-80, 200-500, 1000+ (M20), over a common denominator.
        let [a, b, c, d] = counts.map(|n| n as u64);
        let low = (a * 800 + b * 150 + c * 24).div_ceil(12_000);
        let typical = (a * 350 + b * 70 + c * 12).div_ceil(4_200);
        let high = (a * 125 + b * 25 + c * 5 + d).div_ceil(1_000);
        prop_assert_eq!((found.needed_low, found.needed_typical, found.needed_high), (low, typical, high));
        prop_assert!(low <= typical && typical <= high);
        if let Some(csms) = csms.map(u64::from) {
            prop_assert_eq!(found.gap(), Some(typical as f64 - csms as f64));
            let status = if csms < low { "shortage" } else if csms > high { "slack" } else { "fits" };
            prop_assert_eq!(found.status.unwrap().code(), status);
        }
    }
}

proptest! {
    #![proptest_config(cases(12))]

    /// A book with its rows in another order gives the same model file, and the same segments apart from row order.
    #[test]
    fn row_order_does_not_matter(book in book(), shuffled in any::<u64>()) {
        let ordered = numbered(&book);
        let mut other = ordered.clone();
        other.sort_by_key(|(i, _)| (*i as u64 + 1).wrapping_mul(shuffled | 1).rotate_left(17));
        let answers = [&ordered, &other].map(|book| {
            let place = Place::with_book(&text_of(book));
            let ran = place.run(&["--csms", "3"]);
            assert!(ran.code < 2, "{}", ran.err);
            let segments = place.read("out/segments.csv");
            let mut lines: Vec<String> = segments.lines().map(str::to_string).collect();
            assert_eq!(lines[0], HEADER);
            let ids: Vec<String> = book.iter().map(|(i, _)| format!("A{i:04}")).collect();
            assert_eq!(rows(&segments).iter().map(|row| row["account_id"].clone()).collect::<Vec<_>>(), ids, "input order");
            lines.sort();
            (ran.code, ran.out, place.read("out/segmentation.toml"), lines)
        });
        prop_assert_eq!(&answers[0], &answers[1]);
        let body = answers[0].3.iter().filter(|line| *line != HEADER);
        let total: i64 = body.map(|line| cents(line.split(',').nth(2).unwrap())).sum();
        prop_assert_eq!(total, book.iter().map(|(arr, _)| arr).sum::<i64>());
    }
}

/// The nine cells of the grid, each reached through the engine's own thresholds (M12, golden G13).
#[test]
fn the_nine_cells_through_thresholds() {
    let thresholds = Thresholds::Grid {
        cuts: Some(Cuts {
            low: Money(10_000),
            high: Money(50_000),
        }),
        edges: Edges { low: 3_000, high: 6_000 },
    };
    for (row, arr) in [(0, 9_999), (1, 10_000), (1, 49_999), (2, 50_000)] {
        for (bin, value) in [(0, 2_999), (1, 3_000), (1, 6_000), (2, 6_001)] {
            assert_eq!(thresholds.tier(arr, value).index(), grid(row, bin), "{arr} {value}");
        }
    }
    let codes = [
        Row::Low.code(),
        Row::Mid.code(),
        Row::High.code(),
        Bin::Low.code(),
        Bin::Medium.code(),
        Bin::High.code(),
    ];
    assert_eq!(codes, ["low", "mid", "high", "low", "medium", "high"]);
    assert_eq!(Tier::ALL.map(Tier::code), crate::support::TIERS);
}

/// What a book keeps of earlier models does not show: each model gives what it gives on a book that nobody has looked at.
#[test]
fn what_was_worked_out_before_does_not_show() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/accounts.csv")).unwrap();
    let (loaded, policy, first) = computed(&text, Rule::Grid);
    let weights = |step: f64| {
        let mut policy = policy.clone();
        let [one, other, ..] = policy.strategic.factors.as_mut_slice() else {
            panic!()
        };
        (one.weight, other.weight) = (one.weight + step, other.weight - step);
        policy
    };
    let changed = |change: &dyn Fn(&mut Policy)| {
        let mut policy = policy.clone();
        change(&mut policy);
        policy
    };
    let signal = serde_json::from_value(serde_json::json!({"kind": "flag", "column": "role:regulated"})).unwrap();
    let judgement = serde_json::from_value(serde_json::json!({"scores": {"strategic_logo": 0.9}, "why": "test"})).unwrap();
    let id = loaded.book.id(3).to_string();
    let models = [
        weights(0.05),
        weights(0.1),
        changed(&|policy| policy.tiers.rule = Rule::Score),
        changed(&|policy| policy.tiers.rule = Rule::Arr),
        changed(&|policy| {
            drop(
                policy
                    .strategic
                    .signals
                    .insert("strategic_logo".into(), Clone::clone(&signal)),
            )
        }),
        changed(&|policy| drop(policy.strategic.judgements.insert(id.clone(), Clone::clone(&judgement)))),
        changed(&|policy| policy.tiers.hysteresis = 0.2),
        changed(&|policy| policy.health = Some(keep_segment::model::policy::Health::default())),
        weights(0.05),
        policy.clone(),
    ];
    let all = |loaded: &Loaded, policy: &Policy| {
        let mut policy = policy.clone();
        resolve::tiers(&mut policy, &loaded.book);
        let outcome = engine::run(loaded, &policy);
        let care = engine::care(loaded, &policy, &outcome);
        format!("{policy:?} {outcome:?} {care:?}")
    };
    let seen: Vec<String> = models.iter().map(|policy| all(&loaded, policy)).collect();
    for (policy, seen) in models.iter().zip(&seen) {
        // A copy of a book begins without what the book knows.
        assert!(all(&loaded.clone(), policy) == *seen);
    }
    let different: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), models.len() - 1, "two models are the same");
    assert!(format!("{:?}", engine::run(&loaded, &policy).segmentation) == format!("{:?}", first.segmentation));
}
