//! Portuguese, Italian and Dutch words for the few commonest roles.

use super::{Match, Meanings};
use crate::model::role::Role;

/// What Spanish spells the same way stands there.
pub(super) const MEANINGS: Meanings = meanings! {
    Id {
        Exact: ["código do cliente", "id do cliente", "número do cliente", "id da conta",
            "codice cliente", "id cliente", "numero cliente", "id del cliente",
            "klantnummer", "klant id", "klantnr", "klant nr", "klantcode"],
        Weak: ["conta", "klant"],
    }
    Name {
        Exact: ["nome do cliente", "nome da conta", "nome da empresa", "razão social", "nome",
            "nome cliente", "nome del cliente", "nome azienda", "ragione sociale",
            "klantnaam", "bedrijfsnaam", "naam klant"],
        Alias: ["conta", "azienda", "società", "nome account", "klant", "bedrijf", "naam"],
    }
    Arr {
        Exact: ["receita recorrente anual", "receita anual recorrente", "ricavi ricorrenti annuali", "ricavo ricorrente annuale",
            "jaarlijks terugkerende omzet", "jaarlijkse terugkerende omzet"],
        Weak: ["valor anual", "canone annuo", "importo annuo", "jaarbedrag"],
        Within: ["recorrente* anua*", "ricorrent* annual*", "jaarlijks* terugkerend*"],
    }
    Mrr {
        Exact: ["receita recorrente mensal", "receita mensal recorrente", "ricavi ricorrenti mensili",
            "ricavo ricorrente mensile", "maandelijks terugkerende omzet", "maandelijkse terugkerende omzet"],
        Alias: ["mensalidade", "valor mensal", "canone mensile", "importo mensile", "maandbedrag"],
        Within: ["recorrente* mensa*", "ricorrent* mensil*", "maandelijks* terugkerend*"],
    }
    Tcv {
        Alias: ["valor do contrato", "valor total do contrato", "valore del contratto", "valore totale del contratto",
            "contractwaarde", "totale contractwaarde"],
    }
    Currency {
        Exact: ["moeda", "valuta"],
    }
    Status {
        Exact: ["status do cliente", "stato cliente", "stato del cliente", "klantstatus"],
        Weak: ["situação", "stato"],
    }
    Churned {
        Exact: ["data de cancelamento", "data disdetta", "opzegdatum"],
        Alias: ["cancelamento", "cancelado em", "disdetta", "disdetto", "data di cessazione", "opgezegd", "opgezegd op"],
    }
    Created {
        Exact: ["cliente desde", "cliente dal", "klant sinds"],
        Alias: ["data de criação", "data de início", "início do contrato", "data di creazione", "data inizio contratto",
            "inizio contratto", "aanmaakdatum", "aangemaakt op", "startdatum contract", "ingangsdatum"],
    }
    Renewal {
        Exact: ["data de renovação", "data di rinnovo", "verlengingsdatum"],
        Alias: ["renovação", "próxima renovação", "fim do contrato", "data de fim do contrato", "término do contrato",
            "rinnovo", "data rinnovo", "fine contratto", "data fine contratto", "scadenza contratto", "verlenging",
            "einddatum contract", "einde contract"],
    }
    Owner {
        Alias: ["proprietário da conta", "responsável pela conta", "gerente de conta", "titolare account",
            "responsabile account", "accountbeheerder", "klantbeheerder"],
        Weak: ["responsável", "responsabile"],
    }
    Industry {
        Alias: ["setor", "indústria", "ramo de atividade", "settore", "industria", "bedrijfstak"],
    }
    Segment {
        Alias: ["segmento do cliente", "segmento cliente", "klantsegment"],
    }
    Plan {
        Alias: ["plano", "nome do plano", "piano", "nome piano", "pakket"],
    }
    SeatsLicensed {
        Alias: ["licenças", "número de licenças", "licenças contratadas", "licenze", "numero licenze", "licenties",
            "aantal licenties"],
    }
    SeatsUsed {
        Alias: ["usuários ativos", "utilizadores ativos", "utenti attivi", "licenze utilizzate", "actieve gebruikers",
            "gebruikte licenties"],
    }
    Tickets {
        Alias: ["chamados abertos", "ticket aperti"],
    }
    Csat {
        Alias: ["satisfação do cliente", "satisfação", "soddisfazione del cliente", "soddisfazione cliente",
            "klanttevredenheid"],
    }
    Health {
        Alias: ["saúde do cliente", "pontuação de saúde", "salute del cliente", "punteggio di salute", "klantgezondheid"],
    }
    Products {
        Alias: ["produtos", "produtos contratados", "prodotti", "producten"],
    }
    Parent {
        Alias: ["empresa mãe", "conta principal", "società madre", "moederbedrijf", "capogruppo"],
    }
    Modified {
        Alias: ["última modificação", "modificado em", "data de modificação", "atualizado em", "ultima modifica",
            "data modifica", "laatst gewijzigd", "gewijzigd op"],
    }
};
