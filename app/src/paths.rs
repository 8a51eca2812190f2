//! The address of every page, endpoint and embed.
//!
//! [`route`] has the patterns that the router matches, relative to the base path. [`PATHS`] builds
//! the addresses for links, forms and redirects; nothing else in the workspace spells one out. The
//! REST operations declare their path beside their handler, and the server's `route_rules` test
//! compares those and the access rules with the router.

use contract::RunId;

/// Route patterns, relative to the base path.
#[allow(
    missing_docs,
    reason = "each constant is named after its page or endpoint"
)]
pub mod route {
    pub const ROOT: &str = "/";
    pub const TONIGHT: &str = "/admin/daily-processing";
    pub const PAGES: &str = "/admin/daily-processing/{*rest}";
    pub const SITE_FILES: &str = "/pkg";
    pub const EVENTS: &str = "/api/events";
    pub const SERVER_FUNCTIONS: &str = "/api/console/{*function}";
    pub const PREFERENCES: &str = "/api/console/preferences";
    pub const API_DOCS: &str = "/api/docs";
    pub const OPENAPI: &str = "/api/openapi.json";
    pub const HEALTH: &str = "/health";
    pub const READINESS: &str = "/readyz";
    pub const SIGN_IN: &str = "/sign-in";
    pub const SIGN_OUT: &str = "/sign-out";
    pub const OWN_PASSWORD: &str = "/access/password";
    pub const SIGN_OUT_EVERYWHERE: &str = "/access/sign-out-everywhere";
    pub const USERS: &str = "/access/users";
    pub const USER_ROLE: &str = "/access/users/role";
    pub const USER_PASSWORD: &str = "/access/users/password";
    pub const USER_SIGN_OUT: &str = "/access/users/sign-out";
    pub const USER_REMOVE: &str = "/access/users/remove";
    pub const TOKENS: &str = "/access/tokens";
    pub const TOKEN_REVOKE: &str = "/access/tokens/revoke";
    pub const EMBED_SHARES: &str = "/access/shares";
    pub const EMBED_SHARE_REVOKE: &str = "/access/shares/revoke";
    pub const EMBED_STATUS: &str = "/embed/v1/status";
    pub const EMBED_RUNS: &str = "/embed/v1/runs";
    pub const EMBED_RUN: &str = "/embed/v1/run/{run_id}";
    pub const EMBED_SCHEDULE: &str = "/embed/v1/schedule";
    pub const EMBED_EVENTS: &str = "/embed/v1/events";
    pub const EMBED_BADGE_SVG: &str = "/embed/v1/badge.svg";
    pub const EMBED_BADGE_JSON: &str = "/embed/v1/badge.json";
    pub const EMBED_COMPONENT: &str = "/embed/v1/embed.js";
    pub const EMBED_PAGE_SCRIPT: &str = "/embed/v1/page.js";
    pub const EMBED_WORKER: &str = "/embed/v1/worker.js";
    pub const EMBED_STYLE: &str = "/embed/v1/embed.css";
}

/// The addresses of this console.
pub const PATHS: Paths = Paths::new("");

/// Builds addresses below a base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    base: &'static str,
}

impl Paths {
    /// `base` is empty or starts with a slash, and does not end with one.
    pub const fn new(base: &'static str) -> Paths {
        Paths { base }
    }

    /// The address of a route without parameters; see [`route`].
    pub fn of(&self, route: &str) -> String {
        format!("{}{route}", self.base)
    }

    /// Tonight's page, the home page.
    pub fn tonight(&self) -> String {
        self.of(route::TONIGHT)
    }

    /// A page below tonight's, such as `runs` or `settings`.
    pub fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.tonight())
    }

    /// Tonight's page followed by `path`, which is empty or starts with a slash.
    pub fn below_tonight(&self, path: &str) -> String {
        format!("{}{path}", self.tonight())
    }

    /// A section of a page that only the server renders; see [`crate::ui::FragmentSlot`].
    pub fn fragment_slot(&self, name: &str) -> String {
        self.page(&format!("bits/{name}"))
    }

    /// The list of runs.
    pub fn runs(&self) -> String {
        self.page("runs")
    }

    /// One run.
    pub fn run(&self, id: &RunId) -> String {
        format!("{}/{}", self.runs(), encode(id.as_str()))
    }

    /// The page with the form of a command, by [`crate::commands::CommandSpec::form`].
    pub fn command_form(&self, form: &str) -> String {
        self.page(&format!("do/{form}"))
    }

    /// The settings page; `section` is the id of one of its sections, or empty.
    pub fn settings(&self, section: &str) -> String {
        let fragment = if section.is_empty() { "" } else { "#" };
        format!("{}{fragment}{section}", self.page("settings"))
    }

    /// The sign-in page, which continues with `next`, a path of this console.
    pub fn sign_in(&self, next: &str) -> String {
        format!("{}?next={}", self.of(route::SIGN_IN), encode(next))
    }

    /// A server function, by [`crate::commands::CommandSpec::endpoint`].
    pub fn server_function(&self, endpoint: &str) -> String {
        self.of(&format!("/api/console/{endpoint}"))
    }

    /// The fragment of a page, for the browser; `address` is the page's path and query.
    pub fn fragment(&self, address: &str) -> String {
        format!(
            "{}?address={}",
            self.server_function("part"),
            encode(address)
        )
    }

    /// An event as it was published, by its number in the list.
    pub fn event(&self, number: u64) -> String {
        self.of(&format!("/api/processing/log/{number}"))
    }

    /// A live list as CSV: `detections`, `indicators` or `events`.
    pub fn live_list_csv(&self, list: &str) -> String {
        self.of(&format!("/api/processing/feeds/{list}?format=csv"))
    }

    /// Everything stored of one kind: `history`, `errors`, `events` or `audit`, as `csv` or
    /// `jsonl`.
    pub fn export(&self, kind: &str, format: &str) -> String {
        self.of(&format!("/api/processing/export/{kind}?format={format}"))
    }

    /// The embed of one run.
    pub fn embed_run(&self, id: &RunId) -> String {
        self.of(&route::EMBED_RUN.replace("{run_id}", &encode(id.as_str())))
    }
}

/// Percent-encodes a path segment or the value of a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(byte.into());
            }
            _ => {
                encoded.push('%');
                let digits = [byte >> 4, byte & 15];
                let digits = digits.map(|digit| b"0123456789ABCDEF"[usize::from(digit)]);
                encoded.extend(digits.map(char::from));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every address with parameters, and the base path in front of those without.
    fn all(paths: Paths) -> Vec<String> {
        let id = RunId::new("a-1/ö").unwrap();
        vec![
            paths.of(route::ROOT),
            paths.tonight(),
            paths.page("schedule"),
            paths.below_tonight("/runs"),
            paths.fragment_slot("bars"),
            paths.runs(),
            paths.run(&id),
            paths.command_form("retry"),
            paths.settings(""),
            paths.settings("embeds"),
            paths.sign_in("/admin/daily-processing/runs?q=a b"),
            paths.of(route::SIGN_OUT),
            paths.of(route::OWN_PASSWORD),
            paths.of(route::SIGN_OUT_EVERYWHERE),
            paths.of(route::USERS),
            paths.of(route::USER_ROLE),
            paths.of(route::USER_PASSWORD),
            paths.of(route::USER_SIGN_OUT),
            paths.of(route::USER_REMOVE),
            paths.of(route::TOKENS),
            paths.of(route::TOKEN_REVOKE),
            paths.of(route::EMBED_SHARES),
            paths.of(route::EMBED_SHARE_REVOKE),
            paths.of(route::EVENTS),
            paths.server_function("run"),
            paths.of(route::PREFERENCES),
            paths.fragment("/admin/daily-processing/runs?q=x&days=7"),
            paths.event(17),
            paths.live_list_csv("detections"),
            paths.export("audit", "jsonl"),
            paths.of(route::API_DOCS),
            paths.of(route::OPENAPI),
            paths.of(route::HEALTH),
            paths.of(route::READINESS),
            paths.of(route::EMBED_STATUS),
            paths.of(route::EMBED_RUNS),
            paths.embed_run(&id),
            paths.of(route::EMBED_SCHEDULE),
            paths.of(route::EMBED_EVENTS),
            paths.of(route::EMBED_BADGE_SVG),
            paths.of(route::EMBED_BADGE_JSON),
            paths.of(route::EMBED_COMPONENT),
            paths.of(route::EMBED_PAGE_SCRIPT),
            paths.of(route::EMBED_WORKER),
            paths.of(route::EMBED_STYLE),
        ]
    }

    const SNAPSHOT: &str = "\
/
/admin/daily-processing
/admin/daily-processing/schedule
/admin/daily-processing/runs
/admin/daily-processing/bits/bars
/admin/daily-processing/runs
/admin/daily-processing/runs/a-1%2F%C3%B6
/admin/daily-processing/do/retry
/admin/daily-processing/settings
/admin/daily-processing/settings#embeds
/sign-in?next=%2Fadmin%2Fdaily-processing%2Fruns%3Fq%3Da%20b
/sign-out
/access/password
/access/sign-out-everywhere
/access/users
/access/users/role
/access/users/password
/access/users/sign-out
/access/users/remove
/access/tokens
/access/tokens/revoke
/access/shares
/access/shares/revoke
/api/events
/api/console/run
/api/console/preferences
/api/console/part?address=%2Fadmin%2Fdaily-processing%2Fruns%3Fq%3Dx%26days%3D7
/api/processing/log/17
/api/processing/feeds/detections?format=csv
/api/processing/export/audit?format=jsonl
/api/docs
/api/openapi.json
/health
/readyz
/embed/v1/status
/embed/v1/runs
/embed/v1/run/a-1%2F%C3%B6
/embed/v1/schedule
/embed/v1/events
/embed/v1/badge.svg
/embed/v1/badge.json
/embed/v1/embed.js
/embed/v1/page.js
/embed/v1/worker.js
/embed/v1/embed.css";

    #[test]
    fn addresses_match_the_snapshot() {
        assert_eq!(all(PATHS).join("\n"), SNAPSHOT);
    }

    #[test]
    fn every_address_starts_with_the_base_path() {
        let expected: Vec<_> = SNAPSHOT.lines().map(|path| format!("/ops{path}")).collect();
        assert_eq!(all(Paths::new("/ops")), expected);
    }
}
