//! keep-segment: segments a company's customers for Customer Success. See ARCHITECTURE.md for the map.

pub mod app;
pub mod cli;
pub mod engine;
pub mod error;
pub mod io;
pub mod mcp;
pub mod model;
pub mod parallel;
pub mod report;
pub mod store;
pub mod tools;
