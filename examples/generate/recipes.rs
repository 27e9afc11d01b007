//! The two companies behind the example books: plans, prices, and what their accounts look like.

use crate::Draw;

/// Accounts sold on one plan: how common it is, the price in the middle, the spread of prices, the price of a seat.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) weight: f64,
    pub(crate) median_usd: f64,
    pub(crate) spread: f64,
    pub(crate) usd_per_seat: f64,
}

/// A price range that must hold this many accounts and, if given, this much ARR.
pub(crate) struct Class {
    pub(crate) from_usd: f64,
    pub(crate) below_usd: f64,
    pub(crate) accounts: usize,
    pub(crate) total_usd: Option<f64>,
}

/// How many accounts are new (0–90 days), growing (91–365), mature (1–3 years), and at risk (health under 60, any age).
pub(crate) struct Stages {
    pub(crate) new: usize,
    pub(crate) growing: usize,
    pub(crate) mature: usize,
    pub(crate) at_risk: usize,
}

/// Everything that makes one book.
pub(crate) struct Recipe {
    pub(crate) file: &'static str,
    pub(crate) seed: u64,
    pub(crate) first_id: u32,
    pub(crate) plans: &'static [Plan],
    pub(crate) classes: &'static [Class],
    pub(crate) stages: Stages,
    pub(crate) csms: &'static [&'static str],
    pub(crate) products: &'static [&'static str],
    pub(crate) traits: fn(&mut Draw, f64) -> Traits,
}

/// What is known of an account beside its price; `health` is still a standard score.
pub(crate) struct Traits {
    pub(crate) industry: &'static str,
    pub(crate) logo: char,
    pub(crate) utilisation: f64,
    pub(crate) health: f64,
    pub(crate) nps: Option<f64>,
    pub(crate) case_study: bool,
    pub(crate) reference: bool,
    pub(crate) design_partner: bool,
    pub(crate) regulated: bool,
    pub(crate) products: usize,
}

/// A mid-size software vendor: many small accounts, one list price that most of them pay, few large ones.
pub(crate) const VARIED: Recipe = Recipe {
    file: "accounts.csv",
    seed: 2_581,
    first_id: 10_041,
    plans: &[
        Plan {
            name: "Starter",
            weight: 42.0,
            median_usd: 3_650.0,
            spread: 0.50,
            usd_per_seat: 290.0,
        },
        Plan {
            name: "Team",
            weight: 96.0,
            median_usd: 10_780.0,
            spread: 0.075,
            usd_per_seat: 340.0,
        },
        Plan {
            name: "Team Plus",
            weight: 8.0,
            median_usd: 15_500.0,
            spread: 0.20,
            usd_per_seat: 360.0,
        },
        Plan {
            name: "Business",
            weight: 54.0,
            median_usd: 30_800.0,
            spread: 0.19,
            usd_per_seat: 410.0,
        },
        Plan {
            name: "Enterprise",
            weight: 21.0,
            median_usd: 112_000.0,
            spread: 0.50,
            usd_per_seat: 520.0,
        },
    ],
    classes: &[
        Class {
            from_usd: 1_200.0,
            below_usd: 10_000.0,
            accounts: 55,
            total_usd: Some(295_000.0),
        },
        Class {
            from_usd: 10_000.0,
            below_usd: 25_000.0,
            accounts: 95,
            total_usd: Some(1_145_000.0),
        },
        Class {
            from_usd: 25_000.0,
            below_usd: 75_000.0,
            accounts: 52,
            total_usd: Some(1_775_000.0),
        },
        Class {
            from_usd: 75_000.0,
            below_usd: 275_000.0,
            accounts: 18,
            total_usd: Some(2_385_000.0),
        },
    ],
    stages: Stages {
        new: 28,
        growing: 64,
        mature: 98,
        at_risk: 30,
    },
    csms: &[
        "Amara Okafor",
        "Ben Lindqvist",
        "Carla Mendes",
        "Dev Raman",
        "Elise Fournier",
        "Hana Novak",
    ],
    products: &["Core", "Analytics", "Automation", "Connect"],
    traits: varied_traits,
};

/// A young vendor whose accounts look alike: same kind of shop, same logo tier, no references yet, seats bought to fit.
pub(crate) const ALIKE: Recipe = Recipe {
    file: "three-gates.csv",
    seed: 65,
    first_id: 2_001,
    plans: &[Plan {
        name: "Standard",
        weight: 1.0,
        median_usd: 14_000.0,
        spread: 0.42,
        usd_per_seat: 310.0,
    }],
    classes: &[Class {
        from_usd: 3_000.0,
        below_usd: 60_000.0,
        accounts: 72,
        total_usd: None,
    }],
    stages: Stages {
        new: 14,
        growing: 38,
        mature: 15,
        at_risk: 5,
    },
    csms: &["Ines Carvalho", "Tom Aldous"],
    products: &["Core"],
    traits: alike_traits,
};

/// Traits that lean on the size of the account without following it.
fn varied_traits(draw: &mut Draw, size: f64) -> Traits {
    let fit = 0.75 * size + 0.65 * draw.normal();
    let health = 0.3 * fit + 0.95 * draw.normal();
    let prestige = 0.75 * fit + 0.65 * draw.normal();
    let under_rules = draw.chance(0.22 + 0.08 * fit);
    let industry = if under_rules {
        draw.pick(&["Healthcare", "Finance", "Insurance", "Government"])
    } else {
        draw.pick(&[
            "Software",
            "Logistics",
            "Manufacturing",
            "Retail",
            "Education",
            "Media",
            "Energy",
            "Hospitality",
        ])
    };
    let advocacy = 0.6 * fit + 0.35 * health + 0.7 * draw.normal();
    Traits {
        industry,
        logo: ['C', 'B', 'A'][usize::from(prestige > -0.4) + usize::from(prestige > 0.85)],
        utilisation: 0.68 + 0.06 * fit + 0.05 * health + 0.10 * draw.normal(),
        health,
        nps: (!draw.chance(0.08)).then_some(28.0 + 18.0 * health + 16.0 * draw.normal()),
        case_study: advocacy + 0.4 * draw.normal() > 1.35,
        reference: advocacy + 0.4 * draw.normal() > 1.25,
        design_partner: 0.8 * fit + 0.6 * draw.normal() > 1.5,
        regulated: draw.chance(if under_rules { 0.75 } else { 0.06 }),
        products: 1 + usize::from(draw.chance(0.3)) + usize::from(fit > 0.6) + usize::from(fit > 1.5),
    }
}

/// Traits that hardly differ from one account to the next.
fn alike_traits(draw: &mut Draw, _size: f64) -> Traits {
    let health = draw.normal();
    Traits {
        industry: draw.pick(&["Retail", "Hospitality"]),
        logo: if draw.chance(0.92) { 'B' } else { 'C' },
        utilisation: (0.785 + 0.03 * draw.normal()).min(0.83),
        health,
        nps: (!draw.chance(0.08)).then_some(24.0 + 6.0 * health + 6.0 * draw.normal()),
        case_study: false,
        reference: false,
        design_partner: false,
        regulated: false,
        products: 1,
    }
}

/// Invented family names and places, none twice.
pub(crate) fn draw_names(draw: &mut Draw, count: usize) -> Vec<String> {
    const STARTS: [&str; 26] = [
        "Abel", "Brinn", "Cask", "Dravel", "Ember", "Fenn", "Garrow", "Hespe", "Ivel", "Jorr", "Kestle", "Lomb", "Marl", "Nivel",
        "Ostrel", "Pelk", "Quarl", "Rusk", "Selm", "Tarn", "Umbel", "Vanter", "Wexel", "Yarl", "Zelk", "Thrup",
    ];
    const ENDS: [&str; 12] = [
        "ado", "brook", "by", "combe", "dale", "en", "ford", "gate", "ham", "holt", "more", "wyn",
    ];
    let mut names: Vec<String> = STARTS
        .iter()
        .flat_map(|start| ENDS.iter().map(move |end| format!("{start}{end}")))
        .collect();
    draw.shuffle(&mut names);
    names.truncate(count);
    names
}

/// Second words of a company's name in an industry.
pub(crate) fn words_for(industry: &str) -> &'static [&'static str] {
    match industry {
        "Healthcare" => &["Clinics", "Health Partners", "Diagnostics", "Care Group"],
        "Finance" => &["Capital", "Payments", "Credit Union", "Wealth"],
        "Insurance" => &["Mutual", "Assurance", "Underwriting", "Insurance Group"],
        "Government" => &["County Services", "Transit Authority", "Water Board", "City Council"],
        "Software" => &["Systems", "Labs", "Software", "Data"],
        "Logistics" => &["Freight", "Logistics", "Shipping", "Couriers"],
        "Manufacturing" => &["Tooling", "Castings", "Works", "Components"],
        "Retail" => &["Outfitters", "Stores", "Home & Garden", "Supply"],
        "Education" => &["Academy", "Learning", "College", "Tutors"],
        "Media" => &["Press", "Studios", "Broadcasting", "Media"],
        "Energy" => &["Solar", "Power", "Grid Services", "Renewables"],
        _ => &["Hotels", "Dining", "Resorts", "Events"],
    }
}

/// The end of a company's name; most CRMs hold it for some accounts only, and public bodies have none.
pub(crate) fn legal_form(index: usize, industry: &str, region: &str) -> &'static str {
    match (industry, region, index % 4) {
        ("Government", ..) => "",
        (_, "North America", 1) => ", Inc.",
        (_, "North America", 2) => " LLC",
        (_, "EMEA", 1) => " Ltd",
        (_, "EMEA", 2) => " GmbH",
        (_, "APAC", 1) => " Pty Ltd",
        (_, "LATAM", 1) => " S.A.",
        _ => "",
    }
}
