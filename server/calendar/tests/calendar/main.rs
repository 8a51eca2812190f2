//! Integration tests of this crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod published;
mod runs;
mod status;
