//! Numbers, times and states in words.

mod baseline;
mod headline;
mod number;
mod pace;
mod time;
mod words;

pub(crate) use baseline::usual_sentence;
#[cfg(feature = "ssr")]
pub(crate) use headline::reported;
pub(crate) use headline::{Situation, headline, overdue_cancel, page_title, silent_for};
pub(crate) use number::{
    NBSP, count, decimal, duration, fixed, long_duration, minutes, percent, plural, rate, scalar,
};
pub(crate) use pace::usual_place;
#[cfg(feature = "ssr")]
pub(crate) use time::{clock, day_in_words, short_date};
pub(crate) use time::{clock_seconds, date, day_clock, from_now, moment};
pub(crate) use words::{
    failure_words, phase_name, phase_status_word, phase_word, sentence, severity_word, short_id,
    status_key, trigger_short, trigger_word,
};
