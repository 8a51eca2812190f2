//! The settings, each declared once. A new one is a block here, and its use.

use super::declare::{Setting, Visibility, settings};
use super::origins::Origins;
use super::reader::SettingsReader;
use super::secret::{SecretString, SecretUrl};
use super::{parse, tls};
use access::AuthModes;
use model::Thresholds;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use store::Database;
use url::Url;

settings! {
    /// The HTTP API of TickStockPL.
    pub ApiConfig as api {
        /// Base URL of the TickStockPL HTTP API, `http://` or `https://`.
        /// For basic authentication, include `user:password@`.
        TICKSTOCKPL_API_URL url: SecretUrl = "http://localhost:8080", Url, parse::http_url;
        /// Bearer token that is sent to TickStockPL.
        TICKSTOCKPL_TOKEN token: Option<SecretString>, Secret, parse::header_value;
        /// API key that is sent to TickStockPL as `X-API-Key`.
        TICKSTOCKPL_API_KEY api_key: Option<SecretString>, Secret, parse::header_value;
        /// PEM file of certificate authorities to trust for `https://`, in addition to the
        /// public ones.
        TICKSTOCKPL_CA authorities: Option<Vec<u8>>, Plain, tls::authorities;
        /// Timeout for connecting to TickStockPL, 0.05 to 300 seconds.
        TICKSTOCKPL_CONNECT_SECONDS connect_timeout: Duration = "1", Plain, parse::seconds;
        /// Timeout for a whole command, 0.05 to 300 seconds.
        TICKSTOCKPL_TIMEOUT_SECONDS timeout: Duration = "5", Plain, parse::seconds;
    }

    /// The Redis server on which TickStockPL publishes its events.
    pub RedisConfig as redis {
        /// Host of the Redis server on which TickStockPL publishes its events.
        REDIS_HOST host: String = "localhost", Host, parse::redis_host;
        /// Port of the Redis server.
        REDIS_PORT port: u16 = "6379", Plain, parse::port;
        /// Number of the Redis database.
        REDIS_DB db: u16 = "0", Plain, parse::redis_db;
        /// URL of the Redis server: `redis://[user:password@]host[:port][/db]`, or `rediss://`
        /// for TLS. Takes precedence over `REDIS_HOST`, `REDIS_PORT` and `REDIS_DB`.
        REDIS_URL url: Option<SecretUrl>, Url, parse::redis_url;
        /// PEM file of certificate authorities to trust for `rediss://`, in addition to the
        /// public ones.
        REDIS_CA authorities: Option<Vec<u8>>, Plain, tls::authorities;
    }

    /// The database, and how long it retains what grows.
    pub PersistenceConfig as persistence {
        /// Database for history and audit log: `sqlite://PATH`, or
        /// `postgresql://[user[:password]@]host[:port]/database` (also `postgres://` and
        /// `postgresql+psycopg2://`).
        DATABASE_URI database: Database = store::DEFAULT_URI, Url, parse::database;
        /// Retention of events, errors and symbol reports, 1 to 36500 days. Runs and the audit
        /// log are never deleted.
        CONSOLE_KEEP_DAYS days: u32 = "90", Plain, parse::days;
    }

    /// The console itself.
    pub ServerConfig as server {
        /// Address and port to listen on. Addresses other than loopback require `CONSOLE_AUTH`.
        CONSOLE_ADDR addr: SocketAddr = "127.0.0.1:5000", Plain, parse::address;
        /// Name of this environment, such as `production`, up to 24 characters. Pages show it,
        /// and buttons that send a command include it.
        CONSOLE_ENVIRONMENT environment: Option<String>, Plain, parse::environment;
        /// Percentage of failed symbols from which a successful run is shown as "succeeded with
        /// warnings", 0 to 100. A run without failed symbols never is.
        CONSOLE_WARN_FAILED thresholds: Thresholds = "1", Plain, parse::thresholds;
        /// Maximum number of open streams per client address.
        CONSOLE_MAX_STREAMS_PER_CLIENT max_streams_per_client: usize = "200", Plain, parse::streams;
        /// Maximum number of open streams in total. Each one is an open file.
        CONSOLE_MAX_STREAMS max_streams: usize = "20000", Plain, parse::streams;
        /// Directory of the built site.
        LEPTOS_SITE_ROOT site_root: PathBuf = "target/site", Plain, parse::path;
        /// Log filter for standard error, such as `server=debug,info`.
        RUST_LOG log_filter: String = "info", Plain, parse::log_filter;
        /// TOML file with settings. Without it, `tickstock-console.toml` in the working directory
        /// is read if it exists. Cannot be set in that file; `--config FILE` takes precedence.
        CONSOLE_CONFIG config_file: Option<PathBuf>, Plain, parse::path;
    }

    /// Who may reach the console.
    pub(super) AccessSettings as access {
        /// Authentication modes: `users`, `proxy`, `tokens`, `open`, or several separated by
        /// commas. Not set, it is `open` on a loopback address; other addresses require it.
        CONSOLE_AUTH auth_modes: Option<AuthModes>, Plain, parse::auth_modes;
        /// URL at which browsers reach the console, such as `https://console.example`. Its pages
        /// may send commands even if a proxy rewrites `Host`; with `https`, cookies require TLS.
        CONSOLE_PUBLIC_URL public_url: Option<Url>, Url, parse::public_url;
        /// Additional host names that requests may use, separated by commas. With `open`, only
        /// these, the listening address, the public URL and localhost are allowed.
        CONSOLE_ALLOWED_HOSTS allowed_hosts: Vec<String>, Plain, parse::list;
        /// Addresses and networks of reverse proxies, such as `10.0.0.7,fd00::/8`. `X-Forwarded-*`
        /// and user headers are accepted from these only.
        CONSOLE_PROXY_PEERS proxy_peers: Option<String>, Plain, parse::proxy_peers;
        /// Roles of the proxy's groups, such as `admin=ops-admins,operator=ops,viewer=*`; `*` is
        /// everyone.
        CONSOLE_PROXY_ROLES proxy_roles: Option<String>, Plain, parse::proxy_roles;
        /// Header in which the proxy sends the user's name.
        CONSOLE_PROXY_USER_HEADER proxy_user_header: String = "X-Forwarded-User", Plain,
            parse::header_name;
        /// Header in which the proxy sends the user's groups.
        CONSOLE_PROXY_GROUPS_HEADER proxy_groups_header: String = "X-Forwarded-Groups", Plain,
            parse::header_name;
        /// Lifetime of an unused session, 0.0001 to 8784 hours.
        CONSOLE_SESSION_IDLE_HOURS session_idle: Duration = "12", Plain, parse::hours;
        /// Maximum lifetime of a session, 0.0001 to 8784 hours.
        CONSOLE_SESSION_HOURS session_total: Duration = "168", Plain, parse::hours;
    }

    /// The certificate that the console serves HTTPS with.
    pub(super) TlsSettings as tls {
        /// PEM file with the certificate and its chain. With `CONSOLE_TLS_KEY`, the console serves
        /// HTTPS with HTTP/2 instead of plain HTTP/1.1.
        CONSOLE_TLS_CERT certificate: Option<PathBuf>, Plain, parse::path;
        /// PEM file with the private key of `CONSOLE_TLS_CERT`.
        CONSOLE_TLS_KEY key: Option<PathBuf>, Plain, parse::path;
    }

    /// Views in other sites' pages.
    pub EmbedConfig as embed {
        /// Origins whose pages may embed views, separated by commas, such as
        /// `https://portal.example,http://localhost:3000`.
        CONSOLE_EMBED_ORIGINS origins: Origins, Plain, parse::origins;
        /// Secret of at least 32 bytes with which portals sign embed tokens. Without it, embeds
        /// are open if the console is open; otherwise they need an embed link.
        CONSOLE_EMBED_SECRET secret: Option<SecretString>, Secret, parse::embed_secret;
    }
}
