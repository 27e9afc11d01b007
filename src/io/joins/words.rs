//! The words by which the columns of joined files are known: each list in order of preference.

use crate::io::dictionary;
use crate::model::table::Table;

pub(super) const SUBSCRIPTION_ID: [&str; 6] = [
    "subscription id",
    "subscription oid",
    "subscription",
    "contract id",
    "contract number",
    "id",
];
/// The subscription that a line belongs to.
pub(super) const SUBSCRIPTION_OF: [&str; 4] = ["subscription id", "subscription oid", "subscription", "contract id"];
/// Whether a price recurs.
pub(super) const PRICE_KIND: [&str; 3] = ["type", "price type", "pricing type"];
pub(super) const ONE_TIME: [&str; 3] = ["one_time", "one-time", "one time"];
pub(super) const START: [&str; 12] = [
    "start date",
    "subscription started at",
    "started at",
    "start",
    "start date utc",
    "contract start date",
    "contract start",
    "service start",
    "period start",
    "valid from",
    "activated at",
    "created",
];
/// When a subscription really ended. `canceled at` is when somebody asked for it: it ends one only where nothing else does.
pub(super) const END: [&str; 13] = [
    "ended at",
    "end date",
    "subscription canceled at",
    "subscription cancelled at",
    "subscription end date",
    "contract end date",
    "contract end",
    "service end",
    "period end",
    "valid to",
    "expires at",
    "expiration date",
    "end",
];
pub(super) const ASKED_TO_END: [&str; 4] = ["canceled at", "cancelled at", "cancellation date", "cancel date"];
pub(super) const STATUS: [&str; 4] = ["status", "subscription status", "state", "contract status"];
pub(super) const TRIAL: [&str; 4] = ["is trial", "trial", "on trial", "trialing"];
pub(super) const TRIAL_END: [&str; 3] = ["trial end", "trial end date", "trial ends at"];
pub(super) const DELETED: [&str; 3] = ["is deleted", "deleted", "deleted at"];
pub(super) const ANNUAL: [&str; 9] = [
    "arr",
    "arr amount",
    "annual recurring revenue",
    "annual amount",
    "annual value",
    "acv",
    "annual contract value",
    "annualized amount",
    "annual price",
];
pub(super) const MONTHLY: [&str; 7] = [
    "mrr",
    "mrr amount",
    "monthly recurring revenue",
    "monthly amount",
    "monthly price",
    "monthly fee",
    "monthly value",
];
/// Amounts for one interval.
pub(super) const AMOUNT: [&str; 8] = [
    "unit amount",
    "plan amount",
    "amount",
    "price",
    "unit price",
    "recurring amount",
    "subscription amount",
    "net amount",
];
pub(super) const INTERVAL: [&str; 9] = [
    "interval",
    "recurring interval",
    "plan interval",
    "billing interval",
    "billing period",
    "billing cycle",
    "billing frequency",
    "frequency",
    "period",
];
pub(super) const INTERVAL_COUNT: [&str; 4] = [
    "interval count",
    "recurring interval count",
    "plan interval count",
    "billing interval count",
];
pub(super) const QUANTITY: [&str; 5] = ["quantity", "qty", "subscription quantity", "units", "licenses"];
pub(super) const CURRENCY: [&str; 4] = ["currency", "currency code", "plan currency", "currency iso code"];
pub(super) const PRICE_ID: [&str; 7] = ["price id", "plan id", "plan oid", "price", "plan", "plan name", "product id"];
pub(super) const PRICE_OWN_ID: [&str; 6] = ["id", "price id", "plan id", "plan oid", "plan", "plan name"];

pub(super) const USED_AT: [&str; 9] = [
    "usage date",
    "event date",
    "date",
    "timestamp",
    "event time",
    "occurred at",
    "created at",
    "time",
    "day",
];
pub(super) const FEATURE: [&str; 6] = ["feature name", "feature", "event name", "event", "module", "action"];
pub(super) const USER: [&str; 5] = ["user id", "user", "user email", "email", "member id"];
pub(super) const COUNT: [&str; 6] = ["usage count", "count", "events", "event count", "n events", "sessions"];
pub(super) const OPENED_AT: [&str; 8] = [
    "submitted at",
    "created at",
    "created",
    "created date",
    "opened at",
    "open date",
    "date",
    "submitted",
];
pub(super) const CLOSED_AT: [&str; 8] = [
    "closed at",
    "closed date",
    "solved at",
    "resolved at",
    "closed",
    "resolution date",
    "completed at",
    "close date",
];
pub(super) const SATISFACTION: [&str; 6] = [
    "satisfaction score",
    "csat",
    "csat score",
    "satisfaction",
    "satisfaction rating",
    "rating",
];
pub(super) const ESCALATED: [&str; 5] = ["escalation flag", "escalated", "is escalated", "escalation", "escalations"];
pub(super) const PRIORITY: [&str; 3] = ["priority", "severity", "urgency"];
pub(super) const ANSWERED_AT: [&str; 7] = [
    "response date",
    "responded at",
    "survey date",
    "answered at",
    "date",
    "created at",
    "submitted at",
];
pub(super) const ANSWER: [&str; 5] = ["nps score", "nps", "score", "rating", "answer"];
pub(super) const CHURNED_AT: [&str; 7] = [
    "churn date",
    "churned at",
    "churned on",
    "date",
    "event date",
    "cancellation date",
    "created at",
];
pub(super) const REACTIVATED: [&str; 4] = ["is reactivation", "reactivation", "reactivated", "won back"];

/// The column with the first of these names that the table has.
pub(super) fn find(table: &Table, names: &[&str]) -> Option<usize> {
    let headers: Vec<String> = table
        .headers()
        .iter()
        .map(|header| dictionary::header(header).words.join(" "))
        .collect();
    names.iter().find_map(|name| headers.iter().position(|header| header == name))
}
