//! How good or bad something is that is shown.

/// Tone of a status: the page and the badge give each a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Going on.
    Running,
    /// As it should be.
    Good,
    /// Needs a look.
    Warn,
    /// Failed.
    Bad,
    /// Neither good nor bad.
    Neutral,
    /// Not begun, or not part of the run.
    Quiet,
}

impl Tone {
    /// Value of `data-tone`, by which the stylesheets find the colours.
    pub const fn key(self) -> &'static str {
        match self {
            Tone::Running => "running",
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Neutral => "neutral",
            Tone::Quiet => "quiet",
        }
    }
}
