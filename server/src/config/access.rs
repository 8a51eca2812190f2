//! Who may reach the console, and as what: auth_modes in, trusted names and proxies, how long sessions
//! last.

use super::{ConfigError, wrong};
use access::{AllowedHosts, AuthModes, Role, SessionLifetimes, TrustedProxies};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use url::Url;

/// How one gets in.
#[derive(Clone)]
pub struct AccessConfig {
    /// The enabled authentication modes.
    pub auth_modes: AuthModes,
    /// Whether they were set, or are what they are where nothing is.
    said: bool,
    /// Where browsers find the console, as `https://host[:port]`: its pages may send commands
    /// whatever a proxy makes of `Host`.
    pub origin: Option<String>,
    /// The names under which it may be asked.
    pub hosts: AllowedHosts,
    /// The proxies in front.
    pub proxies: TrustedProxies,
    /// How long sessions last.
    pub lifetimes: SessionLifetimes,
    /// Whether browsers reach it over TLS only: cookies are bound to that then.
    pub secure: bool,
}

impl AccessConfig {
    /// Whether a console so set up may listen there.
    ///
    /// # Errors
    /// Where everybody who reaches the address could do everything.
    pub fn check_listen_address(&self, address: IpAddr) -> Result<(), ConfigError> {
        self.auth_modes
            .check_listen_address(address, self.said)
            .or_else(|error| wrong("CONSOLE_AUTH", error.to_string()))
    }
}

/// Queries it.
pub(super) fn access(
    get: &dyn Fn(&str) -> Option<String>,
    addr: SocketAddr,
    tls: bool,
) -> Result<AccessConfig, ConfigError> {
    let auth = get("CONSOLE_AUTH");
    let auth_modes = AuthModes::parse(auth.as_deref())
        .or_else(|error| wrong("CONSOLE_AUTH", error.to_string()))?;
    let public = public_url(get)?;
    let names = get("CONSOLE_ALLOWED_HOSTS").unwrap_or_default();
    let names: Vec<String> = names
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect();
    let public_host = public.as_ref().and_then(Url::host_str).map(str::to_owned);
    let hosts = if auth_modes.open || !names.is_empty() {
        AllowedHosts::new(
            names
                .into_iter()
                .chain(public_host)
                .chain([addr.ip().to_string()]),
        )
    } else {
        AllowedHosts::any()
    };
    let secure = tls || public.as_ref().is_some_and(|url| url.scheme() == "https");
    let origin = public.map(|url| url.origin().ascii_serialization());
    let proxies = proxies(get, auth_modes)?;
    let lifetimes = SessionLifetimes::default();
    let lifetimes = SessionLifetimes {
        idle: hours(get, "CONSOLE_SESSION_IDLE_HOURS", lifetimes.idle)?,
        total: hours(get, "CONSOLE_SESSION_HOURS", lifetimes.total)?,
    };
    Ok(AccessConfig {
        auth_modes,
        said: auth.is_some(),
        origin,
        hosts,
        proxies,
        lifetimes,
        secure,
    })
}

fn public_url(get: &dyn Fn(&str) -> Option<String>) -> Result<Option<Url>, ConfigError> {
    let Some(text) = get("CONSOLE_PUBLIC_URL") else {
        return Ok(None);
    };
    match Url::parse(&text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.username().is_empty()
                && url.password().is_none() =>
        {
            Ok(Some(url))
        }
        _ => wrong(
            "CONSOLE_PUBLIC_URL",
            "must be where browsers find the console, without a path, such as https://console.example",
        ),
    }
}

fn proxies(
    get: &dyn Fn(&str) -> Option<String>,
    auth_modes: AuthModes,
) -> Result<TrustedProxies, ConfigError> {
    let mut proxies = TrustedProxies::default();
    if let Some(peers) = get("CONSOLE_PROXY_PEERS") {
        proxies = proxies
            .with_peers(&peers)
            .or_else(|error| wrong("CONSOLE_PROXY_PEERS", error.to_string()))?;
    }
    if let Some(roles) = get("CONSOLE_PROXY_ROLES") {
        proxies = proxies
            .with_roles(&roles)
            .or_else(|error| wrong("CONSOLE_PROXY_ROLES", error.to_string()))?;
    }
    let header = |name: &'static str| match get(name) {
        Some(header) if axum::http::HeaderName::try_from(&header).is_err() => wrong(
            name,
            format!("is {header:?}; it must be a header's name, such as Remote-User"),
        ),
        header => Ok(header.map(|header| header.to_ascii_lowercase())),
    };
    if let Some(name) = header("CONSOLE_PROXY_USER_HEADER")? {
        proxies.user_header = name;
    }
    if let Some(name) = header("CONSOLE_PROXY_GROUPS_HEADER")? {
        proxies.groups_header = name;
    }
    if auth_modes.proxy && !proxies.is_configured() {
        return wrong(
            "CONSOLE_PROXY_PEERS",
            "must be set for CONSOLE_AUTH=proxy: the addresses of the proxies, such as 10.0.0.7",
        );
    }
    if auth_modes.proxy && !proxies.has_roles() {
        let admin = Role::Admin;
        let example = format!("{admin}=ops-admins,operator=ops,viewer=*");
        return wrong(
            "CONSOLE_PROXY_ROLES",
            format!(
                "must be set for CONSOLE_AUTH=proxy: which groups have which role, such as {example}"
            ),
        );
    }
    Ok(proxies)
}

fn hours(
    get: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
    default: Duration,
) -> Result<Duration, ConfigError> {
    match get(name).map(|text| text.parse::<f64>().map_err(|_| text)) {
        None => Ok(default),
        Some(Ok(hours)) if (0.0001..=8784.0).contains(&hours) => {
            Ok(Duration::from_secs_f64(hours * 3600.0))
        }
        Some(Ok(hours)) => wrong(
            name,
            format!("is {hours}; it must be from 0.0001 to 8784 hours"),
        ),
        Some(Err(text)) => wrong(
            name,
            format!("is {text:?}; it must be a number of hours, such as 12"),
        ),
    }
}
