//! The one table of what each role may do: which permission a role is the least for, and which
//! permission a route needs.
//!
//! A route that is not in the table is refused to everybody. Everything asks here: pages, server
//! functions, REST, streams and what the pages show.

use crate::Role;

/// Something that may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Seeing runs, errors, events, the schedule, and following the stream.
    See,
    /// Starting and cancelling runs, imports, calculations; changing the schedule.
    Command,
    /// Taking note of errors.
    Acknowledge,
    /// Seeing and exporting who did what.
    Audit,
    /// Seeing what the console is connected to.
    SetUp,
    /// Managing users and their sessions.
    People,
    /// Managing API tokens.
    Tokens,
    /// Managing embeds.
    Embeds,
}

/// All of them.
pub const ALL_PERMISSIONS: [Permission; 8] = [
    Permission::See,
    Permission::Command,
    Permission::Acknowledge,
    Permission::Audit,
    Permission::SetUp,
    Permission::People,
    Permission::Tokens,
    Permission::Embeds,
];

/// What an open console allows beside what an operator may: nobody is an administrator there, and
/// whoever reaches it is on the machine that holds the database. Managing users and tokens stays
/// with administrators, who sign in, and the command line.
pub(crate) const OPEN_ALSO: &[Permission] =
    &[Permission::Audit, Permission::SetUp, Permission::Embeds];

impl Permission {
    /// The least role that may.
    pub fn least(self) -> Role {
        match self {
            Permission::See => Role::Viewer,
            Permission::Command | Permission::Acknowledge => Role::Operator,
            Permission::Audit
            | Permission::SetUp
            | Permission::People
            | Permission::Tokens
            | Permission::Embeds => Role::Admin,
        }
    }
}

/// What is said to those who may not: what, and whom to ask.
pub fn refusal(permission: Permission) -> &'static str {
    match permission {
        Permission::See => "Sign in to see this.",
        Permission::Command => "Viewers cannot start, cancel or change anything; ask an operator.",
        Permission::Acknowledge => "Viewers cannot acknowledge errors; ask an operator.",
        Permission::Audit => "Only administrators see the audit; ask one of them.",
        Permission::SetUp => {
            "Only administrators see what the console is connected to; ask one of them."
        }
        Permission::People => "Only administrators manage users; ask one of them.",
        Permission::Tokens => "Only administrators manage API tokens; ask one of them.",
        Permission::Embeds => "Only administrators manage embeds; ask one of them.",
    }
}

/// What a route needs of those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing: what it gives is no secret, or it checks by itself.
    Anybody,
    /// That they signed in as a user of the console's own.
    Oneself,
    /// A permission.
    May(Permission),
}

/// What one route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `GET` (also for `HEAD`) or `POST`.
    pub method: &'static str,
    /// The route's pattern, or one address of it, which then counts instead of the pattern's rule.
    /// A `*` at the end stands for whatever no pattern is for.
    pub path: &'static str,
    /// What it needs.
    pub needs: Requirement,
}

const fn rule(method: &'static str, path: &'static str, needs: Requirement) -> Rule {
    Rule {
        method,
        path,
        needs,
    }
}

const SEE: Requirement = Requirement::May(Permission::See);
const COMMAND: Requirement = Requirement::May(Permission::Command);
const ACKNOWLEDGE: Requirement = Requirement::May(Permission::Acknowledge);
const AUDIT: Requirement = Requirement::May(Permission::Audit);
const PEOPLE: Requirement = Requirement::May(Permission::People);
const TOKENS: Requirement = Requirement::May(Permission::Tokens);
const EMBEDS: Requirement = Requirement::May(Permission::Embeds);

/// The table.
pub const RULES: &[Rule] = &[
    // Pages.
    rule("GET", "/", Requirement::Anybody),
    rule("GET", "/admin/daily-processing", SEE),
    rule("GET", "/admin/daily-processing/{*rest}", SEE),
    rule("GET", "/admin/daily-processing/audit", AUDIT),
    // The built site. What else there is under no pattern is a file of it, or a page that says so
    // to those who may see pages.
    rule("GET", "/pkg/*", Requirement::Anybody),
    rule("GET", "*", Requirement::Anybody),
    // Server functions, by name.
    rule("GET", "/api/console/part", SEE),
    rule("POST", "/api/console/run", COMMAND),
    rule("POST", "/api/console/cancel", COMMAND),
    rule("POST", "/api/console/import", COMMAND),
    rule("POST", "/api/console/indicators", COMMAND),
    rule("POST", "/api/console/patterns", COMMAND),
    rule("POST", "/api/console/retry", COMMAND),
    rule("POST", "/api/console/retry-some", COMMAND),
    rule("POST", "/api/console/schedule", COMMAND),
    rule("POST", "/api/console/acknowledge", ACKNOWLEDGE),
    // Kept by the browser alone.
    rule("POST", "/api/console/preferences", SEE),
    // The stream.
    rule("GET", "/api/events", SEE),
    // REST.
    rule("GET", "/api/processing/daily/status", SEE),
    rule("GET", "/api/processing/feeds/{feed}", SEE),
    rule("GET", "/api/processing/daily/history", SEE),
    rule("POST", "/api/processing/daily/trigger", COMMAND),
    rule("POST", "/api/processing/daily/cancel", COMMAND),
    rule("GET", "/api/processing/daily/schedule", SEE),
    rule("POST", "/api/processing/daily/schedule", COMMAND),
    rule("GET", "/api/processing/daily/schedule/preview", SEE),
    rule("POST", "/api/processing/import/trigger", COMMAND),
    rule("POST", "/api/processing/import/retry", COMMAND),
    rule("POST", "/api/processing/indicators/trigger", COMMAND),
    rule("POST", "/api/processing/patterns/trigger", COMMAND),
    rule("GET", "/api/processing/market/status", SEE),
    rule("GET", "/api/processing/runs/{run_id}", SEE),
    rule("GET", "/api/processing/runs/{run_id}/symbols/{symbol}", SEE),
    rule("GET", "/api/processing/indicators/latest/{symbol}", SEE),
    rule("GET", "/api/processing/indicators/stats", SEE),
    rule("GET", "/api/processing/log/{number}", SEE),
    rule(
        "POST",
        "/api/processing/errors/{id}/acknowledge",
        ACKNOWLEDGE,
    ),
    rule("GET", "/api/processing/export/{what}", SEE),
    rule("GET", "/api/processing/export/audit", AUDIT),
    rule("GET", "/api/docs", SEE),
    rule("GET", "/api/openapi.json", SEE),
    rule("GET", "/health", Requirement::Anybody),
    rule("GET", "/readyz", Requirement::Anybody),
    // Access itself.
    rule("GET", "/sign-in", Requirement::Anybody),
    rule("POST", "/sign-in", Requirement::Anybody),
    rule("POST", "/sign-out", Requirement::Anybody),
    rule("POST", "/access/password", Requirement::Oneself),
    rule("POST", "/access/sign-out-everywhere", Requirement::Oneself),
    rule("POST", "/access/users", PEOPLE),
    rule("POST", "/access/users/role", PEOPLE),
    rule("POST", "/access/users/password", PEOPLE),
    rule("POST", "/access/users/sign-out", PEOPLE),
    rule("POST", "/access/users/remove", PEOPLE),
    rule("POST", "/access/tokens", TOKENS),
    rule("POST", "/access/tokens/revoke", TOKENS),
    rule("POST", "/access/shares", EMBEDS),
    rule("POST", "/access/shares/revoke", EMBEDS),
];

/// Why there is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRule {
    /// The route has rules, for these methods only.
    Method(Vec<&'static str>),
    /// The route has none: it is refused to everybody.
    Route,
}

/// What a request needs. `pattern` is the route's, where there is one; `path` is what was asked
/// for, decoded.
///
/// # Errors
/// [`NoRule`]
pub fn lookup(method: &str, pattern: Option<&str>, path: &str) -> Result<Requirement, NoRule> {
    let method = if method == "HEAD" { "GET" } else { method };
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    let rest = if path.starts_with("/pkg/") {
        "/pkg/*"
    } else {
        "*"
    };
    let known = [path, pattern.unwrap_or(rest)];
    let mut methods = Vec::new();
    for known in known {
        for rule in RULES.iter().filter(|rule| rule.path == known) {
            if rule.method == method {
                return Ok(rule.needs);
            }
            if !methods.contains(&rule.method) {
                methods.push(rule.method);
            }
        }
    }
    if methods.is_empty() {
        Err(NoRule::Route)
    } else {
        Err(NoRule::Method(methods))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_is_in_the_table_twice() {
        for (index, rule) in RULES.iter().enumerate() {
            let twice = RULES[..index]
                .iter()
                .any(|other| (other.method, other.path) == (rule.method, rule.path));
            assert!(!twice, "{rule:?}");
        }
    }

    #[test]
    fn what_changes_anything_is_a_post_and_nothing_that_anybody_may_do() {
        for rule in RULES.iter().filter(|rule| rule.method == "POST") {
            // Preferences change nothing but the cookies of who sends them.
            let open = ["/sign-in", "/sign-out", "/api/console/preferences"].contains(&rule.path);
            assert!(
                open || rule.needs != Requirement::Anybody && rule.needs != SEE,
                "{rule:?}"
            );
        }
    }

    #[test]
    fn an_address_that_has_a_rule_of_its_own_does_not_get_the_one_of_its_pattern() {
        let page = Some("/admin/daily-processing/{*rest}");
        assert_eq!(lookup("GET", page, "/admin/daily-processing/runs"), Ok(SEE));
        assert_eq!(
            lookup("HEAD", page, "/admin/daily-processing/audit/"),
            Ok(AUDIT)
        );
        assert_eq!(
            lookup(
                "GET",
                Some("/api/processing/export/{what}"),
                "/api/processing/export/audit"
            ),
            Ok(AUDIT)
        );
    }

    #[test]
    fn a_route_without_a_rule_is_refused_and_so_is_a_method_without_one() {
        assert_eq!(
            lookup("POST", Some("/api/console/{*function}"), "/api/console/new"),
            Err(NoRule::Route)
        );
        assert_eq!(
            lookup("GET", Some("/api/new"), "/api/new"),
            Err(NoRule::Route)
        );
        assert_eq!(
            lookup("DELETE", Some("/api/events"), "/api/events"),
            Err(NoRule::Method(vec!["GET"]))
        );
        assert_eq!(
            lookup("GET", None, "/favicon.svg"),
            Ok(Requirement::Anybody)
        );
        assert_eq!(lookup("GET", None, "/pkg/x.js"), Ok(Requirement::Anybody));
    }
}
