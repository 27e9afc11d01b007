//! What the document hands on to other work (M54), and the time that it saves by its source's figures (M55).

use super::super::steps::{View, accounts, count};
use super::super::{Block, Table, text};
use crate::engine::cells::Columns;
use crate::engine::stats::median;
use crate::model::role::Role;
use crate::model::tier::Tier;

/// Hours that the work takes a CS Ops lead by hand, from and to (M55).
const BY_HAND_HOURS: [u32; 2] = [6, 10];
/// Minutes that it takes with tools (M55).
const WITH_TOOLS_MINUTES: u32 = 20;
/// What an hour of CS Ops costs, in dollars (M55).
const DOLLARS_PER_HOUR: u32 = 175;

/// Lines on who takes what, and the tiers as they take them.
pub(super) fn blocks(view: View) -> Vec<Block> {
    let lines = [
        "Health score design takes the column primary_segment of segments.csv as its key: signals weigh differently by tier.",
        "CS tool selection takes the distribution over the tiers as its size.",
        "AI-assisted resolution sets its CSAT floors by tier: how high is for the team to say. Where the book has a CSAT column, \
         the median of each tier today is where to start from.",
    ];
    vec![Block::List(lines.map(str::to_string).to_vec()), Block::Table(table(view))]
}

fn table(view: View) -> Table {
    let mut table = Table::new(&[
        "Tier",
        "primary_segment",
        ">Accounts",
        ">Share of accounts",
        ">Median CSAT today",
    ]);
    let csat = Columns::new(view.book()).numbers_of(Role::Csat);
    let mut known = Tier::ALL.map(|_| Vec::new());
    for (account, csat) in csat
        .iter()
        .enumerate()
        .filter_map(|(account, csat)| Some((account, (*csat)?)))
    {
        if let Some(of_tier) = known.get_mut(view.outcome.segmentation.tier(account).index()) {
            of_tier.push(csat);
        }
    }
    for (tier, known) in Tier::ALL.into_iter().zip(known) {
        let total = view.outcome.segmentation.total(tier);
        let median = median(known);
        table.push([
            tier.name(view.policy.tiers.scheme).to_string(),
            tier.code().to_string(),
            count(total.accounts),
            text::percent(view.account_share(total.accounts)),
            median.map_or("-".to_string(), text::percent),
        ]);
    }
    table
}

/// What the source's figures say is saved: from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// Minutes.
    pub minutes: [u32; 2],
    /// Their worth in whole dollars, rounded.
    pub dollars: [u32; 2],
}

/// The time saved by the figures of M55.
pub fn saved() -> Saved {
    let minutes = BY_HAND_HOURS.map(|hours| hours * 60 - WITH_TOOLS_MINUTES);
    Saved {
        minutes,
        dollars: minutes.map(|minutes| (minutes * DOLLARS_PER_HOUR + 30) / 60),
    }
}

pub(super) fn saved_blocks(view: View) -> Vec<Block> {
    let Saved { minutes, dollars } = saved();
    let [from, to] = minutes.map(|minutes| format!("{} h {} min", minutes / 60, minutes % 60));
    let ([least, most], [cheap, dear]) = (BY_HAND_HOURS, dollars.map(|dollars| count(dollars as usize)));
    vec![Block::Text(format!(
        "{} placed in this run. The source of the method puts the same work by hand at {least} to {most} hours of CS Ops at ${DOLLARS_PER_HOUR} an \
         hour and with tools at about {WITH_TOOLS_MINUTES} minutes: {from} to {to} saved, worth ${cheap} to ${dear}. These are the \
         source's figures; nothing was timed here.",
        accounts(view.book().len())
    ))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_saved_is_the_source_s_arithmetic() {
        assert_eq!(
            saved(),
            Saved {
                minutes: [340, 580],
                dollars: [992, 1_692]
            }
        );
    }
}
