//! The configuration: environment variables, and a `.env` file for those that are not set.

mod access;
mod embed;
mod origins;
mod tls;

pub use access::AccessConfig;
pub use embed::EmbedConfig;
pub use origins::{Origins, origin};

use model::Thresholds;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use store::Database;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::EnvFilter;
use url::Url;

/// The variables, as `--help` shows them.
pub const HELP: &str = "\
Environment (or a .env file in the current folder; the environment wins):
  TICKSTOCKPL_API_URL  TickStockPL's HTTP API            [http://localhost:8080]
  TICKSTOCKPL_TOKEN    sent to it as a bearer token; for basic auth, put user:password@ into the address
  TICKSTOCKPL_API_KEY  sent to it as X-API-Key
  TICKSTOCKPL_CA       a PEM file of authorities to trust for https://, beside the public ones
  TICKSTOCKPL_CONNECT_SECONDS  how long connecting to it may take  [1]
  TICKSTOCKPL_TIMEOUT_SECONDS  how long a command may take in all  [5]
  REDIS_HOST           Redis, which carries its events   [localhost]
  REDIS_PORT                                             [6379]
  REDIS_DB                                               [0]
  REDIS_URL            wins over the three: redis:// or rediss://[user:password@]host[:port][/db]
  REDIS_CA             a PEM file of authorities to trust for rediss://, beside the public ones
  DATABASE_URI         the local copy: sqlite://PATH or postgresql://[user[:password]@]host[:port]/database
                                                         [sqlite://data/tickstock-console.db]
  CONSOLE_KEEP_DAYS    for how long events and errors are kept in it  [90]
  CONSOLE_WARN_FAILED  percentage of failed symbols from which a good run has warnings  [1]
  CONSOLE_ENVIRONMENT  such as production: pages and the buttons of commands name it
  CONSOLE_ADDR         where to serve the console        [127.0.0.1:5000]
  CONSOLE_AUTH         ways in: users, proxy, tokens, open; several with commas between
                       [open on a loopback address; elsewhere it must be set]
  CONSOLE_PUBLIC_URL   where browsers find the console, such as https://console.example
  CONSOLE_ALLOWED_HOSTS  more names under which it may be asked, with commas between
  CONSOLE_PROXY_PEERS  addresses and networks of the proxies whose X-Forwarded-* and user headers are believed
  CONSOLE_PROXY_ROLES  for CONSOLE_AUTH=proxy: admin=GROUP,operator=GROUP,viewer=*
  CONSOLE_PROXY_USER_HEADER    [X-Forwarded-User]
  CONSOLE_PROXY_GROUPS_HEADER  [X-Forwarded-Groups]
  CONSOLE_SESSION_IDLE_HOURS   how long a session lasts without being used  [12]
  CONSOLE_SESSION_HOURS        and in all                                   [168]
  CONSOLE_TLS_CERT     PEM files: serve HTTPS with HTTP/2 instead of plain HTTP/1.1
  CONSOLE_TLS_KEY
  CONSOLE_MAX_STREAMS_PER_CLIENT  open streams of one address  [200]
  CONSOLE_MAX_STREAMS             open streams in all          [20000]
  CONSOLE_EMBED_ORIGINS  origins whose pages may embed views, with commas between
  CONSOLE_EMBED_SECRET   32 bytes or more that portals sign tokens with; without it embeds are open
  LEPTOS_SITE_ROOT     the folder of the built site      [target/site]
  RUST_LOG             what to log                       [info]";

/// Everything that can be configured.
#[derive(Clone)]
pub struct Config {
    /// TickStockPL's HTTP API.
    pub api: ApiConfig,
    /// The Redis server that carries TickStockPL's events.
    pub redis: RedisConfig,
    /// Such as `production`; pages and the buttons of commands name it.
    pub environment: Option<String>,
    /// Where to serve the console.
    pub addr: SocketAddr,
    /// Who may reach it, and as what.
    pub access: AccessConfig,
    /// What to serve TLS with; plain HTTP where there is nothing.
    pub tls: Option<TlsAcceptor>,
    /// How many streams one client's address may have open.
    pub max_streams_per_client: usize,
    /// How many streams may be open in all.
    pub max_streams: usize,
    /// The local copy.
    pub persistence: PersistenceConfig,
    /// Where good ends.
    pub thresholds: Thresholds,
    /// The folder with the built site: WASM, script, style, images.
    pub site_root: PathBuf,
    /// Who may embed its views.
    pub embed: EmbedConfig,
    /// What to log.
    pub log_filter: String,
}

/// How to reach TickStockPL's HTTP API.
#[derive(Clone)]
pub struct ApiConfig {
    /// The address, perhaps with user and password: never shown.
    pub url: Url,
    /// A bearer token.
    pub token: Option<String>,
    /// A key for the header `X-API-Key`.
    pub api_key: Option<String>,
    /// PEM certificates of authorities to trust beside the public ones.
    pub authorities: Option<Vec<u8>>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a request may take in all.
    pub timeout: Duration,
}

/// Where the local copy is, and for how long it keeps what.
#[derive(Clone)]
pub struct PersistenceConfig {
    /// The database.
    pub database: Database,
    /// Days for which events and errors are kept.
    pub days: u32,
}

/// How to reach Redis.
#[derive(Clone)]
pub struct RedisConfig {
    /// The address, with user and password where there are any: never shown.
    pub url: String,
    /// The address without them, to be shown.
    pub shown: String,
    /// PEM certificates of authorities to trust beside the public ones.
    pub authorities: Option<Vec<u8>>,
}

/// A value that cannot be used: which, and what would be right. Never holds a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

impl std::error::Error for ConfigError {}

fn wrong<T>(variable: &'static str, problem: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError {
        variable,
        problem: problem.into(),
    })
}

impl Config {
    /// Queries `.env` in the current folder, if there is one, and the environment.
    ///
    /// # Errors
    /// The first value that cannot be used.
    pub fn load() -> Result<Config, ConfigError> {
        let mut values = HashMap::new();
        match dotenvy::from_path_iter(".env") {
            Ok(lines) => {
                for line in lines {
                    match line {
                        Ok((name, value)) => drop(values.insert(name, value)),
                        // The line itself may hold a secret: it is not repeated.
                        Err(_) => {
                            return wrong(
                                ".env",
                                "has a line that is not NAME=value; values with spaces need quotes",
                            );
                        }
                    }
                }
            }
            Err(error) if error.not_found() => {}
            Err(_) => return wrong(".env", "is there but cannot be read; check its permissions"),
        }
        values.extend(
            std::env::vars_os()
                .filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?))),
        );
        Config::from_values(|name| values.get(name).map(|value| value.trim().to_owned()))
    }

    /// Queries the values that `get` gives; an empty one counts as not set.
    ///
    /// # Errors
    /// The first value that cannot be used.
    pub fn from_values(get: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let get = &|name: &str| get(name).filter(|value| !value.is_empty());
        let addr = get("CONSOLE_ADDR").unwrap_or_else(|| "127.0.0.1:5000".into());
        let log_filter = get("RUST_LOG").unwrap_or_else(|| "info".into());
        if EnvFilter::try_new(&log_filter).is_err() {
            return wrong(
                "RUST_LOG",
                "is not a log filter such as info or server=debug,info",
            );
        }
        let Ok(addr) = addr
            .replacen("localhost", "127.0.0.1", 1)
            .parse::<SocketAddr>()
        else {
            let problem = format!("is {addr:?}; it must be ADDRESS:PORT, such as 127.0.0.1:5000");
            return wrong("CONSOLE_ADDR", problem);
        };
        let tls = tls::acceptor(get)?;
        Ok(Config {
            api: api(get)?,
            redis: RedisConfig {
                authorities: tls::authorities("REDIS_CA", get("REDIS_CA"))?,
                ..redis(get)?
            },
            addr,
            access: access::access(get, addr, tls.is_some())?,
            environment: environment(get)?,
            tls,
            max_streams_per_client: streams(get, "CONSOLE_MAX_STREAMS_PER_CLIENT", 200)?,
            max_streams: streams(get, "CONSOLE_MAX_STREAMS", 20_000)?,
            site_root: get("LEPTOS_SITE_ROOT")
                .unwrap_or_else(|| "target/site".into())
                .into(),
            persistence: keep(get)?,
            thresholds: thresholds(get)?,
            embed: embed::embed(get)?,
            log_filter,
        })
    }

    /// The address under which the console is reached, as far as it knows: what it was told, else
    /// where it listens.
    pub fn base(&self) -> String {
        if let Some(origin) = &self.access.origin {
            return origin.clone();
        }
        format!(
            "{}://{}",
            if self.tls.is_some() { "https" } else { "http" },
            self.addr
        )
    }

    /// Opens the listener.
    ///
    /// # Errors
    /// When the address cannot be had, such as when something else listens there, or everybody who
    /// reaches it could do everything.
    pub async fn bind(&self) -> Result<TcpListener, ConfigError> {
        self.access.check_listen_address(self.addr.ip())?;
        match TcpListener::bind(self.addr).await {
            Ok(listener) => Ok(listener),
            Err(error) => wrong(
                "CONSOLE_ADDR",
                format!(
                    "is {}, which cannot be listened on: {error}; choose another port",
                    self.addr
                ),
            ),
        }
    }
}

fn api_url(text: &str) -> Result<Url, ConfigError> {
    const NAME: &str = "TICKSTOCKPL_API_URL";
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        // The value may hold a password, so it is not repeated.
        _ => wrong(
            NAME,
            "is not an address such as http://localhost:8080 or https://tickstockpl.example",
        ),
    }
}

fn api(get: &dyn Fn(&str) -> Option<String>) -> Result<ApiConfig, ConfigError> {
    Ok(ApiConfig {
        url: api_url(
            &get("TICKSTOCKPL_API_URL").unwrap_or_else(|| "http://localhost:8080".into()),
        )?,
        token: header_value(get, "TICKSTOCKPL_TOKEN")?,
        api_key: header_value(get, "TICKSTOCKPL_API_KEY")?,
        authorities: tls::authorities("TICKSTOCKPL_CA", get("TICKSTOCKPL_CA"))?,
        connect_timeout: seconds(get, "TICKSTOCKPL_CONNECT_SECONDS", 1.0)?,
        timeout: seconds(get, "TICKSTOCKPL_TIMEOUT_SECONDS", 5.0)?,
    })
}

/// A secret that travels in a header: the value is not repeated.
fn header_value(
    get: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<String>, ConfigError> {
    match get(name) {
        Some(text) if !text.bytes().all(|byte| byte.is_ascii_graphic()) => wrong(
            name,
            "has characters that cannot stand in a header; it must be ASCII without spaces",
        ),
        value => Ok(value),
    }
}

fn seconds(
    get: impl Fn(&str) -> Option<String>,
    name: &'static str,
    default: f64,
) -> Result<Duration, ConfigError> {
    match get(name).map(|text| text.parse::<f64>().map_err(|_| text)) {
        None => Ok(Duration::from_secs_f64(default)),
        Some(Ok(seconds)) if (0.05..=300.0).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        Some(Ok(seconds)) => wrong(
            name,
            format!("is {seconds}; it must be from 0.05 to 300 seconds"),
        ),
        Some(Err(text)) => wrong(
            name,
            format!("is {text:?}; it must be a number of seconds, such as {default}"),
        ),
    }
}

/// A name that fits on a button.
fn environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    const NAME: &str = "CONSOLE_ENVIRONMENT";
    match get(NAME).map(|name| name.trim().to_owned()) {
        Some(name) if name.chars().count() > 24 || name.chars().any(char::is_control) => wrong(
            NAME,
            "must be a name of at most 24 letters, such as production",
        ),
        name => Ok(name),
    }
}

fn streams(
    get: impl Fn(&str) -> Option<String>,
    name: &'static str,
    default: usize,
) -> Result<usize, ConfigError> {
    match get(name).map(|text| text.parse().map_err(|_| text)) {
        None => Ok(default),
        Some(Ok(n)) if n > 0 => Ok(n),
        Some(Ok(_)) => wrong(name, "is 0; it must be a number of streams from 1 on"),
        Some(Err(text)) => wrong(
            name,
            format!("is {text:?}; it must be a number of streams, such as {default}"),
        ),
    }
}

fn redis(get: impl Fn(&str) -> Option<String>) -> Result<RedisConfig, ConfigError> {
    if let Some(text) = get("REDIS_URL") {
        let problem = "is not an address such as redis://localhost:6379/0 or rediss://user:password@host:6380/0";
        let Ok(mut url) = Url::parse(&text) else {
            return wrong("REDIS_URL", problem);
        };
        let tcp = matches!(url.scheme(), "redis" | "rediss") && url.has_host();
        if !(tcp || matches!(url.scheme(), "redis+unix" | "unix"))
            || ::redis::Client::open(text.as_str()).is_err()
        {
            return wrong("REDIS_URL", problem);
        }
        // An address that takes no password has none to hide.
        let _ = url.set_password(None).and_then(|()| url.set_username(""));
        url.set_query(None);
        return Ok(RedisConfig {
            url: text,
            shown: url.into(),
            authorities: None,
        });
    }
    let host = get("REDIS_HOST").unwrap_or_else(|| "localhost".into());
    let number = |name: &'static str, default: u16, what: &str| match get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .or_else(|_| wrong(name, format!("is {text:?}; it must be {what}"))),
    };
    let port = number("REDIS_PORT", 6379, "a port from 1 to 65535, such as 6379")?;
    let db = number("REDIS_DB", 0, "the number of a database, such as 0")?;
    if port == 0 {
        return wrong(
            "REDIS_PORT",
            "is 0; it must be a port from 1 to 65535, such as 6379",
        );
    }
    let bracketed = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.clone()
    };
    let url = format!("redis://{bracketed}:{port}/{db}");
    match Url::parse(&url) {
        Ok(parsed) if parsed.path() == format!("/{db}") && parsed.username().is_empty() => {
            Ok(RedisConfig {
                shown: url.clone(),
                url,
                authorities: None,
            })
        }
        _ => wrong(
            "REDIS_HOST",
            format!("is {host:?}; it must be a host's name or address, such as localhost"),
        ),
    }
}

fn thresholds(get: impl Fn(&str) -> Option<String>) -> Result<Thresholds, ConfigError> {
    const NAME: &str = "CONSOLE_WARN_FAILED";
    let Some(text) = get(NAME) else {
        return Ok(Thresholds::default());
    };
    match text.trim().trim_end_matches('%').trim_end().parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Thresholds {
            warn_failed_percent: percent,
        }),
        _ => wrong(
            NAME,
            format!("is {text:?}; it must be a percentage from 0 to 100, such as 1"),
        ),
    }
}

fn keep(get: impl Fn(&str) -> Option<String>) -> Result<PersistenceConfig, ConfigError> {
    let uri = get("DATABASE_URI").unwrap_or_else(|| store::DEFAULT_URI.to_owned());
    let database = Database::parse(&uri).or_else(|error| wrong("DATABASE_URI", error.line()))?;
    let days = match get("CONSOLE_KEEP_DAYS").map(|text| text.parse().map_err(|_| text)) {
        None => 90,
        Some(Ok(days @ 1..=36_500)) => days,
        Some(Ok(days)) => {
            return wrong(
                "CONSOLE_KEEP_DAYS",
                format!("is {days}; it must be from 1 to 36500 days"),
            );
        }
        Some(Err(text)) => {
            return wrong(
                "CONSOLE_KEEP_DAYS",
                format!("is {text:?}; it must be a number of days, such as 90"),
            );
        }
    };
    Ok(PersistenceConfig { database, days })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_values(|name| {
            values
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn nothing_set_gives_the_documented_defaults() {
        let config = config(&[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.api.url.as_str(), "http://localhost:8080/");
        assert_eq!(config.redis.url, "redis://localhost:6379/0");
        assert_eq!(config.addr.to_string(), "127.0.0.1:5000");
        assert_eq!(config.site_root, PathBuf::from("target/site"));
    }

    #[test]
    fn redis_url_wins_over_host_port_and_db_and_hides_its_password() {
        let values = [
            ("REDIS_URL", "redis://ops:s3cret@redis.example:7000/2"),
            ("REDIS_HOST", "elsewhere"),
        ];
        let redis = config(&values)
            .unwrap_or_else(|error| panic!("{error}"))
            .redis;
        assert_eq!(redis.url, "redis://ops:s3cret@redis.example:7000/2");
        assert_eq!(redis.shown, "redis://redis.example:7000/2");
        let of_parts = config(&[
            ("REDIS_HOST", "::1"),
            ("REDIS_PORT", "7001"),
            ("REDIS_DB", "3"),
        ]);
        assert_eq!(
            of_parts.unwrap_or_else(|error| panic!("{error}")).redis.url,
            "redis://[::1]:7001/3"
        );
    }

    #[test]
    fn a_wrong_value_is_named_in_one_line_with_what_would_be_right_and_without_its_secrets() {
        for (name, value, right) in [
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
            ("REDIS_PORT", "70000", "6379"),
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
            ("TICKSTOCKPL_CA", "/nowhere.pem", "PEM file"),
            ("TICKSTOCKPL_TIMEOUT_SECONDS", "0", "0.05 to 300"),
            ("TICKSTOCKPL_CONNECT_SECONDS", "soon", "such as 1"),
            ("REDIS_CA", "/nowhere.pem", "PEM file"),
            ("CONSOLE_AUTH", "everybody", "users, proxy, tokens"),
            ("CONSOLE_AUTH", "proxy", "CONSOLE_AUTH=proxy"),
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
            ("CONSOLE_TLS_CERT", "/nowhere.pem", "private key"),
            ("CONSOLE_TLS_KEY", "/nowhere.pem", "certificate"),
            (
                "CONSOLE_EMBED_ORIGINS",
                "https://portal.example/path",
                "without paths",
            ),
            ("CONSOLE_EMBED_ORIGINS", "*", "without *"),
            ("CONSOLE_EMBED_SECRET", "s3cret", "openssl rand"),
            ("CONSOLE_MAX_STREAMS", "0", "from 1"),
            ("CONSOLE_MAX_STREAMS_PER_CLIENT", "many", "such as 200"),
        ] {
            let Err(error) = config(&[(name, value)]) else {
                panic!("{name}={value} was taken")
            };
            let line = error.to_string();
            assert!(
                (line.starts_with(name) || name.starts_with("CONSOLE_TLS") || value == "proxy")
                    && line.contains(right)
                    && !line.contains('\n'),
                "{line}"
            );
            assert!(!line.contains("s3cret") || name == "REDIS_HOST", "{line}");
        }
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        assert!(config(&[("REDIS_URL", ""), ("REDIS_PORT", ""), ("CONSOLE_ADDR", "")]).is_ok());
    }
}
