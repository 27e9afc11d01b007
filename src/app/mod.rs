//! One function per use case: read the model, edit it, compute, write, answer.

use std::path::PathBuf;

use jiff::civil::Date;

/// What a face knows before any call: where the workspace is, what may be read, and today's date.
#[derive(Debug, Clone)]
pub struct Context {
    /// The workspace folder, resolved.
    pub workspace: PathBuf,
    /// Further folders that may be read, resolved.
    pub allowed: Vec<PathBuf>,
    /// Today; the engine never reads a clock.
    pub today: Date,
}
