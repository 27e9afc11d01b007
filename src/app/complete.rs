//! What a client may offer while somebody types: book files, accounts of the loaded book, tiers.

use std::collections::HashMap;

use super::Context;
use super::book::OURS;
use super::session::load;
use crate::error::{Result, candidates};
use crate::io::{self, FileState};
use crate::model::discovery::Holds;
use crate::model::tier::Tier;
use crate::report::text;
use crate::store::{ModelFile, ModelPaths, STATE_FOLDER};

/// Accounts of a book, largest first, ready to be searched on every key.
#[derive(Debug, Default)]
pub struct Accounts(Vec<Account>);

#[derive(Debug)]
struct Account {
    id: String,
    /// None where another account has it too, or where it cannot be typed as it stands.
    name: Option<String>,
    id_lower: String,
    name_lower: String,
}

/// What tells that the accounts are still those that were read: the model's text, and how each file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    model: String,
    files: Vec<Option<FileState>>,
}

/// The longest id or name that is offered.
const OFFERED_MAX: usize = 200;

/// The files that may be the book, likeliest first. Error: `cancelled`.
pub fn books(context: &Context) -> Result<Vec<String>> {
    let found = io::discover(&context.folders(), &OURS, &context.control)?;
    let books = found.candidates.into_iter().filter(|file| file.holds == Holds::Book);
    Ok(books.map(|file| file.path).filter(|path| can_be_typed(path)).collect())
}

/// Codes of the tiers.
pub fn tiers() -> [&'static str; 4] {
    Tier::ALL.map(Tier::code)
}

/// The stamp of a model's book; none where no book is loaded.
pub fn stamp(context: &Context, model: &str) -> Result<Option<Stamp>> {
    let file = opened(context, model)?;
    let Some(book) = &file.policy.book else { return Ok(None) };
    let paths = std::iter::once(&book.path).chain(book.joins.iter().map(|join| &join.path));
    let files = paths.map(|path| io::state(&context.folders(), path)).collect();
    let model = file.text_of(&file.policy)?;
    Ok(Some(Stamp { model, files }))
}

/// The accounts of a model's book.
pub fn accounts(context: &Context, model: &str) -> Result<Accounts> {
    let loaded = load(context, &opened(context, model)?.policy)?;
    let book = &loaded.book;
    let mut times: HashMap<String, u32> = HashMap::new();
    for account in 0..book.len() {
        *times.entry(book.name(account).to_lowercase()).or_default() += 1;
    }
    let account = |at: usize| {
        let (id, name) = (book.id(at), book.name(at));
        let name_lower = name.to_lowercase();
        let is_only = times.get(&name_lower) == Some(&1);
        can_be_typed(id).then(|| Account {
            id: id.to_string(),
            name: (is_only && can_be_typed(name)).then(|| name.to_string()),
            id_lower: id.to_lowercase(),
            name_lower,
        })
    };
    Ok(Accounts(book.by_arr().filter_map(account).collect()))
}

impl Accounts {
    /// At most `most` ids and names that are like what was typed, and how many there are in all. First what begins so, then
    /// what has a word that does, then what contains it; where that is little, what is spelt alike.
    pub fn like(&self, typed: &str, most: usize) -> (Vec<String>, usize) {
        const FEW: usize = 5;
        let typed = typed.trim().to_lowercase();
        let mut found: Vec<(u8, &str)> = self.0.iter().filter_map(|account| account.rank(&typed)).collect();
        // The sort is stable: within a rank the largest come first.
        found.sort_by_key(|(rank, _)| *rank);
        let mut values: Vec<&str> = found.into_iter().map(|(_, value)| value).collect();
        if values.len() < FEW && typed.chars().count() >= 3 {
            let names = self.0.iter().filter_map(|account| account.name.as_deref());
            let alike = candidates(&typed, names, FEW);
            let new: Vec<&str> = alike.into_iter().filter(|name| !values.contains(name)).collect();
            values.extend(new);
        }
        let total = values.len();
        (values.into_iter().take(most).map(str::to_string).collect(), total)
    }
}

impl Account {
    fn rank(&self, typed: &str) -> Option<(u8, &str)> {
        let name = self.name.as_deref().unwrap_or(&self.id);
        if self.id_lower.starts_with(typed) && !typed.is_empty() {
            return Some((0, &self.id));
        }
        if self.name_lower.starts_with(typed) {
            return Some((0, name));
        }
        let begins = |word: &str| word.starts_with(typed);
        if self.name_lower.split(|c: char| !c.is_alphanumeric()).any(begins) {
            return Some((1, name));
        }
        if self.name_lower.contains(typed) {
            return Some((2, name));
        }
        self.id_lower.contains(typed).then_some((2, self.id.as_str()))
    }
}

/// Text from files is data: what would hide or reorder is not offered.
fn can_be_typed(text: &str) -> bool {
    text.len() <= OFFERED_MAX && !text.is_empty() && text::clean(text) == text
}

fn opened(context: &Context, model: &str) -> Result<ModelFile> {
    let paths = ModelPaths::new(&context.workspace, model)?;
    ModelFile::look(&paths, &format!("{STATE_FOLDER}/{model}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(names: &[(&str, &str)]) -> Accounts {
        let account = |(id, name): &(&str, &str)| Account {
            id: (*id).to_string(),
            name: Some((*name).to_string()),
            id_lower: id.to_lowercase(),
            name_lower: name.to_lowercase(),
        };
        Accounts(names.iter().map(account).collect())
    }

    #[test]
    fn what_begins_so_comes_first_then_words_then_what_is_spelt_alike() {
        let accounts = book(&[
            ("A-1", "Northwind Acme"),
            ("A-2", "Acme Corp"),
            ("A-3", "Placme"),
            ("ACME-9", "Other"),
        ]);
        let (values, total) = accounts.like("acme", 10);
        assert_eq!(
            (values, total),
            (
                ["Acme Corp", "ACME-9", "Northwind Acme", "Placme"].map(String::from).into(),
                4
            )
        );
        assert_eq!(accounts.like("Northwnd", 10).0, ["Northwind Acme"]);
        assert_eq!(accounts.like("", 2), (vec!["Northwind Acme".into(), "Acme Corp".into()], 4));
        assert_eq!(accounts.like("zzzzzz", 2), (vec![], 0));
    }

    #[test]
    fn what_hides_or_reorders_is_not_offered() {
        for odd in ["", "a\u{202e}b", "a\nb", "a\u{1b}[2Jb", &"x".repeat(300)] {
            assert!(!can_be_typed(odd), "{odd:?}");
        }
        assert!(can_be_typed("Müller & Söhne, Inc."));
    }
}
