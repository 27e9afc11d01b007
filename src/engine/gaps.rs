//! What blank cells cost: how many accounts could change bin or tier if the cells of a column were known (H58).

use super::cells::{Columns, of_cells};
use super::resolve;
use super::score::{self, BasisPoints, Edges, Strategic};
use super::tiering;
use crate::model::load::Loaded;
use crate::model::policy::{Method, Policy};
use crate::model::tier::Rule;

/// The blanks of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The header.
    pub header: String,
    /// Accounts whose cell is blank.
    pub blank: usize,
    /// Those of them whose strategic bin could be another.
    pub bin: usize,
    /// Those of them whose tier could be another.
    pub tier: usize,
}

/// The columns that feed factors and have blanks, the costliest first.
///
/// Where the model has no cuts or bins yet, those are used that the next steps would place.
pub fn gaps(loaded: &Loaded, policy: &Policy) -> Vec<Gap> {
    let book = &loaded.book;
    if book.is_empty() {
        return Vec::new();
    }
    let mut policy = policy.clone();
    if !resolve::has_axis(&policy) {
        let snap = policy.axis.snap;
        resolve::axis(&mut policy, book, Method::Auto, snap);
    }
    resolve::tiers(&mut policy, book);
    let columns = Columns::new(book);
    let strategic = score::score(&columns, &policy);
    let rule = tiering::rule(policy.tiers.rule, &strategic);
    let thresholds = tiering::thresholds(&policy, rule);
    let edges = Edges::of(policy.strategic.bins);
    let mut gaps: Vec<Gap> = Vec::new();
    for (header, factors) in fed_by(&columns, &policy, &strategic) {
        let Some(column) = book.table.find(&header) else { continue };
        let mut gap = Gap {
            header,
            blank: 0,
            bin: 0,
            tier: 0,
        };
        let blank = of_cells(book, column, str::is_empty);
        for (account, _) in blank.iter().enumerate().filter(|(_, blank)| **blank) {
            gap.blank += 1;
            let unknown = factors.iter().filter_map(|at| strategic.factors.get(*at));
            let reach: f64 = unknown
                .filter(|factor| factor.scores.is_unknown(account))
                .map(|factor| factor.weight_used)
                .sum();
            let value = strategic.value.get(account).copied().unwrap_or(0);
            let ceiling = strategic.ceiling.get(account).copied().unwrap_or(0);
            let could: BasisPoints = value.saturating_add(score::basis_points(reach)).min(ceiling);
            let cents = book.arr(account).0;
            gap.bin += usize::from(edges.bin(value) != edges.bin(could));
            gap.tier += usize::from(rule == Rule::Grid && thresholds.tier(cents, value) != thresholds.tier(cents, could));
        }
        if gap.blank > 0 {
            gaps.push(gap);
        }
    }
    gaps.sort_by(|a, b| {
        (b.tier, b.bin, b.blank)
            .cmp(&(a.tier, a.bin, a.blank))
            .then(a.header.cmp(&b.header))
    });
    gaps
}

/// The headers that feed factors which are on, each with the positions of those factors, in rubric order.
fn fed_by(columns: &Columns, policy: &Policy, strategic: &Strategic) -> Vec<(String, Vec<usize>)> {
    let mut fed: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, factor) in strategic.factors.iter().enumerate().filter(|(_, factor)| factor.on) {
        let signal = score::signal_of(columns, policy, &factor.name);
        for reference in signal.iter().flat_map(|signal| signal.columns()) {
            for header in columns.book().headers_of(reference) {
                match fed.iter_mut().find(|(known, _)| *known == header) {
                    Some((_, factors)) if factors.contains(&at) => {}
                    Some((_, factors)) => factors.push(at),
                    None => fed.push((header, vec![at])),
                }
            }
        }
    }
    fed
}
