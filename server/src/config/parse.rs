//! Parsers of single values. Reasons follow the value in an error message, and do not repeat it.

use super::error::Reason;
use super::origins::Origins;
use super::secret::{SecretString, SecretUrl};
use access::{AuthModes, AuthModesError, ProxyError, TrustedProxies};
use axum::http::HeaderName;
use model::Thresholds;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;
use store::{Database, StoreError};
use tracing_subscriber::EnvFilter;
use url::Url;

type Parsed<T> = Result<T, Reason>;

/// HS256 keys have at least as many bytes as its hashes; a shorter one could be guessed.
const EMBED_SECRET_BYTES: usize = 32;
/// Characters that fit on a button.
const ENVIRONMENT_CHARS: usize = 24;

pub(super) fn path(text: &str) -> Parsed<PathBuf> {
    Ok(text.into())
}

pub(super) fn list(text: &str) -> Parsed<Vec<String>> {
    let items = text.split(',').map(str::trim);
    Ok(items
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect())
}

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.replacen("localhost", "127.0.0.1", 1)
        .parse()
        .or_else(|_| {
            invalid(
                "is not an address and port",
                "Use ADDRESS:PORT, such as 127.0.0.1:5000",
            )
        })
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => invalid(
            "is not a log filter",
            "Use a filter such as info or server=debug,info",
        ),
    }
}

pub(super) fn http_url(text: &str) -> Parsed<Url> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => invalid(
            "is not an HTTP URL",
            "Use a URL such as http://localhost:8080 or https://tickstockpl.example",
        ),
    }
}

pub(super) fn public_url(text: &str) -> Parsed<Url> {
    match http_url(text) {
        Ok(url) if url.path() == "/" && url.username().is_empty() && url.password().is_none() => {
            Ok(url)
        }
        _ => invalid(
            "is not an HTTP URL without path and credentials",
            "Use the URL at which browsers reach the console, such as https://console.example",
        ),
    }
}

pub(super) fn header_value(text: &str) -> Parsed<SecretString> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        invalid(
            "contains characters that a header cannot have",
            "Use ASCII characters without spaces",
        )
    }
}

pub(super) fn header_name(text: &str) -> Parsed<String> {
    match HeaderName::try_from(text) {
        Ok(name) => Ok(name.to_string()),
        Err(_) => invalid("is not a header name", "Use a name such as Remote-User"),
    }
}

pub(super) fn seconds(text: &str) -> Parsed<Duration> {
    float(text, 0.05..=300.0, "seconds", "5").map(Duration::from_secs_f64)
}

pub(super) fn hours(text: &str) -> Parsed<Duration> {
    float(text, 0.0001..=8784.0, "hours", "12").map(|hours| Duration::from_secs_f64(hours * 3600.0))
}

pub(super) fn days(text: &str) -> Parsed<u32> {
    match text.parse() {
        Ok(days @ 1..=36_500) => Ok(days),
        _ => invalid("is not a number of days", "Use 1 to 36500, such as 90"),
    }
}

pub(super) fn streams(text: &str) -> Parsed<usize> {
    match text.parse() {
        Ok(streams) if streams > 0 => Ok(streams),
        _ => invalid(
            "is not a number of streams",
            "Use a number from 1 on, such as 200",
        ),
    }
}

pub(super) fn thresholds(text: &str) -> Parsed<Thresholds> {
    let number = text.trim_end_matches('%').trim_end();
    float(number, 0.0..=100.0, "percent", "1").map(|warn_failed_percent| Thresholds {
        warn_failed_percent,
    })
}

pub(super) fn environment(text: &str) -> Parsed<String> {
    if text.chars().count() > ENVIRONMENT_CHARS || text.chars().any(char::is_control) {
        return invalid(
            "is not a short name",
            format!("Use up to {ENVIRONMENT_CHARS} characters, such as production"),
        );
    }
    Ok(text.to_owned())
}

pub(super) fn redis_host(text: &str) -> Parsed<String> {
    let host = match text.contains(':') && !text.starts_with('[') {
        true => format!("[{text}]"),
        false => text.to_owned(),
    };
    match Url::parse(&format!("redis://{host}:6379/0")) {
        Ok(url) if url.path() == "/0" && url.username().is_empty() => Ok(host),
        _ => invalid(
            "is not a host",
            "Use a host name or address, such as localhost",
        ),
    }
}

pub(super) fn port(text: &str) -> Parsed<u16> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => invalid(
            "is not a port",
            "Use a number from 1 to 65535, such as 6379",
        ),
    }
}

pub(super) fn redis_db(text: &str) -> Parsed<u16> {
    text.parse()
        .or_else(|_| invalid("is not the number of a database", "Use a number such as 0"))
}

pub(super) fn redis_url(text: &str) -> Parsed<SecretUrl> {
    let url = Url::parse(text).ok().filter(|url| {
        let tcp = matches!(url.scheme(), "redis" | "rediss") && url.has_host();
        (tcp || matches!(url.scheme(), "redis+unix" | "unix"))
            && ::redis::Client::open(text).is_ok()
    });
    match url {
        Some(url) => Ok(url.into()),
        None => invalid(
            "is not a Redis URL",
            "Use a URL such as redis://localhost:6379/0 or rediss://user:password@host:6380/0",
        ),
    }
}

pub(super) fn database(text: &str) -> Parsed<Database> {
    Database::parse(text).map_err(|error| {
        let why = match error {
            StoreError::Address { problem } => format!("is not a database address ({problem})"),
            other => format!("is not a database address ({})", other.one_line()),
        };
        Reason::new(
            why,
            "Use sqlite://PATH or postgresql://[user[:password]@]host[:port]/database",
        )
    })
}

pub(super) fn auth_modes(text: &str) -> Parsed<AuthModes> {
    AuthModes::parse(Some(text)).map_err(|error| {
        let why = match error {
            AuthModesError::Unknown(mode) => format!("contains the unknown mode {mode:?}"),
            other => other.to_string(),
        };
        Reason::new(
            why,
            "Use users, proxy, tokens, open, or several separated by commas",
        )
    })
}

pub(super) fn proxy_peers(text: &str) -> Parsed<String> {
    match TrustedProxies::default().with_peers(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => invalid(
            unusable(error),
            "Use addresses or networks separated by commas, such as 10.0.0.7,10.0.0.0/8,fd00::/8",
        ),
    }
}

pub(super) fn proxy_roles(text: &str) -> Parsed<String> {
    match TrustedProxies::default().with_roles(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => invalid(
            unusable(error),
            "Use ROLE=GROUP pairs such as admin=ops-admins,operator=ops,viewer=*",
        ),
    }
}

fn unusable(error: ProxyError) -> String {
    match error {
        ProxyError::Peer(item) => format!("contains {item:?}, which is not an address or network"),
        ProxyError::Role(item) => format!("contains {item:?}, which gives no role to a group"),
    }
}

pub(super) fn origins(text: &str) -> Parsed<Origins> {
    Origins::parse(text).map_err(|item| {
        Reason::new(
            format!("contains {item:?}, which is not an origin"),
            "Use origins without paths and wildcards, such as https://portal.example,http://localhost:3000",
        )
    })
}

pub(super) fn embed_secret(text: &str) -> Parsed<SecretString> {
    if text.len() < EMBED_SECRET_BYTES {
        return invalid(
            format!("has {} bytes", text.len()),
            format!(
                "Use at least {EMBED_SECRET_BYTES}, such as the output of `openssl rand -hex 32`"
            ),
        );
    }
    Ok(text.into())
}

fn float(text: &str, range: RangeInclusive<f64>, unit: &str, example: &str) -> Parsed<f64> {
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) => invalid(
            "is out of range",
            format!("Use {} to {} {unit}", range.start(), range.end()),
        ),
        Err(_) => invalid(
            "is not a number",
            format!("Use a number of {unit}, such as {example}"),
        ),
    }
}

fn invalid<T>(why: impl Into<String>, fix: impl Into<String>) -> Parsed<T> {
    Err(Reason::new(why, fix))
}
