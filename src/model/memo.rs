//! What has been worked out from a book and may be asked for again: a server answers the next what-if with it.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Results under names. A name must say everything that a result hangs on beside the book, which never changes.
#[derive(Default)]
pub struct Memo {
    /// Accounts of the book.
    accounts: usize,
    known: Mutex<HashMap<String, Arc<dyn Any + Send + Sync>>>,
    recent: Mutex<HashMap<&'static str, Vec<Arc<dyn Any + Send + Sync>>>>,
}

/// Results of one kind that are kept with what they were asked with: a model as it stands, and one that it is compared with.
const RECENT_MAX: usize = 2;
/// So many results are kept; whoever asks for ever new ones begins anew.
const KEPT_MAX: usize = 256;
/// Of a book of many accounts fewer are kept: so many accounts over all results, and never fewer results than a run asks for.
const ACCOUNTS_MAX: usize = 1 << 26;
const KEPT_MIN: usize = 128;

impl Memo {
    /// For a book of so many accounts.
    pub fn of(accounts: usize) -> Memo {
        Memo {
            accounts,
            ..Memo::default()
        }
    }

    /// The result of this name, worked out now unless it is known.
    pub fn get<T: Any + Send + Sync>(&self, name: impl Into<String>, work_out: impl FnOnce() -> T) -> Arc<T> {
        let name = name.into();
        let known = self.lock(|known| known.get(&name).cloned());
        if let Some(found) = known.and_then(|known| known.downcast::<T>().ok()) {
            return found;
        }
        // Not under the lock: what is worked out may ask for other results.
        let new = Arc::new(work_out());
        let kept: Arc<T> = Arc::clone(&new);
        self.lock(|known| {
            if known.len() >= self.kept_max() {
                known.clear();
            }
            known.insert(name, kept);
        });
        new
    }

    /// The result of this kind for what is asked, one of the last few or worked out now: for results that are large, and asked
    /// for with much that changes.
    pub fn recent<A, T>(&self, kind: &'static str, asked: &A, work_out: impl FnOnce() -> T) -> Arc<T>
    where
        A: PartialEq + Clone + Any + Send + Sync,
        T: Any + Send + Sync,
    {
        let is_it = |entry: &Arc<dyn Any + Send + Sync>| {
            let known = Arc::clone(entry).downcast::<(A, Arc<T>)>().ok()?;
            (known.0 == *asked).then(|| Arc::clone(&known.1))
        };
        let found = self.recently(kind, |kept| {
            let (at, result) = kept.iter().enumerate().find_map(|(at, entry)| Some((at, is_it(entry)?)))?;
            // The one asked for last stays longest.
            kept.get_mut(..=at)?.rotate_right(1);
            Some(result)
        });
        if let Some(result) = found {
            return result;
        }
        let new = Arc::new(work_out());
        let entry: Arc<(A, Arc<T>)> = Arc::new((asked.clone(), Arc::clone(&new)));
        self.recently(kind, |kept| {
            kept.insert(0, entry);
            kept.truncate(RECENT_MAX);
        });
        new
    }

    /// Forgets everything, so that what comes next is worked out anew: for measuring.
    pub fn forget(&self) {
        self.lock(HashMap::clear);
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn kept_max(&self) -> usize {
        (ACCOUNTS_MAX / self.accounts.max(1)).clamp(KEPT_MIN, KEPT_MAX)
    }

    fn recently<R>(&self, kind: &'static str, act: impl FnOnce(&mut Vec<Arc<dyn Any + Send + Sync>>) -> R) -> R {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        act(recent.entry(kind).or_default())
    }

    /// Nothing that can stop halfway is done under the lock, so what a panic leaves is whole.
    fn lock<T>(&self, act: impl FnOnce(&mut HashMap<String, Arc<dyn Any + Send + Sync>>) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A copy begins without results.
impl Clone for Memo {
    fn clone(&self) -> Self {
        Memo::of(self.accounts)
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo")
            .field("known", &self.lock(|known| known.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_worked_out_once_under_its_name_and_kind() {
        let memo = Memo::default();
        let mut times = 0;
        for _ in 0..3 {
            let inner = || memo.get("inner", || 2);
            let got = memo.get("a", || {
                times += 1;
                *inner() + 40
            });
            assert_eq!(*got, 42);
        }
        assert_eq!((times, *memo.get("a", || "text")), (1, "text"));
        let doubled = |n: i32| *memo.recent("doubled", &n, || n * 2);
        assert_eq!([1, 2, 1, 3, 1].map(doubled), [2, 4, 2, 6, 2]);
        assert_eq!(*memo.recent("doubled", &1, || 0), 2);
        assert_eq!(memo.recent.lock().unwrap().get("doubled").map(Vec::len), Some(RECENT_MAX));
        memo.forget();
        assert_eq!(*memo.get("a", || "anew"), "anew");
        (0..=KEPT_MAX).for_each(|i| assert_eq!(*memo.get(i.to_string(), || i), i));
        assert!(memo.lock(|known| known.len()) <= KEPT_MAX);
    }
}
