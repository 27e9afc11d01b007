//! Draws a report as Markdown, with nothing cut.

use super::Report;
