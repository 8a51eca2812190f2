//! What Linux says of a process: CPU time, memory of its own, and what it holds in the buffers of a
//! connection.

use crate::error::{During, Error};
use serde::Serialize;
use std::fs;
use std::net::{IpAddr, SocketAddr};

/// Ticks a second in /proc/PID/stat: what Linux shows to programs on every machine, whatever its
/// own.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds of a process so far, its own and the kernel's for it.
///
/// # Errors
/// When there is no such process.
pub fn cpu_seconds(pid: u32) -> Result<f64, Error> {
    let stat = read(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in parentheses, and may hold anything; utime and stime
    // are the 14th and 15th.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<f64>().ok())
        .sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// Anonymous memory of a process in KiB: its heap and stacks. Buffers of sockets are the kernel's
/// and not in it.
///
/// # Errors
/// When there is no such process.
pub fn anonymous_kib(pid: u32) -> Result<u64, Error> {
    let status = read(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    Ok(line
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0))
}

/// A connection as its server's side sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Bytes that the kernel holds, because the other side has not taken them.
    pub unsent_bytes: u64,
    /// Whether the server still has it open.
    pub open: bool,
}

/// The connection between `server` and `client`; `None` when it is gone.
///
/// # Errors
/// When the kernel does not say.
pub fn connection(server: SocketAddr, client: SocketAddr) -> Result<Option<Connection>, Error> {
    let table = read("/proc/net/tcp".to_owned())?;
    Ok(find(&table, server, client))
}

fn find(table: &str, server: SocketAddr, client: SocketAddr) -> Option<Connection> {
    let (local, remote) = (kernel_name(server)?, kernel_name(client)?);
    let line = table.lines().find(|line| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next() == Some(local.as_str()) && fields.next() == Some(remote.as_str())
    })?;
    let mut fields = line.split_whitespace().skip(3);
    let open = fields.next()? == "01";
    let unsent_bytes = u64::from_str_radix(fields.next()?.split(':').next()?, 16).ok()?;
    Some(Connection { unsent_bytes, open })
}

/// As /proc/net/tcp writes it: the address as a number in the machine's own order.
fn kernel_name(address: SocketAddr) -> Option<String> {
    let IpAddr::V4(ip) = address.ip() else {
        return None;
    };
    Some(format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(ip.octets()),
        address.port()
    ))
}

fn read(path: String) -> Result<String, Error> {
    fs::read_to_string(&path).during(format!("reading {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_time_and_memory() {
        let own = std::process::id();
        assert!(anonymous_kib(own).unwrap() > 100);
        let before = cpu_seconds(own).unwrap();
        let began = std::time::Instant::now();
        while cpu_seconds(own).unwrap() < before + 0.03 {
            assert!(began.elapsed().as_secs() < 20, "working takes time");
        }
        assert!(cpu_seconds(u32::MAX).is_err());
    }

    #[test]
    fn connections_are_found_from_the_servers_side() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue\n\
                     0: 0200007F:D431 0100007F:1F90 01 00000000:00000007 00:0 0 0 0\n\
                     1: 0100007F:1F90 0200007F:D431 04 0000A000:00000000 01:0 0 0 0\n";
        let (server, client) = (
            "127.0.0.1:8080".parse().unwrap(),
            "127.0.0.2:54321".parse().unwrap(),
        );
        let expected = if cfg!(target_endian = "little") {
            Some(Connection {
                unsent_bytes: 0xa000,
                open: false,
            })
        } else {
            None
        };
        assert_eq!(find(table, server, client), expected);
        assert_eq!(find(table, client, client), None);
    }
}
