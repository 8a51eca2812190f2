//! TickStockPL's wire contract, and the frames of the console's own stream.
//!
//! TickStockPL's documents disagree with one another, so reading is tolerant and writing is strict:
//! [`decode`] turns the bytes of one Redis message into a typed [`Event`], whichever spelling it
//! came in; [`http`] holds the bodies of its HTTP API; [`frame`] is what the relay sends to
//! browsers. This crate does no I/O and reads no clock.
//!
#![doc = include_str!("../CONTRADICTIONS.md")]
#![warn(missing_docs)]

mod channel;
mod counts;
mod decode;
mod event;
mod fields;
pub mod frame;
pub mod http;
mod ids;
mod json;
mod outcome;
mod results;
mod time;
pub mod wire;
mod zone;

pub use channel::{Channel, PhaseStage};
pub use decode::{MAX_MESSAGE_BYTES, Rejection, RejectionReason, decode, decode_all};
pub use event::*;
pub use ids::{ErrorGroupId, Phase, RunId, Symbol, truncate_text, written_bytes};
pub use outcome::Outcome;
pub use results::{RejectedMore, ResultBatch, Results};
pub use time::Timestamp;
pub use zone::{EXCHANGE_ZONE, canonical_zone};
