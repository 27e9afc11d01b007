//! What each CSM carries today, from the book's owner column, against the book sizes of the model (K14).

use std::collections::BTreeMap;

use super::cells::of_cells;
use super::stats::median;
use super::tiering::{Segmentation, TierTotal};
use crate::model::book::{Book, ColumnRef};
use crate::model::policy::Capacity;
use crate::model::role::Role;
use crate::model::tier::Tier;

/// Who carries how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The owners, most ARR first, then by name.
    pub owners: Vec<Owner>,
    /// Accounts without one.
    pub unowned: TierTotal,
    /// The middle owner's accounts, the mean of both middle ones where there are two.
    pub median_accounts: f64,
    /// The middle owner's ARR in cents.
    pub median_cents: f64,
}

/// What one owner carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Owner {
    /// As the book has it.
    pub name: String,
    /// All accounts and their ARR.
    pub total: TierTotal,
    /// By tier, in list order.
    pub tiers: [TierTotal; 4],
    /// How much of a CSM the accounts take with the largest books; over 1 they are more than one person's.
    pub books: f64,
}

/// An owner with more than this many times the median of accounts or ARR carries too much: an assumption of our own.
pub const TIMES_MEDIAN: f64 = 2.0;
/// With fewer owners a median says nothing.
const OWNERS_LEAST: usize = 3;

/// The load of the book's owners; none without an owner column, or where nobody owns anything.
pub fn of(book: &Book, segmentation: &Segmentation, capacity: &Capacity) -> Option<Load> {
    let Some(ColumnRef::Cells { column, .. }) = book.column(&format!("role:{}", Role::Owner)) else {
        return None;
    };
    // A few names on many accounts: each is put into its key once.
    let names = of_cells(book, column, |cell| (cell.trim(), key(cell)));
    let mut by_name: BTreeMap<&str, (&str, [TierTotal; 4])> = BTreeMap::new();
    let mut unowned = TierTotal::default();
    for account in 0..book.len() {
        let Some((name, key)) = names.at(account) else { continue };
        let cents = i128::from(book.arr(account).0);
        let total = match NOBODY.contains(&key.as_str()) {
            true => Some(&mut unowned),
            false => {
                let name: &str = name;
                let (shown, tiers) = by_name.entry(key).or_insert((name, Default::default()));
                // Of several spellings the first in order is shown, whatever the order of rows.
                *shown = name.min(*shown);
                tiers.get_mut(segmentation.tier(account).index())
            }
        };
        if let Some(total) = total {
            total.accounts += 1;
            total.arr_cents += cents;
        }
    }
    let mut owners: Vec<Owner> = by_name
        .into_values()
        .map(|(name, tiers)| owner(name, tiers, capacity))
        .collect();
    owners.sort_by(|a, b| b.total.arr_cents.cmp(&a.total.arr_cents).then_with(|| a.name.cmp(&b.name)));
    (!owners.is_empty()).then(|| Load {
        median_accounts: median(owners.iter().map(|owner| owner.total.accounts as f64).collect()).unwrap_or(0.0),
        median_cents: median(owners.iter().map(|owner| owner.total.arr_cents as f64).collect()).unwrap_or(0.0),
        owners,
        unowned,
    })
}

/// One person in different spellings: case and blanks do not count.
fn key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Keys of cells that name nobody.
const NOBODY: [&str; 12] = [
    "",
    "unassigned",
    "not assigned",
    "tbd",
    "tba",
    "none",
    "no owner",
    "no csm",
    "vacant",
    "open",
    "unknown",
    "pooled",
];

/// Whether a cell names nobody.
pub fn is_nobody(name: &str) -> bool {
    NOBODY.contains(&key(name).as_str())
}

fn owner(name: &str, tiers: [TierTotal; 4], capacity: &Capacity) -> Owner {
    let mut total = TierTotal::default();
    for tier in tiers {
        total.accounts += tier.accounts;
        total.arr_cents += tier.arr_cents;
    }
    let books = Tier::ALL
        .into_iter()
        .zip(tiers)
        .map(|(tier, of)| match capacity.book_size(tier).max {
            Some(max) if max > 0 => of.accounts as f64 / f64::from(max),
            _ => 0.0,
        });
    Owner {
        name: name.to_string(),
        total,
        tiers,
        books: books.fold(0.0, |sum, more| sum + more),
    }
}

impl Load {
    /// Owners who carry more than one person can with the largest books.
    pub fn over_book(&self) -> impl Iterator<Item = &Owner> {
        self.owners.iter().filter(|owner| owner.books > 1.0 + 1e-9)
    }

    /// Owners with more than [`TIMES_MEDIAN`] times the median of accounts or of ARR.
    pub fn uneven(&self) -> Vec<&Owner> {
        let much = |value: f64, median: f64| median > 0.0 && value > TIMES_MEDIAN * median;
        let uneven = |owner: &&Owner| {
            much(owner.total.accounts as f64, self.median_accounts) || much(owner.total.arr_cents as f64, self.median_cents)
        };
        match self.owners.len() < OWNERS_LEAST {
            true => Vec::new(),
            false => self.owners.iter().filter(uneven).collect(),
        }
    }
}
