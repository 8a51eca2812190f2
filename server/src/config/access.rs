//! Who may reach the console: what follows from the access settings together.

use super::error::Problem;
use super::reader::SettingsReader;
use super::settings::AccessSettings;
use access::{AllowedHosts, AuthModes, AuthModesError, SessionLifetimes, TrustedProxies};
use std::net::{IpAddr, SocketAddr};
use url::Url;

/// How requests are authenticated, and which are accepted at all.
#[derive(Clone, Debug)]
pub struct AccessConfig {
    /// The enabled authentication modes.
    pub auth_modes: AuthModes,
    /// Whether they were set; otherwise they are open, which loopback addresses may be.
    modes_are_set: bool,
    /// The public URL's origin: its pages may send commands whatever a proxy makes of `Host`.
    pub origin: Option<String>,
    /// The host names that requests may use.
    pub hosts: AllowedHosts,
    /// The reverse proxies in front.
    pub proxies: TrustedProxies,
    /// How long sessions last.
    pub lifetimes: SessionLifetimes,
    /// Whether browsers reach the console over TLS only, so that cookies can require it.
    pub secure: bool,
}

impl AccessConfig {
    /// Combines the settings; `None` where they contradict each other.
    pub(super) fn new(
        reader: &mut SettingsReader<'_>,
        settings: AccessSettings,
        addr: SocketAddr,
        tls: bool,
    ) -> Option<AccessConfig> {
        let auth_modes = settings
            .auth_modes
            .or_else(|| AuthModes::parse(None).ok())
            .unwrap_or_default();
        let public = settings.public_url.as_ref();
        let hosts = if auth_modes.open || !settings.allowed_hosts.is_empty() {
            let public_host = public.and_then(Url::host_str).map(str::to_owned);
            let own = [addr.ip().to_string()];
            AllowedHosts::new(
                settings
                    .allowed_hosts
                    .iter()
                    .cloned()
                    .chain(public_host)
                    .chain(own),
            )
        } else {
            AllowedHosts::any()
        };
        let proxies = proxies(&settings);
        if auth_modes.proxy && !proxies.is_configured() {
            reader.problems.push(Problem::new(
                "CONSOLE_PROXY_PEERS is not set",
                "CONSOLE_AUTH=proxy accepts users from known proxies only",
                "Set it to the addresses of the proxies, such as 10.0.0.7",
            ));
        }
        if auth_modes.proxy && !proxies.has_roles() {
            reader.problems.push(Problem::new(
                "CONSOLE_PROXY_ROLES is not set",
                "CONSOLE_AUTH=proxy gives roles to groups",
                "Set it to the groups of each role, such as admin=ops-admins,operator=ops,viewer=*",
            ));
        }
        if auth_modes.proxy && !(proxies.is_configured() && proxies.has_roles()) {
            return None;
        }
        Some(AccessConfig {
            auth_modes,
            modes_are_set: settings.auth_modes.is_some(),
            origin: public.map(|url| url.origin().ascii_serialization()),
            hosts,
            proxies,
            lifetimes: SessionLifetimes {
                idle: settings.session_idle,
                total: settings.session_total,
            },
            secure: tls || public.is_some_and(|url| url.scheme() == "https"),
        })
    }

    /// Whether the console may listen on this address.
    ///
    /// # Errors
    /// Where everyone who reaches it could send commands.
    pub fn check_listen_address(&self, address: IpAddr) -> Result<(), Problem> {
        const FIX: &str = "Use users, proxy, tokens, or several separated by commas";
        self.auth_modes
            .check_listen_address(address, self.modes_are_set)
            .map_err(|error| match error {
                AuthModesError::Missing(_) => Problem::new(
                    "CONSOLE_AUTH is not set",
                    format!("it is required on {address}, which other machines can reach"),
                    FIX,
                ),
                _ => Problem::new(
                    "invalid CONSOLE_AUTH",
                    format!("open is for loopback addresses only, and CONSOLE_ADDR is {address}"),
                    FIX,
                ),
            })
    }
}

/// The proxies. Each list was parsed before, so none is lost here.
fn proxies(settings: &AccessSettings) -> TrustedProxies {
    let mut proxies = TrustedProxies::default();
    if let Some(peers) = &settings.proxy_peers {
        proxies = proxies.with_peers(peers).unwrap_or_default();
    }
    if let Some(roles) = &settings.proxy_roles {
        proxies = proxies.with_roles(roles).unwrap_or_default();
    }
    proxies.user_header.clone_from(&settings.proxy_user_header);
    proxies
        .groups_header
        .clone_from(&settings.proxy_groups_header);
    proxies
}
