//! What a table could be joined as: told by the columns that the join itself would read.

use super::{is_subscriptions, words};
use crate::model::load::JoinKind;
use crate::model::table::Table;

/// Lists of header names by which a kind of log is known.
struct Log {
    kind: JoinKind,
    /// Without a column of each of these the join is refused.
    needed: &'static [&'static [&'static str]],
    /// Dates and amounts are in every log; one of these says which it is.
    telling: &'static [&'static [&'static str]],
    /// What the join reads besides.
    other: &'static [&'static [&'static str]],
}

const LOGS: [Log; 4] = [
    Log {
        kind: JoinKind::Churn,
        needed: &[&words::CHURNED_AT],
        telling: &[&words::CHURN, &words::REACTIVATED],
        other: &[],
    },
    Log {
        kind: JoinKind::Tickets,
        needed: &[&words::OPENED_AT],
        telling: &[&words::TICKET, &words::PRIORITY, &words::SATISFACTION, &words::ESCALATED],
        other: &[&words::CLOSED_AT],
    },
    Log {
        kind: JoinKind::Nps,
        needed: &[&words::ANSWERED_AT, &words::ANSWER],
        telling: &[&words::SURVEY],
        other: &[],
    },
    Log {
        kind: JoinKind::Usage,
        needed: &[&words::USED_AT],
        telling: &[&words::FEATURE, &words::COUNT],
        other: &[],
    },
];

/// The kind that the headers of a table speak of most, with the columns that do. `items`, `prices` and `columns` are not
/// told: what they hold can be anything.
pub(crate) fn kind_of(table: &Table) -> Option<(JoinKind, Vec<usize>)> {
    let find = |lists: &[&[&str]]| -> Vec<usize> { lists.iter().filter_map(|names| words::find(table, names)).collect() };
    if is_subscriptions(table) {
        let lists: [&[&str]; 8] = [
            &words::SUBSCRIPTION_OF,
            &words::START,
            &words::END,
            &words::ANNUAL,
            &words::MONTHLY,
            &words::AMOUNT,
            &words::INTERVAL,
            &words::STATUS,
        ];
        return Some((JoinKind::Subscriptions, find(&lists)));
    }
    let logs = LOGS.iter().filter_map(|log| {
        let (mut columns, telling) = (find(log.needed), find(log.telling));
        let is_one = columns.len() == log.needed.len() && !telling.is_empty();
        columns.extend(telling.into_iter().chain(find(log.other)));
        columns.sort_unstable();
        columns.dedup();
        is_one.then_some((log.kind, columns))
    });
    // Of two as strong the first of the list.
    logs.rev().max_by_key(|(_, columns)| columns.len())
}

/// Whether the rows lead to accounts by the id of a subscription.
pub(crate) fn by_subscription(table: &Table) -> bool {
    words::find(table, &words::SUBSCRIPTION_OF).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::table_of;

    #[test]
    fn kinds_are_told_by_what_their_join_reads() {
        use JoinKind::{Churn, Nps, Subscriptions, Tickets, Usage};
        for (header, wanted) in [
            (
                "subscription_id,account_id,start_date,end_date,plan_tier,mrr_amount,billing_frequency",
                Some(Subscriptions),
            ),
            ("id,customer,amount,interval,status", Some(Subscriptions)),
            (
                "ticket_id,account_id,submitted_at,closed_at,priority,satisfaction_score",
                Some(Tickets),
            ),
            ("Case Number,Account Name,Created Date,Subject", Some(Tickets)),
            ("usage_id,subscription_id,usage_date,feature_name,usage_count", Some(Usage)),
            ("timestamp,account,event", Some(Usage)),
            ("account_id,response_date,score,comment", Some(Nps)),
            ("Account,NPS Score,Submitted At", Some(Nps)),
            (
                "churn_event_id,account_id,churn_date,reason_code,is_reactivation",
                Some(Churn),
            ),
            ("account_id,churn_reason,date", Some(Churn)),
            ("opportunity,account,created date,close date,amount", None),
            ("date,account,score", None),
            ("account,arr,churned", None),
            ("sku,name,price,currency", None),
        ] {
            let table = table_of(format!("{header}\n").as_bytes(), "t.csv").unwrap();
            assert_eq!(kind_of(&table).map(|(kind, _)| kind), wanted, "{header}");
        }
    }
}
