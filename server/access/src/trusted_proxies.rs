//! Trusted proxies, whose headers name the user and the client's address.

use crate::{AuthMode, Identity, Role};
use ipnet::IpNet;
use std::net::IpAddr;

/// Maximum number of `X-Forwarded-For` addresses that are read.
const MAX_HOPS: usize = 16;
/// Maximum length of a user name in bytes.
const NAME_BYTES: usize = 200;

/// The trusted proxies, and the roles of the groups that they report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxies {
    peers: Vec<IpNet>,
    /// Name of the header with the user name.
    pub user_header: String,
    /// Name of the header with the user's groups, comma-separated.
    pub groups_header: String,
    roles: Vec<(Role, String)>,
}

/// A proxy setting that cannot be parsed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Not an address or network.
    #[error(
        "{0:?} is not an IP address or network; expected a comma-separated list such as 10.0.0.7,10.0.0.0/8,fd00::/8"
    )]
    Peer(String),
    /// Not a pair of a role and a group.
    #[error(
        "{0:?} is not a role and a group; expected a comma-separated list such as admin=ops-admins,operator=ops,viewer=* (* means everyone)"
    )]
    Role(String),
}

impl Default for TrustedProxies {
    fn default() -> Self {
        TrustedProxies {
            peers: Vec::new(),
            user_header: "x-forwarded-user".to_owned(),
            groups_header: "x-forwarded-groups".to_owned(),
            roles: Vec::new(),
        }
    }
}

impl TrustedProxies {
    /// Sets the proxies from a comma-separated list of addresses and networks.
    ///
    /// # Errors
    /// [`ProxyError::Peer`]
    pub fn with_peers(mut self, text: &str) -> Result<TrustedProxies, ProxyError> {
        self.peers = items(text)
            .map(|item| match item.parse::<IpNet>() {
                Ok(network) => Ok(network),
                Err(_) => item
                    .parse::<IpAddr>()
                    .map(IpNet::from)
                    .map_err(|_| ProxyError::Peer(item.to_owned())),
            })
            .collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Sets the roles from a comma-separated list of `role=group`.
    ///
    /// # Errors
    /// [`ProxyError::Role`]
    pub fn with_roles(mut self, text: &str) -> Result<TrustedProxies, ProxyError> {
        self.roles = items(text)
            .map(|item| {
                let (role, group) = item
                    .split_once('=')
                    .ok_or_else(|| ProxyError::Role(item.to_owned()))?;
                let role = role
                    .trim()
                    .parse()
                    .map_err(|_| ProxyError::Role(item.to_owned()))?;
                if group.trim().is_empty() {
                    Err(ProxyError::Role(item.to_owned()))
                } else {
                    Ok((role, group.trim().to_owned()))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Returns true if at least one proxy is configured.
    pub fn is_configured(&self) -> bool {
        !self.peers.is_empty()
    }

    /// Returns true if at least one group has a role.
    pub fn has_roles(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Returns true if the address is that of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.peers.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address: the last address of `X-Forwarded-For` that is not a trusted
    /// proxy. The addresses before it are not trustworthy.
    pub fn client_address(&self, peer: IpAddr, forwarded_for: &str) -> IpAddr {
        let mut at = peer;
        for hop in forwarded_for.rsplit(',').take(MAX_HOPS) {
            if !self.trusts(at) {
                return at;
            }
            match parse_address(hop.trim()) {
                Some(hop) => at = hop,
                None => return at,
            }
        }
        at
    }

    /// Returns the identity that a trusted proxy reports; `None` if no group has a role.
    pub fn identity(&self, user: &str, groups: &str) -> Option<Identity> {
        let name = user.trim();
        let is_valid =
            !name.is_empty() && name.len() <= NAME_BYTES && !name.chars().any(char::is_control);
        let groups: Vec<&str> = items(groups).collect();
        let has_group = |group: &String| group == "*" || groups.contains(&group.as_str());
        let role = self
            .roles
            .iter()
            .filter(|(_, group)| has_group(group))
            .map(|(role, _)| *role)
            .max();
        role.filter(|_| is_valid).map(|role| Identity {
            name: name.to_owned(),
            role,
            auth_mode: AuthMode::Proxy,
        })
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// Parses an address with or without a port or brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| {
            text.parse::<std::net::SocketAddr>()
                .ok()
                .map(|address| address.ip())
        })
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> TrustedProxies {
        let proxies = TrustedProxies::default()
            .with_peers("10.0.0.0/8, 192.0.2.7,fd00::/8")
            .unwrap();
        proxies
            .with_roles("admin=ops-admins,operator=ops,viewer=*")
            .unwrap()
    }

    #[test]
    fn only_listed_addresses_are_trusted() {
        let trusts = |address: &str| proxies().trusts(address.parse().unwrap());
        assert!(
            trusts("10.1.2.3")
                && trusts("::ffff:10.1.2.3")
                && trusts("192.0.2.7")
                && trusts("fd00::1")
        );
        assert!(!trusts("192.0.2.8") && !trusts("11.0.0.1") && !trusts("::1"));
        assert!(!TrustedProxies::default().trusts("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn client_is_the_last_address_that_is_not_a_trusted_proxy() {
        let client = |peer: &str, header: &str| {
            proxies()
                .client_address(peer.parse().unwrap(), header)
                .to_string()
        };
        assert_eq!(
            client("203.0.113.9", "198.51.100.1"),
            "203.0.113.9",
            "the header of an untrusted peer is ignored"
        );
        assert_eq!(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", "1.2.3.4, 198.51.100.1"),
            "198.51.100.1",
            "earlier addresses are ignored"
        );
        assert_eq!(
            client("10.0.0.1", "1.2.3.4, 198.51.100.1:4711, 10.0.0.2"),
            "198.51.100.1"
        );
        assert_eq!(client("10.0.0.1", "[2001:db8::1]:80"), "2001:db8::1");
        assert_eq!(client("10.0.0.1", "unknown"), "10.0.0.1");
        assert_eq!(client("10.0.0.1", ""), "10.0.0.1");
    }

    #[test]
    fn the_highest_role_of_all_groups_applies() {
        let role = |groups: &str| {
            proxies()
                .identity("anna", groups)
                .map(|identity| identity.role)
        };
        assert_eq!(role("staff, ops ,ops-admins"), Some(Role::Admin));
        assert_eq!(role("ops"), Some(Role::Operator));
        assert_eq!(role("ops-admins-not"), Some(Role::Viewer));
        assert_eq!(proxies().identity(" ", "ops"), None);
        assert_eq!(proxies().identity("a\nb", "ops"), None);
        let few = TrustedProxies::default()
            .with_roles("operator=ops")
            .unwrap();
        assert_eq!(few.identity("anna", "staff"), None);
    }

    #[test]
    fn errors_name_the_item_that_cannot_be_parsed() {
        assert_eq!(
            TrustedProxies::default().with_peers("10.0.0.0/8,x"),
            Err(ProxyError::Peer("x".into()))
        );
        assert_eq!(
            TrustedProxies::default().with_roles("root=ops"),
            Err(ProxyError::Role("root=ops".into()))
        );
        assert_eq!(
            TrustedProxies::default().with_roles("admin="),
            Err(ProxyError::Role("admin=".into()))
        );
    }
}
