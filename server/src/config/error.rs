//! What is wrong with the settings, all of it at once.

use std::fmt;

/// One thing that is wrong, as `<what failed>: <why>. <what to do>`. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What failed, with the name of the variable or file.
    pub failed: String,
    /// The reason, and what to do about it.
    pub reason: Reason,
}

/// Why a value is not accepted, and what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Where it speaks of the value, a phrase that follows it, such as `is not a port`.
    pub why: String,
    /// A sentence without its stop, such as `Use a port from 1 to 65535`.
    pub fix: String,
}

impl Reason {
    /// A reason from its two halves.
    pub fn new(why: impl Into<String>, fix: impl Into<String>) -> Reason {
        Reason {
            why: why.into(),
            fix: fix.into(),
        }
    }
}

impl Problem {
    /// The problem that `failed` has for this reason.
    pub fn new(failed: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Problem {
            failed: failed.into(),
            reason: Reason::new(why, fix),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reason { why, fix } = &self.reason;
        write!(f, "{}: {why}. {fix}", self.failed)
    }
}

/// Every problem of a configuration, one a line. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Problem>);

impl From<Problem> for ConfigErrors {
    fn from(problem: Problem) -> Self {
        ConfigErrors(vec![problem])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
