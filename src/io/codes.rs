//! The currencies that the rows of a book name, each under a small number.

use crate::model::values::currency_code;

/// The currencies that the rows name.
#[derive(Debug, Default)]
pub(crate) struct Codes(Vec<String>);

impl Codes {
    /// The amount names no currency.
    pub(crate) const BARE: u16 = 0;
    /// The amount has a dollar sign.
    pub(crate) const DOLLAR: u16 = 1;
    /// The first entry that stands for a code.
    pub(crate) const FIRST: u16 = 2;

    /// The entry of a code, known or not. A column with very many "codes" is no currency column; the rest of them share `?`.
    pub(crate) fn named(&mut self, code: &str) -> u16 {
        const CODES_MAX: usize = 256;
        let full = self.0.len() >= CODES_MAX && currency_code(code).is_none();
        let code = if full { "?" } else { code };
        let same = |known: &String| known.eq_ignore_ascii_case(code);
        let at = self.0.iter().position(same).or_else(|| {
            let code = currency_code(code).map_or_else(|| code.to_uppercase(), str::to_string);
            self.0.iter().position(|known| *known == code).or_else(|| {
                self.0.push(code);
                Some(self.0.len() - 1)
            })
        });
        at.and_then(|at| u16::try_from(at).ok())
            .map_or(Self::BARE, |at| at.saturating_add(Self::FIRST))
    }

    /// Takes in the codes of rows further down: which entry here each of theirs is.
    pub(crate) fn take_in(&mut self, others: &Codes) -> Vec<u16> {
        let own = others.0.iter().map(|code| self.named(code));
        [Self::BARE, Self::DOLLAR].into_iter().chain(own).collect()
    }

    /// The code of an entry; none for bare amounts and dollar signs.
    pub(crate) fn get(&self, entry: u16) -> Option<&str> {
        let at = entry.checked_sub(Self::FIRST)?;
        self.0.get(usize::from(at)).map(String::as_str)
    }

    /// How many codes the rows name.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
