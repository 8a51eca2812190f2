//! Integration tests of this crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod commands;
mod process;
mod redis;
mod restart;
mod runs;
mod support;
