//! The console's pages. The server renders them with the state it holds; the browser hydrates them
//! and follows the stream.

#[cfg(feature = "hydrate")]
mod client;
mod command_error;
pub mod commands;
#[allow(unreachable_pub, reason = "#[component] adds a `pub fn`")]
mod components;
#[cfg(any(feature = "hydrate", test))]
mod connection;
#[cfg(feature = "ssr")]
pub mod embed;
mod format;
pub mod fragment;
#[cfg(feature = "ssr")]
pub mod fragments;
pub mod input;
#[cfg(feature = "hydrate")]
mod live;
#[allow(unreachable_pub, reason = "#[component] adds a `pub fn`")]
mod pages;
pub mod paths;
pub mod ports;
mod preferences;
#[allow(unreachable_pub, reason = "#[component] adds a `pub fn`")]
mod root;
mod shell;
#[cfg(feature = "ssr")]
pub mod standalone;
pub mod store;
mod text;
#[allow(unreachable_pub, reason = "#[component] adds a `pub fn`")]
mod ui;
mod zone;

pub use preferences::Preferences;
pub use root::App;
pub use shell::shell;
pub use zone::{Zone, ZoneSpan};
