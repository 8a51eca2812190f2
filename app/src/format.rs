//! Numbers, times and states in words.

mod baseline;
mod headline;
mod number;
mod pace;
mod time;
mod words;

pub(crate) use baseline::usual_sentence;
pub(crate) use headline::{Situation, headline, overdue_cancel, page_title, reported, silent_for};
pub(crate) use number::{NBSP, count, decimal, duration, long_duration, percent, plural, rate, scalar};
pub(crate) use pace::usual_place;
pub(crate) use time::{clock, clock_seconds, date, day_clock, from_now, moment};
#[cfg(feature = "ssr")]
pub(crate) use time::{day_in_words, short_date};
pub(crate) use words::{
    failure_words, outcome_of, phase_key, phase_name, phase_status_key, phase_status_word, phase_word, run_address,
    sentence, severity_key, severity_word, short_id, status_key, status_word, trigger_short, trigger_word,
};
