//! Who may embed the console's views, and what signs the tokens that let a portal's visitors see
//! them.

use super::origins::Origins;
use super::{ConfigError, wrong};

/// A shared secret that is shorter could be guessed: HS256 wants as many bytes as it has bits.
const SECRET_BYTES: usize = 32;

/// The embeds' settings.
#[derive(Clone, Default)]
pub struct EmbedConfig {
    /// The origins that may frame embeds and read their streams.
    pub origins: Origins,
    /// What the tokens of portals are signed with. Never shown.
    pub secret: Option<Vec<u8>>,
}

pub(super) fn embed(get: impl Fn(&str) -> Option<String>) -> Result<EmbedConfig, ConfigError> {
    const ORIGINS: &str = "CONSOLE_EMBED_ORIGINS";
    let origins = Origins::parse(&get(ORIGINS).unwrap_or_default())
        .or_else(|problem| wrong(ORIGINS, problem))?;
    let secret = get("CONSOLE_EMBED_SECRET").map(String::into_bytes);
    if let Some(short) = secret.as_ref().filter(|secret| secret.len() < SECRET_BYTES) {
        return wrong(
            "CONSOLE_EMBED_SECRET",
            format!(
                "has {} bytes; it must have at least {SECRET_BYTES}, such as what `openssl rand -hex 32` gives",
                short.len()
            ),
        );
    }
    Ok(EmbedConfig { origins, secret })
}
