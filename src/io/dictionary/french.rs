//! French words for the commoner roles.

use super::{Match, Meanings};
use crate::model::role::Role;

/// Articles and prepositions are left out when words are compared, so `nom client` is `nom du client`.
pub(super) const MEANINGS: Meanings = meanings! {
    Id {
        Exact: ["numéro client", "n client", "no client", "num client", "id client", "identifiant client", "code client",
            "id du compte", "numéro de compte", "identifiant du compte", "client id", "id compte", "code compte",
            "référence client"],
        Alias: ["identifiant", "id de l entreprise", "id entreprise", "id société", "id de l enregistrement", "compte id"],
        Weak: ["compte"],
    }
    Name {
        Exact: ["nom du client", "nom du compte", "nom de l entreprise", "nom de la société", "raison sociale", "nom"],
        Alias: ["entreprise", "société", "compte", "clients", "nom entreprise", "nom société", "client final"],
    }
    Arr {
        Exact: ["revenu annuel récurrent", "revenu récurrent annuel", "revenus annuels récurrents",
            "revenus récurrents annuels"],
        Alias: ["chiffre d affaires annuel récurrent", "chiffre d affaires récurrent annuel", "ca annuel récurrent",
            "ca récurrent annuel", "arr actuel", "arr total", "montant arr"],
        Weak: ["rra", "montant annuel", "abonnement annuel", "valeur annuelle du contrat", "montant annuel du contrat",
            "redevance annuelle"],
        Within: ["annuel* récurrent*"],
    }
    Mrr {
        Exact: ["revenu mensuel récurrent", "revenu récurrent mensuel", "revenus mensuels récurrents",
            "revenus récurrents mensuels"],
        Alias: ["chiffre d affaires mensuel récurrent", "ca mensuel récurrent", "mrr actuel", "montant mensuel",
            "abonnement mensuel", "mensualité", "redevance mensuelle"],
        Weak: ["rrm"],
        Within: ["mensuel* récurrent*"],
    }
    Tcv {
        Alias: ["valeur du contrat", "valeur totale du contrat", "montant du contrat", "montant total du contrat"],
    }
    TermMonths {
        Alias: ["durée du contrat", "durée d engagement", "durée en mois", "durée du contrat en mois", "durée mois"],
    }
    Currency {
        Exact: ["devise"],
        Alias: ["code devise", "devise du compte", "devise du contrat", "monnaie"],
    }
    Status {
        Exact: ["statut", "statut du client", "statut du compte"],
        Alias: ["statut de l abonnement", "statut du contrat", "état du client", "état du compte"],
        Weak: ["état"],
    }
    Churned {
        Exact: ["résilié", "date de résiliation"],
        Alias: ["résilié le", "résiliation", "est résilié", "annulé", "annulé le", "date d annulation", "client perdu",
            "date de churn", "date de départ"],
    }
    Deleted {
        Exact: ["supprimé", "supprimé le"],
        Alias: ["est supprimé", "archivé"],
    }
    Created {
        Exact: ["date de création", "client depuis"],
        Alias: ["créé le", "date d entrée", "date de début", "début de contrat", "date de début de contrat",
            "date de début du contrat", "début du contrat", "date de souscription", "date d inscription",
            "date de signature", "créé"],
    }
    Renewal {
        Exact: ["date de renouvellement", "fin de contrat"],
        Alias: ["renouvellement", "prochain renouvellement", "date de fin de contrat", "date de fin du contrat",
            "fin du contrat", "date du prochain renouvellement", "date d expiration", "échéance du contrat",
            "date d échéance du contrat", "fin d engagement", "date de fin d engagement", "expiration du contrat"],
        Weak: ["échéance", "date d échéance"],
    }
    Owner {
        Exact: ["propriétaire du compte", "responsable de compte", "responsable du compte"],
        Alias: ["propriétaire", "propriétaire de l entreprise", "propriétaire du client", "gestionnaire de compte",
            "chargé de compte", "chargé de clientèle", "responsable client", "responsable csm", "responsable clientèle",
            "csm attribué", "csm en charge"],
        Weak: ["responsable", "gestionnaire", "interlocuteur csm"],
    }
    CurrentTier {
        Alias: ["niveau de service", "modèle d accompagnement", "niveau d accompagnement"],
        Weak: ["catégorie client", "niveau"],
    }
    Industry {
        Exact: ["secteur", "secteur d activité"],
        Alias: ["industrie", "domaine d activité", "secteur industriel"],
    }
    Segment {
        Alias: ["segment client", "segment de marché", "segment clientèle", "segmentation"],
        Weak: ["taille de l entreprise", "taille entreprise"],
    }
    Plan {
        Exact: ["forfait"],
        Alias: ["formule", "offre", "nom du forfait", "formule d abonnement", "type d abonnement", "nom de l offre"],
        Weak: ["abonnement"],
    }
    SeatsLicensed {
        Alias: ["licences", "nombre de licences", "sièges", "nombre de sièges", "licences achetées", "licences souscrites",
            "utilisateurs licenciés", "nb licences", "total licences", "nb de licences"],
    }
    SeatsUsed {
        Alias: ["utilisateurs actifs", "licences utilisées", "licences actives", "sièges utilisés", "sièges actifs",
            "nombre d utilisateurs actifs"],
        Weak: ["utilisateurs", "nombre d utilisateurs", "nb utilisateurs"],
    }
    Usage {
        Alias: ["taux d utilisation", "taux d usage"],
    }
    UsageTrend {
        Alias: ["tendance d utilisation", "tendance d usage", "évolution de l usage"],
    }
    Adoption {
        Alias: ["taux d adoption"],
    }
    Tickets {
        Alias: ["tickets ouverts", "nombre de tickets", "tickets support", "demandes de support", "nb tickets"],
    }
    Csat {
        Exact: ["satisfaction client"],
        Alias: ["score de satisfaction", "taux de satisfaction", "note de satisfaction"],
    }
    Escalations {
        Alias: ["escalades", "nombre d escalades"],
    }
    Nps {
        Alias: ["score nps", "note nps"],
    }
    Health {
        Alias: ["score de santé", "santé client", "santé du client", "santé", "indice de santé", "santé du compte"],
    }
    ChurnRisk {
        Alias: ["risque de churn", "risque de résiliation", "risque d attrition", "probabilité de churn"],
    }
    Reference {
        Alias: ["client référent", "client de référence", "référençable"],
    }
    CaseStudy {
        Alias: ["étude de cas", "étude de cas publiée", "témoignage client"],
    }
    Products {
        Alias: ["produits", "produits achetés", "produits souscrits", "liste des produits"],
    }
    ProductCount {
        Alias: ["nombre de produits", "nb produits"],
    }
    Parent {
        Exact: ["société mère", "compte parent"],
        Alias: ["maison mère", "entreprise mère", "compte principal", "client parent"],
    }
    Modified {
        Exact: ["date de modification"],
        Alias: ["modifié le", "dernière modification", "date de dernière modification", "mis à jour le",
            "date de mise à jour", "dernière mise à jour"],
    }
    Tags {
        Alias: ["étiquettes", "commentaires", "commentaire", "remarques"],
    }
};
