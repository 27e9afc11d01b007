//! The nouns: what an account book is, what a team decides, and the words for both. No files, no clock, no algorithms.

pub mod book;
pub mod check;
pub mod column;
pub mod control;
pub mod decode;
pub mod discovery;
pub mod expansion;
pub mod finding;
pub mod format;
pub mod health;
pub mod lifecycle;
pub mod load;
pub mod memo;
pub mod money;
pub mod motions;
pub mod policy;
pub mod presets;
pub mod role;
pub mod signal;
pub mod table;
pub mod tier;
pub mod tier_score;
pub mod values;
