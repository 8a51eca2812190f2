//! What pages, server functions, REST and embeds all call: commands and queries.

pub(crate) mod audit;
pub(crate) mod commands;
pub(crate) mod idempotency;
pub(crate) mod queries;
pub(crate) mod symbol_outcome;
pub(crate) mod views;
