//! Names and addresses of the console's neighbours, without secrets.

use crate::config::Config;

/// Names and values, in the order in which they are shown.
pub(crate) fn connections(config: &Config) -> Vec<(String, String)> {
    let credentials = match (&config.api.token, &config.api.api_key) {
        (Some(_), _) => "API token",
        (None, Some(_)) => "API key",
        (None, None) => "none",
    };
    let served = if config.tls.is_some() {
        "HTTPS, HTTP/2"
    } else {
        "plain HTTP/1.1"
    };
    [
        ("TickStockPL API", config.api.url.to_string()),
        ("TickStockPL API credentials", credentials.to_owned()),
        ("Redis", config.redis.address().to_string()),
        ("Database", config.persistence.database.shown().to_owned()),
        ("Retention", format!("{} days", config.persistence.days)),
        (
            "Listen address",
            format!("{} ({served})", config.server.addr),
        ),
        (
            "Maximum streams per client",
            config.server.max_streams_per_client.to_string(),
        ),
        ("Maximum streams", config.server.max_streams.to_string()),
        ("Version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
