//! Findings: what a step noticed, in one of three severities (K2).

use serde::Serialize;

/// How much a finding matters, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The result cannot be used as it stands.
    Critical,
    /// The result can be used with care.
    Warning,
    /// Good to know.
    Info,
}

/// One sentence about the result, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// The sentence: what, how much, what to do.
    pub text: String,
}

impl Finding {
    /// A finding of the gravest kind.
    pub fn critical(code: &'static str, text: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Critical,
            code,
            text: text.into(),
        }
    }

    /// A finding to act on.
    pub fn warning(code: &'static str, text: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Warning,
            code,
            text: text.into(),
        }
    }

    /// A finding to know of.
    pub fn info(code: &'static str, text: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Info,
            code,
            text: text.into(),
        }
    }
}
