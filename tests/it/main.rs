//! One integration binary: what holds across modules, and what a user sees.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::dbg_macro,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod accounts;
mod another_file;
mod bench_model;
mod books;
mod boxes;
mod calibrate;
mod codes;
mod contract;
mod conversation;
mod cut_placement;
mod discover;
mod doctor;
mod engine;
mod errors;
mod expansion;
mod files;
mod flags;
mod formats;
mod fuzz;
mod golden;
mod health;
mod hostile;
mod html;
mod install;
mod joined;
mod kept;
mod layers;
mod manners;
mod mcp;
mod options;
mod pages;
mod policy_page;
mod processes;
mod progress;
mod quarters;
mod readme;
mod rules;
mod score_rule;
mod signals;
mod state_files;
mod support;
mod tool_boxes;
mod worked;
