//! What a look through the workspace found: files that may hold the book, notes that may answer questions, and what was passed over.

use super::load::JoinKind;
use super::role::Role;

/// What was found when nobody named a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discovery {
    /// Files of account data, likeliest first.
    pub candidates: Vec<Candidate>,
    /// Notes that speak of the team, most telling first.
    pub notes: Vec<Note>,
    /// How far the look went.
    pub looked: Looked,
}

/// A file of account data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Relative to the workspace where it lies inside; as the file system has it, so clean it before it is shown.
    pub path: String,
    /// What was recognised, such as `csv (comma, UTF-8)`.
    pub format: String,
    /// Rows below the header.
    pub rows: Rows,
    /// How much speaks for it; compares candidates with each other.
    pub worth: u32,
    /// Roles that its columns play.
    pub roles: Vec<Role>,
    /// What its rows are.
    pub holds: Holds,
    /// Whether a column gives ARR or MRR.
    pub has_amount: bool,
    /// The table to name where several of the file are alike.
    pub sheet: Option<String>,
    /// What speaks for it and against it, in words.
    pub evidence: Vec<String>,
}

/// Rows of a table that was read in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All were counted.
    Counted(u64),
    /// Judged from the part that was read.
    About(u64),
}

impl Rows {
    /// The number, exact or not.
    pub fn number(self) -> u64 {
        match self {
            Rows::Counted(n) | Rows::About(n) => n,
        }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Accounts.
    Book,
    /// Something that belongs to accounts and can be joined to them.
    Join(JoinKind),
}

impl Holds {
    /// The code: `book`, or that of the join.
    pub fn code(self) -> &'static str {
        match self {
            Holds::Book => "book",
            Holds::Join(kind) => kind.code(),
        }
    }
}

/// A text that may answer what is asked. Its own words are never repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// As the path of a candidate.
    pub path: String,
    /// Which of the words that were looked for stand in it.
    pub words: Vec<&'static str>,
}

/// How far a look went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// Folders whose names were read.
    pub folders: usize,
    /// Files that were opened.
    pub files: usize,
    /// Folders and files that were left out because a limit was reached.
    pub left_out: usize,
    /// Files that hold no account data, with the reason; those that come nearest first.
    pub refused: Vec<(String, String)>,
}
