//! Under which names the console may be asked. Without this a page of another site whose name is
//! made to lead here (DNS rebinding) would reach a console that is open on this machine.

use std::net::IpAddr;

/// The names; any where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// These names and addresses, beside those of this machine itself.
    pub fn of(names: impl IntoIterator<Item = String>) -> Hosts {
        let names = names
            .into_iter()
            .map(|name| bare(&name).to_ascii_lowercase());
        Hosts(
            ["localhost".to_owned()]
                .into_iter()
                .chain(names)
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }

    /// Any name.
    pub fn any() -> Hosts {
        Hosts(Vec::new())
    }

    /// Whether a request under this host, perhaps with a port, is for this console.
    pub fn allows(&self, host: &str) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let name = bare(host).to_ascii_lowercase();
        let loopback = name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        loopback || self.0.contains(&name)
    }
}

/// A host without port and brackets.
fn bare(host: &str) -> &str {
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
    fn only_this_machines_and_configured_names_are_taken() {
        let hosts = Hosts::of(["console.example:8443".to_owned(), "10.0.0.5".to_owned()]);
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
        assert!(Hosts::any().allows("anything"));
    }
}
