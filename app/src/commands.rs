//! Commands: the table of what they are, and one server function for each.
//!
//! Forms are sent to the server functions, with JavaScript and without it. Each checks its input
//! and makes one call of [`crate::ports::Backend`]. A list in a form is a text with commas, spaces
//! or lines between.

use crate::paths::PATHS;
use crate::ports::CommandError;
use contract::http::CommandAnswer;
use leptos::prelude::*;
use model::Schedule;

#[cfg(feature = "ssr")]
use crate::input::{self, words};
#[cfg(feature = "ssr")]
use crate::ports::{Backend, Command, ErrorCode, ScheduleEdit};

/// The permission that a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandPermission {
    /// Start, cancel and change.
    Command,
    /// Acknowledge errors.
    Acknowledge,
}

/// One command. Forms, the palette, access rules, server functions and the audit log read it.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// Label of its button and its entries in the audit log, and title of its form.
    pub label: &'static str,
    /// Toast when TickStockPL accepted it.
    pub accepted: &'static str,
    /// Permission that the caller needs.
    pub permission: CommandPermission,
    /// Name of its server function; see [`crate::paths::Paths::server_function`].
    pub endpoint: &'static str,
    /// Path of its REST operation.
    pub rest_path: Option<&'static str>,
    /// Names of the fields of its form, without the idempotency key.
    pub fields: &'static [&'static str],
    /// Its name in the audit log and in log messages.
    pub audit_action: &'static str,
    /// Name of its page with a form, which the palette lists; see
    /// [`crate::paths::Paths::command_form`].
    pub form: Option<&'static str>,
    /// Label of the link to its form on tonight's page.
    pub link: Option<&'static str>,
    /// Key that opens its form.
    pub shortcut: Option<&'static str>,
}

impl CommandSpec {
    /// Address of its server function.
    pub fn action(&self) -> String {
        PATHS.server_function(self.endpoint)
    }
}

/// Starts a run.
pub static RUN: CommandSpec = CommandSpec {
    label: "Run now",
    accepted: "Run started.",
    permission: CommandPermission::Command,
    endpoint: "run",
    rest_path: Some("/api/processing/daily/trigger"),
    fields: &["skip_market_check", "phases", "universe"],
    audit_action: "trigger",
    form: Some("run"),
    link: None,
    shortcut: Some("t"),
};

/// Cancels the active run.
pub static CANCEL: CommandSpec = CommandSpec {
    label: "Cancel run",
    accepted: "Cancel requested.",
    permission: CommandPermission::Command,
    endpoint: "cancel",
    rest_path: Some("/api/processing/daily/cancel"),
    fields: &["reason"],
    audit_action: "cancel",
    form: None,
    link: None,
    shortcut: None,
};

/// Imports prices.
pub static IMPORT: CommandSpec = CommandSpec {
    label: "Import prices",
    accepted: "Import started.",
    permission: CommandPermission::Command,
    endpoint: "import",
    rest_path: Some("/api/processing/import/trigger"),
    fields: &["universes", "timeframes", "lookback_days"],
    audit_action: "import",
    form: Some("import"),
    link: Some("Import…"),
    shortcut: None,
};

/// Calculates indicators.
pub static INDICATORS: CommandSpec = CommandSpec {
    label: "Calculate indicators",
    accepted: "Indicator calculation started.",
    permission: CommandPermission::Command,
    endpoint: "indicators",
    rest_path: Some("/api/processing/indicators/trigger"),
    fields: &["timeframe", "symbols", "indicators"],
    audit_action: "indicators",
    form: Some("indicators"),
    link: Some("Indicators…"),
    shortcut: None,
};

/// Detects patterns.
pub static PATTERNS: CommandSpec = CommandSpec {
    label: "Detect patterns",
    accepted: "Pattern detection started.",
    permission: CommandPermission::Command,
    endpoint: "patterns",
    rest_path: Some("/api/processing/patterns/trigger"),
    fields: &["timeframe", "symbols", "patterns"],
    audit_action: "patterns",
    form: Some("patterns"),
    link: Some("Patterns…"),
    shortcut: None,
};

/// Retries the failed imports of a run.
pub static RETRY: CommandSpec = CommandSpec {
    label: "Retry failed imports",
    accepted: "Retry started.",
    permission: CommandPermission::Command,
    endpoint: "retry",
    rest_path: Some("/api/processing/import/retry"),
    fields: &["run_id", "symbols"],
    audit_action: "retry",
    form: Some("retry"),
    link: Some("Retry failed…"),
    shortcut: None,
};

/// [`RETRY`] for the symbols that are ticked on a run's page.
pub static RETRY_SELECTED: CommandSpec = CommandSpec {
    label: "Retry selected symbols",
    accepted: "Retry started.",
    permission: CommandPermission::Command,
    endpoint: "retry-some",
    rest_path: None,
    fields: &["run_id", "symbols"],
    audit_action: "retry",
    form: None,
    link: None,
    shortcut: None,
};

/// Replaces the schedule.
pub static SCHEDULE: CommandSpec = CommandSpec {
    label: "Save schedule",
    accepted: "Schedule saved.",
    permission: CommandPermission::Command,
    endpoint: "schedule",
    rest_path: Some("/api/processing/daily/schedule"),
    fields: &[
        "enabled",
        "trigger_time",
        "market_check",
        "universes",
        "seen",
    ],
    audit_action: "schedule",
    form: None,
    link: None,
    shortcut: None,
};

/// Acknowledges a group of errors.
pub static ACKNOWLEDGE: CommandSpec = CommandSpec {
    label: "Acknowledge",
    accepted: "Acknowledged.",
    permission: CommandPermission::Acknowledge,
    endpoint: "acknowledge",
    rest_path: Some("/api/processing/errors/{id}/acknowledge"),
    fields: &["group", "seen"],
    audit_action: "acknowledge",
    form: None,
    link: None,
    shortcut: None,
};

/// All commands, in the order in which the palette lists them.
pub static COMMANDS: [&CommandSpec; 9] = [
    &RUN,
    &IMPORT,
    &INDICATORS,
    &PATTERNS,
    &RETRY,
    &RETRY_SELECTED,
    &CANCEL,
    &SCHEDULE,
    &ACKNOWLEDGE,
];

/// Links on tonight's page to the forms of commands: name of the form, label. Constants, so that
/// the table itself stays out of the WASM.
pub(crate) const FORM_LINKS: [(&str, &str); 4] = [
    form_link(&IMPORT),
    form_link(&INDICATORS),
    form_link(&PATTERNS),
    form_link(&RETRY),
];

const fn form_link(spec: &CommandSpec) -> (&'static str, &'static str) {
    match (spec.form, spec.link) {
        (Some(form), Some(label)) => (form, label),
        _ => panic!("the command has no link"),
    }
}

#[cfg(feature = "ssr")]
impl Command {
    /// The table's entry for this command.
    pub fn spec(&self) -> &'static CommandSpec {
        match self {
            Command::Trigger(_) => &RUN,
            Command::Cancel { .. } => &CANCEL,
            Command::Import(_) => &IMPORT,
            Command::Indicators(_) => &INDICATORS,
            Command::Patterns(_) => &PATTERNS,
            Command::Retry(_) => &RETRY,
        }
    }
}

/// Starts a run now.
#[server(prefix = "/api/console", endpoint = "run")]
pub async fn run_now(
    /// Run even when the market is closed. A checkbox: absent when not ticked.
    #[server(default)]
    skip_market_check: bool,
    /// The phases; all where none is ticked.
    #[server(default)]
    phases: Vec<String>,
    /// The universe; TickStockPL's own choice where empty.
    #[server(default)]
    universe: String,
    /// The form's own key: sent twice, it starts one run.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    send(
        Command::Trigger(input::trigger(skip_market_check, &phases, &universe)?),
        key,
    )
    .await
}

/// Stops the run that is active.
#[server(prefix = "/api/console", endpoint = "cancel")]
pub async fn cancel_run(
    /// Why.
    #[server(default)]
    reason: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    send(
        Command::Cancel {
            reason: input::reason(&reason)?,
        },
        key,
    )
    .await
}

/// Imports prices.
#[server(prefix = "/api/console", endpoint = "import")]
pub async fn import_data(
    /// The universes, as a list.
    universes: String,
    /// The timeframes; daily and weekly where none is ticked.
    #[server(default)]
    timeframes: Vec<String>,
    /// Days to look back; 30 where empty.
    #[server(default)]
    lookback_days: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    let days = match lookback_days.trim() {
        "" => None,
        text => Some(text.parse().unwrap_or(0)),
    };
    send(
        Command::Import(input::import(&words(&universes), &timeframes, days)?),
        key,
    )
    .await
}

/// Calculates indicators.
#[server(prefix = "/api/console", endpoint = "indicators")]
pub async fn calculate_indicators(
    /// The timeframe; daily where empty.
    #[server(default)]
    timeframe: String,
    /// The symbols, as a list; all where empty.
    #[server(default)]
    symbols: String,
    /// The indicators, as a list; all where empty.
    #[server(default)]
    indicators: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    send(
        Command::Indicators(input::indicators(
            &timeframe,
            &words(&symbols),
            &words(&indicators),
        )?),
        key,
    )
    .await
}

/// Looks for patterns.
#[server(prefix = "/api/console", endpoint = "patterns")]
pub async fn detect_patterns(
    /// The timeframe; daily where empty.
    #[server(default)]
    timeframe: String,
    /// The symbols, as a list; all where empty.
    #[server(default)]
    symbols: String,
    /// The patterns, as a list; all where empty.
    #[server(default)]
    patterns: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    send(
        Command::Patterns(input::patterns(
            &timeframe,
            &words(&symbols),
            &words(&patterns),
        )?),
        key,
    )
    .await
}

/// Repeats the imports that failed.
#[server(prefix = "/api/console", endpoint = "retry")]
pub async fn retry_imports(
    /// The run; the one that is shown where empty.
    #[server(default)]
    run_id: String,
    /// The symbols, as a list; all that failed where empty.
    #[server(default)]
    symbols: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    let run = match contract::RunId::new(&run_id) {
        Some(run) => run,
        None => backend()
            .run_to_retry()
            .await
            .ok_or_else(nothing_to_retry)?,
    };
    send(Command::Retry(input::retry(run, &words(&symbols))?), key).await
}

/// Repeats the imports of those symbols that are ticked on a run's page; all that failed where none
/// is.
#[server(prefix = "/api/console", endpoint = "retry-some")]
pub async fn retry_some(
    /// The run.
    run_id: String,
    /// The symbols.
    #[server(default)]
    symbols: Vec<String>,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<CommandAnswer, CommandError> {
    retry_imports(run_id, symbols.join(","), key).await
}

/// Changes the schedule: all of it, as the form shows it.
#[server(prefix = "/api/console", endpoint = "schedule")]
pub async fn update_schedule(
    /// Whether runs start by themselves. A checkbox: absent when not ticked.
    #[server(default)]
    enabled: bool,
    /// `HH:MM`, in the schedule's zone.
    trigger_time: String,
    /// Whether days without a session are left out. A checkbox.
    #[server(default)]
    market_check: bool,
    /// The universes, as a list; as they are where empty.
    #[server(default)]
    universes: String,
    /// The version that the form was made from.
    #[server(default)]
    seen: String,
    /// The form's own key.
    #[server(default)]
    key: String,
) -> Result<Schedule, CommandError> {
    let universes = words(&universes);
    let universes = (!universes.is_empty()).then_some(&universes[..]);
    let change = input::schedule(
        Some(enabled),
        Some(&trigger_time),
        Some(market_check),
        universes,
    )?;
    backend()
        .update_schedule(
            ScheduleEdit {
                change,
                seen: some(seen),
            },
            some(key),
        )
        .await
}

/// Notes that somebody has seen a group of errors and takes care of it.
#[server(prefix = "/api/console", endpoint = "acknowledge")]
pub async fn acknowledge(
    /// The group.
    group: String,
    /// How many errors it had when it was seen; all that it has now where empty.
    #[server(default)]
    seen: String,
) -> Result<(), CommandError> {
    let group = contract::ErrorGroupId::new(&group).ok_or_else(|| {
        CommandError::invalid("group", "group must be the id of a group of errors")
    })?;
    backend().acknowledge(group, seen.trim().parse().ok()).await
}

/// What is said where a retry names no run and none is shown.
#[cfg(feature = "ssr")]
pub fn nothing_to_retry() -> CommandError {
    CommandError::new(
        ErrorCode::NotFound,
        "No run is known whose imports could be repeated; name one as run_id",
    )
}

#[cfg(feature = "ssr")]
async fn send(command: Command, key: String) -> Result<CommandAnswer, CommandError> {
    backend().command(command, some(key)).await
}

#[cfg(feature = "ssr")]
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(feature = "ssr")]
fn backend() -> std::sync::Arc<dyn Backend> {
    expect_context()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn forms_and_shortcuts_are_unique() {
        let forms: Vec<_> = COMMANDS.iter().filter_map(|spec| spec.form).collect();
        assert_eq!(forms.iter().collect::<BTreeSet<_>>().len(), forms.len());
        let keys: Vec<_> = COMMANDS.iter().filter_map(|spec| spec.shortcut).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn every_command_with_a_link_is_on_tonights_page() {
        let links = COMMANDS
            .iter()
            .filter_map(|spec| Some((spec.form?, spec.link?)));
        assert_eq!(links.collect::<Vec<_>>(), FORM_LINKS);
    }
}
