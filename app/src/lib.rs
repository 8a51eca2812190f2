//! The console's pages. The server renders them with the state it holds; the browser hydrates them and follows the stream.

pub mod commands;
mod components;
mod format;
pub mod input;
#[cfg(feature = "hydrate")]
mod live;
mod pages;
pub mod ports;
mod root;
mod shell;
pub mod store;
mod zone;

pub use root::App;
pub use shell::shell;
pub use zone::{Zone, ZoneSpan};
