//! How each tier is served, and what it is expected to hold and to reach, by naming scheme (S9: M13, K5, K10–K13, A5, A10–A14, H47, H53).

use super::presets::share_ranges;
use super::tier::{Scheme, Tier};

/// How a tier is served. What a scheme's source does not say is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Motion {
    /// Accounts per CSM that the source has in mind; the plan goes by the book sizes of the model.
    pub ratio: Option<&'static str>,
    /// CSM arrangement.
    pub coverage: Option<&'static str>,
    /// How often the customer hears from us.
    pub cadence: Option<&'static str>,
    /// Where.
    pub channels: Option<&'static str>,
    /// Which playbooks.
    pub playbooks: Option<&'static str>,
    /// What goes to whom when it goes wrong.
    pub escalation: Option<&'static str>,
}

/// What a tier is to reach in a year (A14), with the range of NRR that is usual for it (A5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Targets {
    /// Net revenue retention, 1.35 for 135%.
    pub nrr: f64,
    /// The usual range of it.
    pub nrr_usual: (f64, f64),
    /// Gross revenue retention.
    pub grr: f64,
    /// Share of accounts that expand, 0..1.
    pub expansion_accounts: f64,
    /// Churn stays under this share, 0..1.
    pub churn_below: f64,
}

/// Shares of accounts and of ARR, each as (from, to).
pub type Shares = ((f64, f64), (f64, f64));

/// Share of CSM time that A11 gives each tier, in list order.
pub const CSM_TIME: [f64; 4] = [0.45, 0.35, 0.15, 0.05];

impl Motion {
    /// The fields in the order in which they are shown, what is silent filled from scheme `service` and marked.
    pub fn filled(self, tier: Tier) -> [String; 6] {
        let own = [
            self.ratio,
            self.coverage,
            self.cadence,
            self.channels,
            self.playbooks,
            self.escalation,
        ];
        let of = service(tier);
        let service = [of.ratio, of.coverage, of.cadence, of.channels, of.playbooks, of.escalation];
        let mut fields = own.into_iter().zip(service);
        std::array::from_fn(|_| match fields.next() {
            Some((Some(own), _)) => own.to_string(),
            Some((None, Some(service))) => format!("{service} (as in scheme service)"),
            _ => "not stated".to_string(),
        })
    }
}

/// The motion of a tier under a naming scheme.
pub fn motion(scheme: Scheme, tier: Tier) -> Motion {
    match scheme {
        Scheme::Service => service(tier),
        Scheme::Keep => keep(tier),
        Scheme::Analyst => analyst(tier),
        Scheme::Health => health(tier),
    }
}

/// The targets of a tier; only the source of scheme `analyst` states any (A5, A14).
pub fn targets(scheme: Scheme, tier: Tier) -> Option<Targets> {
    let of = |nrr, nrr_usual, grr, expansion_accounts, churn_below| Targets {
        nrr,
        nrr_usual,
        grr,
        expansion_accounts,
        churn_below,
    };
    (scheme == Scheme::Analyst).then(|| match tier {
        Tier::HighTouch => of(1.35, (1.25, 1.40), 0.98, 0.35, 0.03),
        Tier::MidTouch => of(1.20, (1.15, 1.25), 0.95, 0.25, 0.06),
        Tier::TechTouch => of(1.10, (1.05, 1.15), 0.92, 0.12, 0.10),
        Tier::Plg => of(1.00, (0.95, 1.05), 0.88, 0.05, 0.15),
    })
}

/// The shares of accounts and ARR that a scheme's source expects in a tier (K5, H47); the others state none.
pub fn expected_shares(scheme: Scheme, tier: Tier) -> Option<Shares> {
    match (scheme, tier) {
        (Scheme::Keep, tier) => Some(share_ranges(tier)),
        (Scheme::Health, Tier::HighTouch) => Some(((0.05, 0.10), (0.40, 0.50))),
        (Scheme::Health, Tier::MidTouch) => Some(((0.15, 0.25), (0.25, 0.35))),
        (Scheme::Health, Tier::TechTouch) => Some(((0.30, 0.40), (0.15, 0.25))),
        (Scheme::Health, Tier::Plg) => Some(((0.30, 0.40), (0.05, 0.10))),
        (Scheme::Service | Scheme::Analyst, _) => None,
    }
}

/// M13 says who serves; how often, where and with what is filled from K10–K13, so that this scheme is whole.
fn service(tier: Tier) -> Motion {
    match tier {
        Tier::HighTouch => Motion {
            ratio: Some("8 to 15 accounts per CSM"),
            coverage: Some("named CSM, dedicated AE, executive sponsor"),
            cadence: Some("monthly business review, quarterly QBR, sponsor call twice a year"),
            channels: Some("phone, shared Slack, video, in person"),
            playbooks: Some("full onboarding, own success plan, proactive expansion, multi-year renewal"),
            escalation: Some("straight to CSM manager and VP CS; priority support"),
        },
        Tier::MidTouch => Motion {
            ratio: Some("40 to 80 accounts per CSM"),
            coverage: Some("shared CSM pool with account ownership, AE on expansion calls"),
            cadence: Some("check-in every two months, QBR twice a year"),
            channels: Some("email, video, Slack now and then"),
            playbooks: Some("templated onboarding and plans, outreach on health, expansion from 70% utilization"),
            escalation: Some("health drop goes to CSM manager; standard support"),
        },
        Tier::TechTouch => Motion {
            ratio: Some("200 to 500 accounts per pooled CSM"),
            coverage: Some("no named CSM; pool acts on health signals"),
            cadence: Some("quarterly QBR by email, lifecycle email, scheduled webinars"),
            channels: Some("email, in-app, help center"),
            playbooks: Some("in-app onboarding, automated alerts, self-serve expansion"),
            escalation: Some("red health or an expansion signal queues CSM outreach"),
        },
        Tier::Plg => Motion {
            ratio: Some("1,000 or more accounts per pooled CSM"),
            coverage: Some("none; product and community"),
            cadence: Some("lifecycle email only"),
            channels: Some("in-app, email, community, chatbot"),
            playbooks: Some("automated onboarding, upgrade prompts at usage limits"),
            escalation: Some("CS steps in when ARR crosses the cut or on request; large accounts are reviewed for promotion"),
        },
    }
}

/// K10–K13, whole.
fn keep(tier: Tier) -> Motion {
    match tier {
        Tier::HighTouch => Motion {
            ratio: Some("5 to 8 accounts per CSM"),
            coverage: Some("named CSM with an AE of its own and an executive sponsor"),
            cadence: Some("business review each month, QBR each quarter, sponsor call every half year"),
            channels: Some("phone, Slack Connect, in person, video"),
            playbooks: Some("full onboarding, success plan of its own, proactive expansion, renewal over several years"),
            escalation: Some("seen at once by CSM manager and VP CS"),
        },
        Tier::MidTouch => Motion {
            ratio: Some("15 to 25 accounts per CSM"),
            coverage: Some("pooled CSMs who own accounts, AE joins expansion calls only"),
            cadence: Some("check-in every two months, QBR twice a year"),
            channels: Some("email, video, Slack at times"),
            playbooks: Some("onboarding from templates, outreach when health moves, expansion from 70% utilization"),
            escalation: Some("a drop in health is reviewed by the CSM manager"),
        },
        Tier::TechTouch => Motion {
            ratio: Some("50 to 100 accounts per CSM"),
            coverage: Some("health watched by software, CSM comes in on a signal only"),
            cadence: Some("QBR by email each quarter, automated nudges in the product"),
            channels: Some("email, in-app, help center"),
            playbooks: Some("onboarding in the product, automated alerts, self-serve expansion"),
            escalation: Some("red health or a sign of expansion puts the account in the CSM queue"),
        },
        Tier::Plg => Motion {
            ratio: Some("no CSM: community and product"),
            coverage: Some("none"),
            cadence: Some("lifecycle email only"),
            channels: Some("email, in-app, community, chatbot"),
            playbooks: Some("automated onboarding, upgrade prompt when a limit is near"),
            escalation: Some("accounts with high ARR are reviewed for promotion"),
        },
    }
}

/// A10–A12: ratios, rhythm, onboarding and support; channels and escalation are not in the source.
fn analyst(tier: Tier) -> Motion {
    let of = |ratio, coverage, cadence, playbooks| Motion {
        ratio: Some(ratio),
        coverage,
        cadence: Some(cadence),
        channels: None,
        playbooks: Some(playbooks),
        escalation: None,
    };
    match tier {
        Tier::HighTouch => of(
            "10 accounts per CSM",
            Some("45% of CSM time; priority support"),
            "executive QBR each quarter, contact every week",
            "white-glove onboarding over 60 days",
        ),
        Tier::MidTouch => of(
            "30 accounts per CSM",
            Some("35% of CSM time; standard support"),
            "QBR each quarter, contact every two weeks",
            "guided onboarding over 45 days",
        ),
        Tier::TechTouch => of(
            "60 accounts per CSM",
            Some("15% of CSM time; standard support"),
            "review each month, contact as needed",
            "onboarding over 30 days",
        ),
        Tier::Plg => of(
            "digital only",
            Some("5% of CSM time; community support"),
            "campaigns only",
            "self-serve onboarding",
        ),
    }
}

/// H53: ratios, QBRs and outreach; the rest is not in the source.
fn health(tier: Tier) -> Motion {
    let of = |ratio, cadence| Motion {
        ratio: Some(ratio),
        coverage: None,
        cadence: Some(cadence),
        channels: None,
        playbooks: None,
        escalation: None,
    };
    match tier {
        Tier::HighTouch => of("10 to 15 accounts per CSM", "QBR each quarter, outreach each month"),
        Tier::MidTouch => of("30 to 50 accounts per CSM", "QBR twice a year, outreach every two months"),
        Tier::TechTouch => of("100 to 200 accounts per CSM", "review once a year, outreach each quarter"),
        Tier::Plg => of(
            "1,000 or more accounts per CSM",
            "no QBR, outreach when something triggers it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: [Scheme; 4] = [Scheme::Service, Scheme::Keep, Scheme::Analyst, Scheme::Health];

    #[test]
    fn every_field_of_every_motion_says_something_and_says_whose_it_is() {
        for (scheme, tier) in SCHEMES.into_iter().flat_map(|scheme| Tier::ALL.map(|tier| (scheme, tier))) {
            let fields = motion(scheme, tier).filled(tier);
            let marked = fields
                .iter()
                .filter(|field| field.ends_with("(as in scheme service)"))
                .count();
            let silent = match scheme {
                Scheme::Service | Scheme::Keep => 0,
                Scheme::Analyst => 2,
                Scheme::Health => 4,
            };
            assert_eq!(marked, silent, "{scheme:?} {tier:?}");
            assert!(
                fields.iter().all(|field| !field.is_empty() && field != "not stated"),
                "{scheme:?} {tier:?}"
            );
        }
    }

    #[test]
    fn expected_shares_leave_room_for_a_whole() {
        for scheme in [Scheme::Keep, Scheme::Health] {
            let of =
                |pick: fn(Shares) -> f64| -> f64 { Tier::ALL.iter().filter_map(|t| expected_shares(scheme, *t)).map(pick).sum() };
            assert!(of(|s| s.0.0) <= 1.0 && of(|s| s.0.1) >= 1.0, "{scheme:?}");
            assert!(of(|s| s.1.0) <= 1.0 && of(|s| s.1.1) >= 1.0, "{scheme:?}");
        }
        assert!((CSM_TIME.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
