//! Settings: declared once each in [`settings`], given by the environment, `.env` or a TOML file,
//! parsed into [`Config`].
//!
//! figment merges the sources, because it tells for each value where it came from, and gives one
//! value at a time, so that every problem is reported at once. clap's `env` stops at the first
//! problem, knows no files, and cannot tell `.env` from the environment. figment is used without
//! its own readers: its environment reader makes numbers and lists of secrets that look like them,
//! and its TOML reader brings an older `toml` and no line numbers; the `toml` that Leptos needs
//! anyway has them. Every source therefore gives text, and one parser per setting makes its type of
//! it.

mod access;
mod declare;
mod error;
mod layer;
mod origins;
mod parse;
mod reader;
mod secret;
mod settings;
mod sources;
mod tls;

pub use access::AccessConfig;
pub use declare::{Setting, Visibility};
pub use error::{ConfigErrors, Problem};
pub use origins::{Origins, origin};
pub use secret::{SecretString, SecretUrl};
pub use settings::{
    ApiConfig, EmbedConfig, PersistenceConfig, RedisConfig, SETTINGS, ServerConfig,
};
pub use sources::{SourcedValue, Sources, UnknownVariable};

use reader::SettingsReader;
use settings::Groups;
use std::fmt;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// All settings, valid by themselves and together.
#[derive(Clone)]
pub struct Config {
    /// The HTTP API of TickStockPL.
    pub api: ApiConfig,
    /// The Redis server on which TickStockPL publishes its events.
    pub redis: RedisConfig,
    /// The database.
    pub persistence: PersistenceConfig,
    /// The console itself.
    pub server: ServerConfig,
    /// Who may reach it.
    pub access: AccessConfig,
    /// Serves TLS; without it the console serves plain HTTP.
    pub tls: Option<TlsAcceptor>,
    /// Views in other sites' pages.
    pub embed: EmbedConfig,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Parses what the sources give.
    ///
    /// # Errors
    /// Everything that is wrong with the sources and the values.
    pub fn from_sources(sources: &Sources) -> Result<Config, ConfigErrors> {
        let mut reader = SettingsReader {
            sources,
            problems: sources.problems.clone(),
        };
        let groups = Groups::read(&mut reader);
        let tls = groups.tls.and_then(|tls| {
            let acceptor = tls::acceptor(tls.certificate.as_deref(), tls.key.as_deref());
            acceptor.unwrap_or_else(|problem| {
                reader.problems.push(problem);
                None
            })
        });
        // Where the address is invalid, any will do to look for further problems.
        let addr = groups
            .server
            .as_ref()
            .map_or(LOOPBACK, |server| server.addr);
        let access = groups
            .access
            .and_then(|access| AccessConfig::new(&mut reader, access, addr, tls.is_some()));
        match (
            groups.api,
            groups.redis,
            groups.persistence,
            groups.server,
            access,
            groups.embed,
        ) {
            (
                Some(api),
                Some(redis),
                Some(persistence),
                Some(server),
                Some(access),
                Some(embed),
            ) if reader.problems.is_empty() => Ok(Config {
                api,
                redis,
                persistence,
                server,
                access,
                tls,
                embed,
            }),
            _ => Err(ConfigErrors(reader.problems)),
        }
    }

    /// Parses the values that `get` gives, as if they were the environment.
    ///
    /// # Errors
    /// As [`Config::from_sources`].
    pub fn from_values(get: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigErrors> {
        Config::from_sources(&Sources::from_values(SETTINGS, get))
    }

    /// The URL of the console: the public one, otherwise that of the listening address.
    pub fn base(&self) -> String {
        if let Some(origin) = &self.access.origin {
            return origin.clone();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.server.addr)
    }

    /// Opens the listener.
    ///
    /// # Errors
    /// When the address is in use, or everyone who reaches it could send commands.
    pub async fn bind(&self) -> Result<TcpListener, ConfigErrors> {
        let addr = self.server.addr;
        self.access.check_listen_address(addr.ip())?;
        TcpListener::bind(addr).await.map_err(|error| {
            Problem::new(
                format!("failed to listen on {addr}"),
                error.to_string(),
                "Choose another address or port with CONSOLE_ADDR",
            )
            .into()
        })
    }
}

const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

impl RedisConfig {
    /// The address to connect to.
    ///
    /// # Panics
    /// Never: the host was parsed in such an address before.
    pub fn address(&self) -> SecretUrl {
        let RedisConfig { host, port, db, .. } = self;
        self.url.clone().unwrap_or_else(|| {
            let url = Url::parse(&format!("redis://{host}:{port}/{db}"));
            url.expect("a host that was parsed is one").into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let get = |name: &str| values.iter().find(|(n, _)| *n == name);
        Config::from_values(|name| get(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn unset_and_empty_values_have_documented_defaults() {
        let empty = [("REDIS_URL", ""), ("REDIS_PORT", ""), ("CONSOLE_ADDR", "")];
        for values in [&[], empty.as_slice()] {
            let config = config(values).unwrap();
            assert_eq!(config.api.url.to_string(), "http://localhost:8080/");
            assert_eq!(
                config.redis.address().to_string(),
                "redis://localhost:6379/0"
            );
            assert_eq!(config.server.addr.to_string(), "127.0.0.1:5000");
            assert_eq!(config.server.site_root.to_str(), Some("target/site"));
            assert_eq!(
                config.access.lifetimes,
                ::access::SessionLifetimes::default()
            );
            assert_eq!(config.access.proxies, ::access::TrustedProxies::default());
            assert_eq!(config.server.thresholds, model::Thresholds::default());
            assert!(
                config.access.auth_modes.open
                    && config.access.check_listen_address(LOOPBACK.ip()).is_ok()
            );
        }
    }

    #[test]
    fn redis_url_overrides_host_port_and_db() {
        let url = "redis://ops:s3cret@redis.example:7000/2";
        let redis = config(&[("REDIS_URL", url), ("REDIS_HOST", "elsewhere")])
            .unwrap()
            .redis;
        assert_eq!(redis.address().expose().as_str(), url);
        assert_eq!(redis.address().to_string(), "redis://redis.example:7000/2");
        let parts = [
            ("REDIS_HOST", "::1"),
            ("REDIS_PORT", "7001"),
            ("REDIS_DB", "3"),
        ];
        let redis = config(&parts).unwrap().redis;
        assert_eq!(redis.address().to_string(), "redis://[::1]:7001/3");
    }

    #[test]
    fn invalid_values_are_named_without_their_secrets() {
        for (name, value, expected) in [
            (
                "TICKSTOCKPL_API_URL",
                "ftp://user:s3cret@host",
                "http://localhost:8080",
            ),
            (
                "TICKSTOCKPL_API_URL",
                "localhost:8080",
                "http://localhost:8080",
            ),
            (
                "REDIS_URL",
                "http://:s3cret@host",
                "redis://localhost:6379/0",
            ),
            (
                "REDIS_URL",
                "redis://:s3cret@host:99999",
                "redis://localhost:6379/0",
            ),
            ("REDIS_PORT", "0", "6379"),
            (
                "REDIS_PORT",
                "70000",
                "\"70000\" is not a port. Use a number from 1 to 65535",
            ),
            ("REDIS_DB", "x", "such as 0"),
            ("REDIS_HOST", "a b", "localhost"),
            ("REDIS_HOST", "user:s3cret@host/1", "localhost"),
            ("CONSOLE_ADDR", "5000", "127.0.0.1:5000"),
            (
                "CONSOLE_ENVIRONMENT",
                "the one that is used by everybody",
                "production",
            ),
            ("DATABASE_URI", "mysql://u:s3cret@h/d", "postgresql://"),
            ("RUST_LOG", "=,=", "info"),
            ("TICKSTOCKPL_TOKEN", "s3cret s3cret", "ASCII"),
            ("TICKSTOCKPL_API_KEY", "s3cret s3cret", "ASCII"),
            ("TICKSTOCKPL_CA", "/nowhere.pem", "PEM file"),
            ("TICKSTOCKPL_TIMEOUT_SECONDS", "0", "0.05 to 300"),
            ("TICKSTOCKPL_CONNECT_SECONDS", "soon", "number of seconds"),
            ("REDIS_CA", "/nowhere.pem", "PEM file"),
            ("CONSOLE_AUTH", "everybody", "users, proxy, tokens"),
            (
                "CONSOLE_PUBLIC_URL",
                "https://u:s3cret@host",
                "https://console.example",
            ),
            (
                "CONSOLE_PUBLIC_URL",
                "https://host/path",
                "https://console.example",
            ),
            ("CONSOLE_PROXY_PEERS", "10.0.0.0/99", "10.0.0.0/8"),
            ("CONSOLE_PROXY_ROLES", "root=x", "viewer=*"),
            ("CONSOLE_PROXY_USER_HEADER", "a b", "Remote-User"),
            ("CONSOLE_SESSION_HOURS", "0", "0.0001"),
            ("CONSOLE_KEEP_DAYS", "0", "1 to 36500"),
            ("CONSOLE_WARN_FAILED", "101%", "0 to 100 percent"),
            (
                "CONSOLE_EMBED_ORIGINS",
                "https://portal.example/path",
                "without paths",
            ),
            ("CONSOLE_EMBED_ORIGINS", "*", "wildcards"),
            ("CONSOLE_EMBED_SECRET", "s3cret", "openssl rand"),
            ("CONSOLE_MAX_STREAMS", "0", "from 1"),
            ("CONSOLE_MAX_STREAMS_PER_CLIENT", "many", "such as 200"),
        ] {
            let line = config(&[(name, value)]).unwrap_err().to_string();
            let start = format!("invalid {name} in the environment: ");
            assert!(
                line.starts_with(&start) && line.contains(expected),
                "{line}"
            );
            assert!(!line.contains('\n') && !line.contains("s3cret"), "{line}");
        }
    }

    #[test]
    fn settings_that_need_each_other_are_checked_together() {
        for (name, value, missing) in [
            (
                "CONSOLE_TLS_CERT",
                "/nowhere.pem",
                vec!["CONSOLE_TLS_KEY is not set: "],
            ),
            (
                "CONSOLE_TLS_KEY",
                "/nowhere.pem",
                vec!["CONSOLE_TLS_CERT is not set: "],
            ),
            (
                "CONSOLE_AUTH",
                "proxy",
                vec![
                    "CONSOLE_PROXY_PEERS is not set: ",
                    "CONSOLE_PROXY_ROLES is not set: ",
                ],
            ),
        ] {
            let errors = config(&[(name, value)]).unwrap_err().to_string();
            let lines: Vec<&str> = errors.lines().collect();
            assert_eq!(lines.len(), missing.len(), "{errors}");
            for (line, start) in lines.into_iter().zip(missing) {
                assert!(line.starts_with(start), "{line}");
            }
        }
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let values = [
            ("REDIS_PORT", "x"),
            ("RUST_LOG", "=,="),
            ("CONSOLE_AUTH", "proxy"),
        ];
        assert_eq!(config(&values).unwrap_err().0.len(), 4);
    }
}
