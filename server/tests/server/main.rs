//! Integration tests of this crate, in one binary.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod access;
mod access_attacks;
mod access_cli;
mod api_errors;
mod commands;
mod configuration;
mod embed;
mod embed_shares;
mod embed_tokens;
mod faults;
mod pages;
mod persistence;
mod process;
mod queries;
mod relays;
mod resume;
mod stream;
mod stream_clients;
mod support;
mod tls;
mod truth;
