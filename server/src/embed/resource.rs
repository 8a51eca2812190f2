//! Embeddable resources, and the key of a view: resource, sections and zone.

use app::embed::{EmbedKind, EmbedSections};
use contract::RunId;
use jiff::tz::TimeZone;
use url::form_urlencoded::byte_serialize;

/// The longest name of a zone that is looked up.
const ZONE_BYTES: usize = 64;

/// An embeddable resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EmbedResource {
    /// Tonight's run.
    Status,
    /// Recent runs.
    Runs,
    /// One run.
    Run(RunId),
    /// When runs start.
    Schedule,
    /// The badge.
    Badge,
}

impl EmbedResource {
    /// Parses a path below `/embed/v1/`, without its encoding.
    pub fn parse(path: &str) -> Option<EmbedResource> {
        match path {
            "status" => Some(EmbedResource::Status),
            "runs" => Some(EmbedResource::Runs),
            "schedule" => Some(EmbedResource::Schedule),
            _ => RunId::new(path.strip_prefix("run/")?).map(EmbedResource::Run),
        }
    }

    /// As tokens name it.
    pub fn resource(&self) -> String {
        match self {
            EmbedResource::Status => "status".to_owned(),
            EmbedResource::Runs => "runs".to_owned(),
            EmbedResource::Run(id) => format!("run:{id}"),
            EmbedResource::Schedule => "schedule".to_owned(),
            EmbedResource::Badge => "badge".to_owned(),
        }
    }

    /// The kind of view.
    pub fn kind(&self) -> EmbedKind {
        match self {
            EmbedResource::Status | EmbedResource::Badge => EmbedKind::Status,
            EmbedResource::Runs => EmbedKind::Runs,
            EmbedResource::Run(_) => EmbedKind::Run,
            EmbedResource::Schedule => EmbedKind::Schedule,
        }
    }

    /// The name in a title.
    pub fn title(&self) -> &'static str {
        match self {
            EmbedResource::Status | EmbedResource::Badge => "Daily processing",
            EmbedResource::Runs => "Runs",
            EmbedResource::Run(_) => "Run",
            EmbedResource::Schedule => "Schedule",
        }
    }
}

/// A view with what its content depends on. Those that ask for the same share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewKey {
    /// What it is about.
    pub subject: EmbedResource,
    /// The sections that are shown.
    pub sections: EmbedSections,
    /// The zone's IANA name.
    pub zone: String,
}

impl ViewKey {
    /// A view with the sections and the zone of `options`.
    pub fn new(subject: EmbedResource, sections: Option<&str>, zone: Option<&str>) -> ViewKey {
        ViewKey {
            sections: EmbedSections::parse(subject.kind(), sections),
            zone: zone.unwrap_or(contract::EXCHANGE_ZONE).to_owned(),
            subject,
        }
    }

    /// The same text for the same key, and another one for another.
    pub fn text(&self) -> String {
        let path = match &self.subject {
            EmbedResource::Run(id) => format!(
                "run/{}",
                byte_serialize(id.as_str().as_bytes()).collect::<String>()
            ),
            other => other.resource(),
        };
        let sections = self.sections.names().collect::<Vec<_>>().join(",");
        format!("{path}?tz={}&sections={sections}", self.zone)
    }
}

/// The IANA name of a zone that an address asks for: `exchange`, `UTC`, or such a name.
pub(crate) fn zone(text: &str) -> Option<String> {
    match text {
        "exchange" => Some(contract::EXCHANGE_ZONE.to_owned()),
        "UTC" => Some("UTC".to_owned()),
        _ if text.len() > ZONE_BYTES => None,
        _ => TimeZone::get(text).ok()?.iana_name().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_requests_have_the_same_key() {
        let key = |sections, zone| ViewKey::new(EmbedResource::Status, sections, zone).text();
        assert_eq!(
            key(None, None),
            "status?tz=America/New_York&sections=headline,progress,phases,facts"
        );
        assert_eq!(
            key(Some("facts,headline"), None),
            key(Some("headline, facts,x"), None)
        );
        assert_ne!(key(None, Some("UTC")), key(None, None));
    }

    #[test]
    fn zones_are_named_by_their_own_names() {
        assert_eq!(zone("exchange").as_deref(), Some("America/New_York"));
        assert_eq!(zone("europe/berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone("Mars/Olympus"), None);
        assert_eq!(zone(&"x".repeat(100)), None);
    }
}
