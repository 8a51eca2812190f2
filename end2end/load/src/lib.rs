//! Measures the relay's streams, and a bare epoll loop beside it, with the same readers, messages
//! and clock.
//!
//! One process publishes marked messages to Redis and finds the marks in thousands of streams
//! ([`fleet`]), so that one monotonic clock times both ends. What is measured ([`stage`]) runs in
//! processes of its own, whose CPU time and memory Linux tells ([`proc`]). Everything ends by
//! itself, and ends what it started.

pub mod bare;
pub mod clock;
mod command;
pub mod error;
pub mod fleet;
pub mod mark;
pub mod options;
pub mod proc;
pub mod publish;
pub mod reader;
mod report;
pub mod resp;
pub mod scenario;
pub mod stage;
pub mod stop;

pub use command::run;
