//! The texts of one column: each different one once, so that what a text means is worked out once however many cells hold it.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::table::Arena;

/// Texts top to bottom. A column of few different texts keeps each once and a number per row; one of many keeps them all.
#[derive(Debug, Clone)]
pub struct Column {
    /// Every different text in the order in which it came, or every text.
    texts: Arena,
    rows: Rows,
    /// Where to find a text among the different ones; empty once the column is settled.
    index: HashTable<Entry>,
    /// Keyed anew for each column: texts that were made to collide must not make the search long, and no order comes from it.
    hasher: RandomState,
    /// How many rows hold each different text, once the column is settled.
    counts: Vec<u32>,
}

/// Which text stands in each row.
#[derive(Debug, Clone)]
enum Rows {
    /// Its own.
    Own,
    /// The different one of this number.
    Codes(Vec<u16>),
    /// The same once the column is settled, to be shared with what is worked out from it.
    Settled(Arc<Vec<u16>>),
}

impl Rows {
    fn codes(&self) -> Option<&[u16]> {
        match self {
            Rows::Own => None,
            Rows::Codes(codes) => Some(codes),
            Rows::Settled(codes) => Some(codes),
        }
    }

    /// The codes, to be added to.
    fn growing(&mut self) -> Option<&mut Vec<u16>> {
        if let Rows::Settled(codes) = self {
            *self = Rows::Codes(Arc::unwrap_or_clone(std::mem::take(codes)));
        }
        match self {
            Rows::Codes(codes) => Some(codes),
            _ => None,
        }
    }
}

/// So many different texts are few, whatever the number of rows.
const FEW: usize = 8_192;
/// So many are the most that a row's number can tell apart.
const DIFFERENT_MAX: usize = 1 << u16::BITS;

impl Default for Column {
    fn default() -> Self {
        Column {
            texts: Arena::default(),
            rows: Rows::Codes(Vec::new()),
            index: HashTable::new(),
            hasher: RandomState::default(),
            counts: Vec::new(),
        }
    }
}

impl Column {
    /// Appends a text. Texts past 4 GiB in all are stored empty, and [`Column::has_lost`] tells.
    pub fn push(&mut self, text: &str) {
        self.extend(std::iter::once(text));
    }

    /// Appends texts, as [`Column::push`] does each.
    pub fn extend<'a>(&mut self, mut texts: impl Iterator<Item = &'a str>) {
        self.open();
        while let Rows::Codes(codes) = &mut self.rows {
            let Some(text) = texts.next() else { return };
            let key = Key::of(text, &self.hasher);
            let n = self.texts.len();
            let is_it = |known: &Entry| known.key == key && (key.is_short() || self.texts.holds(usize::from(known.code), text));
            if let Some(known) = self.index.find(self.hasher.hash_one(key.0), is_it) {
                codes.push(known.code);
            } else if n >= DIFFERENT_MAX || (n >= FEW && n * 2 > codes.len()) {
                self.write_out();
                self.texts.push(text);
            } else {
                codes.push(n as u16);
                self.texts.push(text);
                self.remember(key, n as u16);
            }
        }
        texts.for_each(|text| self.texts.push(text));
    }

    /// Makes ready for further texts.
    fn open(&mut self) {
        self.counts.clear();
        if matches!(self.rows, Rows::Settled(_)) {
            self.rows.growing();
            for code in 0..self.texts.len() {
                let key = Key::of(self.texts.get(code), &self.hasher);
                self.remember(key, code as u16);
            }
        }
    }

    fn remember(&mut self, key: Key, code: u16) {
        let hasher = &self.hasher;
        let hash = |key: Key| hasher.hash_one(key.0);
        self.index
            .insert_unique(hash(key), Entry { key, code }, |known| hash(known.key));
    }

    /// Appends the rows of another column.
    pub fn append(&mut self, other: &Column) {
        self.open();
        if other.has_lost() {
            self.texts.lose();
        }
        let Some(same) = other.rows.codes() else {
            self.write_out();
            self.texts.append(&other.texts);
            return;
        };
        // Each different text is looked up once; where one does not fit any more, the rest goes in one by one.
        let mut known: Vec<Option<u16>> = vec![None; other.texts.len()];
        for (row, code) in same.iter().enumerate() {
            let slot = known.get_mut(usize::from(*code));
            match (slot, self.rows.growing()) {
                (Some(Some(mine)), Some(codes)) => codes.push(*mine),
                (slot, _) => {
                    self.push(other.get(row));
                    let mine = self.rows.codes().and_then(|codes| codes.last().copied());
                    if let Some(slot) = slot {
                        *slot = mine;
                    }
                }
            }
        }
    }

    /// Counts the rows of each text, and gives back memory that was set aside for more.
    pub fn settle(&mut self) {
        if matches!(self.rows, Rows::Settled(_)) {
            return;
        }
        self.texts.shrink();
        self.index = HashTable::new();
        let Some(codes) = self.rows.growing() else { return };
        codes.shrink_to_fit();
        self.counts = counts(codes, self.texts.len());
        self.rows = Rows::Settled(Arc::new(std::mem::take(codes)));
    }

    /// The text in a row, or the empty text.
    pub fn get(&self, row: usize) -> &str {
        match self.rows.codes() {
            None => self.texts.get(row),
            Some(codes) => codes.get(row).map_or("", |code| self.texts.get(usize::from(*code))),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.codes().map_or(self.texts.len(), <[u16]>::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a text did not fit: then the whole must not be used.
    pub fn has_lost(&self) -> bool {
        self.texts.has_lost()
    }

    /// The texts, top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Different texts in the order in which they first stand, each with the number of rows that hold it; a column of many
    /// gives its rows one by one.
    pub fn counted(&self) -> impl Iterator<Item = (&str, usize)> + Clone {
        self.counted_in(0..self.n_counted())
    }

    /// How many of them there are.
    pub fn n_counted(&self) -> usize {
        self.texts.len()
    }

    /// Some of them.
    pub fn counted_in(&self, range: Range<usize>) -> impl Iterator<Item = (&str, usize)> + Clone {
        let counts = match self.rows.codes() {
            Some(codes) if self.counts.is_empty() => Some(Cow::Owned(counts(codes, self.texts.len()))),
            Some(_) => Some(Cow::Borrowed(self.counts.as_slice())),
            None => None,
        };
        let count = move |at: usize| counts.as_ref().map_or(1, |counts| counts.get(at).map_or(0, |n| *n as usize));
        range.map(move |at| (self.texts.get(at), count(at)))
    }

    /// Which of its different texts stands in each row, and how many those are; none for a column of many, or one that is not
    /// settled.
    pub fn codes(&self) -> Option<(&Arc<Vec<u16>>, usize)> {
        match &self.rows {
            Rows::Settled(codes) => Some((codes, self.texts.len())),
            _ => None,
        }
    }

    /// Every row gets a text of its own.
    fn write_out(&mut self) {
        let Some(codes) = self.rows.growing().map(std::mem::take) else {
            return;
        };
        self.rows = Rows::Own;
        let different = std::mem::take(&mut self.texts);
        for code in codes {
            self.texts.push(different.get(usize::from(code)));
        }
        self.index = HashTable::new();
        if different.has_lost() {
            self.texts.lose();
        }
    }
}

fn counts(codes: &[u16], n_different: usize) -> Vec<u32> {
    let mut counts = vec![0; n_different];
    for code in codes {
        if let Some(count) = counts.get_mut(usize::from(*code)) {
            *count += 1;
        }
    }
    counts
}

/// A different text under its key.
#[derive(Debug, Clone)]
struct Entry {
    key: Key,
    code: u16,
}

/// By which a text is found: a short one its own bytes with their number on top, any other its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key(u128);

impl Key {
    /// A longer text leaves no room for its length.
    const SHORT: usize = 15;
    const LENGTH_AT: u32 = 120;
    const LONG: u128 = 0xff << Key::LENGTH_AT;

    fn of(text: &str, hasher: &RandomState) -> Key {
        let bytes = text.as_bytes();
        let n = bytes.len();
        if n > Key::SHORT {
            return Key(u128::from(hasher.hash_one(text)) | Key::LONG);
        }
        // Two halves that overlap are had sooner than as many bytes as there are.
        let own = match (ends::<8>(bytes), ends::<4>(bytes)) {
            (Some((first, last)), _) => {
                u128::from(u64::from_le_bytes(first)) | u128::from(u64::from_le_bytes(last)) << (8 * (n - 8))
            }
            (_, Some((first, last))) => {
                u128::from(u32::from_le_bytes(first)) | u128::from(u32::from_le_bytes(last)) << (8 * (n - 4))
            }
            _ => bytes.iter().rev().fold(0, |own, byte| own << 8 | u128::from(*byte)),
        };
        Key(own | (n as u128) << Key::LENGTH_AT)
    }

    fn is_short(self) -> bool {
        self.0 < Key::LONG
    }
}

/// The first and the last `N` bytes, where there are so many.
fn ends<const N: usize>(bytes: &[u8]) -> Option<([u8; N], [u8; N])> {
    Some((*bytes.first_chunk()?, *bytes.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(texts: &[String]) -> Column {
        let mut column = Column::default();
        texts.iter().for_each(|text| column.push(text));
        column
    }

    fn many(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("text {}", i % (n * 2 / 3))).collect()
    }

    proptest! {
        #[test]
        fn texts_come_back_whatever_they_were_appended_to(a in prop::collection::vec("[ab]{0,3}", 0..30), b in prop::collection::vec("[ab]{0,3}", 0..30)) {
            let mut whole = column(&a);
            whole.append(&column(&b));
            let all: Vec<&String> = a.iter().chain(&b).collect();
            prop_assert_eq!(whole.iter().collect::<Vec<_>>(), all.clone());
            let counted: Vec<(&str, usize)> = whole.counted().collect();
            let mut once: Vec<&String> = Vec::new();
            all.iter().for_each(|text| if !once.contains(text) { once.push(text) });
            let by_hand: Vec<(&str, usize)> = once.iter().map(|text| (text.as_str(), all.iter().filter(|t| t == &text).count())).collect();
            prop_assert_eq!(counted, by_hand);
        }
    }

    #[test]
    fn texts_are_told_apart_whatever_their_length() {
        let alike = |n: usize| ["a".repeat(n), "a".repeat(n) + "\0", "b".to_string() + &"a".repeat(n)];
        let texts: Vec<String> = (0..20).flat_map(alike).chain([String::new()]).collect();
        let whole = column(&[texts.clone(), texts.clone()].concat());
        assert!(whole.iter().eq(texts.iter().chain(&texts).map(String::as_str)));
        let mut different = texts;
        different.sort_unstable();
        different.dedup();
        assert_eq!(whole.counted().count(), different.len());
    }

    #[test]
    fn a_settled_column_knows_its_texts_when_more_are_added() {
        let texts: Vec<String> = (0..50).map(|i| format!("text {}", i % 7)).collect();
        let mut settled = column(&texts);
        settled.settle();
        let shared = settled.codes().map(|(codes, _)| Arc::clone(codes)).unwrap();
        settled.push("text 3");
        settled.push("new");
        assert_eq!((settled.len(), settled.counted().count(), shared.len()), (52, 8, 50));
        settled.settle();
        settled.append(&column(&texts));
        settled.settle();
        assert_eq!((settled.len(), settled.counted().nth(3)), (102, Some(("text 3", 15))));
    }

    #[test]
    fn a_column_of_many_texts_is_written_out() {
        for n in [3 * FEW, 3 * DIFFERENT_MAX] {
            let texts = many(n);
            let whole = column(&texts);
            assert!(whole.codes().is_none(), "{n}");
            assert!(whole.iter().eq(texts.iter().map(String::as_str)));
            assert_eq!(whole.counted().map(|(_, n)| n).sum::<usize>(), n);
            // The same when few and many are put together.
            let mut parts = column(&texts[..FEW / 2]);
            parts.append(&column(&texts[FEW / 2..]));
            parts.append(&column(&texts[..10]));
            assert!(parts.iter().eq(texts.iter().chain(&texts[..10]).map(String::as_str)));
        }
    }
}
