//! View primitives that pages and sections share.

mod browser;
mod dialog;
mod disclosure;
mod fragment_slot;
mod icon;
mod list_pause;
mod live_list;
mod meter;
mod run_id;
mod run_table;
mod theme;
mod toast;
mod tone;

pub(crate) use dialog::ActionDialog;
pub(crate) use disclosure::Disclosure;
pub(crate) use fragment_slot::{FragmentSlot, served};
pub(crate) use icon::{Glyph, Icon, glyph};
pub(crate) use list_pause::{EVENTS, FIRST_ROWS, ListPause, RESULTS, throttle};
pub(crate) use live_list::{LiveList, matches_filter};
pub(crate) use meter::Meter;
pub(crate) use run_id::RunIdText;
pub(crate) use run_table::{run_head, run_row};
pub(crate) use theme::{ThemeChoice, ThemeToggle};
pub(crate) use toast::ToastRegion;
pub(crate) use tone::{of_phase, of_run, of_severity};
