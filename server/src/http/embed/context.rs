use crate::client_limits::ClientLimits;
use crate::embed::Embeds;
use std::path::Path;
use std::sync::Arc;

/// State of the embed handlers. They do not get the console's own, so that nothing behind
/// `/embed/` can read sessions or send commands.
#[derive(Clone)]
pub(crate) struct EmbedContext {
    pub embeds: Embeds,
    pub limits: ClientLimits,
    /// Folder of the built site, which has the scripts and the style.
    pub site_root: Arc<Path>,
}
