//! Sections of the pages that the browser hydrates.

mod actions;
mod announcer;
mod as_of;
mod connections;
mod detections;
mod events;
mod failed_symbols;
mod freshness;
mod headline;
mod monitoring;
mod needs_attention;
mod phase;
mod recent_runs;
mod rejected;
mod results;
mod run_status;
mod schedule;
mod symbol_box;
#[cfg(feature = "ssr")]
#[cfg(test)]
mod tests;
mod throughput;
mod top_bar;
mod viewer;

pub(crate) use actions::Actions;
pub(crate) use announcer::Announcer;
pub(crate) use as_of::is_current;
pub(crate) use detections::Detections;
pub(crate) use events::Events;
pub(crate) use freshness::FreshnessRow;
pub(crate) use headline::Headline;
pub(crate) use monitoring::MonitoringCard;
pub(crate) use needs_attention::NeedsAttention;
pub(crate) use phase::PhaseStrip;
pub(crate) use recent_runs::RecentRuns;
pub(crate) use rejected::RejectedMessages;
pub(crate) use results::Results;
pub(crate) use run_status::RunStatusPanel;
pub(crate) use schedule::ScheduleCard;
pub(crate) use symbol_box::SymbolBox;
#[cfg(feature = "ssr")]
pub(crate) use top_bar::PAGES;
pub(crate) use top_bar::{Logo, TopBar};
pub(crate) use viewer::OpenNote;
