//! Where an account stands in its life, what tier × health × stage is called, and what each calls for (A6–A8, H10, H39–H43).

use super::health::BandKind;
use super::tier::Tier;

/// Stages by age; risk goes before age, so every account has exactly one (A7, G4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 0–90 days.
    Onboarding,
    /// 91–365 days.
    Growth,
    /// To three years.
    Mature,
    /// Longer: the source has no name for it.
    Established,
    /// Any age with health at risk.
    AtRisk,
    /// The date of its start is not known, or lies ahead.
    Unknown,
}

impl Stage {
    /// The stage of an account that became one so many days ago.
    pub fn of(age_days: Option<i32>, at_risk: bool) -> Stage {
        const THREE_YEARS: i32 = 1_095;
        match age_days {
            _ if at_risk => Stage::AtRisk,
            None => Stage::Unknown,
            Some(..0) => Stage::Unknown,
            Some(0..=90) => Stage::Onboarding,
            Some(91..=365) => Stage::Growth,
            Some(366..=THREE_YEARS) => Stage::Mature,
            Some(_) => Stage::Established,
        }
    }

    /// The code: `at_risk`.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Onboarding => "onboarding",
            Stage::Growth => "growth",
            Stage::Mature => "mature",
            Stage::Established => "established",
            Stage::AtRisk => "at_risk",
            Stage::Unknown => "unknown",
        }
    }
}

/// What is to be done, by whom, how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Play {
    /// Stable code.
    pub code: &'static str,
    /// What is seen.
    pub when: &'static str,
    /// What to do.
    pub action: &'static str,
    /// Who does it.
    pub owner: &'static str,
    /// How soon, in hours.
    pub due_hours: u32,
}

/// What an account calls for. Many accounts may call for something, so they hold no more than which of all plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plays(u16);

impl Plays {
    /// With one more.
    #[must_use]
    pub fn and(self, play: &Play) -> Plays {
        let at = PLAYS.iter().position(|known| std::ptr::eq(*known, play));
        Plays(self.0 | at.map_or(0, |at| 1 << at))
    }

    /// Whether nothing is called for.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The plays, the most urgent first; those of one time as they are listed.
    pub fn iter(self) -> impl Iterator<Item = &'static Play> + Clone {
        let of = move |(at, _): &(usize, &&'static Play)| self.0 & (1 << at) != 0;
        PLAYS.iter().enumerate().filter(of).map(|(_, play)| *play)
    }
}

/// All plays, the most urgent first; of those at one time the path of an account at risk comes first.
static PLAYS: [&Play; 10] = [
    &ESCALATE,
    &CHAMPION_GONE,
    &SAVE_LARGE,
    &SAVE,
    &INTERVENE,
    &USE_FALLS,
    &ESCALATED,
    &DETRACTOR,
    &ENGAGE,
    &RENEWAL_NEAR,
];

const fn play(code: &'static str, when: &'static str, action: &'static str, owner: &'static str, due_hours: u32) -> Play {
    Play {
        code,
        when,
        action,
        owner,
        due_hours,
    }
}

const WEEK: u32 = 168;

/// Change of use from which on something is done, as a share (H39).
pub const USAGE_DROP: f64 = -0.25;
/// Days to the renewal of an account that is not well (H41).
pub const RENEWAL_DAYS: i32 = 90;
/// ARR from which on the VP of CS is in the save team, in major units (H43).
pub const VP_ARR: i64 = 100_000;

/// The champion is gone (H39, H41, H42).
pub static CHAMPION_GONE: Play = play(
    "champion_gone",
    "no active champion",
    "find the next champion: reach every known contact and the sponsor",
    "CSM and CSM manager",
    24,
);
/// Use falls (H39).
pub static USE_FALLS: Play = play(
    "usage_drop",
    "usage down by 25% or more",
    "ask the admins what changed and agree on a plan to win use back",
    "CSM",
    48,
);
/// An escalation is open (H41).
pub static ESCALATED: Play = play(
    "open_escalation",
    "an escalation is open",
    "take the escalation into one thread with support and name an end date",
    "CSM manager",
    48,
);
/// They would not recommend us (H41).
pub static DETRACTOR: Play = play(
    "detractor",
    "NPS below 0",
    "call back and close the loop on the answer",
    "CSM",
    72,
);
/// The renewal is near and the account is not well (H41).
pub static RENEWAL_NEAR: Play = play(
    "renewal_near",
    "renewal within 90 days",
    "open the renewal with the economic buyer",
    "CSM and AE",
    WEEK,
);

static ESCALATE: Play = play(
    "escalate",
    "health below 30",
    "save plan with an executive on both sides",
    "VP CS and executive sponsor",
    24,
);
static SAVE_LARGE: Play = play(
    "save_team",
    "at risk with 100K ARR or more",
    "save team: root cause, owner and date for each",
    "VP CS and CSM manager",
    48,
);
static SAVE: Play = play(
    "save_team",
    "health below 35",
    "save team: root cause, owner and date for each",
    "VP CS and CSM manager",
    48,
);
static INTERVENE: Play = play(
    "intervene",
    "health below 50",
    "save plan with root cause and milestones",
    "CSM and CSM manager",
    48,
);
static ENGAGE: Play = play(
    "engage",
    "health at risk",
    "call on the account and agree on the next step",
    "CSM",
    WEEK,
);

/// The path of an account at risk by its score in points (H10, H42, H43).
pub fn risk_play(score: Option<f64>, arr_major: i64) -> &'static Play {
    match score {
        Some(score) if score < 30.0 => &ESCALATE,
        Some(_) if arr_major >= VP_ARR => &SAVE_LARGE,
        Some(score) if score < 35.0 => &SAVE,
        Some(score) if score < 50.0 => &INTERVENE,
        _ => &ENGAGE,
    }
}

/// A named group of tier × health × stage and what it calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// What people call it.
    pub name: &'static str,
    /// What it calls for.
    pub action: &'static str,
    /// Who.
    pub owner: &'static str,
    /// How soon, in hours.
    pub due_hours: u32,
}

const fn named(name: &'static str, action: &'static str, owner: &'static str, due_hours: u32) -> Named {
    Named {
        name,
        action,
        owner,
        due_hours,
    }
}

const MONTH: u32 = 720;
const QUARTER: u32 = 2_160;

/// The name of a group. Champions, Rescue Missions and Save Plays are the source's (A8), the others ours.
pub fn group(tier: Tier, health: Option<BandKind>, stage: Stage) -> Named {
    use BandKind::{AtRisk, Good, Middle};
    use Stage::{Established, Mature, Onboarding};
    use Tier::{HighTouch, MidTouch, Plg, TechTouch};
    match (tier, health, stage) {
        (_, None, _) => named(
            "Blind Spots",
            "collect what health needs before the next review",
            "CS Ops",
            MONTH,
        ),
        (HighTouch, Some(Good), Mature | Established) => {
            named("Champions", "ask for references and a longer renewal", "CSM and AE", QUARTER)
        }
        (HighTouch, Some(Good), _) => named("Rising Stars", "plan the first expansion", "CSM and AE", QUARTER),
        (HighTouch, Some(Middle), _) => named("Watch List", "sponsor call, success plan reviewed", "CSM", 2 * WEEK),
        (HighTouch, Some(AtRisk), _) => named("Executive Saves", "save plan with an executive", "VP CS and CSM", 48),
        (MidTouch, Some(Good), _) => named("Growth Engine", "expansion talk at the next QBR", "CSM pool and AE", QUARTER),
        (MidTouch, Some(Middle), Onboarding) => {
            named("Rescue Missions", "unblock onboarding: one call, one plan", "CSM pool", WEEK)
        }
        (MidTouch, Some(Middle), _) => named("Steady Book", "check in, raise adoption", "CSM pool", MONTH),
        (MidTouch, Some(AtRisk), _) => named("Recovery Plays", "call, root cause, plan", "CSM pool and manager", 48),
        (TechTouch, Some(AtRisk), _) => named("Save Plays", "queue a CSM call, send the save sequence", "CSM pool", WEEK),
        (TechTouch, Some(Good), _) => named("Upgrade Pool", "offer self-serve expansion", "digital CS", QUARTER),
        (TechTouch, Some(Middle), _) => named("Nudge Pool", "in-app nudges to unused features", "digital CS", MONTH),
        (Plg, Some(AtRisk), _) => named("Win-Back Flow", "win-back email, survey", "digital CS", 2 * WEEK),
        (Plg, Some(Good), _) => named("Fans", "upgrade prompts at limits, community", "product", QUARTER),
        (Plg, Some(Middle), _) => named("Self-Serve Base", "lifecycle email", "product", QUARTER),
    }
}

/// Fewer accounts than this are read as a list, not as a rate (H89: n over 30).
pub const THIN: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_age_has_one_stage_and_risk_goes_first() {
        for (age, at_risk, stage) in [
            (Some(-5), false, Stage::Unknown),
            (Some(0), false, Stage::Onboarding),
            (Some(90), false, Stage::Onboarding),
            (Some(91), false, Stage::Growth),
            (Some(365), false, Stage::Growth),
            (Some(366), false, Stage::Mature),
            (Some(1_095), false, Stage::Mature),
            (Some(1_096), false, Stage::Established),
            (Some(10), true, Stage::AtRisk),
            (None, true, Stage::AtRisk),
            (None, false, Stage::Unknown),
        ] {
            assert_eq!(Stage::of(age, at_risk), stage, "{age:?} {at_risk}");
        }
    }

    #[test]
    fn plays_come_by_their_time() {
        assert!(PLAYS.is_sorted_by_key(|play| play.due_hours));
        let plays = Plays::default()
            .and(&RENEWAL_NEAR)
            .and(&USE_FALLS)
            .and(risk_play(Some(40.0), 5));
        let codes: Vec<&str> = plays.iter().map(|play| play.code).collect();
        assert_eq!(
            (codes, plays.is_empty()),
            (vec!["intervene", "usage_drop", "renewal_near"], false)
        );
        assert!(PLAYS.iter().all(|play| Plays::default().and(play).iter().eq([*play])));
    }

    #[test]
    fn the_named_cells_of_the_source() {
        let name = |tier, health, stage| group(tier, Some(health), stage).name;
        assert_eq!(name(Tier::HighTouch, BandKind::Good, Stage::Mature), "Champions");
        assert_eq!(name(Tier::MidTouch, BandKind::Middle, Stage::Onboarding), "Rescue Missions");
        assert_eq!(name(Tier::TechTouch, BandKind::AtRisk, Stage::AtRisk), "Save Plays");
    }

    #[test]
    fn the_path_of_risk_gets_shorter_as_health_falls() {
        for (score, arr, code, due) in [
            (Some(59.99), 5_000, "engage", 168),
            (Some(50.0), 5_000, "engage", 168),
            (Some(49.99), 5_000, "intervene", 48),
            (Some(34.99), 5_000, "save_team", 48),
            (Some(55.0), 100_000, "save_team", 48),
            (Some(29.99), 100_000, "escalate", 24),
            (None, 5_000, "engage", 168),
        ] {
            let play = risk_play(score, arr);
            assert_eq!((play.code, play.due_hours), (code, due), "{score:?} {arr}");
        }
    }
}
