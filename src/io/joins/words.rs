//! The words by which the columns of joined files are known: each list in order of preference, without accents.

use crate::io::dictionary;
use crate::model::table::Table;

pub(super) const SUBSCRIPTION_ID: [&str; 10] = [
    "subscription id",
    "subscription oid",
    "subscription",
    "contract id",
    "contract number",
    "id",
    "vertragsnummer",
    "abonnement id",
    "id abonnement",
    "id suscripcion",
];
/// The subscription that a line belongs to.
pub(super) const SUBSCRIPTION_OF: [&str; 7] = [
    "subscription id",
    "subscription oid",
    "subscription",
    "contract id",
    "vertragsnummer",
    "id abonnement",
    "id suscripcion",
];
/// Whether a price recurs.
pub(super) const PRICE_KIND: [&str; 3] = ["type", "price type", "pricing type"];
pub(super) const ONE_TIME: [&str; 3] = ["one_time", "one-time", "one time"];
pub(super) const START: [&str; 19] = [
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
    "startdatum",
    "vertragsbeginn",
    "beginn",
    "date de debut",
    "debut",
    "fecha de inicio",
    "inicio",
];
/// When a subscription really ended. `canceled at` is when somebody asked for it: it ends one only where nothing else does.
pub(super) const END: [&str; 20] = [
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
    "enddatum",
    "vertragsende",
    "ende",
    "date de fin",
    "fin",
    "fecha de fin",
    "vencimiento",
];
pub(super) const ASKED_TO_END: [&str; 8] = [
    "canceled at",
    "cancelled at",
    "cancellation date",
    "cancel date",
    "gekundigt am",
    "kundigungsdatum",
    "date de resiliation",
    "fecha de baja",
];
pub(super) const STATUS: [&str; 7] = [
    "status",
    "subscription status",
    "state",
    "contract status",
    "vertragsstatus",
    "statut",
    "estado",
];
pub(super) const TRIAL: [&str; 4] = ["is trial", "trial", "on trial", "trialing"];
pub(super) const TRIAL_END: [&str; 3] = ["trial end", "trial end date", "trial ends at"];
pub(super) const DELETED: [&str; 3] = ["is deleted", "deleted", "deleted at"];
pub(super) const ANNUAL: [&str; 12] = [
    "arr",
    "arr amount",
    "annual recurring revenue",
    "annual amount",
    "annual value",
    "acv",
    "annual contract value",
    "annualized amount",
    "annual price",
    "jahresbetrag",
    "montant annuel",
    "importe anual",
];
pub(super) const MONTHLY: [&str; 10] = [
    "mrr",
    "mrr amount",
    "monthly recurring revenue",
    "monthly amount",
    "monthly price",
    "monthly fee",
    "monthly value",
    "monatsbetrag",
    "montant mensuel",
    "importe mensual",
];
/// Amounts for one interval.
pub(super) const AMOUNT: [&str; 11] = [
    "unit amount",
    "plan amount",
    "amount",
    "price",
    "unit price",
    "recurring amount",
    "subscription amount",
    "net amount",
    "betrag",
    "montant",
    "importe",
];
pub(super) const INTERVAL: [&str; 14] = [
    "interval",
    "recurring interval",
    "plan interval",
    "billing interval",
    "billing period",
    "billing cycle",
    "billing frequency",
    "frequency",
    "period",
    "intervall",
    "abrechnungsintervall",
    "frequence",
    "frecuencia",
    "periodicidad",
];
pub(super) const INTERVAL_COUNT: [&str; 4] = [
    "interval count",
    "recurring interval count",
    "plan interval count",
    "billing interval count",
];
pub(super) const QUANTITY: [&str; 9] = [
    "quantity",
    "qty",
    "subscription quantity",
    "units",
    "licenses",
    "menge",
    "anzahl",
    "quantite",
    "cantidad",
];
pub(super) const CURRENCY: [&str; 7] = [
    "currency",
    "currency code",
    "plan currency",
    "currency iso code",
    "wahrung",
    "devise",
    "moneda",
];
pub(super) const PRICE_ID: [&str; 7] = ["price id", "plan id", "plan oid", "price", "plan", "plan name", "product id"];
pub(super) const PRICE_OWN_ID: [&str; 6] = ["id", "price id", "plan id", "plan oid", "plan", "plan name"];

pub(super) const USED_AT: [&str; 15] = [
    "usage date",
    "event date",
    "date",
    "timestamp",
    "event time",
    "occurred at",
    "created at",
    "time",
    "day",
    "datum",
    "fecha",
    "nutzungsdatum",
    "zeitpunkt",
    "zeitstempel",
    "horodatage",
];
pub(super) const FEATURE: [&str; 12] = [
    "feature name",
    "feature",
    "event name",
    "event",
    "module",
    "action",
    "funktion",
    "modul",
    "ereignis",
    "fonctionnalite",
    "evenement",
    "evento",
];
pub(super) const USER: [&str; 5] = ["user id", "user", "user email", "email", "member id"];
pub(super) const COUNT: [&str; 10] = [
    "usage count",
    "count",
    "events",
    "event count",
    "n events",
    "sessions",
    "anzahl",
    "sitzungen",
    "nombre",
    "cantidad",
];
pub(super) const OPENED_AT: [&str; 23] = [
    "submitted at",
    "created at",
    "created",
    "created date",
    "opened at",
    "open date",
    "date",
    "submitted",
    "erstellt am",
    "datum",
    "date de creation",
    "fecha de creacion",
    "erstellt",
    "eroffnet am",
    "eroffnet",
    "angelegt am",
    "gemeldet am",
    "date d ouverture",
    "ouvert le",
    "cree le",
    "fecha de apertura",
    "creado",
    "creado el",
];
pub(super) const CLOSED_AT: [&str; 18] = [
    "closed at",
    "closed date",
    "solved at",
    "resolved at",
    "closed",
    "resolution date",
    "completed at",
    "close date",
    "geschlossen am",
    "gelost am",
    "date de cloture",
    "fecha de cierre",
    "geschlossen",
    "erledigt am",
    "ferme le",
    "resolu le",
    "cerrado",
    "cerrado el",
];
pub(super) const SATISFACTION: [&str; 9] = [
    "satisfaction score",
    "csat",
    "csat score",
    "satisfaction",
    "satisfaction rating",
    "rating",
    "zufriedenheit",
    "bewertung",
    "satisfaccion",
];
pub(super) const ESCALATED: [&str; 9] = [
    "escalation flag",
    "escalated",
    "is escalated",
    "escalation",
    "escalations",
    "eskaliert",
    "eskalation",
    "escalade",
    "escalado",
];
pub(super) const PRIORITY: [&str; 9] = [
    "priority",
    "severity",
    "urgency",
    "prioritat",
    "prio",
    "dringlichkeit",
    "priorite",
    "urgence",
    "prioridad",
];
pub(super) const ANSWERED_AT: [&str; 13] = [
    "response date",
    "responded at",
    "survey date",
    "answered at",
    "date",
    "created at",
    "submitted at",
    "datum",
    "fecha",
    "antwortdatum",
    "beantwortet am",
    "date de reponse",
    "fecha de respuesta",
];
pub(super) const ANSWER: [&str; 10] = [
    "nps score",
    "nps",
    "score",
    "rating",
    "answer",
    "nps wert",
    "bewertung",
    "antwort",
    "note",
    "puntuacion",
];
pub(super) const CHURNED_AT: [&str; 10] = [
    "churn date",
    "churned at",
    "churned on",
    "date",
    "event date",
    "cancellation date",
    "created at",
    "kundigungsdatum",
    "datum",
    "fecha",
];
pub(super) const REACTIVATED: [&str; 4] = ["is reactivation", "reactivation", "reactivated", "won back"];

/// What a log's rows are called, and what else only such a log says.
pub(super) const TICKET: [&str; 12] = [
    "ticket id",
    "ticket number",
    "ticket",
    "case id",
    "case number",
    "issue key",
    "conversation id",
    "ticketnummer",
    "ticket nr",
    "fallnummer",
    "vorgangsnummer",
    "numero de ticket",
];
pub(super) const SURVEY: [&str; 8] = [
    "nps score",
    "nps",
    "survey id",
    "response id",
    "survey date",
    "response date",
    "responded at",
    "promoter type",
];
pub(super) const CHURN: [&str; 8] = [
    "churn event id",
    "churn id",
    "churn date",
    "churned at",
    "churned on",
    "cancellation date",
    "churn reason",
    "cancellation reason",
];

/// The column with the first of these names that the table has.
pub(super) fn find(table: &Table, names: &[&str]) -> Option<usize> {
    let headers: Vec<String> = table
        .headers()
        .iter()
        .map(|header| dictionary::header(header).words.join(" "))
        .collect();
    names.iter().find_map(|name| headers.iter().position(|header| header == name))
}

/// Every column whose header speaks of a date.
pub(crate) fn dated(table: &Table) -> Vec<usize> {
    const LISTS: [&[&str]; 9] = [
        &START,
        &END,
        &ASKED_TO_END,
        &TRIAL_END,
        &USED_AT,
        &OPENED_AT,
        &CLOSED_AT,
        &ANSWERED_AT,
        &CHURNED_AT,
    ];
    let is_date = |header: &String| {
        let words = dictionary::header(header).words.join(" ");
        LISTS.iter().any(|list| list.contains(&words.as_str()))
    };
    let headers = table.headers().iter().enumerate();
    headers.filter(|(_, header)| is_date(header)).map(|(at, _)| at).collect()
}
