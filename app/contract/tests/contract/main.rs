//! Integration tests of this crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod counts;
mod extremes;
mod golden;
mod http;
mod outcomes;
mod tolerance;
