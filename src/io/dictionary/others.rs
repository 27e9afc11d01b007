//! Words that make a name, a date or a score that of something else than the account: `owner.name`, `NPS change`.

use crate::model::role::Role;

/// Things and people that have a name, an id, a state and dates of their own.
const OTHERS: &[&str] = list! {
    "parent", "ultimate", "master", "owner", "csm", "manager", "plan", "contact", "contacts", "reason", "bank", "card", "partner",
    "reseller", "vendor", "supplier", "industry", "domain", "user", "users", "member", "members", "subscription", "subscriptions",
    "invoice", "product", "products", "ticket", "tickets", "case", "cases", "deal", "deals", "opportunity", "opportunities", "lead",
    "campaign", "email", "phone", "group", "previous", "prior", "type", "creator", "author", "competitor", "payment", "address",
    "billing", "shipping", "target", "benchmark", "average", "peer", "peers", "decline", "drop", "change", "history", "sponsor",
    "champion", "executive", "admin", "associated", "inhaber", "ansprechpartner", "kontakt", "proprietaire", "propietario",
    "contacto",
};

/// Of these, those whose amounts and scores are the account's all the same.
const PARTS: &[&str] = list! {
    "plan", "product", "products", "user", "users", "subscription", "subscriptions", "billing", "ticket", "tickets", "case",
    "cases", "group", "member", "members", "type",
};

/// Keys that only hold an account's fields together.
const CONTAINERS: &[&str] = list! {
    "properties", "property", "attributes", "fields", "field", "data", "details", "traits", "custom", "info", "profile", "general",
    "basic", "metadata", "root", "item", "node", "row", "record", "records", "result", "document", "payload", "object", "entity",
    "source", "raw", "core", "values", "overview", "summary", "identity", "firmographics", "crm", "salesforce", "hubspot",
    "gainsight", "account", "accounts", "customer", "customers", "company", "companies", "client", "clients", "organization",
    "organizations", "organisation", "org", "tenant", "workspace", "kunde", "konto", "firma", "cliente", "cuenta", "empresa",
    "compte", "entreprise",
};

/// Whether the last part of a nested header may mean the role after these words: `owner.name` is no account's name.
pub(super) fn may_follow(role: Role, before: &[String]) -> bool {
    let mut before = before.iter().map(String::as_str);
    match role {
        Role::Id | Role::Name | Role::Status | Role::Created | Role::Modified | Role::Deleted | Role::Tags => {
            before.all(|word| CONTAINERS.contains(&word))
        }
        Role::Owner | Role::Parent => !before.any(|word| OTHERS.contains(&word)),
        _ => !before.any(|word| OTHERS.contains(&word) && !PARTS.contains(&word)),
    }
}

/// The words after a first one that only says whose they are: `Customer Industry`.
pub(super) fn without_account(words: &[String]) -> &[String] {
    const FIRST: [&str; 8] = [
        "account",
        "customer",
        "client",
        "company",
        "organization",
        "organisation",
        "current",
        "latest",
    ];
    match words.split_first() {
        Some((first, rest)) if FIRST.contains(&first.as_str()) => rest,
        _ => &[],
    }
}

/// Whether other words in the header turn the name of a role into something else: `Parent Account Name`, `NPS change`.
pub(crate) fn names_another(role: Role, words: &[String]) -> bool {
    const REMARKS: &[&str] = list! {
        "reason", "comment", "comments", "notes", "delta", "change", "changes", "previous", "prior", "trend", "history", "shared",
        "url", "link", "priority", "promoter", "promoters", "passive", "passives", "detractor", "detractors", "benchmark", "target",
        "goal", "forecast", "decline", "drop", "hours", "grund", "kommentar", "vorjahr", "motif", "commentaire", "motivo",
        "comentario",
    };
    const OF_SCORES: &[&str] = list! { "count", "date", "responses", "response", "survey", "surveys" };
    const PAST: &[&str] = list! { "last", "original", "first", "reminder", "notice" };
    let any = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    match role {
        Role::Id | Role::Name => any(OTHERS),
        Role::UsageTrend | Role::CompanyGrowth | Role::ApiGrowth => false,
        Role::Nps | Role::Csat | Role::Health | Role::ChurnRisk => any(REMARKS) || any(OF_SCORES),
        Role::Renewal => any(REMARKS) || any(PAST),
        _ => any(REMARKS),
    }
}
