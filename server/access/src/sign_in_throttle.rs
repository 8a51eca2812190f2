//! Throttling of sign-in attempts per account and address, and per address: the wait doubles with
//! every failed attempt. Other users and other addresses are not affected.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Attempts without a wait for one account from one address.
const FREE_PER_ACCOUNT: u32 = 5;
/// Attempts without a wait from one address for all accounts.
const FREE_PER_ADDRESS: u32 = 30;
/// The longest wait.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Time without an attempt after which the count starts again.
const RESET_AFTER: Duration = Duration::from_secs(15 * 60);
/// Maximum number of entries per kind; the oldest is dropped first.
const MAX_ENTRIES: usize = 10_000;
/// Bytes of an account's name that are compared.
const NAME_BYTES: usize = 64;

/// The time to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

/// Recent sign-in attempts.
#[derive(Debug, Default)]
pub struct SignInThrottle {
    accounts: HashMap<(String, IpAddr), Attempts>,
    addresses: HashMap<IpAddr, Attempts>,
}

#[derive(Clone, Copy, Debug)]
struct Attempts {
    count: u32,
    last: Instant,
}

impl SignInThrottle {
    /// Counts an attempt before the password is checked, so that concurrent attempts count, too.
    ///
    /// # Errors
    /// The time to wait. The attempt must not be made and is not counted.
    pub fn begin_attempt(
        &mut self,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<(), RetryAfter> {
        let (account, address) = (account_key(account, address), network(address));
        let waits = [
            self.accounts
                .get(&account)
                .and_then(|attempts| attempts.remaining_wait(FREE_PER_ACCOUNT, now)),
            self.addresses
                .get(&address)
                .and_then(|attempts| attempts.remaining_wait(FREE_PER_ADDRESS, now)),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(RetryAfter(wait));
        }
        count_attempt(&mut self.accounts, account, now);
        count_attempt(&mut self.addresses, address, now);
        Ok(())
    }

    /// Takes an attempt back that was not a wrong guess.
    pub fn forgive_attempt(&mut self, account: &str, address: IpAddr) {
        self.accounts.remove(&account_key(account, address));
        if let Some(attempts) = self.addresses.get_mut(&network(address)) {
            // Only the one attempt: a correct password must not reset guesses at other accounts.
            attempts.count = attempts.count.saturating_sub(1);
        }
    }
}

impl Attempts {
    fn remaining_wait(&self, free: u32, now: Instant) -> Option<Duration> {
        let since = now.saturating_duration_since(self.last);
        let over = self.count.checked_sub(free)?;
        if since >= RESET_AFTER {
            return None;
        }
        let whole = MAX_WAIT.min(Duration::from_secs(1 << over.min(6)));
        whole.checked_sub(since).filter(|wait| !wait.is_zero())
    }
}

fn count_attempt<K: Eq + Hash + Clone>(all: &mut HashMap<K, Attempts>, key: K, now: Instant) {
    if all.len() >= MAX_ENTRIES && !all.contains_key(&key) {
        all.retain(|_, attempts| now.saturating_duration_since(attempts.last) < RESET_AFTER);
        if all.len() >= MAX_ENTRIES
            && let Some(oldest) = all
                .iter()
                .min_by_key(|(_, attempts)| attempts.last)
                .map(|(key, _)| key.clone())
        {
            all.remove(&oldest);
        }
    }
    let attempts = all.entry(key).or_insert(Attempts {
        count: 0,
        last: now,
    });
    if now.saturating_duration_since(attempts.last) >= RESET_AFTER {
        attempts.count = 0;
    }
    attempts.count = attempts.count.saturating_add(1);
    attempts.last = now;
}

fn account_key(account: &str, address: IpAddr) -> (String, IpAddr) {
    (
        account[..account.floor_char_boundary(NAME_BYTES)].to_lowercase(),
        network(address),
    )
}

/// An IPv6 client usually owns a /64 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn waits_double_for_one_account_and_address_only() {
        let (mut throttle, mut now) = (SignInThrottle::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(throttle.begin_attempt("anna", HERE, now), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            let Err(RetryAfter(wait)) = throttle.begin_attempt("anna", HERE, now) else {
                panic!("no wait")
            };
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.begin_attempt("anna", HERE, now), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(
            throttle.begin_attempt("ANNA", HERE, now),
            Err(RetryAfter(MAX_WAIT))
        );
        // The same account from elsewhere, and another account from here.
        assert_eq!(throttle.begin_attempt("anna", THERE, now), Ok(()));
        assert_eq!(throttle.begin_attempt("bert", HERE, now), Ok(()));
        assert_eq!(
            throttle.begin_attempt("anna", HERE, now + RESET_AFTER),
            Ok(())
        );
        throttle.forgive_attempt("anna", HERE);
        assert_eq!(
            throttle.begin_attempt("anna", HERE, now + RESET_AFTER),
            Ok(())
        );
    }

    #[test]
    fn guessing_many_accounts_from_one_network_is_throttled() {
        let (mut throttle, now) = (SignInThrottle::default(), Instant::now());
        for n in 0..FREE_PER_ADDRESS {
            let address = format!("2001:db8::{n:x}").parse().unwrap();
            assert_eq!(
                throttle.begin_attempt(&format!("user{n}"), address, now),
                Ok(())
            );
        }
        throttle.forgive_attempt("user0", "2001:db8::0".parse().unwrap());
        assert_eq!(
            throttle.begin_attempt("mine", "2001:db8::ffff".parse().unwrap(), now),
            Ok(())
        );
        assert!(
            throttle
                .begin_attempt("next", "2001:db8::1".parse().unwrap(), now)
                .is_err()
        );
        assert_eq!(
            throttle.begin_attempt("next", "2001:db8:0:1::1".parse().unwrap(), now),
            Ok(())
        );
    }

    #[test]
    fn entries_are_bounded() {
        let (mut throttle, now) = (SignInThrottle::default(), Instant::now());
        for n in 0..MAX_ENTRIES as u32 + 50 {
            let _ =
                throttle.begin_attempt(&format!("u{n}"), IpAddr::V4((0x0a00_0000 + n).into()), now);
        }
        assert_eq!(
            (throttle.accounts.len(), throttle.addresses.len()),
            (MAX_ENTRIES, MAX_ENTRIES)
        );
    }
}
