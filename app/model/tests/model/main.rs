//! Integration tests of this crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod baselines;
mod corpus;
mod errors;
mod full;
mod monitoring;
mod properties;
mod rates;
mod reconcile;
mod restored;
mod runs;
mod silence;
mod support;
