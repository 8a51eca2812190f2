//! Proxies in front: whose word is taken for who somebody is, and where they are.

use crate::{AuthMode, Identity, Role};
use ipnet::IpNet;
use std::net::IpAddr;

/// Addresses of `X-Forwarded-For` that are looked at.
const HOPS: usize = 16;
/// The longest name that a proxy gives.
const NAME: usize = 200;

/// The proxies, and what their groups mean here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies {
    peers: Vec<IpNet>,
    /// The header with the user's name.
    pub user_header: String,
    /// The header with the user's groups, with commas between.
    pub groups_header: String,
    roles: Vec<(Role, String)>,
}

/// What of the configuration cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// A network that is none.
    #[error(
        "has {0:?}, which is no address or network; it must be like 10.0.0.7, 10.0.0.0/8 or fd00::/8, with commas between"
    )]
    Peer(String),
    /// A role that is none.
    #[error(
        "has {0:?}; it must be like admin=ops-admins,operator=ops,viewer=* (* stands for everybody)"
    )]
    Role(String),
}

impl Default for Proxies {
    fn default() -> Self {
        Proxies {
            peers: Vec::new(),
            user_header: "x-forwarded-user".to_owned(),
            groups_header: "x-forwarded-groups".to_owned(),
            roles: Vec::new(),
        }
    }
}

impl Proxies {
    /// Reads `CONSOLE_PROXY_PEERS`.
    ///
    /// # Errors
    /// [`ProxyError::Peer`]
    pub fn with_peers(mut self, text: &str) -> Result<Proxies, ProxyError> {
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

    /// Reads `CONSOLE_PROXY_ROLES`.
    ///
    /// # Errors
    /// [`ProxyError::Role`]
    pub fn with_roles(mut self, text: &str) -> Result<Proxies, ProxyError> {
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

    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.peers.is_empty()
    }

    /// Whether groups mean anything.
    pub fn gives_roles(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether the word of this address is taken.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.peers.iter().any(|network| network.contains(&address))
    }

    /// Where a request comes from: the latest address of `X-Forwarded-For` that no proxy of ours is
    /// at. What stands before it was written by others.
    pub fn client(&self, peer: IpAddr, forwarded_for: &str) -> IpAddr {
        let mut at = peer;
        for hop in forwarded_for.rsplit(',').take(HOPS) {
            if !self.trusts(at) {
                return at;
            }
            match address(hop.trim()) {
                Some(hop) => at = hop,
                None => return at,
            }
        }
        at
    }

    /// Who somebody is by the headers of a proxy that is trusted; nobody where no role is theirs.
    pub fn identity(&self, user: &str, groups: &str) -> Option<Identity> {
        let name = user.trim();
        let plain = !name.is_empty() && name.len() <= NAME && !name.chars().any(char::is_control);
        let groups: Vec<&str> = items(groups).collect();
        let is_theirs = |group: &String| group == "*" || groups.contains(&group.as_str());
        let role = self
            .roles
            .iter()
            .filter(|(_, group)| is_theirs(group))
            .map(|(role, _)| *role)
            .max();
        role.filter(|_| plain).map(|role| Identity {
            name: name.to_owned(),
            role,
            way: AuthMode::Proxy,
        })
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

/// An address as proxies write it: perhaps with a port, perhaps in brackets.
fn address(text: &str) -> Option<IpAddr> {
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

    fn proxies() -> Proxies {
        let proxies = Proxies::default()
            .with_peers("10.0.0.0/8, 192.0.2.7,fd00::/8")
            .unwrap();
        proxies
            .with_roles("admin=ops-admins,operator=ops,viewer=*")
            .unwrap()
    }

    #[test]
    fn only_listed_addresses_are_proxies() {
        let trusts = |address: &str| proxies().trusts(address.parse().unwrap());
        assert!(
            trusts("10.1.2.3")
                && trusts("::ffff:10.1.2.3")
                && trusts("192.0.2.7")
                && trusts("fd00::1")
        );
        assert!(!trusts("192.0.2.8") && !trusts("11.0.0.1") && !trusts("::1"));
        assert!(!Proxies::default().trusts("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn the_client_is_the_last_address_that_no_proxy_of_ours_is_at() {
        let client =
            |peer: &str, header: &str| proxies().client(peer.parse().unwrap(), header).to_string();
        assert_eq!(
            client("203.0.113.9", "198.51.100.1"),
            "203.0.113.9",
            "a stranger's header says nothing"
        );
        assert_eq!(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", "1.2.3.4, 198.51.100.1"),
            "198.51.100.1",
            "what came before was made up"
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
    fn the_highest_role_of_ones_groups_counts() {
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
        let few = Proxies::default().with_roles("operator=ops").unwrap();
        assert_eq!(few.identity("anna", "staff"), None);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(
            Proxies::default().with_peers("10.0.0.0/8,x"),
            Err(ProxyError::Peer("x".into()))
        );
        assert_eq!(
            Proxies::default().with_roles("root=ops"),
            Err(ProxyError::Role("root=ops".into()))
        );
        assert_eq!(
            Proxies::default().with_roles("admin="),
            Err(ProxyError::Role("admin=".into()))
        );
    }
}
