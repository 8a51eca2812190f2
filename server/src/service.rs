//! What pages, server functions, REST and embeds all call: commands and queries.

pub mod audit;
pub mod commands;
pub mod idempotency;
pub mod queries;
pub mod symbol_outcome;
pub mod views;
