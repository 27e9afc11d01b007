//! The three rules side by side: what each would place, and the largest accounts on which they disagree.

use serde_json::{Map, Value, json};

use super::{View, accounts, amount, count};
use crate::engine::rules::{RuleView, compare, disputed};
use crate::model::tier::{Rule, Tier};
use crate::report::{Block, Table, text};

/// How many accounts that differ are named.
const NAMED: usize = 10;

/// The rules over the book of a view.
pub struct Rules {
    rules: Vec<RuleView>,
    /// Accounts on which they do not all agree, largest first.
    disputed: Vec<usize>,
}

impl Rules {
    /// Runs each rule once; the model stays as it is.
    pub fn of(view: View) -> Rules {
        let rules = compare(view.book(), view.policy, view.outcome);
        let disputed = disputed(view.book(), &rules).collect();
        Rules { rules, disputed }
    }

    /// Counts by rule, and who differs; also used by the report document.
    pub fn blocks(&self, view: View) -> Vec<Block> {
        let mut table = Table::new(&[
            "Rule",
            ">High / mid / tech / PLG",
            ">Accounts that differ",
            ">Their ARR",
            "Rests on",
        ]);
        for rule in &self.rules {
            let held = rule.totals.map(|total| count(total.accounts)).join(" / ");
            table.push([
                format!("{}{}", rule.rule.code(), if rule.in_force { ", in force" } else { "" }),
                held,
                count(rule.moved),
                view.short(rule.moved_cents),
                rests_on(rule),
            ]);
        }
        let mut blocks = vec![Block::Table(table)];
        if !self.disputed.is_empty() {
            let more = match self.disputed.len().saturating_sub(NAMED) {
                0 => String::new(),
                _ => format!(", the largest {NAMED} of them here"),
            };
            let text = format!("The rules do not agree on {}{more}:", accounts(self.disputed.len()));
            blocks.push(Block::Text(text));
            blocks.push(Block::Table(self.differing(view)));
        }
        blocks
    }

    fn differing(&self, view: View) -> Table {
        let mut headings = vec!["Account".to_string(), ">ARR".to_string()];
        headings.extend(self.rules.iter().map(|rule| format!("By {}", rule.rule.code())));
        headings.push(">Strategic value".to_string());
        let mut table = Table::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
        for account in self.disputed.iter().take(NAMED) {
            let mut cells = vec![text::clean(view.book().name(*account)), view.exact(view.book().arr(*account))];
            cells.extend(self.rules.iter().map(|rule| tier_of(rule, *account).label().to_string()));
            cells.push(format!("{:.4}", view.outcome.strategic.value_of(*account)));
            table.push(cells);
        }
        table
    }

    /// `rules` and `disputed` of the data of `assign_tiers`.
    pub fn put(&self, data: &mut Map<String, Value>, view: View) {
        let of = |rule: &RuleView| {
            let tiers: Map<String, Value> = Tier::ALL
                .into_iter()
                .zip(rule.totals)
                .map(|(tier, total)| (tier.code().to_string(), json!(total.accounts)))
                .collect();
            json!({
                "rule": rule.rule,
                "in_force": rule.in_force,
                "tiers": tiers,
                "moved_accounts": rule.moved,
                "moved_arr": amount(rule.moved_cents),
                "fed": rule.fed.map(|(on, _)| on),
            })
        };
        data.insert("rules".into(), Value::Array(self.rules.iter().map(of).collect()));
        let account = |account: &usize| {
            let tiers: Map<String, Value> = self
                .rules
                .iter()
                .map(|rule| (rule.rule.code().to_string(), json!(tier_of(rule, *account).code())))
                .collect();
            json!({"account": view.book().id(*account), "arr": view.book().arr(*account), "tiers": tiers})
        };
        let named: Vec<Value> = self.disputed.iter().take(NAMED).map(account).collect();
        data.insert("disputed".into(), json!({"accounts": self.disputed.len(), "largest": named}));
    }
}

fn tier_of(rule: &RuleView, account: usize) -> Tier {
    rule.tiers.get(account).copied().unwrap_or(Tier::Plg)
}

fn rests_on(rule: &RuleView) -> String {
    match (rule.rule, rule.fed) {
        (Rule::Score, Some((on, of))) => format!("{on} of {of} parts of the tier score, ARR among them"),
        (_, Some((on, of))) => format!("ARR rows and {on} of {of} factors"),
        (_, None) => "ARR alone".to_string(),
    }
}
