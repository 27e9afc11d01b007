//! Rows with the same key, found by hashes that are sorted in parts.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::parallel;

/// Tells of rows with the same key, which is not blank: two and more at a time, in file order. Those with one hash are told
/// to one of the results.
pub(crate) fn alike<'k, R: Default + Send>(
    n: usize,
    key: impl Fn(usize) -> (bool, &'k str) + Sync,
    tell: impl Fn(&mut R, &[usize]) + Sync,
) -> Vec<R> {
    // Keyed anew each time, so that nobody can know which names collide; no order comes from it.
    alike_by(&RandomState::default(), n, key, tell)
}

fn alike_by<'k, R: Default + Send>(
    hasher: &(impl BuildHasher + Sync),
    n: usize,
    key: impl Fn(usize) -> (bool, &'k str) + Sync,
    tell: impl Fn(&mut R, &[usize]) + Sync,
) -> Vec<R> {
    // The place of a row stands in the low bits, so that one sort puts equal keys side by side, in file order.
    let place_bits = usize::BITS - n.leading_zeros();
    let places = (1_u64 << place_bits) - 1;
    let hashes: Vec<u64> = parallel::collect(n, |at| (hasher.hash_one(key(at)) & !places) | at as u64);
    let told = |bucket: usize| {
        let mut hashes = not_alone(&hashes, |hash| hash >> place_bits, bucket);
        hashes.sort_unstable();
        let (mut result, mut group) = (R::default(), Vec::new());
        for run in hashes.chunk_by(|a, b| a & !places == b & !places).filter(|run| run.len() > 1) {
            group.clear();
            group.extend(run.iter().map(|hash| (hash & places) as usize));
            let Some(head) = group.first().map(|head| key(*head)) else {
                continue;
            };
            if group.iter().all(|at| key(*at) == head) {
                if !head.1.is_empty() {
                    tell(&mut result, &group);
                }
                continue;
            }
            // Different keys of one hash: hardly ever.
            let mut by_key: Vec<((bool, &str), Vec<usize>)> = Vec::new();
            for at in &group {
                let own = key(*at);
                match by_key.iter_mut().find(|(known, _)| *known == own) {
                    Some((_, group)) => group.push(*at),
                    None => by_key.push((own, vec![*at])),
                }
            }
            let several = |(key, group): &&((bool, &str), Vec<usize>)| !key.1.is_empty() && group.len() > 1;
            by_key.iter().filter(several).for_each(|(_, group)| tell(&mut result, group));
        }
        result
    };
    parallel::over(n, (0..BUCKETS).collect(), told)
}

/// Whether each text comes after the one before it: then no two are alike.
pub(crate) fn rises<'t>(n: usize, text: impl Fn(usize) -> &'t str + Sync) -> bool {
    let parts = parallel::in_parts(n, parallel::LEAST, |range| {
        let mut pairs = range.filter_map(|at| Some((at.checked_sub(1)?, at)));
        pairs.all(|(before, at)| text(before) < text(at))
    });
    parts.into_iter().all(|rises| rises)
}

/// Hashes are looked at in so many buckets, side by side.
const BUCKETS: usize = 8;

/// The hashes of a bucket that may have an equal one: a bit for each remembers what has come before.
fn not_alone(hashes: &[u64], key: impl Fn(u64) -> u64, bucket: usize) -> Vec<u64> {
    const BITS_EACH: usize = 8;
    let of_bucket = || hashes.iter().filter(|hash| key(**hash) as usize % BUCKETS == bucket);
    let n_bits = (hashes.len() / BUCKETS * BITS_EACH).next_power_of_two().max(64);
    let at = |hash: u64| (key(hash) as usize / BUCKETS) % n_bits;
    let (mut once, mut again) = (vec![0_u64; n_bits / 64], vec![0_u64; n_bits / 64]);
    for hash in of_bucket() {
        let (word, bit) = (at(*hash) / 64, 1 << (at(*hash) % 64));
        if let (Some(once), Some(again)) = (once.get_mut(word), again.get_mut(word)) {
            *again |= *once & bit;
            *once |= bit;
        }
    }
    let came_again = |hash: &&u64| {
        again
            .get(at(**hash) / 64)
            .is_some_and(|word| word >> (at(**hash) % 64) & 1 == 1)
    };
    of_bucket().filter(came_again).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, Hasher};

    use super::*;

    #[test]
    fn texts_that_rise_hold_no_two_alike_wherever_they_are_split() {
        let n = 2 * parallel::LEAST;
        let mut ids: Vec<String> = (0..n).map(|at| format!("A{at:06}")).collect();
        let rise = |ids: &[String]| rises(ids.len(), |at| &ids[at]);
        assert!(rise(&ids) && rise(&[]));
        for at in [1, n / 2 - 1, n / 2, n / 2 + 1, n - 1] {
            let own = std::mem::replace(&mut ids[at], format!("A{:06}", at - 1));
            assert!(!rise(&ids), "{at}");
            ids[at] = own;
        }
        ids[1].clear();
        assert!(!rise(&ids));
    }

    #[derive(Default)]
    struct Same;

    impl Hasher for Same {
        fn write(&mut self, _: &[u8]) {}

        fn finish(&self) -> u64 {
            u64::MAX
        }
    }

    #[test]
    fn all_groups_are_told_and_nothing_else() {
        for n in [0, 1, 50, 100_000] {
            // A third of the rows comes twice, some come five times, and some have no key.
            let name = |at: usize| match at % 10 {
                0..3 => format!("twice {}", at % (n / 2).max(1)),
                3 => format!("often {}", at % 20),
                4 => String::new(),
                _ => format!("once {at}"),
            };
            let names: Vec<String> = (0..n).map(name).collect();
            let tell = |groups: &mut Vec<Vec<usize>>, group: &[usize]| groups.push(group.to_vec());
            let key = |at: usize| (at.is_multiple_of(7), names[at].as_str());
            let mut told = alike(n, key, tell).concat();
            told.sort_unstable();
            let mut by_key = std::collections::BTreeMap::<(bool, &str), Vec<usize>>::new();
            (0..n).for_each(|at| by_key.entry((at.is_multiple_of(7), &names[at])).or_default().push(at));
            let groups = by_key
                .into_iter()
                .filter(|((_, name), group)| !name.is_empty() && group.len() > 1);
            let mut expected: Vec<Vec<usize>> = groups.map(|(_, group)| group).collect();
            expected.sort_unstable();
            assert_eq!(told, expected, "{n}");
            if n <= 50 {
                // All under one hash.
                let mut told = alike_by(&BuildHasherDefault::<Same>::default(), n, key, tell).concat();
                told.sort_unstable();
                assert_eq!(told, expected, "{n}");
            }
        }
    }
}
