//! Where the relay is connected to, in words and without secrets.

use crate::config::Config;

/// Names and values, in the order in which they are shown.
pub fn connections(config: &Config) -> Vec<(String, String)> {
    let mut api = config.api.url.clone();
    // A user and a password in an address are secrets; an address without a host has neither.
    let _ = api.set_username("");
    let _ = api.set_password(None);
    let credentials = match (&config.api.token, &config.api.api_key) {
        (Some(_), _) => "a token is sent",
        (None, Some(_)) => "an API key is sent",
        (None, None) => "none is sent",
    };
    let served = if config.tls.is_some() {
        "HTTPS, HTTP/2"
    } else {
        "plain HTTP/1.1"
    };
    [
        ("TickStockPL's API", api.to_string()),
        ("Credentials for it", credentials.to_owned()),
        ("Redis", config.redis.shown.clone()),
        ("Local copy", config.persistence.database.shown().to_owned()),
        ("Kept for", format!("{} days", config.persistence.days)),
        (
            "This console listens on",
            format!("{} ({served})", config.addr),
        ),
        (
            "Streams per client",
            config.max_streams_per_client.to_string(),
        ),
        ("Streams in all", config.max_streams.to_string()),
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
