//! Headers taken apart, traps, four languages, nested headers, and the labels of rows.

use super::*;

fn role(text: &str) -> Option<Role> {
    roles(&header(text)).first().map(|sense| sense.role)
}

fn check(table: &[(&str, Option<Role>)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, wanted)| role(text) != *wanted)
        .map(|(text, wanted)| format!("{text}: {:?} instead of {wanted:?}", roles(&header(text))))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

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
        ("contract.arr_eur", "contract arr", Some("eur")),
        ("DAU/MAU", "dau mau", None),
        (" Revenue ", "revenue", None),
        ("Straße Größe", "strasse grosse", None),
        ("Nº de licencias", "n de licencias", None),
        ("Wa\u{308}hrung", "wahrung", None),
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
fn what_people_type_means_its_role() {
    check(&[
        ("Accountid", Some(Role::Id)),
        ("MonthlyCharges", Some(Role::Mrr)),
        ("arr_amount", Some(Role::Arr)),
        ("Current ARR (USD)", Some(Role::Arr)),
        ("Account ARR", Some(Role::Arr)),
        ("ACV", Some(Role::Arr)),
        ("Annual Recuring Revenue", Some(Role::Arr)),
        ("ARR Growth", None),
        ("ARR %", None),
        ("Expansion ARR", None),
        ("ARR (previous year)", None),
        ("ARR per seat", None),
        ("ARR (%)", None),
        ("Committed ARR", Some(Role::CommittedArr)),
        ("TotalCharges", None),
        ("TCV", Some(Role::Tcv)),
        ("churn_risk", Some(Role::ChurnRisk)),
        ("Churn", Some(Role::Churned)),
        ("churn_flag", Some(Role::Churned)),
        ("churn_reason", None),
        ("internal_tam", Some(Role::Tam)),
        ("products_owned", Some(Role::Products)),
        ("account_owner", Some(Role::Owner)),
        ("Parent Account Name", Some(Role::Parent)),
        ("Account Owner Name", Some(Role::Owner)),
        ("Account Owner Phone", None),
        ("Customer Industry", Some(Role::Industry)),
        ("subsidiary_of", Some(Role::Parent)),
        ("NPS change", None),
        ("NPS Survey Date", None),
        ("Branch", None),
        ("PaymentMethod", None),
        ("tenure", None),
        ("Contract", None),
    ]);
}

#[test]
fn german_french_and_spanish_mean_their_roles() {
    let all: [(Role, &[&str]); 27] = [
        (
            Role::Id,
            &[
                "Kundennummer",
                "Kd.-Nr.",
                "N° client",
                "Identifiant du compte",
                "Número de cliente",
                "ID de cuenta",
            ],
        ),
        (
            Role::Name,
            &[
                "Kundenname",
                "Firma",
                "Nom du client",
                "Raison sociale",
                "Nombre del cliente",
                "Nombre cliente",
                "Razón social",
            ],
        ),
        (
            Role::Arr,
            &[
                "Jährlich wiederkehrender Umsatz",
                "jaehrlich wiederkehrender umsatz",
                "Revenu annuel récurrent",
                "Ingresos recurrentes anuales",
                "ARR-Betrag",
                "Chiffre d'affaires récurrent annuel",
                "Facturación recurrente anual",
            ],
        ),
        (
            Role::Mrr,
            &[
                "Monatlich wiederkehrender Umsatz",
                "Revenu mensuel récurrent",
                "Ingresos recurrentes mensuales",
                "Cuota mensual",
            ],
        ),
        (
            Role::Currency,
            &["Währung", "Waehrung", "wahrung", "WÄHRUNG", "Devise", "Moneda", "Divisa"],
        ),
        (
            Role::Status,
            &["Kundenstatus", "Vertragsstatus", "Statut", "Estado del cliente"],
        ),
        (
            Role::Churned,
            &["Gekündigt", "gekuendigt am", "Kündigungsdatum", "Résilié le", "Fecha de baja"],
        ),
        (
            Role::Created,
            &[
                "Kunde seit",
                "Vertragsbeginn",
                "Client depuis",
                "Date de création",
                "Fecha de alta",
                "Cliente desde",
            ],
        ),
        (
            Role::Renewal,
            &[
                "Verlängerungsdatum",
                "Vertragsende",
                "Date de renouvellement",
                "Fin de contrat",
                "Fecha de renovación",
            ],
        ),
        (
            Role::Owner,
            &[
                "Betreuer",
                "Accountinhaber",
                "Propriétaire du compte",
                "Responsable de cuenta",
            ],
        ),
        (
            Role::CurrentTier,
            &["Betreuungsstufe", "Niveau de service", "Nivel de servicio"],
        ),
        (Role::Industry, &["Branche", "Secteur d'activité", "Secteur", "Industria"]),
        (Role::Segment, &["Kundensegment", "Segment client", "Segmento"]),
        (
            Role::Plan,
            &["Tarif", "Paket", "Forfait", "Formule", "Tarifa", "Plan contratado"],
        ),
        (
            Role::SeatsLicensed,
            &[
                "Lizenzen",
                "Anzahl Lizenzen",
                "Nombre de licences",
                "Licencias contratadas",
                "Nº de licencias",
            ],
        ),
        (Role::SeatsUsed, &["Aktive Nutzer", "Utilisateurs actifs", "Usuarios activos"]),
        (Role::Usage, &["Nutzungsgrad", "Taux d'utilisation", "Tasa de uso"]),
        (Role::Nps, &["NPS-Wert", "Score NPS", "Puntuación NPS"]),
        (Role::Health, &["Kundengesundheit", "Score de santé", "Salud del cliente"]),
        (Role::Tickets, &["Offene Tickets", "Tickets ouverts", "Tickets abiertos"]),
        (
            Role::Csat,
            &["Kundenzufriedenheit", "Satisfaction client", "Satisfacción del cliente"],
        ),
        (
            Role::TermMonths,
            &[
                "Laufzeit (Monate)",
                "Vertragslaufzeit",
                "Durée du contrat",
                "Duración del contrato",
            ],
        ),
        (Role::Parent, &["Muttergesellschaft", "Société mère", "Empresa matriz"]),
        (
            Role::Modified,
            &["Zuletzt geändert", "Dernière modification", "Última modificación"],
        ),
        (Role::Products, &["Produkte", "Produits", "Productos"]),
        (
            Role::Reference,
            &["Referenzkunde", "Client référent", "Cliente de referencia"],
        ),
        (Role::Tcv, &["Vertragswert", "Valeur du contrat", "Valor del contrato"]),
    ];
    let mut table: Vec<(&str, Option<Role>)> = Vec::new();
    for (role, headers) in all {
        table.extend(headers.iter().map(|text| (*text, Some(role))));
    }
    check(&table);
}

#[test]
fn what_only_looks_like_arr_is_a_trap_in_every_language() {
    for text in [
        "AnnualRevenue",
        "annual_revenue",
        "Annual Revenue (USD)",
        "Annual Revenue 2024",
        "Company revenue",
        "Total Spend",
        "LTV",
        "Billings",
        "Annual Billings",
        "Bookings",
        "Invoiced Amount",
        "Umsatz",
        "Jahresumsatz",
        "Umsatz 2025",
        "Umsatz (EUR)",
        "Rechnungsbetrag",
        "Auftragseingang",
        "Monatsumsatz",
        "Chiffre d'affaires",
        "Chiffre d’affaires annuel",
        "CA annuel",
        "Montant facturé",
        "Facturación",
        "Facturacion anual",
        "Ingresos anuales",
        "Importe facturado",
        "Fatturato",
        "Omzet",
        "company.annual_revenue",
        "properties.annualrevenue",
        "UMSATZERLOESE",
    ] {
        let header = header(text);
        assert!(trap(&header).is_some(), "{text} is no trap");
        assert!(
            !roles(&header).iter().any(|sense| matches!(sense.role, Role::Arr | Role::Mrr)),
            "{text}: {:?}",
            roles(&header)
        );
    }
    assert_eq!(trap(&header("Revenu annuel récurrent")), None);
}

#[test]
fn the_end_of_a_nested_header_decides_unless_it_is_of_something_else() {
    check(&[
        ("contract.licensed_seats", Some(Role::SeatsLicensed)),
        ("usage.dau_mau_ratio", Some(Role::Usage)),
        ("engagement.nps_score", Some(Role::Nps)),
        ("support.open_tickets", Some(Role::Tickets)),
        ("properties.name", Some(Role::Name)),
        ("properties.name.value", Some(Role::Name)),
        ("account.id", Some(Role::Id)),
        ("Account.Name", Some(Role::Name)),
        ("subscription.current_arr_value", Some(Role::Arr)),
        ("contract.arr", Some(Role::Arr)),
        ("contract.end_date", Some(Role::Renewal)),
        ("relationship.csm", Some(Role::Owner)),
        ("billing.currency", Some(Role::Currency)),
        ("health.score", Some(Role::Health)),
        ("owner.name", Some(Role::Owner)),
        ("owner.id", Some(Role::Owner)),
        ("parent.id", Some(Role::Parent)),
        ("account.parent.id", Some(Role::Parent)),
        ("plan.name", Some(Role::Plan)),
        ("contact.email", None),
        ("contact.name", None),
        ("primary_contact.id", None),
        ("billing_address.name", None),
        ("owner.arr", None),
        ("previous.arr", None),
        ("ticket.status", None),
        ("last_invoice.created_at", None),
        ("RecordType.Name", None),
        ("CreatedBy.Id", None),
        ("engagement_drop.nps_change", None),
    ]);
    let plain = roles(&header("name")).first().unwrap().confidence();
    assert!(plain > roles(&header("properties.name")).first().unwrap().confidence());
}

#[test]
fn statuses_and_labels_are_read_in_every_language() {
    for status in [
        "Churned",
        "CANCELED",
        "ex-customer",
        "Closed - Lost",
        "Gekündigt",
        "gekuendigt",
        "Ehemaliger Kunde",
        "Inaktiv",
        "Résilié",
        "RESILIEE",
        "Ancien client",
        "Dado de baja",
        "Cancelado",
        "Inactivo",
        "Ex cliente",
    ] {
        assert!(says_left(status), "{status}");
    }
    for status in [
        "",
        "Active",
        "At risk",
        "Aktiv",
        "Actif",
        "Activo",
        "Prospect",
        "Lost and Found Ltd",
        "Kündigungsgefahr",
    ] {
        assert!(!says_left(status), "{status}");
    }
    for label in [
        "Total",
        "TOTALS:",
        "Grand Total (245 records)",
        "Total (12)",
        "Sub-total",
        "Sum",
        "Summe",
        "Gesamtsumme:",
        "Gesamtergebnis",
        "Zwischensumme",
        "Total général",
        "TOTAL GENERAL",
        "Sous-total",
        "Suma total",
        "Subtotal",
        "Totale",
        "Totaal",
    ] {
        assert!(is_total(label), "{label}");
    }
    for label in [
        "Total Energies",
        "Sumitomo",
        "Gesamtverband",
        "Totalplan AG",
        "Sum Up GmbH",
        "",
        "Insight",
    ] {
        assert!(!is_total(label), "{label}");
    }
    assert!(is_footer("Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."));
    assert!(is_footer("Vertrauliche Informationen – nicht weitergeben"));
    assert!(!is_footer("Generated Systems Ltd"));
}
