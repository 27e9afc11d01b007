//! Three dimensions together: tier × health × stage as groups, and what is to be done first, by ARR at stake (A6–A8, H51).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::cells::Columns;
use super::health::Health;
use super::scores::Numbers;
use super::series::Series;
use super::tiering::Segmentation;
use crate::model::health;
use crate::model::health::BandKind;
use crate::model::lifecycle::{self, Named, Play, Plays, Stage, THIN};
use crate::model::role::Role;
use crate::model::signal::Signal;
use crate::model::tier::Tier;
use crate::parallel;

/// The book in three dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    /// By account, in input order.
    pub stages: Vec<Stage>,
    /// Groups that hold an account, most ARR first.
    pub groups: Vec<Group>,
    /// Accounts that call for something within a week, most ARR first.
    pub actions: Vec<Action>,
}

/// Accounts of one tier, health and stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The tier.
    pub tier: Tier,
    /// What health says; none when it is unknown.
    pub health: Option<BandKind>,
    /// The stage.
    pub stage: Stage,
    /// How many accounts.
    pub accounts: usize,
    /// Their ARR in cents.
    pub arr_cents: i128,
    /// Its name and what it calls for.
    pub named: Named,
}

impl Group {
    /// Too few accounts to speak of rates (H89).
    pub fn is_thin(&self) -> bool {
        self.accounts < THIN
    }
}

/// What one account calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// The account's position in the book.
    pub account: usize,
    /// What is seen, the most urgent first.
    pub plays: Plays,
}

impl Action {
    /// The most urgent play.
    pub fn first(&self) -> Option<&'static Play> {
        self.plays.iter().next()
    }
}

/// Groups and actions of a book whose tiers are assigned.
pub fn portfolio(columns: &Columns, segmentation: &Segmentation, health: &Health) -> Portfolio {
    let book = columns.book();
    let ages = columns.ages_days(Role::Created);
    let age = |i: usize| ages.get(i).flatten();
    let stages: Vec<Stage> = parallel::collect(book.len(), |i| Stage::of(age(i), health.is_at_risk(i)));
    let groups = groups(&stages, |i| (segmentation.tier(i), health.kind(i)), book.arr_cents());
    let group = |((tier, health, stage), (accounts, arr_cents))| Group {
        tier,
        health,
        stage,
        accounts,
        arr_cents,
        named: lifecycle::group(tier, health, stage),
    };
    let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.arr_cents));
    let seen = Seen::of(columns);
    let action = |account: usize| {
        let plays = seen.plays(account, health, book.arr(account).0);
        (!plays.is_empty()).then_some(Action { account, plays })
    };
    Portfolio {
        actions: parallel::picked(book.len(), |place| action(book.nth_by_arr(place)?)),
        stages,
        groups,
    }
}

type Key = (Tier, Option<BandKind>, Stage);

/// Accounts and ARR by tier, health and stage.
fn groups(
    stages: &[Stage],
    of: impl Fn(usize) -> (Tier, Option<BandKind>) + Sync,
    arr_cents: &[i64],
) -> BTreeMap<Key, (usize, i128)> {
    let count = |accounts: Range<usize>| {
        // A few dozen at most: looked through faster than a map.
        let mut groups: Vec<(Key, (usize, i128))> = Vec::new();
        for i in accounts {
            let (Some(stage), Some(cents)) = (stages.get(i), arr_cents.get(i)) else {
                continue;
            };
            let (tier, health) = of(i);
            let key = (tier, health, *stage);
            let at = groups.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                groups.push((key, (0, 0)));
                groups.len() - 1
            });
            if let Some((_, total)) = groups.get_mut(at) {
                total.0 += 1;
                total.1 += i128::from(*cents);
            }
        }
        groups
    };
    let mut groups: BTreeMap<Key, (usize, i128)> = BTreeMap::new();
    for (key, (accounts, cents)) in parallel::in_parts(stages.len(), parallel::LEAST, count).into_iter().flatten() {
        let total = groups.entry(key).or_default();
        total.0 += accounts;
        total.1 += cents;
    }
    groups
}

/// What the columns show of each account.
struct Seen {
    champion_gone: Series<bool>,
    usage_trend: Arc<Numbers>,
    escalated: Series<bool>,
    nps: Arc<Numbers>,
    days_since_renewal: Arc<Series<Option<i32>>>,
}

impl Seen {
    fn of(columns: &Columns) -> Seen {
        let says = |parts: Vec<(f64, Signal)>, role: Role, hit: fn(f64) -> bool| -> Series<bool> {
            let reads = |(_, signal): &&(f64, Signal)| signal.columns().contains(&format!("role:{role}").as_str());
            match parts.iter().find(reads) {
                None => Series::constant(false, columns.book().len()),
                Some((_, signal)) => columns.scores(signal).map_few(|score| !score.is_unknown() && hit(score.low)),
            }
        };
        Seen {
            champion_gone: says(health::parts("relationship_quality"), Role::Champion, |score| score == 0.0),
            escalated: says(health::parts("support_health"), Role::Escalations, |score| score < 1.0),
            usage_trend: columns.numbers_of(Role::UsageTrend),
            nps: columns.numbers_of(Role::Nps),
            days_since_renewal: columns.ages_days(Role::Renewal),
        }
    }

    /// The plays of an account, the most urgent first; those of one time as they are listed here.
    fn plays(&self, account: usize, health: &Health, arr_cents: i64) -> Plays {
        let yes = |list: &Series<bool>| list.get(account) == Some(true);
        let number = |list: &Numbers| list.get(account).flatten();
        let renewal = self.days_since_renewal.get(account).flatten().map(|days| -days);
        let near = renewal.is_some_and(|days| (0..=lifecycle::RENEWAL_DAYS).contains(&days));
        let score = health.points(account);
        let at_risk = health.is_at_risk(account);
        // Held back for want of cells is not unwell.
        let provisional = health.of(account).is_some_and(|health| health.provisional);
        let unwell = !provisional && health.kind(account).is_some_and(|kind| kind != BandKind::Good);
        let called_for = [
            at_risk.then(|| lifecycle::risk_play(score, arr_cents / 100)),
            yes(&self.champion_gone).then_some(&lifecycle::CHAMPION_GONE),
            number(&self.usage_trend)
                .is_some_and(|trend| trend <= lifecycle::USAGE_DROP)
                .then_some(&lifecycle::USE_FALLS),
            yes(&self.escalated).then_some(&lifecycle::ESCALATED),
            number(&self.nps)
                .is_some_and(|nps| nps < 0.0)
                .then_some(&lifecycle::DETRACTOR),
            (near && unwell).then_some(&lifecycle::RENEWAL_NEAR),
        ];
        let plays = called_for.into_iter().flatten();
        plays.fold(Plays::default(), |plays, play| plays.and(play))
    }
}
