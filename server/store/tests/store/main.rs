//! The store over SQLite and over PostgreSQL: the same tests, on real databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod claims;
mod disk;
mod history;
mod hostile;
mod kill;
mod migration;
mod outage;
mod people;
mod relays;
mod rights;
mod round_trips;
mod speed;
mod support;
mod writer;
