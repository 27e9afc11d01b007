//! German words for the commoner roles.

use super::{Match, Meanings};
use crate::model::role::Role;

/// Umlauts may stand as `ä`, `ae` or `a` in a file; here they stand once.
pub(super) const MEANINGS: Meanings = meanings! {
    Id {
        Exact: ["kundennummer", "kundennr", "kunden nr", "kunden id", "kd nr", "kundenkennung", "kundenkennzeichen",
            "account nummer", "kundenkonto nummer", "mandantennummer", "debitorennummer", "debitoren nr", "debitornummer"],
        Alias: ["datensatz id", "mandanten id", "firmennummer", "firmen id", "unternehmens id", "kontonummer", "konto nr",
            "konto id"],
        Weak: ["kunde", "konto", "mandant", "debitor", "kennung"],
    }
    Name {
        Exact: ["kundenname", "name des kunden", "firmenname", "unternehmensname", "accountname", "kontoname"],
        Alias: ["kunde", "firma", "unternehmen", "konto", "mandant", "mandantenname", "kundenbezeichnung", "firmierung",
            "endkunde", "kunden", "debitor", "name der firma", "name des unternehmens"],
        Weak: ["bezeichnung"],
    }
    Arr {
        Exact: ["jährlich wiederkehrender umsatz", "jährlicher wiederkehrender umsatz"],
        Alias: ["jahresumsatz wiederkehrend", "wiederkehrender jahresumsatz", "wiederkehrender umsatz pro jahr",
            "wiederkehrender umsatz jährlich", "umsatz jährlich wiederkehrend", "jährlich wiederkehrende umsätze",
            "jährlich wiederkehrende erlöse", "arr jährlich", "arr betrag", "arr aktuell", "aktueller arr", "arr gesamt"],
        Weak: ["jahresbetrag", "jahresgebühr", "jahrespreis", "jährlicher betrag", "jährliche gebühr",
            "jährlicher vertragswert", "vertragswert pro jahr", "jahresvertragswert"],
        Within: ["jährlich* wiederkehrend*", "jahres* wiederkehrend*", "pro jahr wiederkehrend*"],
    }
    Mrr {
        Exact: ["monatlich wiederkehrender umsatz", "monatlicher wiederkehrender umsatz"],
        Alias: ["mrr monatlich", "mrr betrag", "mrr aktuell", "aktueller mrr", "monatsumsatz wiederkehrend",
            "wiederkehrender monatsumsatz", "wiederkehrender umsatz pro monat", "monatsbetrag", "monatsgebühr",
            "monatlicher betrag", "monatliche gebühr", "monatspreis"],
        Within: ["monatlich* wiederkehrend*", "monats* wiederkehrend*", "pro monat wiederkehrend*"],
    }
    Tcv {
        Alias: ["vertragswert", "gesamtvertragswert", "vertragssumme", "gesamter vertragswert", "vertragsvolumen"],
    }
    TermMonths {
        Alias: ["laufzeit", "vertragslaufzeit", "laufzeit in monaten", "laufzeit monate", "vertragsdauer"],
    }
    Currency {
        Exact: ["währung"],
        Alias: ["währungscode", "währungskürzel", "währungskennzeichen", "vertragswährung", "kundenwährung", "iso währung"],
    }
    Status {
        Exact: ["kundenstatus"],
        Alias: ["vertragsstatus", "accountstatus", "status des kunden", "abostatus"],
    }
    Churned {
        Exact: ["gekündigt", "kündigungsdatum"],
        Alias: ["gekündigt am", "gekündigt zum", "kündigung", "kündigung zum", "kündigung am", "ist gekündigt",
            "datum der kündigung", "abgewandert", "abgang", "abgangsdatum", "austrittsdatum", "storniert", "storniert am"],
    }
    Deleted {
        Exact: ["gelöscht", "gelöscht am"],
        Alias: ["ist gelöscht", "archiviert"],
    }
    Created {
        Exact: ["kunde seit", "vertragsbeginn"],
        Alias: ["erstellt", "erstellt am", "erstellungsdatum", "erstelldatum", "angelegt", "angelegt am", "anlagedatum",
            "vertragsstart", "beginn des vertrags", "laufzeitbeginn", "startdatum"],
    }
    Renewal {
        Exact: ["verlängerungsdatum", "vertragsende"],
        Alias: ["verlängerung", "nächste verlängerung", "verlängerung am", "ende des vertrags", "ende der laufzeit",
            "laufzeitende", "vertragsverlängerung", "vertragsablauf", "ablaufdatum", "nächstes verlängerungsdatum"],
    }
    Owner {
        Exact: ["betreuer", "kundenbetreuer", "accountinhaber"],
        Alias: ["ansprechpartner csm", "zuständiger csm", "csm betreuer", "kundenberater", "kundenverantwortlicher",
            "betreuer csm", "account inhaber", "inhaber des accounts", "zuständiger mitarbeiter für unternehmen",
            "betreut von", "kundenbetreuung"],
        Weak: ["zuständig", "verantwortlich", "verantwortlicher", "inhaber", "zuständiger mitarbeiter"],
    }
    CurrentTier {
        Alias: ["betreuungsstufe", "betreuungsmodell", "servicestufe", "betreuungsklasse", "service level"],
        Weak: ["kundenklasse", "kundenstufe"],
    }
    Industry {
        Exact: ["branche"],
        Alias: ["wirtschaftszweig", "industriezweig", "industrie", "branchenbezeichnung", "kundenbranche"],
    }
    Segment {
        Alias: ["kundensegment", "marktsegment", "größensegment", "segmentierung"],
        Weak: ["unternehmensgröße", "kundengröße", "firmengröße"],
    }
    Plan {
        Alias: ["tarif", "tarifname", "paket", "paketname", "abonnement", "produktplan", "lizenzmodell"],
        Weak: ["abo", "lizenztyp"],
    }
    SeatsLicensed {
        Alias: ["lizenzen", "anzahl lizenzen", "lizenzanzahl", "lizenzen gesamt", "gekaufte lizenzen", "lizenzierte nutzer",
            "nutzerlizenzen", "anzahl plätze", "lizenzierte plätze", "lizenzzahl"],
    }
    SeatsUsed {
        Alias: ["aktive nutzer", "aktive benutzer", "genutzte lizenzen", "lizenzen genutzt", "aktive lizenzen",
            "verwendete lizenzen", "anzahl aktive nutzer", "zugewiesene lizenzen"],
        Weak: ["nutzer", "benutzer", "anzahl nutzer", "anzahl benutzer"],
    }
    Usage {
        Alias: ["nutzung", "nutzungsrate", "nutzungsgrad", "produktnutzung"],
    }
    UsageTrend {
        Alias: ["nutzungstrend", "nutzungsentwicklung", "veränderung der nutzung"],
    }
    Adoption {
        Alias: ["adoptionsrate", "funktionsnutzung"],
    }
    SeatUtilization {
        Alias: ["lizenzauslastung", "auslastung"],
    }
    Tickets {
        Alias: ["offene tickets", "tickets offen", "anzahl tickets", "supporttickets", "support anfragen", "supportanfragen"],
    }
    Csat {
        Exact: ["kundenzufriedenheit"],
        Alias: ["zufriedenheit", "zufriedenheitswert", "csat wert"],
    }
    Escalations {
        Alias: ["eskalationen", "offene eskalationen", "anzahl eskalationen"],
    }
    Nps {
        Alias: ["nps wert"],
    }
    Health {
        Alias: ["gesundheitswert", "kundengesundheit", "gesundheit", "gesundheitsindex", "gesundheitsscore"],
    }
    ChurnRisk {
        Alias: ["abwanderungsrisiko", "kündigungsrisiko", "churn risiko", "kündigungswahrscheinlichkeit",
            "abwanderungswahrscheinlichkeit"],
    }
    Reference {
        Alias: ["referenzkunde", "als referenz verfügbar", "referenz zugesagt"],
        Weak: ["referenz"],
    }
    CaseStudy {
        Alias: ["fallstudie", "fallstudie veröffentlicht", "anwenderbericht"],
    }
    Products {
        Alias: ["produkte", "gekaufte produkte", "genutzte produkte", "module", "gebuchte module"],
    }
    ProductCount {
        Alias: ["anzahl produkte", "produktanzahl", "anzahl module"],
    }
    Parent {
        Exact: ["muttergesellschaft"],
        Alias: ["konzern", "konzernmutter", "mutterkonzern", "mutterunternehmen", "übergeordneter account",
            "übergeordnetes unternehmen", "übergeordneter kunde"],
    }
    Modified {
        Exact: ["zuletzt geändert", "änderungsdatum"],
        Alias: ["geändert am", "zuletzt geändert am", "letzte änderung", "datum der letzten änderung", "aktualisiert am",
            "zuletzt aktualisiert"],
    }
    Tags {
        Alias: ["notizen", "bemerkung", "bemerkungen", "kommentar", "kommentare", "schlagworte"],
    }
};
