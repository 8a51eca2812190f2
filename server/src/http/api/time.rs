use contract::Timestamp;

/// A time as the REST API writes it: RFC 3339 in UTC.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}
