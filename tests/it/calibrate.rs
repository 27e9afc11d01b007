//! Calibration against brute force written anew: every combination placed account by account, the front by comparing all pairs.

use std::collections::{BTreeMap, BTreeSet};

use keep_segment::engine::calibrate::{self, Calibration, Offer, Question, Searched};
use keep_segment::engine::tiering::Thresholds;
use keep_segment::engine::{self, resolve};
use keep_segment::io;
use keep_segment::model::control::Control;
use keep_segment::model::load::{LoadPlan, Loaded};
use keep_segment::model::policy::{Method, Policy, Rails};
use keep_segment::model::signal::{Line, Signal};
use keep_segment::model::tier::{Rule, Tier};
use proptest::prelude::*;

use crate::support::cases;

/// An account in the words of the test: cents, strategic value in ten-thousandths, tier in the book, tier in the model.
#[derive(Debug, Clone, Copy)]
struct Account {
    cents: i128,
    value: i128,
    today: Option<usize>,
    now: usize,
}

/// Cuts ascending and, under the grid, edges.
type Place = (Vec<i128>, Option<(i128, i128)>);

/// Tiers count from 0, High-Touch.
fn tier(reached: usize, value: i128, edges: Option<(i128, i128)>) -> usize {
    const GRID: [[usize; 3]; 3] = [[3, 2, 1], [2, 1, 0], [1, 1, 0]];
    match edges {
        None => 3 - reached,
        Some((low, high)) => {
            GRID[reached][if value < low {
                0
            } else if value > high {
                2
            } else {
                1
            }]
        }
    }
}

fn plain(account: &Account, place: &Place, tenths: i128) -> usize {
    let reached = place.0.iter().filter(|cut| account.cents * tenths >= **cut * 10).count();
    tier(reached, account.value, place.1)
}

fn served(account: &Account, place: &Place, hysteresis: i128) -> usize {
    let by_cuts = plain(account, place, 10);
    let Some(today) = account.today else { return by_cuts };
    // To be demoted, an account must lie below a cut by more than the share; to be promoted, above it by more.
    let kind = place
        .0
        .iter()
        .filter(|cut| account.cents * 100 >= **cut * (100 - hysteresis))
        .count();
    let strict = place
        .0
        .iter()
        .filter(|cut| account.cents * 100 > **cut * (100 + hysteresis))
        .count();
    let (best, worst) = (tier(kind, account.value, place.1), tier(strict, account.value, place.1));
    match today.cmp(&by_cuts) {
        std::cmp::Ordering::Less if best <= today => today,
        std::cmp::Ordering::Greater if worst >= today => today,
        _ => by_cuts,
    }
}

/// Criteria of a combination, or none where it breaks a constraint.
struct Judged {
    misfit: i128,
    moved: i32,
    near: i32,
    high_cents: i128,
    needed: i128,
}

fn judge(accounts: &[Account], place: &Place, is_today: bool, case: &Case, least: usize) -> Option<Judged> {
    let n = accounts.len();
    let mut tiers = [0; 4];
    let mut judged = Judged {
        misfit: 0,
        moved: 0,
        near: 0,
        high_cents: 0,
        needed: 0,
    };
    for account in accounts {
        let at = served(account, place, 10);
        tiers[at] += 1;
        judged.moved += i32::from(at != account.now);
        let own = plain(account, place, 10);
        judged.near += i32::from(plain(account, place, 9) != own || plain(account, place, 11) != own);
        judged.high_cents += if at == 0 { account.cents } else { 0 };
    }
    let filled = (0..4).all(|t| tiers[t] > 0 || case.empty.contains(&t));
    let rails = tiers[0] >= least && (is_today || tiers[0] * 5 <= n) && tiers[1] * 10 <= n * 6;
    if !filled || !rails {
        return None;
    }
    // Books of 12, 60 and 350 accounts; 4,200 is divided by all.
    let [high, mid, tech, _] = tiers.map(|t| t as i128);
    match &case.by_tier {
        None => {
            judged.needed = (high * 350 + mid * 70 + tech * 12 + 4_199) / 4_200;
            judged.misfit = (judged.needed * 100 - case.csms).abs();
        }
        Some(csms) => {
            let needed = [(high + 11) / 12, (mid + 59) / 60, (tech + 349) / 350, 0];
            judged.needed = needed.iter().sum();
            judged.misfit = needed.iter().zip(csms).map(|(n, c)| (n * 100 - c).abs()).sum();
        }
    }
    Some(judged)
}

#[derive(Debug, Clone)]
struct Case {
    rows: Vec<(i64, u32, u32, Option<usize>)>,
    /// Hundredths.
    csms: i128,
    by_tier: Option<[i128; 4]>,
    rule: Rule,
    empty: BTreeSet<usize>,
    wide: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let cents = prop_oneof![100_000_i64..3_000_000, Just(1_200_000), Just(0), 1_000_i64..90_000_000];
    let row = (cents, 0_u32..=100, 0_u32..=100, prop::option::weighted(0.4, 0_usize..4));
    let by_tier = prop::option::weighted(0.3, prop::array::uniform4(0_i128..4).prop_map(|csms| csms.map(|c| c * 100)));
    let rule = prop_oneof![3 => Just(Rule::Grid), 1 => Just(Rule::Arr)];
    let empty = prop::collection::btree_set(0_usize..4, 0..2);
    let csms = prop_oneof![(0_i128..8).prop_map(|n| n * 100), Just(250), Just(50)];
    (prop::collection::vec(row, 1..60), csms, by_tier, rule, empty, any::<bool>()).prop_map(
        |(rows, csms, by_tier, rule, empty, wide)| Case {
            rows,
            csms,
            by_tier,
            rule,
            empty,
            wide,
        },
    )
}

/// The book and the model of a case: two factors read from columns, today's tier in a third.
fn prepared(case: &Case) -> (Loaded, Policy) {
    let mut text = String::from("Account ID,ARR,X,Y,Current Tier\n");
    for (at, (cents, x, y, today)) in case.rows.iter().enumerate() {
        let today = today.map_or("", |t| Tier::ALL[t].code());
        let (units, rest) = (cents / 100, cents % 100);
        text += &format!("A{at:03},{units}.{rest:02},{x},{y},{today}\n");
    }
    let table = io::table(text.as_bytes(), "book.csv", None, &Control::default()).unwrap();
    let mut plan = LoadPlan::at("2026-06-30".parse().unwrap());
    // Ids on purpose in an order that is not that of the file.
    plan.columns
        .insert(keep_segment::model::role::Role::CurrentTier, "Current Tier".into());
    let loaded = io::book::build(table, &[], &plan, &Control::default()).unwrap();
    let mut policy = Policy::default();
    policy.tiers.rule = case.rule;
    for (factor, column) in [("strategic_logo", "X"), ("reference_value", "Y")] {
        let signal = Signal::Scale {
            column: column.into(),
            line: Line {
                from: 0.0,
                to: 100.0,
                max: 1.0,
            },
            blank: None,
        };
        policy.strategic.signals.insert(factor.into(), signal);
    }
    resolve::axis(&mut policy, &loaded.book, Method::Auto, true);
    resolve::tiers(&mut policy, &loaded.book);
    policy.capacity.csms = case.by_tier.is_none().then_some(case.csms as f64 / 100.0);
    for (tier, csms) in Tier::ALL.into_iter().zip(case.by_tier.into_iter().flatten()) {
        policy.capacity.csms_by_tier.insert(tier, csms as f64 / 100.0);
    }
    policy.rails = Rails {
        low_edge: [0.30, 0.33],
        high_edge: [0.50, 0.53],
        ..Rails::default()
    };
    if case.wide {
        policy.rails.low_cut = Some([0.1, 0.8]);
        policy.rails.high_cut = Some([0.3, 1.0]);
    }
    policy.tiers.documented_empty = case.empty.iter().map(|t| (Tier::ALL[*t], "why".to_string())).collect();
    (loaded, policy)
}

fn calibrated(loaded: &Loaded, policy: &Policy) -> (Calibration, std::sync::Arc<engine::Outcome>) {
    let outcome = engine::run(loaded, policy);
    let question = Question::new(&loaded.book, policy, &outcome);
    (calibrate::search(&question, &Control::default()).unwrap(), outcome)
}

/// The lists that the answer's own words give: candidates within the rails, or today's.
fn combinations(searched: &Searched, today: &Place) -> Vec<Place> {
    let space = &searched.space;
    let within = |(from, to): (i64, i64), own: i128| -> Vec<i128> {
        let cuts = space.cuts.iter().copied().map(i128::from);
        cuts.filter(|cut| *cut == own || (i128::from(from)..=i128::from(to)).contains(cut))
            .collect()
    };
    let lows = within(space.bounds.low_cut, today.0[0]);
    let highs = within(space.bounds.high_cut, *today.0.last().unwrap());
    let mut places = Vec::new();
    for low in &lows {
        for high in highs.iter().filter(|high| *high > low) {
            let Some(own) = today.1 else {
                let mids = space.cuts.iter().copied().map(i128::from);
                let rising = mids.filter(|mid| low < mid && mid < high || [*low, *mid, *high] == today.0[..]);
                places.extend(rising.map(|mid| (vec![*low, mid, *high], None)));
                continue;
            };
            let edges = |(from, to): (u16, u16), own: i128| -> BTreeSet<i128> {
                (0..=100)
                    .map(|e| e * 100)
                    .filter(|e| (i128::from(from)..=i128::from(to)).contains(e))
                    .chain([own])
                    .collect()
            };
            for first in edges(space.bounds.low_edge, own.0) {
                for second in edges(space.bounds.high_edge, own.1) {
                    if (first, second) == own || second - first >= 1_500 {
                        places.push((vec![*low, *high], Some((first, second))));
                    }
                }
            }
        }
    }
    places
}

fn place_of(thresholds: Thresholds) -> Place {
    let cuts = thresholds
        .arr_cuts()
        .into_iter()
        .map(|(_, cents)| i128::from(cents))
        .collect();
    match thresholds {
        Thresholds::Grid { edges, .. } => (cuts, Some((i128::from(edges.low), i128::from(edges.high)))),
        Thresholds::Arr(_) | Thresholds::Score => (cuts, None),
    }
}

fn digits(place: &Place, own: &Place) -> usize {
    if place == own {
        return 0;
    }
    let significant = |cut: &i128| cut.to_string().trim_end_matches('0').len().max(1);
    place.0.iter().map(significant).sum()
}

type Vector = (i128, i32, i32, i128);

/// Front by comparing all pairs, with the combination that a tie goes to.
fn brute_front(judged: &[(Place, Judged)], own: &Place, most: i128) -> BTreeMap<Vector, Place> {
    let best = judged.iter().map(|(_, j)| j.misfit).min().unwrap();
    let mut vectors: BTreeMap<Vector, Place> = BTreeMap::new();
    for (place, j) in judged.iter().filter(|(_, j)| j.misfit <= (best + 100).min(most)) {
        let vector = (j.misfit, j.moved, j.near, -j.high_cents);
        // Rounder cuts, then the lowest cut, the highest, the first edge or the cut between, the second edge.
        let order = |p: &Place| {
            let (first, second) = p.1.unwrap_or((p.0[1], 0));
            (digits(p, own), p.0[0], *p.0.last().unwrap(), first, second)
        };
        let known = vectors.entry(vector).or_insert_with(|| place.clone());
        if order(place) < order(known) {
            *known = place.clone();
        }
    }
    let all: Vec<Vector> = vectors.keys().copied().collect();
    let beats = |a: &Vector, b: &Vector| a != b && a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2 && a.3 <= b.3;
    vectors.retain(|vector, _| !all.iter().any(|other| beats(other, vector)));
    vectors
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let (loaded, policy) = prepared(case);
    let (found, outcome) = calibrated(&loaded, &policy);
    let Some(searched) = &found.searched else {
        prop_assert!(outcome.amounts.is_empty(), "{found:?}");
        return Ok(());
    };
    let today = policy_tiers(&loaded);
    let accounts: Vec<Account> = (0..loaded.book.len())
        .map(|i| Account {
            cents: i128::from(loaded.book.arr(i).0),
            value: i128::from(outcome.strategic.value[i]),
            today: today[i],
            now: outcome.segmentation.tier(i).index(),
        })
        .collect();
    let own = place_of(outcome.segmentation.thresholds);
    let places = combinations(searched, &own);
    let least = usize::try_from(searched.high_touch_least).unwrap();
    let feasible = |least: usize| -> Vec<(Place, Judged)> {
        let judged = |place: &Place| Some((place.clone(), judge(&accounts, place, *place == own, case, least)?));
        places.iter().filter_map(judged).collect()
    };
    if let Some(infeasible) = &found.infeasible {
        prop_assert!(
            feasible(0).is_empty() || !case.empty.contains(&0) && feasible(1).is_empty(),
            "{infeasible:?}"
        );
        prop_assert!(found.options.is_empty());
        return Ok(());
    }
    prop_assert_eq!(searched.combinations, places.len() as u64);
    let judged = feasible(least);
    let more = least < 3 && (least + 1) * 5 <= accounts.len() && !feasible(least + 1).is_empty();
    prop_assert!(!more, "{} of High-Touch, and more are possible", least);
    let today_keeps = judge(&accounts, &own, true, case, least);
    let front = brute_front(&judged, &own, today_keeps.as_ref().map_or(i128::MAX, |j| j.misfit));
    let offered: BTreeMap<Vector, Place> = searched
        .front
        .iter()
        .map(|o: &Offer| {
            let vector = (i128::from(o.misfit), o.moved, o.near, -i128::from(o.cents));
            (vector, place_of(searched.space.thresholds(o.key)))
        })
        .collect();
    prop_assert_eq!(&offered, &front);
    options_lead(&found, &front)?;
    for option in &found.options {
        let place = place_of(option.thresholds);
        let (_, j) = judged.iter().find(|(known, _)| *known == place).unwrap();
        prop_assert_eq!(
            (option.moved as i32, option.near as i32, i128::from(option.needed)),
            (j.moved, j.near, j.needed)
        );
        let larger = today_keeps.as_ref().is_some_and(|today| j.misfit > today.misfit);
        prop_assert!(!larger, "{}: its gap is larger than today's", option.title);
    }
    curve_is_nearest(case, &found, &judged)
}

fn options_lead(found: &Calibration, front: &BTreeMap<Vector, Place>) -> Result<(), TestCaseError> {
    let first = |order: fn(&Vector) -> [i128; 4]| front.iter().min_by_key(|(v, _)| order(v)).map(|(_, place)| place.clone());
    let leaders = [
        ("best fit", first(|v| [v.0, v.1.into(), v.2.into(), v.3])),
        ("closest to today", first(|v| [v.1.into(), v.0, v.2.into(), v.3])),
        ("most stable", first(|v| [v.2.into(), v.0, v.1.into(), v.3])),
        ("most ARR covered", first(|v| [v.3, v.0, v.1.into(), v.2.into()])),
    ];
    for (title, leader) in leaders {
        let option = found.options.iter().find(|option| option.title.contains(title)).unwrap();
        prop_assert_eq!(Some(place_of(option.thresholds)), leader, "{}", title);
    }
    prop_assert!(found.options.iter().any(|option| option.title.contains("balanced")));
    prop_assert!(found.options.len() <= 5);
    Ok(())
}

fn curve_is_nearest(case: &Case, found: &Calibration, judged: &[(Place, Judged)]) -> Result<(), TestCaseError> {
    if case.by_tier.is_some() {
        prop_assert!(found.curve.is_empty() && found.one_more.is_none());
        return Ok(());
    }
    let available = case.csms;
    prop_assert!(found.curve.iter().any(|point| i128::from(point.csms) == available / 100));
    for point in &found.curve {
        let nearest = judged
            .iter()
            .map(|(_, j)| (j.needed - i128::from(point.csms)).abs())
            .min()
            .unwrap();
        prop_assert_eq!(i128::from(point.best_gap), nearest);
    }
    Ok(())
}

/// Today's tier of each account, in the book's order.
fn policy_tiers(loaded: &Loaded) -> Vec<Option<usize>> {
    let column = loaded
        .book
        .roles
        .get(&keep_segment::model::role::Role::CurrentTier)
        .map(|found| found.column);
    (0..loaded.book.len())
        .map(|i| {
            let code = column.map_or("", |column| loaded.book.cell(i, column));
            Tier::ALL.iter().position(|tier| tier.code() == code)
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn the_search_finds_what_brute_force_finds(case in case()) {
        check(&case)?;
    }

    #[test]
    fn the_order_of_rows_does_not_show(mut case in case(), seed in any::<u64>()) {
        let names = |case: &Case| {
            let (loaded, policy) = prepared(case);
            let (found, _) = calibrated(&loaded, &policy);
            (found.options, found.curve, found.one_more, found.infeasible, found.searched.map(|s| s.front))
        };
        let before = names(&case);
        let by = (seed % case.rows.len() as u64) as usize;
        case.rows.rotate_left(by);
        prop_assert_eq!(before, names(&case));
    }
}

/// Books that leave nothing to choose: an answer, not a fault.
#[test]
fn it_ends_on_any_book() {
    let of = |rows: &[(i64, u32, u32, Option<usize>)], csms: i128| Case {
        rows: rows.to_vec(),
        csms,
        by_tier: None,
        rule: Rule::Grid,
        empty: BTreeSet::new(),
        wide: false,
    };
    for case in [
        of(&[(1_200_000, 50, 50, None)], 100),
        of(&[(0, 50, 50, None), (0, 10, 90, None)], 100),
        of(&vec![(1_200_000, 50, 50, None); 30], 300),
        of(&vec![(1_200_000, 99, 99, None); 30], 0),
        of(
            &[(1, 0, 0, Some(0)), (i64::from(u32::MAX) * 1_000, 100, 100, Some(3))],
            10_000_000,
        ),
    ] {
        check(&case).unwrap();
        let arr = Case { rule: Rule::Arr, ..case };
        check(&arr).unwrap();
    }
}
