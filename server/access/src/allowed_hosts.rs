//! The `Host` allow-list. Without it a page of another site whose name resolves to this machine
//! (DNS rebinding) would reach a console that is open on loopback.

use std::net::IpAddr;

/// Names and addresses under which the console answers. An empty list allows every host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Allows these names and addresses, with or without a port, in addition to `localhost` and
    /// loopback addresses.
    pub fn new(names: impl IntoIterator<Item = String>) -> AllowedHosts {
        let names = names
            .into_iter()
            .map(|name| host_name(&name).to_ascii_lowercase());
        AllowedHosts(
            ["localhost".to_owned()]
                .into_iter()
                .chain(names)
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }

    /// Allows every host.
    pub fn any() -> AllowedHosts {
        AllowedHosts(Vec::new())
    }

    /// Returns true if a request with this `Host`, with or without a port, is for this console.
    pub fn allows(&self, host: &str) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let name = host_name(host).to_ascii_lowercase();
        let loopback = name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        loopback || self.0.contains(&name)
    }
}

/// The host without its port and brackets.
fn host_name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        // An IPv6 address without brackets has no port.
        None if host.matches(':').count() > 1 => host,
        None => host.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_configured_hosts_are_allowed() {
        let hosts = AllowedHosts::new(["console.example:8443".to_owned(), "10.0.0.5".to_owned()]);
        for good in [
            "localhost:5000",
            "LOCALHOST",
            "127.0.0.1:5000",
            "[::1]:5000",
            "127.8.8.8",
            "Console.Example",
            "10.0.0.5:1",
        ] {
            assert!(hosts.allows(good), "{good}");
        }
        for evil in [
            "evil.example",
            "localhost.evil.example",
            "",
            "10.0.0.6",
            "127.0.0.1.evil.example",
        ] {
            assert!(!hosts.allows(evil), "{evil}");
        }
        assert!(AllowedHosts::any().allows("anything"));
    }
}
