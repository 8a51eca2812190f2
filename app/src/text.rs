//! The sentences and headings of the pages, to be read in one sitting: a module for each page.
//!
//! Sentence case; buttons are a verb and its object; an empty state says what is absent. Words of
//! one kind of thing (statuses, phases, severities) are in `model`; sentences around figures and
//! times are in [`crate::format`] and beside their figures.

/// Tonight's page, and what every page has above it.
pub(crate) mod tonight {
    pub(crate) const VIEWERS_CANNOT_COMMAND: &str =
        "Viewers cannot start or cancel runs. Ask an operator.";
    pub(crate) const VIEWERS_CANNOT_ACKNOWLEDGE: &str =
        "Viewers cannot acknowledge errors. Ask an operator.";
    pub(crate) const CANCEL_OVERDUE: &str =
        "Cancel requested, but the run has not stopped. Cancel again, or check TickStockPL.";
    pub(crate) const CANCELLING: &str = "Cancel requested. TickStockPL is stopping the run.";
    pub(crate) const NOTHING_TO_CANCEL: &str = "Nothing to cancel: no run is active.";
    pub(crate) const NO_KNOWN_RUN_TO_CANCEL: &str = "Nothing to cancel: no known active run.";
    pub(crate) const CANCEL_TITLE: &str = "Cancel this run?";
    pub(crate) const CANCEL_EFFECT: &str =
        "Processed data is kept. The remaining work is not done.";
    pub(crate) const CANCEL_REASON: &str = "Reason (recorded in the audit log)";
    pub(crate) const NO_PATTERNS: &str = "No patterns detected yet.";
    pub(crate) const NO_MATCHING_PATTERNS: &str = "No detections match your filter.";
    pub(crate) const NO_EVENTS: &str =
        "No events yet. TickStockPL's events appear here as they are published.";
    pub(crate) const NO_MATCHING_EVENTS: &str = "No events match your filter.";
    pub(crate) const UNNAMED_EVENT: &str = "(unnamed)";
    pub(crate) const NO_INDICATORS: &str = "No indicators calculated yet.";
    pub(crate) const NO_MATCHING_INDICATORS: &str = "No results match your filter.";
    pub(crate) const SHOW_REASONS: &str = "Show reasons";
    pub(crate) const CONSOLE_RESTARTED: &str = "The console restarted. It requests status, history and schedule from TickStockPL until it answers.";
    pub(crate) const NO_REASON: &str = "no reason given";
    pub(crate) const WITHOUT_REDIS: &str = "Events, results and errors resume when Redis is back. Until then status is polled every few seconds.";
    pub(crate) const WITHOUT_API: &str = "Runs cannot be started or cancelled until it is back.";
    pub(crate) const STREAM_LIVE: &str = "Events are shown as they arrive.";
    pub(crate) const STREAM_RECONNECTING: &str = "Connection to the console lost. Reconnecting.";
    pub(crate) const STREAM_STALE: &str =
        "Connection to the console lost. Showing the last data received.";
    pub(crate) const REDIS_PURPOSE: &str =
        "Carries TickStockPL's events: progress, results and errors.";
    pub(crate) const API_PURPOSE: &str =
        "Accepts commands; reports the schedule, earlier runs and the active run.";
    pub(crate) const DATABASE_PURPOSE: &str =
        "The console's own record of runs, errors, events and the audit log.";
    pub(crate) const GAP_OPEN: &str = "Not yet recovered from the TickStockPL API.";
    pub(crate) const GAP_STATUS: &str = "The active run was recovered from the TickStockPL API.";
    pub(crate) const GAP_CLOSED: &str =
        "The active run and the history were recovered from the TickStockPL API.";
    pub(crate) const PROCESS: &str = "TickStockPL process";
    pub(crate) const NEEDS_ATTENTION: &str = "Needs attention";
    pub(crate) const NO_ERRORS: &str = "No errors reported.";
    pub(crate) const NO_ERRORS_WITHOUT_REDIS: &str =
        "No known errors. Errors arrive over Redis, which is unavailable.";
    pub(crate) const NO_EARLIER_RUNS: &str = "No earlier runs. Runs appear here when they end.";
    pub(crate) const REJECTED_SAMPLES: &str = ". They changed nothing. Latest samples:";
    pub(crate) const COPY_RUN_ID: &str = "Copy run ID";
    pub(crate) const RUN_ID_UNKNOWN: &str = "Run ID unknown";
    pub(crate) const NO_RUNS_SEEN: &str = "No runs yet";
    pub(crate) const NO_KNOWN_RUN: &str = "No known active run";
    pub(crate) const WHOLE_RUN: &str = "Whole run";
    pub(crate) const NO_SCHEDULE: &str = "TickStockPL has not reported a schedule.";
    pub(crate) const SCHEDULE_REGION: &str = "Schedule and upcoming sessions";
    pub(crate) const TRADING_DAYS_ONLY: &str = "On: trading days only";
    pub(crate) const EVERY_DAY: &str = "Off: every day";
    pub(crate) const SYMBOL_QUESTION: &str = "What happened to one symbol tonight?";
    pub(crate) const LOOK_UP: &str = "Look up symbol";
    pub(crate) const NO_THROUGHPUT: &str = "Throughput: no data yet";
    pub(crate) const SKIP_LINK: &str = "Skip to content";
    pub(crate) const OPEN_NOTE: &str =
        "Authentication is off: anyone who can reach this address is an operator.";
}

/// What the browser adds.
#[allow(dead_code, reason = "the server needs one of them")]
pub(crate) mod browser {
    pub(crate) const COPY_NEEDS_HTTPS: &str = "Copying requires HTTPS.";
    pub(crate) const COPIED: &str = "Copied.";
    pub(crate) const UNREACHABLE: &str =
        "The console could not be reached. Check the connection and try again.";
    pub(crate) const FAILED: &str = "The console failed to process the request. See its log.";
    pub(crate) const UNEXPECTED_RESPONSE: &str = "Unexpected response from the server.";
    pub(crate) const SIGNED_OUT: &str =
        "You are signed out, and this page is no longer updated. Reload to sign in.";
    pub(crate) const NOTIFICATIONS_NEED_HTTPS: &str = "Notifications require HTTPS.";
    pub(crate) const NOTIFICATIONS_UNSUPPORTED: &str =
        "This browser does not support notifications.";
    pub(crate) const NOTIFICATIONS_GRANTED: &str = "Notifications are allowed for this address.";
    pub(crate) const NOTIFICATIONS_DENIED: &str =
        "Notifications are blocked for this address. Allow them in the browser's site settings.";
    pub(crate) const NOTIFICATIONS_PROMPT: &str =
        "The browser asks for permission when you select this.";
}

/// Pages that the server renders, in general.
#[allow(dead_code, reason = "the browser needs some of them")]
pub(crate) mod shared {
    pub(crate) const NO_MATCHES: &str = "No results match your filters.";
    pub(crate) const VIEWERS_CANNOT_CHANGE: &str =
        "Viewers cannot start or change anything. Ask an operator.";
    pub(crate) const GO_HOME: &str = "Go to tonight's run";
    pub(crate) const PAGE_NOT_FOUND: &str = "Page not found";
    pub(crate) const PAGE_NOT_FOUND_WHY: &str =
        "The address may be mistyped, or what it names no longer exists.";
    pub(crate) const AUDIT_DENIED: &str =
        "Only administrators can view the audit log. Ask one of them.";
    pub(crate) const COPY_SECRET_NOW: &str =
        "Copy it now. It is shown only once; the console stores only a hash.";
    pub(crate) const COPY_LINK_NOW: &str = "Copy it now. It is shown only once; the console stores only a hash. You can revoke it in the settings.";
}

/// Forms of the commands.
#[cfg(feature = "ssr")]
pub(crate) mod forms {
    pub(crate) const NOTHING_TO_RETRY: &str = "Nothing to retry.";
    pub(crate) const UNIVERSE_HINT: &str = "Leave empty to let TickStockPL choose.";
    pub(crate) const UNIVERSES_HINT: &str = "Comma-separated, such as sp500, nasdaq100.";
    pub(crate) const KEEP_UNIVERSES_HINT: &str =
        "Comma-separated. Leave empty to keep the current universes.";
    pub(crate) const SKIP_MARKET_CHECK: &str =
        "Skip the market check (run even when the market is closed)";
    pub(crate) const LOOKBACK: &str = "Lookback days";
    pub(crate) const LOOKBACK_HINT: &str = "1 to 3,650. Leave empty for 30.";
    pub(crate) const SYMBOLS_HINT: &str =
        "Comma-separated, such as AAPL, BRK.B. Leave empty for all.";
    pub(crate) const INDICATORS_HINT: &str =
        "Comma-separated, such as rsi, macd. Leave empty for all.";
    pub(crate) const PATTERNS_HINT: &str =
        "Comma-separated, such as Doji, Hammer. Leave empty for all.";
    pub(crate) const TIMEFRAME_HINT: &str = "Leave empty for daily.";
    pub(crate) const RETRY_HINT: &str = "Leave empty to retry all failed symbols.";
}

/// The runs.
#[cfg(feature = "ssr")]
pub(crate) mod runs {
    pub(crate) const EMPTY: &str = "No runs in this period. Runs appear here when they start.";
    pub(crate) const ABOUT: &str = "All runs that the console knows, newest first.";
    pub(crate) const SEARCH_HINT: &str = "ID, message, universe";
    pub(crate) const CHART: &str = "Durations of these runs";
}

/// One run.
#[cfg(feature = "ssr")]
pub(crate) mod run {
    pub(crate) const NO_AUDIT: &str = "No audit entries for this run.";
    pub(crate) const NO_ERRORS: &str = "No errors in this run.";
    pub(crate) const NO_EVENTS: &str = "No events stored for this run.";
    pub(crate) const AUDIT_TITLE: &str = "Audit log";
    pub(crate) const COPY_SUMMARY: &str = "Copy summary";
    pub(crate) const COPY_ID: &str = "Copy ID";
    pub(crate) const FIRST_ERROR: &str = "First error:";
    pub(crate) const PHASES_CAPTION: &str = "Phases of this run";
    pub(crate) const HISTORY_ONLY: &str =
        "The console did not follow this run. Only TickStockPL's history entry is available.";
    pub(crate) const PARAMETERS: &str = "Parameters and results";
    pub(crate) const RUN_IS_ACTIVE: &str = "A run is active. Retry when it ends.";
    pub(crate) const FAILED_SYMBOLS_REGION: &str = "List of failed symbols";
    pub(crate) const RETRY_ALL_HINT: &str = "With none selected, all failed symbols are retried.";
    pub(crate) const OTHER_RUN_GONE: &str = "No record of that run.";
    pub(crate) const PHASES_NOT_COMPARABLE: &str =
        "Phase durations are not known for both runs: the console did not follow one of them.";
    pub(crate) const NO_DIFFERENCES: &str = "No known differences.";
}

/// The schedule.
#[cfg(feature = "ssr")]
pub(crate) mod schedule {
    pub(crate) const UNKNOWN: &str = "TickStockPL has not reported a schedule. The console asks again when the API is available.";
    pub(crate) const ABOUT: &str = "When TickStockPL starts runs automatically. TickStockPL stores the schedule; the console shows and edits it.";
    pub(crate) const UPCOMING: &str = "Upcoming sessions";
    pub(crate) const UPCOMING_PREVIEW: &str = "Upcoming sessions, preview (not saved)";
    pub(crate) const CURRENT: &str = "Current schedule";
    pub(crate) const EDIT: &str = "Edit schedule";
    pub(crate) const OFF: &str = "Off: no automatic runs";
    pub(crate) const AUTOMATIC_RUNS: &str = "Automatic runs";
    pub(crate) const START_AUTOMATICALLY: &str = "Start runs automatically";
    pub(crate) const MARKET_CHECK: &str = "Market check (trading days only)";
    pub(crate) const RELOAD: &str = "Reload current schedule";
    pub(crate) const NO_TIME: &str = "No sessions to show: the start time is not known.";
}

/// The errors.
#[cfg(feature = "ssr")]
pub(crate) mod errors {
    pub(crate) const EMPTY: &str = "No errors.";
    pub(crate) const ABOUT: &str = "Errors reported by TickStockPL, grouped, latest first.";
    pub(crate) const WARNING_AND_ABOVE: &str = "Warning and above";
    pub(crate) const ERROR_AND_ABOVE: &str = "Error and above";
}

/// The audit log.
#[cfg(feature = "ssr")]
pub(crate) mod audit {
    pub(crate) const EMPTY: &str = "No audit entries yet.";
    pub(crate) const ABOUT: &str = "Commands, access changes and refused requests. A command is recorded when it is requested, and again with its outcome. Entries never change.";
    pub(crate) const TABLE: &str = "Audit log entries";
    pub(crate) const CAPTION: &str = "Audit log entries, latest first";
}

/// One symbol.
#[cfg(feature = "ssr")]
pub(crate) mod symbols {
    pub(crate) const NO_RUN: &str = "No run to look up.";
    pub(crate) const TITLE: &str = "Symbols";
    pub(crate) const ABOUT: &str =
        "What a run did with a symbol: import, indicators, patterns and errors.";
    pub(crate) const ENTER: &str = "Enter a symbol, such as AAPL.";
    pub(crate) const WHICH: &str = "Symbol lookup";
    pub(crate) const CURRENT_RUN: &str = "Current or last run";
    pub(crate) const INVALID: &str =
        "Invalid symbol. Use letters, digits, dots and dashes, such as BRK.B.";
    pub(crate) const NO_IMPORT: &str = "No import reported";
    pub(crate) const NOTHING_KNOWN: &str = "The run may not include this symbol, may not have reached it yet, or its records have expired.";
    pub(crate) const NO_INDICATORS: &str = "No indicators calculated.";
    pub(crate) const NO_PATTERNS: &str = "No patterns detected.";
}

/// The settings.
#[cfg(feature = "ssr")]
pub(crate) mod settings {
    pub(crate) const EXPIRES: &str = "expires ";
    pub(crate) const ABOUT: &str = "Preferences, connections and access.";
    pub(crate) const CONFIGURATION: &str = "Configuration";
    pub(crate) const CONFIGURATION_SOURCE: &str = "Settings in force. Secrets are not shown.";
    pub(crate) const CONFIGURATION_DENIED: &str = "Only administrators can view the configuration.";
    pub(crate) const API: &str = "For programs";
    pub(crate) const REST_API: &str = "REST API";
    pub(crate) const EVENT_STREAM: &str = "Event stream";
    pub(crate) const BROWSER_STORAGE: &str = "Stored in this browser";
    pub(crate) const SYSTEM_THEME: &str = "System";
    pub(crate) const TIME_ZONE: &str = "Time zone";
    pub(crate) const EXCHANGE_ZONE: &str = "Exchange time";
    pub(crate) const SOUND: &str = "Play a sound when a run ends (lower pitch on failure)";
    pub(crate) const NOTIFICATION: &str =
        "Show a notification when a run ends while this page is hidden";
    pub(crate) const FRAME_ORIGINS: &str = "Allowed origins";
    pub(crate) const NO_FRAME_ORIGINS: &str =
        "None. Set CONSOLE_EMBED_ORIGINS to allow a portal to embed views.";
    pub(crate) const EMBED_ACCESS: &str = "Access";
    pub(crate) const EMBEDS_OPEN: &str =
        "Anyone who can reach this console. Set CONSOLE_EMBED_SECRET to require a token.";
    pub(crate) const EMBEDS_NEED_TOKEN: &str =
        "Anyone with a token signed with CONSOLE_EMBED_SECRET, or with an embed link.";
    pub(crate) const VISITOR_THEME: &str = "System";
    pub(crate) const ONE_RUN_ID: &str = "Run ID (for one run)";
    pub(crate) const PORTAL_ORIGIN: &str = "Portal origin";
    pub(crate) const NAME_THE_RUN: &str = "Enter a run ID to preview the view.";
    pub(crate) const MIXED_CONTENT: &str = "An HTTPS page cannot embed a console on plain HTTP. Set CONSOLE_TLS_CERT or use an HTTPS proxy, and use that address.";
    pub(crate) const OPEN_EMBED_LINKS: &str = "Without CONSOLE_EMBED_SECRET, revoking a link does not restrict access: the view is open to everyone.";
    pub(crate) const NO_EMBED_LINKS: &str = "No embed links yet.";
    pub(crate) const EMBED_LINK_NOTE: &str = "Note";
    pub(crate) const VALID_DAYS: &str = "Valid for days (empty: no expiry)";
    pub(crate) const CREATE_EMBED_LINK: &str = "Create embed link";
    pub(crate) const NAME_THE_ORIGIN: &str = "Enter the portal origin above first.";
    pub(crate) const NO_EXPIRY_AFTER: &str = ", no expiry";
    pub(crate) const NO_EXPIRY: &str = "no expiry";
    pub(crate) const OPEN_ACCESS: &str =
        "Authentication is off: anyone who can reach this address is an operator.";
    pub(crate) const CURRENT_PASSWORD: &str = "Current password";
    pub(crate) const NEW_PASSWORD: &str = "New password (at least 12 characters)";
    pub(crate) const PASSWORD: &str = "Password (at least 12 characters)";
    pub(crate) const CHANGE_PASSWORD: &str = "Change password";
    pub(crate) const CHANGE_ROLE: &str = "Change role";
    pub(crate) const SET_PASSWORD: &str = "Set password";
    pub(crate) const ADD_USER: &str = "Add user";
    pub(crate) const CREATE_TOKEN: &str = "Create token";
    pub(crate) const VIEWER_ROLE: &str = "Viewer (read only)";
    pub(crate) const OPERATOR_ROLE: &str = "Operator (runs commands)";
    pub(crate) const ADMIN_ROLE: &str = "Admin (manages access)";
}

/// Command palette and keyboard shortcuts.
#[cfg(feature = "ssr")]
pub(crate) mod palette {
    pub(crate) const TITLE: &str = "Command palette";
    pub(crate) const PLACEHOLDER: &str = "Go to a page or run a command…";
    pub(crate) const SHOW_SHORTCUTS: &str = "Show keyboard shortcuts";
    pub(crate) const OPEN_PALETTE: &str = "Open the command palette (⌘ K on a Mac)";
    pub(crate) const SEARCH_PAGE: &str = "Search this page";
    pub(crate) const CLOSE: &str = "Close what is open";
    pub(crate) const WHILE_TYPING: &str = "While you type in a field, only Ctrl K and Esc work.";
    pub(crate) const NO_MATCHES: &str = "No matches.";
}

/// Views in other pages.
#[cfg(feature = "ssr")]
pub(crate) mod embed {
    pub(crate) const WAITING_FOR_TOKEN: &str = "Waiting for a token from the embedding page.";
    pub(crate) const NO_RUNS: &str = "No runs yet.";
    pub(crate) const SCHEDULE_OFF: &str = "The schedule is off: no automatic runs.";
    pub(crate) const NO_NEXT_RUN: &str =
        "The schedule is on. TickStockPL has not reported the next run.";
    pub(crate) const TRADING_DAYS_ONLY: &str = "Trading days only";
    pub(crate) const EVERY_DAY: &str = "Every day";
}
