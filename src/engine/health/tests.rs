//! Health: golden numbers, half-open edges, and what losing a cell may never do.
