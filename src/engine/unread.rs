//! Columns whose texts no default rule knows: a zero that nobody has said is worth a word.

use std::collections::BTreeMap;

use super::cells::{Columns, of_cells};
use crate::model::finding::Finding;
use crate::model::policy::Policy;
use crate::model::presets::{self, Known};
use crate::model::role::Role;

/// How many of the texts are shown.
const SHOWN: usize = 3;

/// WARNING for a column of logo tiers or industries none of whose texts the default rule of its factor knows (S6a).
pub(super) fn findings(columns: &Columns, policy: &Policy) -> Vec<Finding> {
    let of = |factor: &str, role: Role, known: &[&str], consequence: &str| {
        let by_default = !policy.strategic.signals.contains_key(factor);
        let is_asked = policy.strategic.factors.iter().any(|f| f.name == factor);
        if !by_default || !is_asked || columns.holds_one(role, known) {
            return None;
        }
        let texts = texts(columns, role)?;
        let column = columns.book().headers_of(&format!("role:{role}")).join(", ");
        let text = format!(
            "`{column}` holds none of the texts that the default rule of {factor} knows, but {}: {consequence}; give \
             score_strategic a signal of kind levels on that column",
            shown(&texts)
        );
        Some(Finding::warning("texts_not_known", text))
    };
    let mut found = Vec::new();
    found.extend(of(
        "strategic_logo",
        Role::LogoTier,
        &presets::logo_levels(),
        "the factor is off",
    ));
    if !columns.exists("role:regulated") {
        found.extend(of(
            "regulatory_exposure",
            Role::Industry,
            &presets::REGULATED,
            "it is 0 for every account",
        ));
    }
    found
}

/// The texts of a role's column in small letters, with how often each stands there; none without a column or a text.
fn texts(columns: &Columns, role: Role) -> Option<BTreeMap<String, usize>> {
    let book = columns.book();
    let column = book.roles.get(&role)?.column;
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for (text, n) in of_cells(book, column, str::trim).counted() {
        if n > 0 && !text.is_empty() {
            *texts.entry(text.to_lowercase()).or_default() += n;
        }
    }
    (!texts.is_empty()).then_some(texts)
}

fn shown(texts: &BTreeMap<String, usize>) -> String {
    let mut common: Vec<(&String, &usize)> = texts.iter().collect();
    common.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let named: Vec<String> = common.iter().take(SHOWN).map(|(text, _)| format!("`{text}`")).collect();
    let more = texts.len().saturating_sub(SHOWN);
    match more {
        0 => named.join(", "),
        _ => format!("{} and {more} more", named.join(", ")),
    }
}
