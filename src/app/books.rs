//! Books kept between the calls of one server, so that a file that has not changed is not read twice.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::io::{self, FileState, Folders};
use crate::model::control::Control;
use crate::model::load::{LoadPlan, Loaded};

/// How many books are kept: the one in work, and another that it is compared with.
const KEPT: usize = 2;

/// The books that were read last. A book is kept under everything that it was read from: folders, path, plan, and the state
/// of each file.
#[derive(Default)]
pub struct Books {
    /// The one used last comes first.
    kept: Mutex<Vec<Kept>>,
    reads: AtomicUsize,
}

#[derive(Clone)]
struct Kept {
    folders: Folders,
    path: String,
    plan: LoadPlan,
    /// Of the book, then of each joined file.
    files: Vec<FileState>,
    loaded: Arc<Loaded>,
}

impl Books {
    /// The book at this path, read now unless its files are as they were.
    pub(super) fn load(&self, folders: Folders, path: &str, plan: &LoadPlan, control: &Control) -> Result<Arc<Loaded>> {
        // Looked at before reading: what changes meanwhile differs from this at the next call.
        let files = states(&folders, path, plan);
        let known = |kept: &&Kept| kept.folders == folders && kept.path == path && kept.plan == *plan;
        let found = self.lock(|kept| kept.iter().find(known).cloned());
        if let (Some(found), Some(files)) = (&found, &files)
            && found.is_unchanged(files, control)?
        {
            self.put(Kept {
                files: files.clone(),
                ..found.clone()
            });
            return Ok(Arc::clone(&found.loaded));
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        let loaded = Arc::new(io::load(&folders, path, plan, control)?);
        if let Some(files) = files {
            self.put(Kept {
                folders,
                path: path.to_string(),
                plan: plan.clone(),
                files,
                loaded: Arc::clone(&loaded),
            });
        }
        Ok(loaded)
    }

    /// How often a book was read from its file.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    fn put(&self, new: Kept) {
        self.lock(|kept| {
            kept.retain(|kept| kept.folders != new.folders || kept.path != new.path || kept.plan != new.plan);
            kept.insert(0, new);
            kept.truncate(KEPT);
        });
    }

    /// Nothing that can stop halfway is done under the lock, so what a panic leaves is whole.
    fn lock<T>(&self, act: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    /// Whether the files still hold what was read: told by their states where these are old enough to tell, else by their
    /// content.
    fn is_unchanged(&self, now: &[FileState], control: &Control) -> Result<bool> {
        if self.files.len() != now.len() || self.files.iter().zip(now).any(|(then, now)| !then.is_same(now)) {
            return Ok(false);
        }
        let joined = self.loaded.joins.iter().map(|joined| &joined.sha256);
        let hashes = std::iter::once(&self.loaded.book.table.source.sha256).chain(joined);
        for (file, sha256) in self.files.iter().zip(hashes).filter(|(file, _)| !file.tells) {
            if io::sha256_of(file, control)?.as_ref() != Some(sha256) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Books").field("reads", &self.reads()).finish_non_exhaustive()
    }
}

/// How the files of a book stand; none where one cannot be looked at, which the reading explains.
fn states(folders: &Folders, path: &str, plan: &LoadPlan) -> Option<Vec<FileState>> {
    let paths = std::iter::once(path).chain(plan.joins.iter().map(|join| join.path.as_str()));
    paths.map(|path| io::state(folders, path)).collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // Tests write the files that they read.
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use jiff::civil::date;

    use super::*;
    use crate::model::load::{Join, JoinKind};

    struct Shelf {
        books: Books,
        folder: tempfile::TempDir,
        folders: Folders,
        plan: LoadPlan,
    }

    impl Shelf {
        fn new() -> Shelf {
            let folder = tempfile::tempdir().unwrap();
            let folders = Folders {
                workspace: folder.path().canonicalize().unwrap(),
                allowed: Vec::new(),
            };
            Shelf {
                books: Books::default(),
                folder,
                folders,
                plan: LoadPlan::at(date(2026, 6, 30)),
            }
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.folder.path().join(name), text).unwrap();
        }

        /// The ARR of the book in cents, and how often a book was read so far.
        fn load(&self, name: &str) -> (i128, usize) {
            let loaded = self.books.load(self.folders.clone(), name, &self.plan, &Control::default());
            (loaded.unwrap().book.total_cents(), self.books.reads())
        }
    }

    #[test]
    fn an_unchanged_file_is_read_once_and_a_changed_one_again() {
        let shelf = Shelf::new();
        shelf.write("a.csv", "account,arr\nAcme,100\n");
        assert_eq!((shelf.load("a.csv"), shelf.load("a.csv")), ((10_000, 1), (10_000, 1)));
        // The same length, most likely within the same tick of the clock.
        shelf.write("a.csv", "account,arr\nAcme,200\n");
        assert_eq!((shelf.load("a.csv"), shelf.load("a.csv")), ((20_000, 2), (20_000, 2)));
        // The same length and the same time of writing.
        let path = shelf.folder.path().join("a.csv");
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        shelf.write("a.csv", "account,arr\nAcme,300\n");
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(written)
            .unwrap();
        assert_eq!(shelf.load("a.csv"), (30_000, 3));
        // Another file in its place.
        shelf.write("b.csv", "account,arr\nAcme,400\n");
        fs::rename(shelf.folder.path().join("b.csv"), &path).unwrap();
        assert_eq!(shelf.load("a.csv"), (40_000, 4));
    }

    #[test]
    fn a_young_file_is_told_by_its_content() {
        let shelf = Shelf::new();
        shelf.write("a.csv", "account,arr\nAcme,100\n");
        let path = shelf.folder.path().join("a.csv");
        // A file of long ago whose state was changed just now does not tell either.
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        assert!(!io::state(&shelf.folders, "a.csv").unwrap().tells);
        assert_eq!((shelf.load("a.csv"), shelf.load("a.csv")), ((10_000, 1), (10_000, 1)));
    }

    #[test]
    fn books_and_plans_do_not_mix_and_the_oldest_goes() {
        let mut shelf = Shelf::new();
        for (name, arr) in [("a.csv", 1), ("b.csv", 2), ("c.csv", 3)] {
            shelf.write(name, &format!("account,arr\nAcme,{arr}\n"));
        }
        assert_eq!((shelf.load("a.csv"), shelf.load("b.csv")), ((100, 1), (200, 2)));
        assert_eq!((shelf.load("a.csv"), shelf.load("b.csv")), ((100, 2), (200, 2)));
        assert_eq!(
            (shelf.load("c.csv"), shelf.load("b.csv"), shelf.load("a.csv")),
            ((300, 3), (200, 3), (100, 4))
        );
        shelf.plan.as_of = date(2026, 7, 1);
        assert_eq!(shelf.load("a.csv"), (100, 5));
    }

    #[test]
    fn a_joined_file_that_changes_is_noticed() {
        let mut shelf = Shelf::new();
        shelf.write("a.csv", "account id,account\n1,Acme\n");
        shelf.write("s.csv", "account id,amount,interval,status\n1,100,year,active\n");
        shelf.plan.joins.push(Join {
            path: "s.csv".into(),
            kind: JoinKind::Subscriptions,
            key: None,
            date: None,
            sheet: None,
        });
        assert_eq!((shelf.load("a.csv"), shelf.load("a.csv")), ((10_000, 1), (10_000, 1)));
        shelf.write("s.csv", "account id,amount,interval,status\n1,300,year,active\n");
        assert_eq!(shelf.load("a.csv"), (30_000, 2));
    }

    #[test]
    fn what_fails_or_is_cancelled_is_not_kept() {
        let shelf = Shelf::new();
        shelf.write("a.csv", "account,arr\nAcme,100\n");
        let stopped = Control::default();
        stopped.cancel();
        assert!(
            shelf
                .books
                .load(shelf.folders.clone(), "a.csv", &shelf.plan, &stopped)
                .is_err()
        );
        assert_eq!(shelf.load("a.csv"), (10_000, 2));
        shelf.write("a.csv", "");
        assert!(
            shelf
                .books
                .load(shelf.folders.clone(), "a.csv", &shelf.plan, &Control::default())
                .is_err()
        );
        fs::remove_file(shelf.folder.path().join("a.csv")).unwrap();
        let gone = shelf
            .books
            .load(shelf.folders.clone(), "a.csv", &shelf.plan, &Control::default());
        assert_eq!(gone.unwrap_err().code(), "file_not_found");
    }
}
