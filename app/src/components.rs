//! Parts that pages are made of.

mod actions;
mod announcer;
mod browser;
mod detections;
mod disclosure;
mod events;
mod failed_symbols;
mod feed;
mod freshness;
mod headline;
mod hold;
mod icon;
mod link_state;
mod meter;
mod monitoring;
mod needs;
mod phase;
mod recent_runs;
mod refused;
mod results;
mod run_id;
mod run_status;
mod run_table;
mod said;
mod schedule;
mod sheet;
mod sight;
mod snippet;
mod spark;
mod symbol_box;
mod theme;
mod tone;
mod top_bar;
mod viewer;

pub(crate) use actions::Actions;
pub(crate) use announcer::Announcer;
pub(crate) use detections::Detections;
pub(crate) use events::Events;
pub(crate) use freshness::FreshnessRow;
pub(crate) use headline::Headline;
#[cfg(feature = "ssr")]
pub(crate) use icon::{Icon, glyph};
pub(crate) use monitoring::MonitoringCard;
pub(crate) use needs::Requirement;
pub(crate) use phase::PhaseStrip;
pub(crate) use recent_runs::RecentRuns;
pub(crate) use refused::Refused;
pub(crate) use results::Results;
pub(crate) use run_status::RunStatusPanel;
#[cfg(feature = "ssr")]
pub(crate) use run_table::{run_head, run_row};
pub(crate) use said::SaidLine;
pub(crate) use schedule::ScheduleCard;
pub(crate) use sheet::Sheet;
pub(crate) use sight::sees;
pub(crate) use snippet::served;
pub(crate) use symbol_box::SymbolBox;
pub(crate) use theme::ThemeChoice;
pub(crate) use tone::of_run;
#[cfg(feature = "ssr")]
pub(crate) use tone::{of_phase, of_severity};
#[cfg(feature = "ssr")]
pub(crate) use top_bar::PAGES;
pub(crate) use top_bar::{Logo, TopBar};
pub(crate) use viewer::OpenNote;
