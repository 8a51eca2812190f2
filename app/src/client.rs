//! What the browser adds to pages that work without it: forms are sent without leaving the page,
//! links to actions open a dialog.
//!
//! One listener each for the whole document, over plain HTML: a form costs no code of its own in
//! the WASM.

mod fetch;
mod filter;
mod forms;
mod links;
mod load_more;
mod local_values;
mod navigation;
mod run_notifications;
mod service_worker;
mod shortcuts;

pub(crate) use fetch::load_fragment;
pub(crate) use local_values::{SavedFocus, fill_local_values};
pub(crate) use service_worker::is_offline;

use crate::store::Console;

/// Starts all of it, for as long as the page lives.
pub(crate) fn start(console: Console) {
    forms::listen_to_forms(console);
    links::listen_to_links(console);
    shortcuts::listen_to_keys(console);
    filter::listen_to_filters();
    run_notifications::notify_of_runs(console);
    service_worker::start();
}
