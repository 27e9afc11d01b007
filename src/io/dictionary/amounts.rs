//! Headers of amounts that are not ARR, and the words that turn the name of an amount into something else.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::{self, Header};
use crate::model::role::Role;

const OWN: &str = "it is what the customer itself earns in a year";
const MAYBE_OWN: &str = "it may be what the customer itself earns";
const LIFETIME: &str = "it is a lifetime total";
const WHOLE_TERM: &str = "it is the value of the whole term";
const ONE_DEAL: &str = "it is the value of one deal";
const INVOICED: &str = "it is what was invoiced, one-off amounts among it";
const BOOKED: &str = "it is what was signed in a period, whatever its term";

/// Headers that look like ARR and are not, by the reason. None of them is mapped to ARR on its own (S4).
const TRAPS: &[(&str, &[&str])] = &[
    (
        "it is what the customer itself earns in a year (Salesforce, HubSpot)",
        list! { "annual revenue", "annual revenues" },
    ),
    (
        OWN,
        list! {
            "company annual revenue", "customer annual revenue", "account annual revenue", "estimated annual revenue",
            "company revenue", "customer revenue", "account revenue", "yearly revenue", "revenue range", "annual revenue range",
            "annual turnover", "turnover", "annual sales", "jahresumsatz", "umsatz pro jahr", "umsatz jährlich",
            "jährlicher umsatz", "unternehmensumsatz", "firmenumsatz", "konzernumsatz", "kundenumsatz", "umsatz des kunden",
            "chiffre d affaires annuel", "ca annuel", "revenu annuel", "revenus annuels", "chiffre d affaires du client",
            "facturación anual", "ingresos anuales", "ingreso anual", "ventas anuales", "cifra de negocio", "cifra de negocios",
            "volumen de negocio", "facturación de la empresa", "facturación del cliente", "receita anual", "faturamento anual",
            "fatturato annuo", "fatturato annuale", "ricavi annuali", "jaaromzet", "jaarlijkse omzet",
        },
    ),
    (
        MAYBE_OWN,
        list! {
            "revenue", "revenues", "revenue amount", "net revenue", "gross revenue", "sales", "gmv", "estimated revenue", "umsatz",
            "umsätze", "umsatzerlöse", "erlöse", "nettoumsatz", "bruttoumsatz", "umsatz netto", "umsatz brutto",
            "chiffre d affaires", "chiffres d affaires", "ca", "ca ht", "chiffre d affaires ht", "revenu", "revenus", "ventes",
            "ingresos", "ingreso", "ventas", "receita", "receitas", "faturamento", "fatturato", "ricavi", "omzet", "vendas",
        },
    ),
    (
        "it is a total over time or the customer's own",
        list! {
            "total revenue", "gesamtumsatz", "umsatz gesamt", "chiffre d affaires total", "ca total", "ingresos totales",
            "facturación total", "ventas totales", "total sales", "receita total",
        },
    ),
    ("it is a lifetime total (Stripe)", list! { "total spend" }),
    ("it is a lifetime total (ChartMogul)", list! { "net payments" }),
    (
        LIFETIME,
        list! {
            "total charges", "lifetime value", "customer lifetime value", "ltv", "clv", "cltv", "lifetime revenue",
            "lifetime spend", "total spent", "amount spent", "total paid", "amount paid", "total amount paid",
            "total payments", "paid amount", "revenue to date", "kundenwert", "gasto total", "dépenses totales",
        },
    ),
    (
        WHOLE_TERM,
        list! {
            "tcv", "total contract value", "contract value", "contract amount", "contract total", "total contract amount",
            "vertragswert", "gesamtvertragswert", "vertragssumme", "vertragsvolumen", "valeur du contrat",
            "valeur totale du contrat", "montant du contrat", "montant total du contrat", "valor del contrato",
            "valor total del contrato", "importe del contrato", "monto del contrato", "valor do contrato", "contractwaarde",
            "valore del contratto",
        },
    ),
    (
        ONE_DEAL,
        list! {
            "close value", "deal value", "deal amount", "deal size", "order value", "opportunity amount",
            "opportunity value", "won amount", "auftragswert", "auftragssumme", "montant de l opportunité",
            "importe de la oportunidad", "valor del negocio",
        },
    ),
    (
        INVOICED,
        list! {
            "billings", "total billings", "annual billings", "billed amount", "amount billed", "total billed", "billed",
            "invoiced", "invoiced amount", "amount invoiced", "total invoiced", "invoice amount", "invoice total",
            "rechnungsbetrag", "rechnungssumme", "fakturiert", "fakturierter betrag", "fakturierter umsatz", "abgerechnet",
            "monatsumsatz", "monatlicher umsatz", "umsatz pro monat", "facturation", "facturation annuelle", "montant facturé",
            "total facturé", "facturé", "facturación", "importe facturado", "monto facturado", "total facturado", "facturado",
            "facturación mensual", "valor faturado", "importo fatturato", "fatturazione", "factuurbedrag", "gefactureerd",
        },
    ),
    (
        "it does not recur",
        list! {
            "one time revenue", "non recurring revenue", "services revenue", "one time fee", "one time fees", "setup fee",
            "setup fees",
        },
    ),
    (
        BOOKED,
        list! {
            "bookings", "total bookings", "annual bookings", "booking amount", "new bookings", "auftragseingang",
            "auftragsvolumen", "prises de commandes", "prise de commandes", "carnet de commandes", "pedidos",
            "contrataciones",
        },
    ),
];

/// Words that turn the name of an amount into something else: `ARR growth` is no ARR.
const NOT_THE_AMOUNT: &[&str] = list! {
    "growth", "change", "delta", "movement", "committed", "contracted", "expansion", "contraction", "new", "net", "lost", "churn",
    "churned", "upsell", "previous", "prior", "last", "target", "goal", "quota", "forecast", "potential", "band", "range", "tier",
    "type", "category", "group", "bucket", "status", "parent", "owner", "csm", "manager", "pct", "percent", "share", "rank", "per",
    "average", "avg", "median", "seat", "user", "employee", "starting", "beginning", "opening", "initial", "original", "renewal",
    "renewed", "upcoming", "pipeline", "weighted", "cumulative", "budget", "ratio", "multiple", "count", "flag", "has", "is",
    "lifetime", "discount", "downgrade", "non", "date", "currency", "id", "name", "source", "at", "risk", "decline", "drop",
    // German
    "wachstum", "veranderung", "verloren", "neu", "neuer", "vorjahr", "ziel", "prognose", "potenzial", "anteil", "durchschnitt",
    "pro", "verlust", "klasse", "gefahrdet",
    // French
    "croissance", "variation", "perdu", "nouveau", "precedent", "objectif", "prevision", "potentiel", "moyen", "tranche", "devise",
    // Spanish
    "crecimiento", "variacion", "perdido", "nuevo", "anterior", "objetivo", "previsto", "potencial", "medio", "rango", "moneda",
    "riesgo",
};

/// Words that speak of money.
const MONEY: &[&str] = list! {
    "amount", "price", "value", "fee", "fees", "charge", "charges", "contract", "acv", "subscription", "billing", "invoice",
    "recurring", "arr", "mrr", "betrag", "preis", "gebuhr", "vertrag", "wert", "kosten", "montant", "prix", "valeur", "abonnement",
    "importe", "monto", "precio", "cuota", "valor",
};

/// Words that speak of something else that is counted.
const OTHER: &[&str] = list! {
    "count", "employees", "year", "days", "hours", "minutes", "id", "number", "age", "interval", "percent", "pct", "rate",
    "score", "latitude", "longitude", "refund", "balance", "threshold", "tax", "vat", "discount", "credit", "due",
    "established", "quantity", "zip", "code", "accuracy", "duration", "tenure", "anzahl", "mitarbeiter", "jahr", "plz",
    "postleitzahl", "nummer", "quote", "menge", "nombre", "effectif", "annee", "employes", "quantite", "numero", "empleados",
    "ano", "cantidad", "dias",
};

/// Traps by key.
static BY_KEY: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut found = HashMap::new();
    for (why, phrase) in TRAPS
        .iter()
        .flat_map(|(why, list)| list.iter().map(move |phrase| (*why, *phrase)))
    {
        let (whole, without) = words::keys(&words::words(phrase));
        for key in std::iter::once(whole).chain(without) {
            found.insert(key, why);
        }
    }
    found
});

/// Why this header is not ARR although it looks like it; a year beside the words changes nothing.
pub(crate) fn trap(header: &Header) -> Option<&'static str> {
    let undated = |own: &[String]| -> Vec<String> { own.iter().filter(|word| !is_period(word)).cloned().collect() };
    header.tails().find_map(|(_, own)| {
        let (whole, without) = words::keys(&undated(own));
        let of = |key: String| BY_KEY.get(&key).copied();
        of(whole).or_else(|| without.and_then(of))
    })
}

/// `2025`, `fy25`, `ytd`.
fn is_period(word: &str) -> bool {
    let digits = word.trim_start_matches("fy").trim_start_matches("gj");
    let is_year = matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit());
    is_year || matches!(word, "fy" | "ytd" | "ttm" | "ltm")
}

/// The keys of all traps.
#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    BY_KEY.keys().map(String::as_str)
}

/// Whether these words turn the amount of a role into something else.
pub(super) fn turned(role: Role, own: &[String]) -> bool {
    is_recurring(role) && own.iter().any(|word| NOT_THE_AMOUNT.contains(&word.as_str()))
}

/// Whether the words in brackets turn a role into something else: `ARR (previous year)`.
pub(super) fn turned_aside(role: Role, header: &Header) -> bool {
    let aside = header.unit.as_deref().map(words::words).unwrap_or_default();
    header.unit.as_deref() == Some("%") && is_recurring(role) || turned(role, &aside)
}

fn is_recurring(role: Role) -> bool {
    matches!(role, Role::Arr | Role::Mrr)
}

/// How likely a column of numbers holds amounts, by its header: 0 speaks of money, 3 of something else.
pub(crate) fn money_rank(header: &Header) -> u8 {
    let any = |list: &[&str]| header.words.iter().any(|w| list.contains(&w.as_str()));
    match trap(header) {
        _ if any(OTHER) => 3,
        None if any(MONEY) => 0,
        Some(_) => 1,
        None => 2,
    }
}
