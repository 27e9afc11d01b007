//! Tiers, grid rows, strategic bins and the nine cells that join them (M12).

use serde::{Deserialize, Serialize};

/// The four service tiers, best served first: the order of every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Named CSM, QBRs, executive sponsor.
    HighTouch,
    /// Shared CSM, scheduled check-ins.
    MidTouch,
    /// Pooled CSMs acting on signals.
    TechTouch,
    /// Self-serve.
    Plg,
}

/// ARR rows of the grid, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// Under the low cut.
    Low,
    /// From the low cut to under the high cut.
    Mid,
    /// From the high cut.
    High,
}

/// Strategic-value bins, lowest first (M10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bin {
    /// Below the low edge.
    Low,
    /// From the low edge to the high edge, both included.
    Medium,
    /// Above the high edge.
    High,
}

/// How tiers are decided (S7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// `grid` when two or more factors are on, else `arr`.
    #[default]
    Auto,
    /// ARR row × strategic bin (M12).
    Grid,
    /// Three ARR cuts (K5).
    Arr,
    /// A weighted score with fixed bands (H48, H49).
    Score,
}

/// The naming schemes over the four codes (X2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// High-Touch Enterprise … PLG Self-Serve (M13).
    #[default]
    Service,
    /// Strategic, Growth, Scale, Long Tail (K5).
    Keep,
    /// Strategic, Growth, Core, Nurture (A5).
    Analyst,
    /// Enterprise, Growth, Scale, Tech-touch (H49).
    Health,
}

impl Tier {
    /// All tiers in list order.
    pub const ALL: [Tier; 4] = [Tier::HighTouch, Tier::MidTouch, Tier::TechTouch, Tier::Plg];

    /// The code used everywhere: `high_touch`.
    pub fn code(self) -> &'static str {
        match self {
            Tier::HighTouch => "high_touch",
            Tier::MidTouch => "mid_touch",
            Tier::TechTouch => "tech_touch",
            Tier::Plg => "plg",
        }
    }

    /// The short label for sentences: `High-Touch`.
    pub fn label(self) -> &'static str {
        match self {
            Tier::HighTouch => "High-Touch",
            Tier::MidTouch => "Mid-Touch",
            Tier::TechTouch => "Tech-Touch",
            Tier::Plg => "PLG",
        }
    }

    /// The name under a naming scheme.
    pub fn name(self, scheme: Scheme) -> &'static str {
        let names = match scheme {
            Scheme::Service => ["High-Touch Enterprise", "Mid-Touch", "Tech-Touch Pooled", "PLG Self-Serve"],
            Scheme::Keep => ["Strategic", "Growth", "Scale", "Long Tail"],
            Scheme::Analyst => ["Strategic", "Growth", "Core", "Nurture"],
            Scheme::Health => ["Enterprise", "Growth", "Scale", "Tech-touch"],
        };
        let [high, mid, tech, plg] = names;
        match self {
            Tier::HighTouch => high,
            Tier::MidTouch => mid,
            Tier::TechTouch => tech,
            Tier::Plg => plg,
        }
    }

    /// Position in [`Tier::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Reads a code or a name, as a `current_tier` column holds it; the names of the scheme in force win over others.
    pub fn parse(text: &str, scheme: Scheme) -> Option<Tier> {
        let squeeze = |s: &str| -> String {
            s.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let wanted = squeeze(text);
        if wanted.is_empty() {
            return None;
        }
        let schemes = [scheme, Scheme::Service, Scheme::Keep, Scheme::Analyst, Scheme::Health];
        let coded = Tier::ALL.into_iter().find(|tier| squeeze(tier.code()) == wanted);
        let named = |scheme: &Scheme| Tier::ALL.into_iter().find(|tier| squeeze(tier.name(*scheme)) == wanted);
        let labelled = || Tier::ALL.into_iter().find(|tier| squeeze(tier.label()) == wanted);
        coded
            .or_else(|| schemes.first().and_then(named))
            .or_else(labelled)
            .or_else(|| schemes.iter().find_map(named))
    }
}

impl Row {
    /// All rows, highest first, as the grid is drawn.
    pub const DRAWN: [Row; 3] = [Row::High, Row::Mid, Row::Low];

    /// The code: `low`, `mid`, `high`.
    pub fn code(self) -> &'static str {
        match self {
            Row::Low => "low",
            Row::Mid => "mid",
            Row::High => "high",
        }
    }

    /// Position, lowest first.
    pub fn index(self) -> usize {
        self as usize
    }
}

impl Bin {
    /// All bins, lowest first.
    pub const ALL: [Bin; 3] = [Bin::Low, Bin::Medium, Bin::High];

    /// The code: `low`, `medium`, `high`.
    pub fn code(self) -> &'static str {
        match self {
            Bin::Low => "low",
            Bin::Medium => "medium",
            Bin::High => "high",
        }
    }

    /// Position, lowest first.
    pub fn index(self) -> usize {
        self as usize
    }
}

impl Rule {
    /// The code: `auto`, `grid`, `arr`, `score`.
    pub fn code(self) -> &'static str {
        match self {
            Rule::Auto => "auto",
            Rule::Grid => "grid",
            Rule::Arr => "arr",
            Rule::Score => "score",
        }
    }
}

/// The tier of a grid cell (M12, golden G13).
pub fn cell(row: Row, bin: Bin) -> Tier {
    match (row, bin) {
        (Row::High | Row::Mid, Bin::High) => Tier::HighTouch,
        (Row::High, Bin::Low | Bin::Medium) | (Row::Mid, Bin::Medium) | (Row::Low, Bin::High) => Tier::MidTouch,
        (Row::Mid, Bin::Low) | (Row::Low, Bin::Medium) => Tier::TechTouch,
        (Row::Low, Bin::Low) => Tier::Plg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nine_cells_are_those_of_the_source() {
        let drawn = Row::DRAWN.map(|row| Bin::ALL.map(|bin| cell(row, bin).code()));
        assert_eq!(
            drawn,
            [
                ["mid_touch", "mid_touch", "high_touch"],
                ["tech_touch", "mid_touch", "high_touch"],
                ["plg", "tech_touch", "mid_touch"],
            ]
        );
    }

    #[test]
    fn current_tiers_are_read_in_any_scheme() {
        for (text, tier) in [
            ("High-Touch Enterprise", Some(Tier::HighTouch)),
            ("strategic", Some(Tier::HighTouch)),
            ("mid touch", Some(Tier::MidTouch)),
            ("Growth", Some(Tier::MidTouch)),
            ("Long Tail", Some(Tier::Plg)),
            ("tech-touch", Some(Tier::TechTouch)),
            ("Core", Some(Tier::TechTouch)),
            ("", None),
            ("Platinum", None),
        ] {
            assert_eq!(Tier::parse(text, Scheme::Service), tier, "{text}");
        }
    }
}
