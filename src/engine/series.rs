//! One value per account: where few values differ each is worked out once, and an account is a number into them.

use std::sync::Arc;

use crate::parallel;

/// Values of all accounts, in input order.
#[derive(Debug, Clone)]
pub struct Series<T> {
    /// Every value that some account may have, or the value of each account.
    values: Vec<T>,
    places: Places,
}

/// Which of the values each account has.
#[derive(Debug, Clone)]
enum Places {
    /// Its own.
    Own,
    /// The one that its number says; the numbers are those of a column wherever they can be.
    Codes(Arc<Vec<u16>>),
    /// So many accounts have the only one.
    Only(usize),
}

/// So many values are the most that the number of an account can tell apart.
const DIFFERENT_MAX: usize = 1 << u16::BITS;

impl<T> Series<T> {
    /// A value for each account.
    pub fn of_each(values: Vec<T>) -> Series<T> {
        Series {
            values,
            places: Places::Own,
        }
    }

    /// The values that `codes` number.
    pub fn of_codes(values: Vec<T>, codes: Arc<Vec<u16>>) -> Series<T> {
        debug_assert!(codes.iter().all(|code| usize::from(*code) < values.len()));
        Series {
            values,
            places: Places::Codes(codes),
        }
    }

    /// The same value for `n` accounts.
    pub fn constant(value: T, n: usize) -> Series<T> {
        Series {
            values: vec![value],
            places: Places::Only(n),
        }
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        match &self.places {
            Places::Own => self.values.len(),
            Places::Codes(codes) => codes.len(),
            Places::Only(n) => *n,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of an account.
    pub fn at(&self, account: usize) -> Option<&T> {
        match &self.places {
            Places::Own => self.values.get(account),
            Places::Codes(codes) => self.values.get(usize::from(*codes.get(account)?)),
            Places::Only(n) => self.values.first().filter(|_| account < *n),
        }
    }

    /// The values account by account.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.from(0)
    }

    /// The values of the accounts from `first` on.
    pub fn from(&self, first: usize) -> impl Iterator<Item = &T> + Clone {
        // Two of the three are empty.
        let (own, codes, n) = match &self.places {
            Places::Own => (self.values.get(first..).unwrap_or_default(), [].as_slice(), 0),
            Places::Codes(codes) => ([].as_slice(), codes.get(first..).unwrap_or_default(), 0),
            Places::Only(n) => ([].as_slice(), [].as_slice(), n.saturating_sub(first)),
        };
        let coded = codes.iter().filter_map(|code| self.values.get(usize::from(*code)));
        own.iter().chain(coded).chain(self.values.iter().cycle().take(n))
    }

    /// The values, each with how many accounts have it; a value may come more than once, or with no account.
    pub fn counted(&self) -> Vec<(&T, usize)> {
        let codes = match &self.places {
            Places::Own => return self.values.iter().map(|value| (value, 1)).collect(),
            Places::Codes(codes) => codes,
            Places::Only(n) => return self.values.iter().map(|value| (value, *n)).collect(),
        };
        let mut counted: Vec<(&T, usize)> = self.values.iter().map(|value| (value, 0)).collect();
        for code in codes.iter() {
            if let Some((_, n)) = counted.get_mut(usize::from(*code)) {
                *n += 1;
            }
        }
        counted
    }

    /// How many accounts have a value that passes.
    pub fn count(&self, passes: impl Fn(&T) -> bool) -> usize {
        match &self.places {
            Places::Own => self.values.iter().filter(|value| passes(value)).count(),
            _ => {
                let counted = self.counted().into_iter().filter(|(value, _)| passes(value));
                counted.map(|(_, n)| n).sum()
            }
        }
    }

    /// What `read` makes of each value.
    pub fn map<U: Send>(&self, read: impl Fn(&T) -> U + Sync) -> Series<U>
    where
        T: Sync,
    {
        Series {
            values: parallel::picked(self.values.len(), |at| self.values.get(at).map(&read)),
            places: self.places.clone(),
        }
    }

    /// [`Series::map`] to a handful of results, each of which is kept once.
    pub fn map_few<U: PartialEq>(&self, read: impl FnMut(&T) -> U) -> Series<U> {
        let (different, places) = each_once(self.values.iter().map(read));
        let codes = match &self.places {
            Places::Own => places,
            Places::Codes(codes) => translated(codes, &places),
            Places::Only(n) => {
                return Series {
                    values: different,
                    places: Places::Only(*n),
                };
            }
        };
        Series::of_codes(different, Arc::new(codes))
    }

    /// What `join` makes of the values of two series. Values are joined in pairs of different ones where these are few.
    pub fn zip<U: Sync, V: Send>(&self, other: &Series<U>, join: impl Fn(&T, &U) -> V + Sync) -> Series<V>
    where
        T: Sync,
    {
        match (&self.places, &other.places) {
            (Places::Only(_), _) if let Some(mine) = self.values.first() => other.map(|value| join(mine, value)),
            (_, Places::Only(_)) if let Some(one) = other.values.first() => self.map(|value| join(value, one)),
            _ => match self.pairs(other) {
                Some((values, codes)) => Series::of_codes(values.map(|(a, b)| join(a, b)).collect(), Arc::new(codes.collect())),
                None => {
                    let joined = |at: usize| Some(join(self.at(at)?, other.at(at)?));
                    Series::of_each(parallel::picked(self.len(), joined))
                }
            },
        }
    }

    /// [`Series::zip`] to a handful of results, each of which is kept once.
    pub fn zip_few<U: Sync, V: PartialEq + Clone + Send>(&self, other: &Series<U>, join: impl Fn(&T, &U) -> V + Sync) -> Series<V>
    where
        T: Sync,
    {
        let Some((values, codes)) = self.pairs(other) else {
            return self.zip(other, join).map_few(V::clone);
        };
        let (different, places) = each_once(values.map(|(a, b)| join(a, b)));
        let codes = codes.map(|pair| places.get(usize::from(pair)).copied().unwrap_or_default());
        Series::of_codes(different, Arc::new(codes.collect()))
    }

    /// The pairs of different values and which of them each account has, where they are few.
    fn pairs<'s, U>(
        &'s self,
        other: &'s Series<U>,
    ) -> Option<(impl Iterator<Item = (&'s T, &'s U)>, impl Iterator<Item = u16> + 's)> {
        let n_pairs = self.values.len() * other.values.len();
        let few = n_pairs <= DIFFERENT_MAX && n_pairs <= self.len();
        let (Places::Codes(mine), Places::Codes(others), true) = (&self.places, &other.places, few) else {
            return None;
        };
        let width = other.values.len() as u16;
        let codes = mine
            .iter()
            .zip(others.iter())
            .map(move |(a, b)| a.wrapping_mul(width).wrapping_add(*b));
        let values = self.values.iter().flat_map(|a| other.values.iter().map(move |b| (a, b)));
        Some((values, codes))
    }

    /// Puts another value in an account's place.
    pub fn set(&mut self, account: usize, value: T)
    where
        T: Clone,
    {
        if let Places::Only(n) = self.places {
            self.places = Places::Codes(Arc::new(vec![0; n]));
        }
        let Places::Codes(codes) = &mut self.places else {
            if let Some(slot) = self.values.get_mut(account) {
                *slot = value;
            }
            return;
        };
        if account >= codes.len() {
            return;
        }
        match Arc::make_mut(codes).get_mut(account) {
            Some(code) if self.values.len() < DIFFERENT_MAX => {
                *code = self.values.len() as u16;
                self.values.push(value);
            }
            _ => {
                *self = Series::of_each(self.iter().cloned().collect());
                self.set(account, value);
            }
        }
    }

    /// Every value that some account may have.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The different values with the number of each account; none where each account has its own, or all have one.
    pub fn codes(&self) -> Option<(&[T], &[u16])> {
        match &self.places {
            Places::Codes(codes) => Some((&self.values, codes)),
            _ => None,
        }
    }
}

impl<T: Copy> Series<T> {
    /// The values account by account, each in its own place.
    pub fn to_vec(&self) -> Vec<T> {
        let Some(first) = self.values.first() else { return Vec::new() };
        match &self.places {
            Places::Own => self.values.clone(),
            Places::Codes(codes) => {
                let value = |code: &u16| self.values.get(usize::from(*code)).unwrap_or(first);
                codes.iter().map(value).copied().collect()
            }
            Places::Only(n) => vec![*first; *n],
        }
    }

    /// The value of an account.
    pub fn get(&self, account: usize) -> Option<T> {
        self.at(account).copied()
    }
}

/// The different ones among some values in the order in which they come, and which of them each is.
fn each_once<U: PartialEq>(values: impl Iterator<Item = U>) -> (Vec<U>, Vec<u16>) {
    let mut different: Vec<U> = Vec::new();
    let place = |value: U| {
        let known = different.iter().position(|known| *known == value);
        known.unwrap_or_else(|| {
            different.push(value);
            different.len() - 1
        }) as u16
    };
    let places = values.map(place).collect();
    (different, places)
}

fn translated(codes: &[u16], places: &[u16]) -> Vec<u16> {
    let place = |code: &u16| places.get(usize::from(*code)).copied().unwrap_or_default();
    codes.iter().map(place).collect()
}

/// Equal where every account has the same value, however it is kept.
impl<T: PartialEq> PartialEq for Series<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(codes: &[u16], coded: bool) -> Series<u16> {
        match coded {
            true => Series::of_codes((0..8).collect(), Arc::new(codes.to_vec())),
            false => Series::of_each(codes.to_vec()),
        }
    }

    proptest! {
        #[test]
        fn however_values_are_kept_they_are_the_same(pairs in prop::collection::vec((0_u16..8, 0_u16..8), 0..200), a in any::<bool>(), b in any::<bool>(), at in 0_usize..200) {
            let (left, right): (Vec<u16>, Vec<u16>) = pairs.iter().copied().unzip();
            let (mut one, other) = (series(&left, a), series(&right, b));
            let joined = one.zip(&other, |a, b| a * 10 + b);
            prop_assert!(joined.iter().copied().eq(pairs.iter().map(|(a, b)| a * 10 + b)));
            prop_assert_eq!(one.map(|v| v + 1), series(&left, false).map(|v| v + 1));
            prop_assert_eq!(one.to_vec(), left.clone());
            prop_assert!(one.from(at).copied().eq(left.iter().skip(at).copied()));
            let few = one.zip_few(&other, |a, b| (a + b) % 3);
            prop_assert!(few.iter().copied().eq(pairs.iter().map(|(a, b)| (a + b) % 3)));
            let with_one = Series::constant(5, pairs.len());
            prop_assert_eq!(one.zip(&with_one, |a, b| a + b), one.map(|v| v + 5));
            prop_assert_eq!(with_one.zip_few(&one, |a, b| a + b), one.map(|v| v + 5));
            let even = one.map_few(|v| v % 2);
            prop_assert!(even.iter().copied().eq(left.iter().map(|v| v % 2)));
            prop_assert_eq!(one.count(|v| *v == 3), left.iter().filter(|v| **v == 3).count());
            one.set(at, 99);
            let expected: Vec<u16> = left.iter().enumerate().map(|(i, v)| if i == at { 99 } else { *v }).collect();
            prop_assert!(one.iter().copied().eq(expected));
        }
    }

    #[test]
    fn many_different_values_are_kept_one_by_one() {
        let full: Vec<u16> = (0..=u16::MAX).collect();
        let mut all = Series::of_codes((0..DIFFERENT_MAX).collect(), Arc::new(full));
        all.set(3, 7);
        assert_eq!((all.get(3), all.get(4), all.codes().is_none()), (Some(7), Some(4), true));
        let codes = Arc::new(vec![0, 1, 1]);
        let mut one = Series::of_codes(vec!['a', 'b'], Arc::clone(&codes));
        let other = Series::of_codes(vec![1, 2], codes);
        one.set(1, 'c');
        assert_eq!((one.to_vec(), other.to_vec()), (vec!['a', 'c', 'b'], vec![1, 2, 2]));
        let mut only = Series::constant('a', 3);
        only.set(2, 'b');
        assert_eq!(only.to_vec(), ['a', 'a', 'b']);
        let same = Series::constant('x', 2);
        assert_eq!((same.iter().collect::<String>(), same.to_vec()), ("xx".into(), vec!['x'; 2]));
    }
}
