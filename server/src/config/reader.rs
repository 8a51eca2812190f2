//! Parses settings one by one.

use super::declare::{Setting, Visibility};
use super::error::{Problem, Reason};
use super::sources::{SourcedValue, Sources};

/// Parses one setting after the other, and collects what is wrong with any of them.
pub(super) struct SettingsReader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) problems: Vec<Problem>,
}

impl SettingsReader<'_> {
    /// The value of a setting that has a default; `None` where it is invalid.
    pub(super) fn required<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<T> {
        let value = self.sources.value(setting)?;
        match parse(&value.text) {
            Ok(parsed) => Some(parsed),
            Err(reason) => {
                self.problems.push(invalid(setting, &value, &reason));
                None
            }
        }
    }

    /// The value of a setting that may be absent; `None` where it is invalid.
    pub(super) fn optional<T: Default>(
        &mut self,
        setting: &'static Setting,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<T> {
        match self.sources.value(setting) {
            Some(_) => self.required(setting, parse),
            None => Some(T::default()),
        }
    }
}

fn invalid(setting: &Setting, value: &SourcedValue, reason: &Reason) -> Problem {
    let shown = match setting.visibility {
        Visibility::Plain => format!("{:?}", value.text),
        _ => "the value".to_owned(),
    };
    Problem::new(
        format!("invalid {} in {}", setting.name, value.source),
        format!("{shown} {}", reason.why),
        reason.fix.as_str(),
    )
}
