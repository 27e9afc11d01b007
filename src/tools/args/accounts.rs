//! Arguments of the tools about single accounts: health, expansion, the explanation, the list.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::Shape;
use crate::app::expansion::ExpansionEdit;
use crate::app::health::HealthEdit;
use crate::app::list::{ListRequest, Order, Sort};
use crate::model::health::Preset as HealthPreset;
use crate::model::policy::Component;
use crate::model::signal::Signal;

arguments! {
    ScoreHealth {
        /// Default: keep (usage 30, adoption 20, support 20, relationship 15, satisfaction 15), or book: the score in the book
        #[schemars(with = "Option<HealthPresetName>")]
        preset: Option<HealthPreset>,
        /// Own components instead, weights sum to 1: [{"name": "usage", "weight": 0.4, "by_tier": {"plg": 0.6}}]; [] goes back
        #[schemars(with = "Option<Vec<ComponentArgs>>")]
        components: Option<Vec<Component>>,
        /// Component to rule as in score_strategic, also {kind: linear, column, target}, {kind: threshold, column, steps:
        /// [[from, score]]}, {kind: trend, of: [rule], column}; null restores the default
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        signals: BTreeMap<String, Option<Signal>>,
    }
}

arguments! {
    ScoreExpansion {
        /// Factor to rule as in score_strategic, hit from 0.5 on; null restores the default. Factors: seat_utilization,
        /// feature_requests, company_growth, multi_team, api_growth
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        signals: BTreeMap<String, Option<Signal>>,
        /// Hits that a level takes; default high 3, medium 1
        cuts: HitArgs,
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::tools) struct HitArgs {
    high: Option<u8>,
    medium: Option<u8>,
}

arguments! {
    ExplainAccount {
        /// Account id, or a name that only one account has
        account: Option<String>,
    }
}

arguments! {
    ListAccounts {
        /// Filters: {"tier": "high_touch", "flag": "at_risk_retention", "bin": "high", "row": "mid", "health": "at_risk",
        /// "expansion": "high", "near_cut": true}; a list means any of them
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        #[serde(rename = "where")]
        filter: Filter,
        #[schemars(with = "Option<SortName>")]
        sort: Sort,
        #[schemars(with = "Option<OrderName>")]
        order: Option<Order>,
        /// 1-50; default 20
        #[schemars(with = "Option<u32>")]
        limit: Option<u64>,
        /// next_cursor of the page before
        cursor: Option<String>,
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::tools) struct Filter {
    tier: OneOrMore,
    flag: OneOrMore,
    bin: OneOrMore,
    row: OneOrMore,
    health: OneOrMore,
    expansion: OneOrMore,
    near_cut: Option<bool>,
}

/// A word, or a list of words.
#[derive(Debug, Clone, Default)]
pub(in crate::tools) struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = OneOrMore;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![word.to_string()]))
            }
            fn visit_unit<E: de::Error>(self) -> Result<OneOrMore, E> {
                Ok(OneOrMore::default())
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(OneOrMore(words))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Shapes that only the schema needs: the engine's own types know nothing of schemas.
mod shown {
    use super::{BTreeMap, JsonSchema, Value};

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum HealthPresetName {
        Keep,
        Health,
        SelfServe,
        Enterprise,
        UsageBased,
        HighTouchServices,
        Analyst,
        ByTier,
        Book,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    pub(in crate::tools) struct ComponentArgs {
        name: String,
        weight: f64,
        by_tier: Option<BTreeMap<String, Value>>,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum SortName {
        Arr,
        Name,
        StrategicValue,
        Health,
        Margin,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum OrderName {
        Asc,
        Desc,
    }
}
use shown::{ComponentArgs, HealthPresetName, OrderName, SortName};

impl ScoreHealth {
    pub(in crate::tools) fn edit(self) -> HealthEdit {
        HealthEdit {
            preset: self.preset,
            components: self.components,
            signals: self.signals,
        }
    }
}

impl ScoreExpansion {
    pub(in crate::tools) fn edit(self) -> ExpansionEdit {
        ExpansionEdit {
            signals: self.signals,
            high: self.cuts.high,
            medium: self.cuts.medium,
        }
    }
}

impl ListAccounts {
    pub(in crate::tools) fn request(self) -> ListRequest {
        ListRequest {
            tier: self.filter.tier.0,
            flag: self.filter.flag.0,
            bin: self.filter.bin.0,
            row: self.filter.row.0,
            health: self.filter.health.0,
            expansion: self.filter.expansion.0,
            near_cut: self.filter.near_cut,
            sort: self.sort,
            order: self.order,
            limit: self.limit,
            cursor: self.cursor,
        }
    }
}
