//! What the rows of a table are: accounts, or something that belongs to accounts.

use std::collections::{BTreeMap, HashSet};

use crate::io::{dictionary, joins};
use crate::model::discovery::Holds;
use crate::model::load::JoinKind;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::present;

/// Words that name accounts, in a header or a file's name.
pub(super) const ACCOUNT_WORDS: [&str; 17] = [
    "account",
    "accounts",
    "acct",
    "customer",
    "customers",
    "client",
    "clients",
    "company",
    "companies",
    "organization",
    "tenant",
    "book",
    "arr",
    "mrr",
    "crm",
    "portfolio",
    "renewals",
];

/// Roles that describe an account, not an event of one.
const OF_ACCOUNTS: [Role; 19] = [
    Role::Owner,
    Role::CurrentTier,
    Role::Industry,
    Role::Segment,
    Role::SeatsUsed,
    Role::Usage,
    Role::Adoption,
    Role::Health,
    Role::ChurnRisk,
    Role::LogoTier,
    Role::CaseStudy,
    Role::Reference,
    Role::DesignPartner,
    Role::Regulated,
    Role::Products,
    Role::Tam,
    Role::Parent,
    Role::CommittedArr,
    Role::SeatUtilization,
];

/// What the rows are, with the columns that say so; none for a book, whose roles say it. `named` tells that the file's own
/// name speaks of accounts. Error: why this is no account data.
pub(super) fn of(table: &Table, roles: &BTreeMap<Role, usize>, named: bool) -> Result<(Holds, Vec<usize>), &'static str> {
    if table.n_columns() < 2 || !is_even(table) {
        return Err("no table");
    }
    if table.n_rows() == 0 {
        return Err("no rows below its header");
    }
    let has = |role: Role| roles.contains_key(&role);
    let identity = has(Role::Id) || has(Role::Name);
    let described = roles.keys().filter(|role| OF_ACCOUNTS.contains(role)).count();
    let repeats = repeats(table, roles);
    let paid = has(Role::Arr) || has(Role::Mrr);
    if let Some((kind, signs)) = joins::kind_of(table)
        && (identity || joins::by_subscription(table))
    {
        // A book may well have a contract's number, NPS or a churn date: it has one row an account, and says more of each.
        let alone = paid && (kind != JoinKind::Subscriptions || has(Role::Name));
        let is_book = alone || described > 1 || (described == 1 && signs.len() < 3);
        if repeats || !is_book {
            return Ok((Holds::Join(kind), signs));
        }
    }
    let spoken = [Role::Id, Role::Name].iter().any(|role| names_accounts(table, roles, *role));
    let recurring = |header: &String| speaks(header, &["arr", "mrr", "recurring"]);
    let more = [Role::Created, Role::Status, Role::Plan, Role::Nps, Role::Renewal];
    let book = match paid {
        true => spoken || described > 0 || table.headers().iter().any(recurring),
        false if repeats => return Err("several rows an account, and no ARR or MRR"),
        false if described == 0 && has_own_id(table, roles) => {
            return Err("rows with an id beside that of the account, and no ARR or MRR");
        }
        false => described > 1 || ((described > 0 || more.into_iter().any(has)) && (spoken || named)),
    };
    match (identity, book) {
        (true, true) => Ok((Holds::Book, Vec::new())),
        (false, _) => Err("no column of account names or ids"),
        (true, false) => Err("names, but nothing that tells of accounts"),
    }
}

/// Whether rows have the width of the header, as rows of a table do and lines of prose do not.
fn is_even(table: &Table) -> bool {
    (table.short_rows + table.n_long_rows()) * 2 <= table.n_rows()
}

/// Whether the accounts that rows belong to come again more than now and then. The id decides, unless it may be the row's own.
fn repeats(table: &Table, roles: &BTreeMap<Role, usize>) -> bool {
    let keys: &[Role] = match names_accounts(table, roles, Role::Id) {
        true => &[Role::Id],
        false => &[Role::Id, Role::Name],
    };
    keys.iter().filter_map(|role| roles.get(role)).any(|column| {
        let cells: Vec<&str> = table.column(*column).filter_map(present).collect();
        let distinct: HashSet<&str> = cells.iter().copied().collect();
        distinct.len() * 10 < cells.len() * 9
    })
}

/// Whether rows have an `id` of their own beside the one that leads to accounts, as contacts and invoices do.
fn has_own_id(table: &Table, roles: &BTreeMap<Role, usize>) -> bool {
    let own = table.headers().iter().position(|header| header.eq_ignore_ascii_case("id"));
    own.is_some_and(|own| roles.get(&Role::Id).is_some_and(|column| *column != own))
}

/// `Account`, `Customer ID`, `company_name`; not `id` or `Name`.
fn names_accounts(table: &Table, roles: &BTreeMap<Role, usize>, role: Role) -> bool {
    let header = roles.get(&role).and_then(|column| table.headers().get(*column));
    header.is_some_and(|header| speaks(header, &ACCOUNT_WORDS))
}

fn speaks(header: &str, words: &[&str]) -> bool {
    dictionary::header(header)
        .words
        .iter()
        .any(|word| words.contains(&word.as_str()))
}
