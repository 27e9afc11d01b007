//! One function per use case: open the model, edit it, compute, write, answer.

pub mod axes;
pub mod book;
pub mod books;
mod calibration;
pub mod capacity;
pub mod complete;
pub mod doctor;
pub mod document;
pub mod expansion;
pub mod explain;
pub mod gates;
pub mod health;
pub mod install;
mod kept;
pub mod list;
mod readable;
pub mod run;
mod session;
pub mod shelf;
mod signals;
pub mod strategic;
pub mod tiers;
pub mod what_if;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use crate::error::Result;
use crate::io::Folders;
pub use crate::model::control::{Control, Progress};
pub use crate::model::load::{Join, JoinKind};
pub use crate::model::role::Role;
pub use crate::model::tier::Tier;
pub use books::Books;

/// What a face knows before any call: where the workspace is, what may be read, and today's date.
#[derive(Debug, Clone)]
pub struct Context {
    /// The workspace folder, resolved.
    pub workspace: PathBuf,
    /// Further folders that may be read, resolved.
    pub allowed: Vec<PathBuf>,
    /// Today; the engine never reads a clock.
    pub today: Date,
    /// Stops what runs, and hears how far it has come.
    pub control: Control,
    /// What a server keeps between its calls; one call alone has nothing to keep.
    pub books: Option<Arc<Books>>,
}

/// What every call names beside its own arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// Name of the model in the workspace.
    pub model: String,
    /// JSON instead of a box.
    pub json: bool,
}

/// The answer of a use case, ready for either face.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The box, or the JSON as text.
    pub text: String,
    /// The JSON envelope, when asked for.
    pub json: Option<Value>,
    /// The full report that was written, relative to the workspace.
    pub report: Option<String>,
}

impl Context {
    /// A context whose folders are resolved first; they must exist.
    pub fn new(workspace: &std::path::Path, allowed: &[PathBuf], today: Date) -> Result<Context> {
        let allowed = allowed
            .iter()
            .map(|folder| crate::io::canonical_dir(folder))
            .collect::<Result<Vec<_>>>()?;
        Ok(Context {
            workspace: crate::io::canonical_dir(workspace)?,
            allowed,
            today,
            control: Control::default(),
            books: None,
        })
    }

    fn folders(&self) -> Folders {
        Folders {
            workspace: self.workspace.clone(),
            allowed: self.allowed.clone(),
        }
    }
}

/// A folder with the links on its way resolved; as it is where it is not there.
pub fn resolved(folder: &std::path::Path) -> std::path::PathBuf {
    crate::io::canonical_dir(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// A path on one line, without characters that steer a terminal.
pub fn plain_path(path: &std::path::Path) -> String {
    crate::report::text::clean(&path.display().to_string())
}
