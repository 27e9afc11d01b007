//! One value per account: where few values differ each is worked out once, and an account is a number into them.

/// Values of all accounts, in input order.
#[derive(Debug, Clone)]
pub struct Series<T> {
    /// Every value that some account may have, or the value of each account.
    values: Vec<T>,
    /// Which of them each account has; none where each has its own.
    codes: Option<Vec<u16>>,
}

/// So many values are the most that the number of an account can tell apart.
const DIFFERENT_MAX: usize = 1 << u16::BITS;

impl<T> Series<T> {
    /// A value for each account.
    pub fn of_each(values: Vec<T>) -> Series<T> {
        Series { values, codes: None }
    }

    /// The values that `codes` number.
    pub fn of_codes(values: Vec<T>, codes: Vec<u16>) -> Series<T> {
        debug_assert!(codes.iter().all(|code| usize::from(*code) < values.len()));
        Series {
            values,
            codes: Some(codes),
        }
    }

    /// The same value for `n` accounts.
    pub fn constant(value: T, n: usize) -> Series<T> {
        Series::of_codes(vec![value], vec![0; n])
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.codes.as_ref().map_or(self.values.len(), Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of an account.
    pub fn at(&self, account: usize) -> Option<&T> {
        match &self.codes {
            None => self.values.get(account),
            Some(codes) => self.values.get(usize::from(*codes.get(account)?)),
        }
    }

    /// The values account by account.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        // One of the two is empty.
        let (plain, coded) = match &self.codes {
            None => (self.values.as_slice(), [].as_slice()),
            Some(codes) => ([].as_slice(), codes.as_slice()),
        };
        let coded = coded.iter().filter_map(|code| self.values.get(usize::from(*code)));
        plain.iter().chain(coded)
    }

    /// The values, each with how many accounts have it; a value may come more than once, or with no account.
    pub fn counted(&self) -> Vec<(&T, usize)> {
        let Some(codes) = &self.codes else {
            return self.values.iter().map(|value| (value, 1)).collect();
        };
        let mut counted: Vec<(&T, usize)> = self.values.iter().map(|value| (value, 0)).collect();
        for code in codes {
            if let Some((_, n)) = counted.get_mut(usize::from(*code)) {
                *n += 1;
            }
        }
        counted
    }

    /// How many accounts have a value that passes.
    pub fn count(&self, passes: impl Fn(&T) -> bool) -> usize {
        self.counted()
            .into_iter()
            .filter(|(value, _)| passes(value))
            .map(|(_, n)| n)
            .sum()
    }

    /// What `read` makes of each value.
    pub fn map<U>(&self, read: impl FnMut(&T) -> U) -> Series<U> {
        Series {
            values: self.values.iter().map(read).collect(),
            codes: self.codes.clone(),
        }
    }

    /// [`Series::map`] to a handful of results, each of which is kept once.
    pub fn map_few<U: PartialEq>(&self, read: impl FnMut(&T) -> U) -> Series<U> {
        let mut different: Vec<U> = Vec::new();
        let mut place = |value: U| {
            let known = different.iter().position(|known| *known == value);
            known.unwrap_or_else(|| {
                different.push(value);
                different.len() - 1
            }) as u16
        };
        let places: Vec<u16> = self.values.iter().map(read).map(&mut place).collect();
        let codes = match &self.codes {
            None => places,
            Some(codes) => codes
                .iter()
                .map(|code| places.get(usize::from(*code)).copied().unwrap_or_default())
                .collect(),
        };
        Series::of_codes(different, codes)
    }

    /// What `join` makes of the values of two series. Values are joined in pairs of different ones where these are few.
    pub fn zip<U, V>(&self, other: &Series<U>, mut join: impl FnMut(&T, &U) -> V) -> Series<V> {
        let n_pairs = self.values.len() * other.values.len();
        let few = n_pairs <= DIFFERENT_MAX && n_pairs <= self.len();
        let (Some(mine), Some(others), true) = (&self.codes, &other.codes, few) else {
            return Series::of_each(self.iter().zip(other.iter()).map(|(a, b)| join(a, b)).collect());
        };
        let width = other.values.len() as u16;
        let pairs = mine.iter().zip(others).map(|(a, b)| a.wrapping_mul(width).wrapping_add(*b));
        let codes: Vec<u16> = pairs.collect();
        let rows = self.values.iter();
        let values = rows.flat_map(|a| other.values.iter().map(move |b| (a, b)));
        Series::of_codes(values.map(|(a, b)| join(a, b)).collect(), codes)
    }

    /// Puts another value in an account's place.
    pub fn set(&mut self, account: usize, value: T)
    where
        T: Clone,
    {
        let Some(codes) = &mut self.codes else {
            if let Some(slot) = self.values.get_mut(account) {
                *slot = value;
            }
            return;
        };
        match codes.get_mut(account) {
            Some(code) if self.values.len() < DIFFERENT_MAX => {
                *code = self.values.len() as u16;
                self.values.push(value);
            }
            Some(_) => {
                *self = Series::of_each(self.iter().cloned().collect());
                self.set(account, value);
            }
            None => {}
        }
    }

    /// Every value that some account may have.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The different values with the number of each account; none where each account has its own.
    pub fn codes(&self) -> Option<(&[T], &[u16])> {
        Some((&self.values, self.codes.as_deref()?))
    }
}

impl<T: Copy> Series<T> {
    /// The value of an account.
    pub fn get(&self, account: usize) -> Option<T> {
        self.at(account).copied()
    }
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
            true => Series::of_codes((0..8).collect(), codes.to_vec()),
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
        let mut all = Series::of_codes((0..DIFFERENT_MAX).collect(), full);
        all.set(3, 7);
        assert_eq!((all.get(3), all.get(4), all.codes().is_none()), (Some(7), Some(4), true));
        assert_eq!(Series::constant('x', 2).iter().collect::<String>(), "xx");
    }
}
