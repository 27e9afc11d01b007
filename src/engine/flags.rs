//! Override flags: additive marks that never change a tier, and the comments that some of them call for (S8, M15–M19).

use std::borrow::Cow;
use std::sync::Arc;

use super::cells::Columns;
use super::health::Health;
use super::tiering::Segmentation;
use crate::model::policy::Policy;
use crate::model::presets;
use crate::model::signal::When;
use crate::model::tier::Tier;
use crate::parallel;

/// Flags of the whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct Flags {
    /// Canonical flags first, then the team's own by name; only those that have a trigger.
    pub flags: Vec<Flag>,
    /// Canonical flags that are not switched off and have no column to read: they can set nothing in this book.
    pub idle: Vec<&'static str>,
    /// Comments on accounts, largest accounts first.
    pub comments: Vec<Comment>,
}

/// One flag over all accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// What sets it.
    pub when: When,
    /// Whether it is the default trigger.
    pub by_default: bool,
    /// What it unlocks (M15); empty for the team's own.
    pub unlocks: &'static str,
    /// Whether scored health at risk sets it too.
    pub by_health: bool,
    /// Whether each account has it, in input order.
    pub set: Arc<Vec<bool>>,
}

/// A comment on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The account's position in the book.
    pub account: usize,
    /// Stable kind: `contradiction`, `promote`, `review`, `custom`.
    pub kind: &'static str,
    /// The sentence.
    pub text: Cow<'static, str>,
}

/// How many of the largest self-serve accounts are named for review (K13).
const PLG_REVIEWED: usize = 5;

const AT_RISK: &str = "at_risk_retention";

/// Sets the flags and writes the comments.
pub fn flag(columns: &Columns, policy: &Policy, segmentation: &Segmentation, health: Option<&Health>) -> Flags {
    let mut asked: Vec<Asked> = Vec::new();
    let mut idle = Vec::new();
    for (name, unlocks) in presets::FLAGS {
        match (policy.flags.get(name), presets::trigger(name, columns)) {
            (Some(rule), _) if rule.off => {}
            (Some(rule), default) => {
                let by_default = rule.when.is_none();
                match rule.when.clone().or(default) {
                    Some(when) => asked.push((name, when, by_default, unlocks)),
                    None => idle.push(name),
                }
            }
            (None, Some(when)) => asked.push((name, when, true, unlocks)),
            (None, None) => idle.push(name),
        }
    }
    let mut flags = parallel::over(columns.book().len(), asked, |asked| build(columns, asked));
    if let Some(health) = health.filter(|_| policy.flags.get(AT_RISK).is_none_or(|rule| !rule.off && rule.when.is_none())) {
        by_health(columns, health, &mut flags, &mut idle);
    }
    for (name, rule) in &policy.flags {
        let canonical = presets::FLAGS.iter().any(|(flag, _)| flag == name);
        if let (false, false, Some(when)) = (canonical, rule.off, rule.when.clone()) {
            flags.push(build(columns, (name, when, false, "")));
        }
    }
    let comments = comments(columns, policy, segmentation, &flags);
    Flags { flags, idle, comments }
}

impl Flags {
    /// Names of an account's flags.
    pub fn of(&self, account: usize) -> impl Iterator<Item = &str> {
        self.flags
            .iter()
            .filter(move |flag| flag.set.get(account) == Some(&true))
            .map(|flag| flag.name.as_str())
    }

    /// Whether each account has the flag of this name; none where nothing sets it.
    pub fn set(&self, name: &str) -> Option<&[bool]> {
        self.flags
            .iter()
            .find(|flag| flag.name == name)
            .map(|flag| flag.set.as_slice())
    }

    /// Whether an account has a flag.
    pub fn has(&self, account: usize, name: &str) -> bool {
        self.set(name).is_some_and(|set| set.get(account) == Some(&true))
    }
}

impl Flag {
    /// How many accounts have it.
    pub fn accounts(&self) -> usize {
        self.set.iter().filter(|set| **set).count()
    }
}

/// Once health is scored, the default trigger of `at_risk_retention` sees it as well: the book's own columns may not.
fn by_health(columns: &Columns, health: &Health, flags: &mut Vec<Flag>, idle: &mut Vec<&'static str>) {
    let at = presets::FLAGS.iter().position(|(name, _)| *name == AT_RISK);
    let Some((at, (name, unlocks))) = at.and_then(|at| Some((at, *presets::FLAGS.get(at)?))) else {
        return;
    };
    if !flags.iter().any(|flag| flag.name == name) {
        let before = |flag: &Flag| presets::FLAGS.iter().take(at).any(|(earlier, _)| *earlier == flag.name);
        let place = flags.iter().filter(|flag| before(flag)).count();
        flags.insert(place, build(columns, (name, When::Any(Vec::new()), true, unlocks)));
        idle.retain(|idle| *idle != name);
    }
    for flag in flags.iter_mut().filter(|flag| flag.name == name) {
        flag.by_health = true;
        for (account, set) in Arc::make_mut(&mut flag.set).iter_mut().enumerate() {
            *set |= health.is_at_risk(account);
        }
    }
}

/// Name, trigger, whether that is the default, and what it unlocks.
type Asked<'a> = (&'a str, When, bool, &'static str);

fn build(columns: &Columns, (name, when, by_default, unlocks): Asked) -> Flag {
    let set = columns.flags(&when);
    Flag {
        name: name.to_string(),
        when,
        by_default,
        unlocks,
        by_health: false,
        set,
    }
}

fn comments(columns: &Columns, policy: &Policy, segmentation: &Segmentation, flags: &[Flag]) -> Vec<Comment> {
    let set = |name: &str| flags.iter().find(|flag| flag.name == name).map(|flag| flag.set.as_slice());
    let [at_risk, ready, champion] = [AT_RISK, "expansion_ready", "strategic_champion"].map(set);
    let has = |set: Option<&[bool]>, account: usize| set.is_some_and(|set| set.get(account) == Some(&true));
    let own: Vec<_> = policy
        .comments
        .iter()
        .map(|rule| (rule, set(&rule.flag), rule.with_flag.as_deref().map(set)))
        .collect();
    // Most accounts call for no word, so only the others are looked at in the order of their ARR.
    let marked = parallel::collect(columns.book().len(), |account| {
        let contradicts = has(at_risk, account) && has(ready, account);
        contradicts || has(champion, account) || own.iter().any(|(_, flag, _)| has(*flag, account))
    });
    let mut comments = Vec::new();
    let mut reviewed = 0;
    for account in columns.book().by_arr() {
        if reviewed == PLG_REVIEWED && marked.get(account) == Some(&false) {
            continue;
        }
        let tier = segmentation.tier(account);
        let mut say = |kind, text: Cow<'static, str>| comments.push(Comment { account, kind, text });
        if has(at_risk, account) && has(ready, account) {
            say(
                "contradiction",
                "at risk and ready to expand at once: settle retention before any expansion talk".into(),
            );
        }
        if has(champion, account) && matches!(tier, Tier::TechTouch | Tier::Plg) {
            say("promote", "a champion without a CSM: consider mid_touch".into());
        }
        if tier == Tier::Plg && columns.book().arr(account).0 > 0 && reviewed < PLG_REVIEWED {
            reviewed += 1;
            say("review", "among the largest self-serve accounts: review for promotion".into());
        }
        for (rule, flag, other) in &own {
            let other = other.is_none_or(|other| has(other, account));
            if has(*flag, account) && other && (rule.tiers.is_empty() || rule.tiers.contains(&tier)) {
                say("custom", rule.text.clone().into());
            }
        }
    }
    comments
}
