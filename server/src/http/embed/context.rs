use crate::embed::Embeds;
use crate::http::stream::StreamLimits;
use std::path::Path;
use std::sync::Arc;

/// State of the embed handlers. They do not get the console's own, so that nothing behind
/// `/embed/` can read sessions or send commands.
#[derive(Clone)]
pub struct EmbedContext {
    pub embeds: Embeds,
    pub streams: Arc<StreamLimits>,
    /// Folder of the built site, which has the scripts and the style.
    pub site_root: Arc<Path>,
}
