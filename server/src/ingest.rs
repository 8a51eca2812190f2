//! What comes from TickStockPL: events from Redis, and answers of its API to the status poller.

pub(crate) mod poller;
pub(crate) mod subscriber;
