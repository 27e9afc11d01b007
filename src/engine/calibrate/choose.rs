//! From the front to at most five named options (S11).

use super::front::Offer;

/// Names of the options, in the order in which they are told.
const TITLES: [&str; 5] = ["best fit", "closest to today", "most stable", "most ARR covered", "balanced"];

/// The options: an offer with its names. An offer that is first in several ways is one option with several names.
pub(super) fn options(front: &[Offer]) -> Vec<(String, Offer)> {
    let mut options: Vec<(String, Offer)> = Vec::new();
    for (title, offer) in TITLES.into_iter().zip(picks(front)) {
        let Some(offer) = offer else { continue };
        match options.iter_mut().find(|(_, known)| *known == offer) {
            Some((names, _)) => *names = format!("{names}, {title}"),
            None => options.push((title.to_string(), offer)),
        }
    }
    options
}

fn picks(front: &[Offer]) -> [Option<Offer>; 5] {
    let first = |criteria: fn(&Offer) -> [i128; 4]| {
        let order = |a: &&Offer, b: &&Offer| criteria(a).cmp(&criteria(b)).then_with(|| a.tie(b));
        front.iter().min_by(order).copied()
    };
    [
        first(|o| [misfit(o), moved(o), near(o), uncovered(o)]),
        first(|o| [moved(o), misfit(o), near(o), uncovered(o)]),
        first(|o| [near(o), misfit(o), moved(o), uncovered(o)]),
        first(|o| [uncovered(o), misfit(o), moved(o), near(o)]),
        balanced(front),
    ]
}

/// The offer whose weakest side is strongest: each criterion from 0, the best on the front, to 1, the worst.
fn balanced(front: &[Offer]) -> Option<Offer> {
    let criteria = [misfit, moved, near, uncovered];
    let ranges = criteria.map(|criterion| {
        let values = || front.iter().map(criterion);
        (values().min().unwrap_or(0), values().max().unwrap_or(0))
    });
    let sides = |offer: &Offer| {
        let mut sides: Vec<f64> = criteria
            .iter()
            .zip(ranges)
            .map(|(criterion, (best, worst))| match worst - best {
                0 => 0.0,
                range => (criterion(offer) - best) as f64 / range as f64,
            })
            .collect();
        sides.sort_by(|a, b| b.total_cmp(a));
        sides
    };
    let order = |a: &&Offer, b: &&Offer| {
        let (a_sides, b_sides) = (sides(a), sides(b));
        let weaker = a_sides
            .iter()
            .zip(&b_sides)
            .map(|(a, b)| a.total_cmp(b))
            .find(|order| order.is_ne());
        weaker.unwrap_or(std::cmp::Ordering::Equal).then_with(|| a.tie(b))
    };
    front.iter().min_by(order).copied()
}

fn misfit(offer: &Offer) -> i128 {
    i128::from(offer.misfit)
}

fn moved(offer: &Offer) -> i128 {
    i128::from(offer.moved)
}

fn near(offer: &Offer) -> i128 {
    i128::from(offer.near)
}

fn uncovered(offer: &Offer) -> i128 {
    -i128::from(offer.cents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::calibrate::space::Key;

    fn offer(misfit: u64, moved: i32, near: i32, cents: i64) -> Offer {
        Offer {
            misfit,
            moved,
            near,
            cents,
            digits: 2,
            key: Key::default(),
            needed: 0,
        }
    }

    #[test]
    fn each_name_goes_to_the_offer_that_leads_in_it() {
        let front = [
            offer(0, 50, 20, 10),
            offer(50, 0, 30, 10),
            offer(50, 60, 0, 5),
            offer(100, 90, 40, 90),
            offer(50, 25, 15, 60),
        ];
        let titles: Vec<(String, u64, i32)> = options(&front).into_iter().map(|(t, o)| (t, o.misfit, o.moved)).collect();
        let wanted = [
            ("best fit", 0, 50),
            ("closest to today", 50, 0),
            ("most stable", 50, 60),
            ("most ARR covered", 100, 90),
            ("balanced", 50, 25),
        ];
        assert_eq!(titles, wanted.map(|(t, misfit, moved)| (t.to_string(), misfit, moved)));
        let one = options(&front[..1]);
        assert_eq!(
            one[0].0,
            "best fit, closest to today, most stable, most ARR covered, balanced"
        );
        assert!(options(&[]).is_empty());
    }
}
