//! The table of access rules: the role that each permission needs, and the permission that each
//! route needs.
//!
//! Pages, server functions, REST and streams all use it, and so does the page when it decides which
//! controls to enable. A route without a rule is forbidden to everyone.

use crate::Role;
use std::borrow::Cow;

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read runs, errors, events and the schedule, and follow the stream.
    View,
    /// Start and cancel runs, imports and calculations; change the schedule.
    Command,
    /// Acknowledge errors.
    Acknowledge,
    /// Read and export the audit log.
    ViewAudit,
    /// Read the configuration: what the console is connected to.
    ViewConfiguration,
    /// Manage users and their sessions.
    ManageUsers,
    /// Manage API tokens.
    ManageTokens,
    /// Manage embed links.
    ManageEmbeds,
}

/// Permissions in open mode beyond those of an operator: there are no administrators, and whoever
/// reaches the console is on the machine with the database. Users and tokens are left to signed-in
/// administrators and the command line.
pub(crate) const OPEN_MODE_PERMISSIONS: &[Permission] = &[
    Permission::ViewAudit,
    Permission::ViewConfiguration,
    Permission::ManageEmbeds,
];

impl Permission {
    /// All permissions.
    pub const ALL: [Permission; 8] = [
        Permission::View,
        Permission::Command,
        Permission::Acknowledge,
        Permission::ViewAudit,
        Permission::ViewConfiguration,
        Permission::ManageUsers,
        Permission::ManageTokens,
        Permission::ManageEmbeds,
    ];

    /// The least privileged role with this permission.
    pub fn minimum_role(self) -> Role {
        match self {
            Permission::View => Role::Viewer,
            Permission::Command | Permission::Acknowledge => Role::Operator,
            Permission::ViewAudit
            | Permission::ViewConfiguration
            | Permission::ManageUsers
            | Permission::ManageTokens
            | Permission::ManageEmbeds => Role::Admin,
        }
    }

    /// The message for somebody without this permission, for people.
    pub fn denied_message(self) -> &'static str {
        match self {
            Permission::View => "Sign in to view this.",
            Permission::Command => {
                "Viewers cannot start, cancel or change anything. Ask an operator."
            }
            Permission::Acknowledge => "Viewers cannot acknowledge errors. Ask an operator.",
            Permission::ViewAudit => {
                "Only administrators can view the audit log. Ask an administrator."
            }
            Permission::ViewConfiguration => {
                "Only administrators can view the configuration. Ask an administrator."
            }
            Permission::ManageUsers => {
                "Only administrators can manage users. Ask an administrator."
            }
            Permission::ManageTokens => {
                "Only administrators can manage API tokens. Ask an administrator."
            }
            Permission::ManageEmbeds => {
                "Only administrators can manage embed links. Ask an administrator."
            }
        }
    }
}

/// The requirement of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// None: the answer is public, or the handler checks access itself.
    Public,
    /// A session of a user account of the console.
    OwnAccount,
    /// A permission.
    Permission(Permission),
}

/// The access rule of one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRule {
    /// `GET` (also for `HEAD`) or `POST`.
    pub method: &'static str,
    /// The route's pattern, or one concrete path of it, which takes precedence over the pattern.
    /// A trailing `*` stands for all paths without a pattern.
    pub path: Cow<'static, str>,
    /// Who may use it.
    pub requirement: Requirement,
}

const fn rule(method: &'static str, path: &'static str, requirement: Requirement) -> AccessRule {
    AccessRule {
        method,
        path: Cow::Borrowed(path),
        requirement,
    }
}

const PUBLIC: Requirement = Requirement::Public;
const OWN_ACCOUNT: Requirement = Requirement::OwnAccount;
const VIEW: Requirement = Requirement::Permission(Permission::View);
const VIEW_AUDIT: Requirement = Requirement::Permission(Permission::ViewAudit);
const MANAGE_USERS: Requirement = Requirement::Permission(Permission::ManageUsers);
const MANAGE_TOKENS: Requirement = Requirement::Permission(Permission::ManageTokens);
const MANAGE_EMBEDS: Requirement = Requirement::Permission(Permission::ManageEmbeds);

/// The access rules of all routes but those of commands, which the server adds.
pub const RULES: &[AccessRule] = &[
    // Pages.
    rule("GET", "/", PUBLIC),
    rule("GET", "/admin/daily-processing", VIEW),
    rule("GET", "/admin/daily-processing/{*rest}", VIEW),
    rule("GET", "/admin/daily-processing/audit", VIEW_AUDIT),
    // Static files. A path without a route is a file of the site, or "not found".
    rule("GET", "/pkg/*", PUBLIC),
    rule("GET", "*", PUBLIC),
    // Fragments of pages.
    rule("GET", "/api/console/part", VIEW),
    // Sets cookies and nothing else.
    rule("POST", "/api/console/preferences", VIEW),
    // The stream.
    rule("GET", "/api/events", VIEW),
    // REST.
    rule("GET", "/api/processing/daily/status", VIEW),
    rule("GET", "/api/processing/feeds/{feed}", VIEW),
    rule("GET", "/api/processing/daily/history", VIEW),
    rule("GET", "/api/processing/daily/schedule", VIEW),
    rule("GET", "/api/processing/daily/schedule/preview", VIEW),
    rule("GET", "/api/processing/market/status", VIEW),
    rule("GET", "/api/processing/runs/{run_id}", VIEW),
    rule(
        "GET",
        "/api/processing/runs/{run_id}/symbols/{symbol}",
        VIEW,
    ),
    rule("GET", "/api/processing/indicators/latest/{symbol}", VIEW),
    rule("GET", "/api/processing/indicators/stats", VIEW),
    rule("GET", "/api/processing/log/{number}", VIEW),
    rule("GET", "/api/processing/export/{what}", VIEW),
    rule("GET", "/api/processing/export/audit", VIEW_AUDIT),
    rule("GET", "/api/docs", VIEW),
    rule("GET", "/api/openapi.json", VIEW),
    rule("GET", "/health", PUBLIC),
    rule("GET", "/readyz", PUBLIC),
    // Sign-in, users, tokens and embed links.
    rule("GET", "/sign-in", PUBLIC),
    rule("POST", "/sign-in", PUBLIC),
    rule("POST", "/sign-out", PUBLIC),
    rule("POST", "/access/password", OWN_ACCOUNT),
    rule("POST", "/access/sign-out-everywhere", OWN_ACCOUNT),
    rule("POST", "/access/users", MANAGE_USERS),
    rule("POST", "/access/users/role", MANAGE_USERS),
    rule("POST", "/access/users/password", MANAGE_USERS),
    rule("POST", "/access/users/sign-out", MANAGE_USERS),
    rule("POST", "/access/users/remove", MANAGE_USERS),
    rule("POST", "/access/tokens", MANAGE_TOKENS),
    rule("POST", "/access/tokens/revoke", MANAGE_TOKENS),
    rule("POST", "/access/shares", MANAGE_EMBEDS),
    rule("POST", "/access/shares/revoke", MANAGE_EMBEDS),
];

/// A request without an access rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleLookupError {
    /// The path has rules, but only for these methods.
    MethodNotAllowed(Vec<&'static str>),
    /// The path has no rule: it is forbidden to everyone.
    NoRule,
}

/// Returns the requirement of a request under `rules`. `pattern` is the pattern of the matched
/// route, if any; `path` is the decoded path of the request.
///
/// # Errors
/// [`RuleLookupError`]
pub fn find_rule(
    rules: &[AccessRule],
    method: &str,
    pattern: Option<&str>,
    path: &str,
) -> Result<Requirement, RuleLookupError> {
    let method = if method == "HEAD" { "GET" } else { method };
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    let unmatched = if path.starts_with("/pkg/") {
        "/pkg/*"
    } else {
        "*"
    };
    let mut methods = Vec::new();
    for candidate in [path, pattern.unwrap_or(unmatched)] {
        for rule in rules.iter().filter(|rule| rule.path == candidate) {
            if rule.method == method {
                return Ok(rule.requirement);
            }
            if !methods.contains(&rule.method) {
                methods.push(rule.method);
            }
        }
    }
    if methods.is_empty() {
        Err(RuleLookupError::NoRule)
    } else {
        Err(RuleLookupError::MethodNotAllowed(methods))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_unique() {
        for (index, rule) in RULES.iter().enumerate() {
            let twice = RULES[..index]
                .iter()
                .any(|other| (other.method, &other.path) == (rule.method, &rule.path));
            assert!(!twice, "{rule:?}");
        }
    }

    #[test]
    fn posts_need_more_than_the_view_permission() {
        for rule in RULES.iter().filter(|rule| rule.method == "POST") {
            // Preferences change nothing but the cookies of the sender.
            let open =
                ["/sign-in", "/sign-out", "/api/console/preferences"].contains(&rule.path.as_ref());
            assert!(
                open || rule.requirement != PUBLIC && rule.requirement != VIEW,
                "{rule:?}"
            );
        }
    }

    #[test]
    fn rule_of_a_path_takes_precedence_over_its_pattern() {
        let page = Some("/admin/daily-processing/{*rest}");
        assert_eq!(
            find_rule(RULES, "GET", page, "/admin/daily-processing/runs"),
            Ok(VIEW)
        );
        assert_eq!(
            find_rule(RULES, "HEAD", page, "/admin/daily-processing/audit/"),
            Ok(VIEW_AUDIT)
        );
        assert_eq!(
            find_rule(
                RULES,
                "GET",
                Some("/api/processing/export/{what}"),
                "/api/processing/export/audit"
            ),
            Ok(VIEW_AUDIT)
        );
    }

    #[test]
    fn routes_and_methods_without_a_rule_are_refused() {
        assert_eq!(
            find_rule(
                RULES,
                "POST",
                Some("/api/console/{*function}"),
                "/api/console/new"
            ),
            Err(RuleLookupError::NoRule)
        );
        assert_eq!(
            find_rule(RULES, "GET", Some("/api/new"), "/api/new"),
            Err(RuleLookupError::NoRule)
        );
        assert_eq!(
            find_rule(RULES, "DELETE", Some("/api/events"), "/api/events"),
            Err(RuleLookupError::MethodNotAllowed(vec!["GET"]))
        );
        assert_eq!(find_rule(RULES, "GET", None, "/favicon.svg"), Ok(PUBLIC));
        assert_eq!(find_rule(RULES, "GET", None, "/pkg/x.js"), Ok(PUBLIC));
    }
}
