//! Draws a report as a box of at most 40 lines and 100 columns (K2).

use super::Report;
