//! Work split over the cores. Results come back in order, so nothing shows how many cores there were.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

/// Passes over fewer accounts are not split: a thread costs more than it saves.
pub const LEAST: usize = 1 << 14;
/// More threads than this gain nothing on what is done here.
const THREADS_MAX: usize = 8;

/// How many threads work is split over.
pub fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().map_or(1, |n| n.get().min(THREADS_MAX)))
}

/// What `work` makes of `0..n` in parts of at least `least`, in order.
pub fn in_parts<T: Send>(n: usize, least: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let parts = (n / least.max(1)).clamp(1, threads());
    let range = |part: usize| n * part / parts..n * (part + 1) / parts;
    together((0..parts).map(range).collect(), work)
}

/// What `work` makes of each of `0..n`, in order: [`in_parts`] put together.
pub fn collect<T: Send>(n: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    joined_up(in_parts(n, LEAST, |range| range.map(&work).collect()))
}

/// What `work` makes of those of `0..n` of which it makes something, in order.
pub fn picked<T: Send>(n: usize, work: impl Fn(usize) -> Option<T> + Sync) -> Vec<T> {
    joined_up(in_parts(n, LEAST, |range| range.filter_map(&work).collect()))
}

/// Parts one after the other.
pub fn joined_up<T>(parts: Vec<Vec<T>>) -> Vec<T> {
    let n: usize = parts.iter().map(Vec::len).sum();
    let mut parts = parts.into_iter();
    let mut whole = parts.next().unwrap_or_default();
    whole.reserve_exact(n - whole.len());
    parts.for_each(|part| whole.extend(part));
    whole
}

/// The values in order; equal ones must not be told apart by anything.
pub fn sorted<T: Send>(mut values: Vec<T>, compare: impl Fn(&T, &T) -> Ordering + Sync) -> Vec<T> {
    let n = values.len();
    if n < LEAST || threads() == 1 {
        values.sort_unstable_by(&compare);
        return values;
    }
    let part = n.div_ceil(threads());
    together(values.chunks_mut(part).collect(), |part: &mut [T]| {
        part.sort_unstable_by(&compare)
    });
    let ends = values.chunks(part).map(|part| (part.first(), part.last()));
    let mut pairs = ends.clone().zip(ends.skip(1));
    let comes_after = |a: Option<&T>, b: Option<&T>| a.zip(b).is_some_and(|(a, b)| compare(a, b).is_gt());
    if pairs.any(|((_, last), (first, _))| comes_after(last, first)) {
        // The stable sort finds the parts in order and merges them.
        values.sort_by(&compare);
    }
    values
}

/// What `work` makes of each of a few values, in order: whoever is done takes the next.
pub fn together<A: Send, T: Send>(values: Vec<A>, work: impl Fn(A) -> T + Sync) -> Vec<T> {
    let n_threads = threads().min(values.len());
    if n_threads <= 1 {
        return values.into_iter().map(work).collect();
    }
    let waiting = Mutex::new(values.into_iter().enumerate());
    let take = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, value)) = take() {
            done.push((at, work(value)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        // Where the system gives no thread, those that there are do the work.
        let begun = (1..n_threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, worker).ok());
        let others: Vec<_> = begun.collect();
        let mut done = worker();
        done.extend(others.into_iter().flat_map(joined));
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, value)| value).collect()
}

/// [`together`] where the values take passes over `n` accounts; for few of them a thread costs more than it saves.
pub fn over<A: Send, T: Send>(n: usize, values: Vec<A>, work: impl Fn(A) -> T + Sync) -> Vec<T> {
    match n < LEAST {
        true => values.into_iter().map(work).collect(),
        false => together(values, work),
    }
}

/// Two things at the same time; one after the other where the system gives no thread.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl Fn() -> B + Sync) -> (A, B) {
    if threads() == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let begun = thread::Builder::new().spawn_scoped(scope, &other);
        let one = one();
        let other = match begun {
            Ok(thread) => joined(thread),
            Err(_) => other(),
        };
        (one, other)
    })
}

/// Gives `take` what `work` makes of each of `0..n`, in order: while one is taken the next are made, at most two ahead for each
/// thread. The first error ends it.
pub fn in_order<T: Send, E>(
    n: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let n_threads = threads().min(n);
    if n_threads <= 1 {
        return (0..n).try_for_each(|at| take(work(at)));
    }
    let work = &work;
    thread::scope(|scope| {
        let maker = |first: usize| {
            let (made, ready) = sync_channel(1);
            let make = move || (first..n).step_by(n_threads).map(work).try_for_each(|one| made.send(one));
            // Where the system gives no thread, its part is made when it is wanted.
            let begun = thread::Builder::new().spawn_scoped(scope, make).ok();
            begun.map(|thread| (thread, ready))
        };
        let makers: Vec<_> = (0..n_threads).map(maker).collect();
        for at in 0..n {
            let made = match makers.get(at % n_threads) {
                Some(Some((_, ready))) => ready.recv().ok(),
                _ => Some(work(at)),
            };
            let Some(one) = made else { break };
            take(one)?;
        }
        // A maker ends before its work does only by a panic.
        for (thread, ready) in makers.into_iter().flatten() {
            drop(ready);
            let _ = joined(thread);
        }
        Ok(())
    })
}

/// A panic goes on where the work was asked for.
fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_in_order_and_leave_nothing_out() {
        for n in [0, 1, 7, 100] {
            let parts = in_parts(n, 3, |range| range);
            assert!(parts.len() <= threads());
            assert_eq!(
                parts.into_iter().flatten().collect::<Vec<_>>(),
                (0..n).collect::<Vec<_>>(),
                "{n}"
            );
        }
        for n in [0, 5, 100_000] {
            assert_eq!(collect(n, |i| i * 2), (0..n).map(|i| i * 2).collect::<Vec<_>>());
            let odd = |i: usize| (i % 2 == 1).then_some(i);
            assert_eq!(picked(n, odd), (0..n).filter_map(odd).collect::<Vec<_>>());
        }
        let mixed: Vec<u32> = (0..100_000_u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        assert!(sorted(mixed.clone(), u32::cmp).is_sorted() && sorted(mixed, |a, b| b.cmp(a)).is_sorted_by(|a, b| a >= b));
        assert_eq!(together(vec!["a", "bb", "ccc"], str::len), [1, 2, 3]);
        assert_eq!(both(|| 1, || "x"), (1, "x"));
    }

    #[test]
    fn what_is_made_is_taken_in_order_until_an_error() {
        for n in [0, 1, 2, 100] {
            let mut taken = Vec::new();
            let take = |one| {
                taken.push(one);
                Ok::<(), ()>(())
            };
            let all = in_order(n, |at| at * 3, take);
            assert_eq!((all, taken), (Ok(()), (0..n).map(|at| at * 3).collect()), "{n}");
        }
        let mut taken = 0;
        let ended = in_order(
            100,
            |at| at,
            |one| {
                taken += 1;
                if one == 10 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((ended, taken), (Err("full"), 11));
    }

    #[test]
    fn a_panic_goes_on_where_the_work_was_asked_for() {
        let caught = std::panic::catch_unwind(|| together(vec![1, 2], |n| assert_eq!(n, 1)));
        assert!(caught.is_err());
        let caught = std::panic::catch_unwind(|| in_order(9, |n| assert_ne!(n, 5), Ok::<(), ()>));
        assert!(caught.is_err());
    }
}
