//! Arguments of each tool as they come over the wire, with the schema that clients see.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::app::axes::AxesEdit;
use crate::app::book::BookEdit;
use crate::app::capacity::CapacityEdit;
use crate::app::document::{Format, ReportRequest};
use crate::app::gates::GatesEdit;
use crate::app::strategic::{JudgementEdit, StrategicEdit};
use crate::app::tiers::TiersEdit;
use crate::app::what_if::Change;
use crate::model::decode::{date_if_any, sheet_or_blank};
use crate::model::load::Join;
use crate::model::money::Money;
use crate::model::policy::{BookPreset, BookSize, Factor, Method, Motion};
use crate::model::role::Role;
use crate::model::signal::{Signal, When};
use crate::model::tier::{Rule, Scheme, Tier};

/// How the answer is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    #[default]
    Box,
    Json,
}

/// Declares a tool's arguments with the two that every tool takes.
macro_rules! arguments {
    ($(#[$meta:meta])* $name:ident $(nullable $($nullable:literal)*)? { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(in crate::tools) struct $name {
            $($(#[$field_meta])* pub(in crate::tools) $field: $type,)*
            /// Model name; default segmentation
            pub(in crate::tools) model: Option<String>,
            /// box (default) or json
            #[schemars(with = "Option<Shape>")]
            pub(in crate::tools) format: Shape,
        }

        impl crate::tools::Arguments for $name {
            fn common(&self) -> (Option<&str>, bool) {
                (self.model.as_deref(), self.format == Shape::Json)
            }

            const NULLABLE: &'static [&'static str] = &[$($($nullable),*)?];
        }
    };
}

mod accounts;
pub(super) use accounts::{ExplainAccount, ListAccounts, ScoreExpansion, ScoreHealth};

arguments! {
    LoadBook nullable "sheet" {
        /// Account export; left out: looks for it
        path: Option<String>,
        /// Sheet or table; null forgets
        #[schemars(with = "Option<String>")]
        #[serde(deserialize_with = "sheet_or_blank")]
        sheet: Option<String>,
        /// Role to header, e.g. {"arr": "ARR (USD)"}; null removes
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        columns: BTreeMap<Role, Option<String>>,
        /// Of the book, YYYY-MM-DD; default today
        #[schemars(with = "Option<String>")]
        #[serde(deserialize_with = "date_if_any")]
        as_of: Option<Date>,
        /// e.g. {"duplicates": "sum"}
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        answers: BTreeMap<String, Option<String>>,
        /// Worth of a foreign unit, e.g. {"EUR": 1.08}
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        rates: BTreeMap<String, Option<f64>>,
        /// Further files; kind: subscriptions, items, prices, usage, tickets, nps, churn, columns; key, date: headers
        #[schemars(with = "Option<Vec<JoinArgs>>")]
        joins: Option<Vec<Join>>,
        /// Keep accounts that have left
        keep_churned: Option<bool>,
        /// Statuses, e.g. ["Trial"]
        not_customers: Option<Vec<String>>,
        /// e.g. 1.1 for 110%
        target_nrr: Option<f64>,
        #[schemars(with = "Option<MotionName>")]
        current_motion: Option<Motion>,
    }
}

arguments! {
    DefineAxes {
        /// As load_book: loads the book first
        path: Option<String>,
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        columns: BTreeMap<Role, Option<String>>,
        #[schemars(with = "Option<String>")]
        #[serde(deserialize_with = "date_if_any")]
        as_of: Option<Date>,
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        answers: BTreeMap<String, Option<String>>,
        /// Derives the cuts again; auto chooses from the distribution
        method: Option<AskedMethod>,
        /// Own ARR cuts
        cuts: Option<CutArgs>,
        /// Round the cuts (default true)
        snap: Option<bool>,
        /// Whole rubric: 3-5 factors, weights sum to 1; on: true lets judgements alone feed one
        #[schemars(with = "Option<Vec<FactorArgs>>")]
        factors: Option<Vec<Factor>>,
        /// Strategic bin edges, 0..1, or auto
        #[schemars(with = "Option<BinArgs>")]
        bins: Option<BinChoice>,
    }
}

arguments! {
    ScoreStrategic {
        /// Factor to rule; null restores the default. Rules: {kind: flag, column, yes?}, {kind: scale, column, from, to,
        /// max?}, {kind: ratio, over: [a, b], from, to}, {kind: levels, column, scores: {A: 1}}, {kind: recent, column,
        /// within_days}, {kind: cases, cases: [{when: [{column, op, value}], score}]}, {combine: max|weighted, of: [..]};
        /// blank: what a blank cell stands for. column: a header or role:NAME
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        signals: BTreeMap<String, Option<Signal>>,
        /// Scores that no column can give, with the reason
        judgements: Vec<JudgementArgs>,
    }
}

arguments! {
    AssignTiers {
        /// auto (default): grid when 2+ factors are fed, else arr; score: weighted tier score, bands 80/60/40
        #[schemars(with = "Option<RuleName>")]
        rule: Option<Rule>,
        /// Tier names
        #[schemars(with = "Option<SchemeName>")]
        scheme: Option<Scheme>,
        /// Flag to {when: {all|any: [{column, op, value}]}}; null switches it off
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        flags: BTreeMap<String, Option<FlagArgs>>,
        /// Tier code to the reason why it may be empty
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        documented_empty: BTreeMap<Tier, Option<String>>,
    }
}

arguments! {
    CalibrateCapacity {
        /// CSMs in all; ask the user
        csms: Option<f64>,
        /// Or by tier code: {"high_touch": 3, "mid_touch": 2}
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        csms_by_tier: BTreeMap<Tier, Option<f64>>,
        /// Accounts per CSM by tier code: {"mid_touch": {"min": 30, "max": 60}}
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        book_sizes: BTreeMap<Tier, Option<BookSize>>,
        /// service 8-15/40-80/200-500/1000+ (default), keep 5-8/15-25/50-100/none, health 10-15/30-50/100-200/1000+
        #[schemars(with = "Option<PresetName>")]
        preset: Option<BookPreset>,
        /// Take an option by its id (A..E), with the revision of the answer that showed it; previous takes it back
        apply: Option<String>,
        revision: Option<String>,
        /// Look at a change account by account and make none: {"cuts": {"high": 40000}, "bins": {..}, "weights": {factor: n}, "csms": n, "signals": {..}}
        #[schemars(with = "Option<BTreeMap<String, Value>>")]
        compare: Option<CompareArgs>,
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CompareArgs {
    /// `low` and `high`, or under rule `arr` tier codes.
    cuts: BTreeMap<String, Money>,
    bins: Option<BinArgs>,
    weights: BTreeMap<String, f64>,
    csms: Option<f64>,
    signals: BTreeMap<String, Signal>,
}

arguments! {
    Validate {
        /// Seed of the three-account sample
        seed: Option<u64>,
        /// Shares of accounts that may change tier at ARR ±10%
        stability_limits: Option<LimitArgs>,
    }
}

arguments! {
    WriteReport {
        /// Which files; default all
        formats: Vec<FormatName>,
        /// For the title and the file name
        company: Option<String>,
        /// Folder inside the workspace or an allowed one
        out: Option<String>,
    }
}

/// What may be asked of the cuts; `none` is only ever found, never asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AskedMethod {
    Auto,
    Log,
    Quartile,
    Given,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CutArgs {
    #[schemars(with = "Option<f64>")]
    low: Option<Money>,
    #[schemars(with = "Option<f64>")]
    high: Option<Money>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BinArgs {
    low_below: Option<f64>,
    high_above: Option<f64>,
}

/// Edges, or the word `auto`.
#[derive(Debug, Clone, Copy)]
pub(super) enum BinChoice {
    Auto,
    Edges(BinArgs),
}

impl<'de> Deserialize<'de> for BinChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = BinChoice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\" or {\"low_below\": 0.3, \"high_above\": 0.6}")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<BinChoice, E> {
                match word {
                    "auto" => Ok(BinChoice::Auto),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<BinChoice, A::Error> {
                BinArgs::deserialize(de::value::MapAccessDeserializer::new(map)).map(BinChoice::Edges)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgementArgs {
    /// Account id
    account: String,
    /// Factor to 0..1; null takes it back
    #[schemars(with = "BTreeMap<String, Value>")]
    scores: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    why: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FlagArgs {
    when: Option<When>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitArgs {
    pass: Option<f64>,
    warn: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormatName {
    Md,
    Html,
    Csv,
}

/// Shapes that only the schema needs: the engine's own types know nothing of schemas.
mod shown {
    use super::JsonSchema;

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum MotionName {
        AllHighTouch,
        AllAutomated,
        Mixed,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum RuleName {
        Auto,
        Grid,
        Arr,
        Score,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum SchemeName {
        Service,
        Keep,
        Analyst,
        Health,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[allow(dead_code)]
    pub(in crate::tools) enum PresetName {
        Service,
        Keep,
        Health,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    pub(in crate::tools) struct JoinArgs {
        path: String,
        kind: String,
        key: Option<String>,
        date: Option<String>,
        sheet: Option<String>,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code)]
    pub(in crate::tools) struct FactorArgs {
        name: String,
        weight: f64,
        on: Option<bool>,
    }
}
use shown::{FactorArgs, JoinArgs, MotionName, PresetName, RuleName, SchemeName};

impl LoadBook {
    pub(super) fn edit(self) -> BookEdit {
        BookEdit {
            path: self.path,
            sheet: self.sheet,
            joins: self.joins,
            as_of: self.as_of,
            columns: self.columns,
            answers: self.answers,
            rates: self.rates,
            keep_churned: self.keep_churned,
            not_customers: self.not_customers,
            target_nrr: self.target_nrr,
            current_motion: self.current_motion,
        }
    }
}

impl DefineAxes {
    pub(super) fn edit(self) -> AxesEdit {
        let book = BookEdit {
            path: self.path,
            as_of: self.as_of,
            columns: self.columns,
            answers: self.answers,
            ..BookEdit::default()
        };
        let cuts = self.cuts.unwrap_or_default();
        let (auto_bins, bins) = match self.bins {
            Some(BinChoice::Auto) => (true, BinArgs::default()),
            Some(BinChoice::Edges(edges)) => (false, edges),
            None => (false, BinArgs::default()),
        };
        let method = self.method.map(|asked| match asked {
            AskedMethod::Auto => Method::Auto,
            AskedMethod::Log => Method::Log,
            AskedMethod::Quartile => Method::Quartile,
            AskedMethod::Given => Method::Given,
        });
        AxesEdit {
            book,
            method,
            cut_low: cuts.low,
            cut_high: cuts.high,
            snap: self.snap,
            factors: self.factors,
            auto_bins,
            low_below: bins.low_below,
            high_above: bins.high_above,
        }
    }
}

impl ScoreStrategic {
    pub(super) fn edit(self) -> StrategicEdit {
        let judgement = |j: JudgementArgs| JudgementEdit {
            account: j.account,
            scores: j.scores,
            why: j.why,
        };
        StrategicEdit {
            signals: self.signals,
            judgements: self.judgements.into_iter().map(judgement).collect(),
        }
    }
}

impl AssignTiers {
    pub(super) fn edit(self) -> TiersEdit {
        let flags = self
            .flags
            .into_iter()
            .map(|(name, rule)| (name, rule.map(|rule| rule.when)))
            .collect();
        TiersEdit {
            rule: self.rule,
            scheme: self.scheme,
            flags,
            documented_empty: self.documented_empty,
        }
    }
}

impl CalibrateCapacity {
    pub(super) fn edit(self) -> CapacityEdit {
        CapacityEdit {
            csms: self.csms,
            csms_by_tier: self.csms_by_tier,
            book_sizes: self.book_sizes,
            preset: self.preset,
            apply: self.apply,
            revision: self.revision,
            compare: self.compare.map(|compare| {
                let bins = compare.bins.unwrap_or_default();
                Change {
                    cuts: compare.cuts,
                    low_below: bins.low_below,
                    high_above: bins.high_above,
                    weights: compare.weights,
                    csms: compare.csms,
                    signals: compare.signals,
                }
            }),
        }
    }
}

impl Validate {
    pub(super) fn edit(self) -> GatesEdit {
        let limits = self.stability_limits.unwrap_or_default();
        GatesEdit {
            seed: self.seed,
            stability_pass: limits.pass,
            stability_warn: limits.warn,
        }
    }
}

impl WriteReport {
    pub(super) fn request(self) -> ReportRequest {
        let format = |name: FormatName| match name {
            FormatName::Md => Format::Markdown,
            FormatName::Html => Format::Html,
            FormatName::Csv => Format::Csv,
        };
        ReportRequest {
            formats: self.formats.into_iter().map(format).collect(),
            company: self.company,
            out: self.out,
        }
    }
}
