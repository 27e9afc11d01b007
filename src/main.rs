//! The program: a command line and an MCP server over one engine.
fn main() {}
