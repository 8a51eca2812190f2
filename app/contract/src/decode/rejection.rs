//! Messages that could not be read.

use serde::Serialize;
use std::fmt;

/// The largest message that is read whole; TickStockPL's own are under 2 KiB. Of a larger one its
/// beginning and its end are.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// How much of an unknown or refused message is kept.
pub(super) const RAW_BYTES: usize = 2048;

/// A message that could not be read, with what an operator needs to tell its author.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rejection {
    /// Why.
    pub reason: RejectionReason,
    /// Where in the message, in words.
    pub detail: String,
    /// The message's beginning, at most 2 KiB, undecodable bytes replaced.
    pub sample: String,
    /// The message's size.
    pub size_bytes: u64,
    /// Whether the channel or the text speaks of the end or the failure of a run: then somebody
    /// must look at it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reports_end: bool,
}

crate::words! {
    /// Why a message was rejected.
    RejectionReason {
        /// Larger than [`MAX_MESSAGE_BYTES`], and nothing could be read of it; or more messages in
        /// one than are read.
        TooLarge = "too_large",
        /// Not UTF-8, and nothing could be read of it.
        NotUtf8 = "not_utf8",
        /// Not JSON, nor anything like it.
        NotJson = "not_json",
        /// JSON, but not an object.
        NotAnObject = "not_an_object",
    }
}

crate::read_fields!(Rejection { reason, detail, sample, size_bytes, reports_end or false });

impl fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RejectionReason::TooLarge => "larger than 1 MiB",
            RejectionReason::NotUtf8 => "not UTF-8",
            RejectionReason::NotJson => "not JSON",
            RejectionReason::NotAnObject => "not a JSON object",
        })
    }
}
