//! What headers mean: the words of vendor exports for each role, and the words that only look like ARR (S4).

/// The words of one language: `Role { Exact: [..], Alias: [..] }`, as often as there are roles.
macro_rules! meanings {
    ($($role:ident { $($how:ident: [$($phrase:literal),* $(,)?]),* $(,)? })*) => {
        &[$($crate::io::dictionary::Meaning { role: Role::$role, lists: &[$((Match::$how, &[$($phrase),*])),*] }),*]
    };
}

/// A list of words, several to a line.
macro_rules! list {
    ($($word:literal),* $(,)?) => {
        &[$($word),*]
    };
}

mod amounts;
mod english;
mod french;
mod german;
mod index;
mod labels;
mod neighbours;
mod others;
mod spanish;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vendors;
mod words;

pub(crate) use amounts::{money_rank, trap};
pub(crate) use labels::{is_footer, is_total, says_here, says_left};
pub(crate) use others::names_another;
pub(crate) use words::{Header, header, in_cents};

use crate::model::role::Role;
use index::{INDEX, Index};

/// The phrases that mean one role, by how surely they do.
struct Meaning {
    role: Role,
    lists: &'static [(Match, &'static [&'static str])],
}

type Meanings = &'static [Meaning];

/// How a header came to mean a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// The header is the role's own name.
    Exact,
    /// A vendor's name for it.
    Alias,
    /// A name that usually means it.
    Weak,
    /// The header holds the name among other words.
    Within,
    /// The header is spelled almost like it.
    Fuzzy,
}

/// A role that a header may play.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sense {
    pub(crate) role: Role,
    pub(crate) how: Match,
    /// The phrase of the dictionary that the header met.
    pub(crate) phrase: &'static str,
    /// Whether only the end of the header says so: `usage.nps_score`, `Customer Industry`.
    pub(crate) at_end: bool,
}

impl Match {
    /// 0..1, for a role.
    fn confidence(self, role: Role) -> f64 {
        match self {
            Match::Exact => 0.98,
            Match::Alias => 0.9,
            Match::Within => 0.75,
            Match::Fuzzy => 0.65,
            Match::Weak if role == Role::Arr => 0.6,
            Match::Weak => 0.7,
        }
    }
}

impl Sense {
    /// 0..1, by the header alone.
    pub(crate) fn confidence(self) -> f64 {
        const AT_END: f64 = 0.03; // `name` comes before `properties.name`
        self.how.confidence(self.role) - if self.at_end { AT_END } else { 0.0 }
    }
}

/// The roles that a header may play, best first.
pub(crate) fn roles(header: &Header) -> Vec<Sense> {
    let mut found = outright(&INDEX, header);
    if found.is_empty() && trap(header).is_none() {
        found = loosely(&INDEX, header);
    }
    // A header that holds one name outright is no misspelling of another.
    if found.iter().any(|sense| sense.how != Match::Fuzzy) {
        found.retain(|sense| sense.how != Match::Fuzzy);
    }
    found.retain(|sense| !amounts::turned_aside(sense.role, header));
    found.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
    found
}

/// What the whole header says, else what its last parts say, else what it says without a first word such as `Customer`.
fn outright(index: &Index, header: &Header) -> Vec<Sense> {
    let read = |(before, own): (&[String], &[String])| {
        let at_end = !before.is_empty();
        let mut found: Vec<Sense> = index.phrases(own).map(|sense| Sense { at_end, ..sense }).collect();
        found.retain(|sense| others::may_follow(sense.role, before));
        found
    };
    let by_part = header.tails().map(read).find(|found| !found.is_empty());
    by_part.unwrap_or_else(|| {
        let rest = others::without_account(&header.words);
        let fits = |sense: &Sense| !matches!(sense.role, Role::Id | Role::Name | Role::Arr | Role::Mrr | Role::Tcv);
        let found = index.phrases(rest).filter(fits);
        found.map(|sense| Sense { at_end: true, ..sense }).collect()
    })
}

/// What a header says among other words, or nearly spelled.
///
/// Only the last part of a nested header is looked at: among the words of all parts there is too much by chance.
fn loosely(index: &Index, header: &Header) -> Vec<Sense> {
    let Some((before, own)) = header.tails().last() else {
        return Vec::new();
    };
    let within = index.within(own).map(|(role, phrase)| (role, Match::Within, phrase));
    let alike = index.alike(own).map(|(role, phrase)| (role, Match::Fuzzy, phrase));
    let mut found: Vec<Sense> = Vec::new();
    for (role, how, phrase) in within.chain(alike) {
        let known = found.iter().any(|sense| sense.role == role);
        if !known && others::may_follow(role, before) && !names_another(role, &header.words) {
            let at_end = !before.is_empty();
            found.push(Sense {
                role,
                how,
                phrase,
                at_end,
            });
        }
    }
    found
}
