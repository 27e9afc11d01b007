//! What headers mean: the words of vendor exports for each role, and the words that only look like ARR (S4).

use strsim::jaro_winkler;

use crate::model::role::Role;
use crate::model::values::currency_code;

/// A header taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Lower-case words.
    pub(crate) words: Vec<String>,
    /// Unit after the name: `USD`, `UTC`, `cents`.
    pub(crate) unit: Option<String>,
}

/// How a header came to mean a role.
#[derive(Debug, Clone, Copy, PartialEq)]
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

impl Match {
    /// 0..1, for a role.
    pub(crate) fn confidence(self, role: Role) -> f64 {
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

struct Entry {
    role: Role,
    exact: &'static [&'static str],
    alias: &'static [&'static str],
    weak: &'static [&'static str],
    /// Phrases that mean the role among other words too.
    within: &'static [&'static str],
}

macro_rules! entries {
    ($($role:ident: $exact:expr; $alias:expr; $weak:expr; $within:expr)*) => {
        const ENTRIES: &[Entry] = &[$(Entry { role: Role::$role, exact: &$exact, alias: &$alias, weak: &$weak, within: &$within }),*];
    };
}

// Headers as the exports of these write them: Salesforce, HubSpot, Stripe, ChartMogul, Gainsight, Vitally, Planhat.
entries! {
    Id: ["account id", "customer id", "company id"];
        ["id", "record id", "gsid", "uuid", "external id", "client id", "org id", "organization id", "tenant id", "customer oid",
         "account number", "customer number", "sfdc account id", "acct id", "account uuid", "customer uuid", "crm id"];
        []; ["account id", "customer id"]
    Name: ["account name", "customer name", "company name", "name"];
        ["account", "company", "customer", "client", "client name", "organization", "organisation", "organization name",
         "business name", "tenant name", "acct name"];
        []; ["account name", "company name", "customer name"]
    Arr: ["arr", "annual recurring revenue", "current arr"];
        ["arr amount", "total arr", "live arr", "active arr", "arr value", "ending arr", "annual run rate",
         "annualized run rate", "annualised run rate", "annualized recurring revenue", "annualised recurring revenue",
         "annual recurring rev"];
        ["acv", "annual contract value", "annualized contract value"]; ["arr", "annual recurring revenue"]
    Mrr: ["mrr", "monthly recurring revenue", "current mrr"];
        ["monthly charges", "monthly amount", "mrr amount", "total mrr", "monthly revenue", "monthly fee", "monthly subscription"];
        []; ["mrr", "monthly recurring revenue"]
    CommittedArr: ["committed arr", "carr"];
        ["contracted arr", "signed arr", "booked arr", "committed annual recurring revenue", "contracted annual recurring revenue"];
        []; ["committed arr"]
    Tcv: ["tcv", "total contract value"]; ["contract value"]; []; ["tcv"]
    TermMonths: ["term months", "contract term months"];
        ["term", "contract term", "contract length", "contract length months", "subscription term"]; []; []
    Currency: ["currency", "currency code", "currency iso code"]; ["account currency", "plan currency", "arr currency"]; []; []
    Status: ["status", "account status", "customer status"]; ["subscription status", "managed as", "relationship status"]; []; []
    Churned: ["churned", "churn", "churn flag", "is churned", "churned at"];
        ["churn date", "has churned", "churned flag", "churned date", "churn label", "cancelled", "canceled", "is cancelled",
         "is canceled", "ended at", "cancellation date"];
        ["cancelled at", "canceled at", "churn value", "churn status"]; []
    Deleted: ["is deleted", "deleted"]; ["deleted at", "is archived", "archived"]; []; []
    Created: ["created", "created date", "created at", "customer since"];
        ["create date", "signup date", "sign up date", "subscriber since", "start date", "original contract date",
         "contract start date", "account created", "created on", "onboarded at", "became customer date", "date created"];
        []; ["customer since", "contract start date"]
    Renewal: ["renewal date", "renewal", "next renewal date"];
        ["next renewal", "contract end date", "contract end", "renews at", "renews on", "contract expiration", "expiration date",
         "current period end", "subscription end date"];
        []; ["renewal date", "contract end date"]
    Owner: ["owner", "csm", "account owner", "csm name"];
        ["customer success manager", "company owner", "account manager", "csm owner", "owner name", "success manager", "csm email",
         "cs owner", "assigned csm", "owner email"];
        ["csm id", "owner id", "account owner id", "hubspot owner id"]; ["customer success manager"]
    CurrentTier: ["current tier", "service tier", "cs tier"];
        ["tier", "account tier", "customer tier", "touch model", "engagement model", "coverage model", "support tier", "touch tier"];
        []; []
    Industry: ["industry", "vertical"]; ["sector", "industry name", "primary industry", "account industry"]; []; ["industry"]
    Segment: ["segment", "customer segment", "account segment"];
        ["size segment", "company size segment", "market segment", "segments", "segment name"]; ["company size"]; []
    Plan: ["plan", "plan name", "plan tier"];
        ["product plan", "subscription plan", "edition", "package", "pricing plan", "subscription tier", "current plan"]; []; []
    SeatsLicensed: ["seats licensed", "licensed seats", "seats"];
        ["licenses", "licences", "seats purchased", "purchased seats", "seats sold", "total seats", "contracted seats", "paid seats",
         "license count", "licenses purchased", "seat count", "licensed users", "seats contracted"];
        ["quantity"]; ["licensed seats", "seats licensed"]
    SeatsUsed: ["seats used", "used seats", "active seats"];
        ["active users", "users count", "licenses used", "seats active", "assigned seats", "seats assigned", "licenses active"];
        ["monthly active users", "mau"]; ["seats used"]
    Usage: ["dau mau", "dau mau ratio", "stickiness"]; ["usage", "usage rate", "usage ratio", "product usage"]; []; ["dau mau"]
    UsageTrend: ["usage trend", "usage change"]; ["usage growth", "usage delta", "login trend", "usage change pct"]; []; ["usage trend"]
    Adoption: ["adoption", "feature adoption", "adoption rate"];
        ["feature adoption rate", "adoption score", "product adoption", "adoption pct"]; []; ["feature adoption", "adoption rate"]
    Tickets: ["tickets", "open tickets", "support tickets"];
        ["ticket count", "tickets open", "support cases", "open cases", "number of tickets", "open support tickets"];
        []; ["tickets"]
    Csat: ["csat", "csat score", "customer satisfaction"]; ["satisfaction score", "support csat", "support satisfaction"]; []; ["csat"]
    Escalations: ["escalations", "open escalations"];
        ["escalation count", "escalated tickets", "active escalations", "escalation flag"]; []; ["escalations"]
    Nps: ["nps", "nps score", "net promoter score"]; ["latest nps", "last nps", "current nps"]; []; ["nps"]
    Health: ["health score", "health"];
        ["account health", "customer health", "customer health score", "overall score", "current score", "health index"];
        []; ["health score"]
    ChurnRisk: ["churn risk", "churn probability"];
        ["churn score", "churn risk score", "risk of churn", "likelihood to churn", "churn likelihood", "churn propensity"];
        []; ["churn risk", "churn probability"]
    LogoTier: ["logo tier", "logo value"]; ["brand tier", "strategic logo", "logo rating", "marquee logo", "marquee", "brand value"]; []; []
    CaseStudy: ["case study"]; ["case study published", "case study date", "published case study", "has case study"]; []; ["case study"]
    Reference: ["reference", "referenceable"];
        ["is reference", "reference customer", "reference account", "customer reference", "is referenceable", "reference status",
         "agreed reference"];
        []; ["referenceable"]
    DesignPartner: ["design partner"]; ["is design partner", "design partner flag", "beta partner", "co development partner"]; []; ["design partner"]
    Regulated: ["regulated", "is regulated"]; ["regulated industry", "compliance required", "compliance", "regulatory", "regulation"]; []; []
    Products: ["products", "products owned", "product list"];
        ["products purchased", "modules", "modules owned", "product lines", "subscribed products", "owned products"]; []; []
    Tam: ["tam", "internal tam", "account tam"];
        ["total addressable market", "potential arr", "arr potential", "account potential", "addressable arr"]; []; ["tam"]
    Parent: ["parent", "parent account", "parent id"];
        ["parent account id", "parent company", "parent company id", "subsidiary of", "ultimate parent", "org root id",
         "parent account name"];
        []; ["parent account", "parent company"]
    Modified: ["modified", "last modified date", "modified date", "updated at"];
        ["last updated", "last modified", "last modified at", "updated", "modified at", "updated on", "last update"]; []; []
    Tags: ["tags", "notes"]; ["labels", "comments", "keywords", "note"]; []; []
    SeatUtilization: ["seat utilization", "seat utilisation"];
        ["license utilization", "licence utilisation", "license usage", "utilization", "seat usage"]; []; []
    ProductCount: ["product count", "number of products"]; ["products count", "n products", "num products", "module count"]; []; []
}

/// Words that turn the name of an amount into something else: `ARR growth` is no ARR.
const NOT_THE_AMOUNT: [&str; 32] = [
    "growth",
    "change",
    "delta",
    "committed",
    "contracted",
    "expansion",
    "new",
    "lost",
    "churn",
    "churned",
    "previous",
    "prior",
    "last",
    "target",
    "forecast",
    "potential",
    "band",
    "range",
    "tier",
    "parent",
    "pct",
    "percent",
    "date",
    "currency",
    "share",
    "rank",
    "bucket",
    "id",
    "contraction",
    "upsell",
    "at",
    "risk",
];

/// Headers that look like ARR and are not, with the reason. None of them is mapped to ARR on its own (S4).
const TRAPS: [(&str, &str); 15] = [
    (
        "annual revenue",
        "it is what the customer itself earns in a year (Salesforce, HubSpot)",
    ),
    ("revenue", "it may be what the customer itself earns"),
    ("company revenue", "it is what the customer itself earns"),
    ("total revenue", "it is a total over time or the customer's own"),
    ("total spend", "it is a lifetime total (Stripe)"),
    ("total charges", "it is a lifetime total"),
    ("lifetime value", "it is a lifetime total"),
    ("ltv", "it is a lifetime total"),
    ("lifetime revenue", "it is a lifetime total"),
    ("net payments", "it is a lifetime total (ChartMogul)"),
    ("total paid", "it is a lifetime total"),
    ("tcv", "it is the value of the whole term"),
    ("total contract value", "it is the value of the whole term"),
    ("contract value", "it is the value of the whole term"),
    ("close value", "it is the value of one deal"),
];

/// Takes a header apart: camel case, punctuation, `__c`, and a unit in parentheses or at the end.
pub(crate) fn header(text: &str) -> Header {
    let bare = text.trim().trim_end_matches("__c").trim_end_matches("__C");
    let (name, unit) = match bare.split_once('(') {
        Some((name, rest)) if !name.trim().is_empty() => (name, rest.split(')').next().map(|u| u.trim().to_string())),
        _ => (bare, None),
    };
    let mut words = words(name);
    let mut unit = unit.filter(|u| !u.is_empty());
    let is_unit = |w: &String| w == "cents" || (w.len() == 3 && currency_code(w).is_some());
    if unit.is_none() && words.len() > 1 && words.last().is_some_and(is_unit) {
        unit = words.pop();
    }
    Header { words, unit }
}

/// The roles that a header may play, best first.
pub(crate) fn roles(header: &Header) -> Vec<(Role, Match, &'static str)> {
    let joined = header.words.concat();
    let spaced = header.words.join(" ");
    if joined.is_empty() {
        return Vec::new();
    }
    let trap = trap(header).is_some();
    let mut found: Vec<(Role, Match, &'static str)> = ENTRIES
        .iter()
        .filter_map(|entry| matched(entry, header, &joined, &spaced, trap).map(|(how, phrase)| (entry.role, how, phrase)))
        .collect();
    // A header that says one thing outright is no misspelling of another.
    if found.iter().any(|(_, how, _)| *how != Match::Fuzzy) {
        found.retain(|(_, how, _)| *how != Match::Fuzzy);
    }
    found.sort_by(|a, b| b.1.confidence(b.0).total_cmp(&a.1.confidence(a.0)));
    found
}

/// Why this header is not ARR although it looks like it.
pub(crate) fn trap(header: &Header) -> Option<&'static str> {
    let joined = header.words.concat();
    TRAPS
        .iter()
        .find(|(phrase, _)| squeezed(phrase) == joined)
        .map(|(_, why)| *why)
}

/// How likely a column of numbers holds amounts, by its header: 0 speaks of money, 3 of something else.
pub(crate) fn money_rank(header: &Header) -> u8 {
    const MONEY: [&str; 15] = [
        "amount",
        "price",
        "value",
        "fee",
        "fees",
        "charge",
        "charges",
        "contract",
        "acv",
        "subscription",
        "billing",
        "invoice",
        "recurring",
        "arr",
        "mrr",
    ];
    const OTHER: [&str; 24] = [
        "count",
        "employees",
        "year",
        "days",
        "hours",
        "minutes",
        "id",
        "number",
        "age",
        "interval",
        "percent",
        "pct",
        "rate",
        "score",
        "latitude",
        "longitude",
        "refund",
        "established",
        "quantity",
        "zip",
        "code",
        "accuracy",
        "duration",
        "tenure",
    ];
    let any = |list: &[&str]| header.words.iter().any(|w| list.contains(&w.as_str()));
    match trap(header) {
        _ if any(&OTHER) => 3,
        None if any(&MONEY) => 0,
        Some(_) => 1,
        None => 2,
    }
}

fn matched(entry: &Entry, header: &Header, joined: &str, spaced: &str, trap: bool) -> Option<(Match, &'static str)> {
    let same = |list: &'static [&'static str]| list.iter().copied().find(|phrase| squeezed(phrase) == joined);
    let amount = matches!(entry.role, Role::Arr | Role::Mrr);
    for (list, how) in [
        (entry.exact, Match::Exact),
        (entry.alias, Match::Alias),
        (entry.weak, Match::Weak),
    ] {
        if let Some(phrase) = same(list) {
            return Some((how, phrase));
        }
    }
    let turned = amount && header.words.iter().any(|w| NOT_THE_AMOUNT.contains(&w.as_str()));
    if trap || turned {
        return None;
    }
    let holds = |phrase: &&str| phrase.split(' ').all(|word| header.words.iter().any(|w| w == word));
    if let Some(phrase) = entry
        .within
        .iter()
        .copied()
        .find(|p| holds(p))
        .filter(|_| !names_another(entry.role, header))
    {
        return Some((Match::Within, phrase));
    }
    const LIKE: f64 = 0.92; // below this, `case study` and `case status` run together
    let like = |phrase: &&str| jaro_winkler(phrase, spaced) >= LIKE && misspelled(phrase, spaced);
    let phrase = entry.exact.iter().chain(entry.alias).copied().find(like)?;
    Some((Match::Fuzzy, phrase))
}

/// Jaro-Winkler favours long common starts; a misspelling also keeps the word count, and short words are other words (`arr`, `mrr`).
fn misspelled(phrase: &str, spaced: &str) -> bool {
    const LETTERS_MIN: usize = 5;
    let same_words = phrase.split(' ').count() == spaced.split(' ').count();
    let mut pairs = phrase.split(' ').zip(spaced.split(' '));
    same_words && pairs.all(|(a, b)| a == b || (a.len().min(b.len()) >= LETTERS_MIN && strsim::damerau_levenshtein(a, b) <= 2))
}

/// Names and ids of something else: `Parent Account Name`, `Account Owner Name`.
fn names_another(role: Role, header: &Header) -> bool {
    const OTHERS: [&str; 10] = [
        "parent", "owner", "csm", "manager", "plan", "contact", "reason", "bank", "partner", "industry",
    ];
    const REST: [&str; 6] = ["reason", "comment", "notes", "delta", "previous", "trend"];
    let any = |list: &[&str]| header.words.iter().any(|w| list.contains(&w.as_str()));
    match role {
        Role::Id | Role::Name => any(&OTHERS),
        _ => any(&REST) && role != Role::UsageTrend,
    }
}

fn squeezed(phrase: &str) -> String {
    phrase.chars().filter(|c| *c != ' ').collect()
}

/// `AnnualRevenue`, `customerID`, `annual_revenue` and `Annual Revenue` give the same words.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let after = chars.get(i + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|b| b.is_lowercase() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase())));
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Whether a status says that the account has left (S2).
pub(crate) fn says_left(status: &str) -> bool {
    const LEFT: [&str; 12] = [
        "churned",
        "churn",
        "cancelled",
        "canceled",
        "lost",
        "former",
        "former customer",
        "ex-customer",
        "ex customer",
        "inactive",
        "terminated",
        "closed lost",
    ];
    LEFT.iter().any(|word| word.eq_ignore_ascii_case(status))
}

/// Whether the unit in a header says cents.
pub(crate) fn in_cents(header: &str) -> bool {
    self::header(header)
        .unit
        .is_some_and(|u| u.eq_ignore_ascii_case("cents") || u.eq_ignore_ascii_case("in cents"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_apart_into_words_and_unit() {
        for (text, words, unit) in [
            ("AnnualRevenue", "annual revenue", None),
            ("customerID", "customer id", None),
            ("CurrencyIsoCode", "currency iso code", None),
            ("ARR (USD)", "arr", Some("USD")),
            ("Created (UTC)", "created", Some("UTC")),
            ("Health_Score__c", "health score", None),
            ("mrr_cents", "mrr", Some("cents")),
            ("arr_eur", "arr", Some("eur")),
            ("DAU/MAU", "dau mau", None),
            (" Revenue ", "revenue", None),
        ] {
            let header = header(text);
            assert_eq!(
                (header.words.join(" ").as_str(), header.unit.as_deref()),
                (words, unit),
                "{text}"
            );
        }
    }

    #[test]
    fn vendor_headers_mean_their_roles() {
        for (text, role) in [
            ("Customer ID", Some(Role::Id)),
            ("Accountid", Some(Role::Id)),
            ("MonthlyCharges", Some(Role::Mrr)),
            ("arr_amount", Some(Role::Arr)),
            ("Current ARR (USD)", Some(Role::Arr)),
            ("Account ARR", Some(Role::Arr)),
            ("ACV", Some(Role::Arr)),
            ("Annual Recuring Revenue", Some(Role::Arr)),
            ("ARR Growth", None),
            ("Expansion ARR", None),
            ("Committed ARR", Some(Role::CommittedArr)),
            ("AnnualRevenue", None),
            ("annual_revenue", None),
            ("Total Spend", None),
            ("TotalCharges", None),
            ("TCV", Some(Role::Tcv)),
            ("churn_risk", Some(Role::ChurnRisk)),
            ("Churn", Some(Role::Churned)),
            ("churn_flag", Some(Role::Churned)),
            ("Canceled At (UTC)", Some(Role::Churned)),
            ("churn_reason", None),
            ("lifecycle_stage", None),
            ("Lifecycle Stage", None),
            ("internal_tam", Some(Role::Tam)),
            ("products_owned", Some(Role::Products)),
            ("account_owner", Some(Role::Owner)),
            ("Parent Account Name", Some(Role::Parent)),
            ("Account Owner Name", None),
            ("nextRenewalDate", Some(Role::Renewal)),
            ("subsidiary_of", Some(Role::Parent)),
            ("PaymentMethod", None),
            ("tenure", None),
            ("Contract", None),
        ] {
            assert_eq!(roles(&header(text)).first().map(|r| r.0), role, "{text}");
        }
        assert!(trap(&header("AnnualRevenue")).is_some());
    }
}
