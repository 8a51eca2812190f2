//! Waits between attempts to sign in, by account and address together and by address alone: who
//! guesses waits longer and longer, and nobody else does.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Attempts at one account from one address that are free.
const FREE_PER_ACCOUNT: u32 = 5;
/// Attempts from one address, whatever the account.
const FREE_PER_ADDRESS: u32 = 30;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long without an attempt all is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(15 * 60);
/// Accounts and addresses that are remembered of each kind; those that waited longest go first.
const REMEMBERED: usize = 10_000;
/// Bytes of an account's name that are looked at.
const NAME: usize = 64;

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

/// The attempts of the last minutes.
#[derive(Debug, Default)]
pub struct Throttle {
    accounts: HashMap<(String, IpAddr), Attempts>,
    addresses: HashMap<IpAddr, Attempts>,
}

#[derive(Clone, Copy, Debug)]
struct Attempts {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// Counts an attempt before it is made, so that many at once are not all free.
    ///
    /// # Errors
    /// How long to wait; then it is not to be made, and is not counted.
    pub fn attempt(&mut self, account: &str, address: IpAddr, now: Instant) -> Result<(), Wait> {
        let (account, address) = (key(account, address), network(address));
        let waits = [
            self.accounts
                .get(&account)
                .and_then(|attempts| attempts.wait(FREE_PER_ACCOUNT, now)),
            self.addresses
                .get(&address)
                .and_then(|attempts| attempts.wait(FREE_PER_ADDRESS, now)),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(Wait(wait));
        }
        count(&mut self.accounts, account, now);
        count(&mut self.addresses, address, now);
        Ok(())
    }

    /// The attempt was a good one: it was nobody who guesses.
    pub fn succeeded(&mut self, account: &str, address: IpAddr) {
        self.accounts.remove(&key(account, address));
        if let Some(attempts) = self.addresses.get_mut(&network(address)) {
            // Only what it added itself: one good password does not hide that others are guessed.
            attempts.count = attempts.count.saturating_sub(1);
        }
    }
}

impl Attempts {
    fn wait(&self, free: u32, now: Instant) -> Option<Duration> {
        let since = now.saturating_duration_since(self.last);
        let over = self.count.checked_sub(free)?;
        if since >= FORGOTTEN {
            return None;
        }
        let whole = LONGEST.min(Duration::from_secs(1 << over.min(6)));
        whole.checked_sub(since).filter(|wait| !wait.is_zero())
    }
}

fn count<K: Eq + Hash + Clone>(all: &mut HashMap<K, Attempts>, key: K, now: Instant) {
    if all.len() >= REMEMBERED && !all.contains_key(&key) {
        all.retain(|_, attempts| now.saturating_duration_since(attempts.last) < FORGOTTEN);
        if all.len() >= REMEMBERED
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
    if now.saturating_duration_since(attempts.last) >= FORGOTTEN {
        attempts.count = 0;
    }
    attempts.count = attempts.count.saturating_add(1);
    attempts.last = now;
}

fn key(account: &str, address: IpAddr) -> (String, IpAddr) {
    (
        account[..account.floor_char_boundary(NAME)].to_lowercase(),
        network(address),
    )
}

/// Whoever has an IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn who_guesses_waits_longer_each_time_and_others_do_not_wait() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(throttle.attempt("anna", HERE, now), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            let Err(Wait(wait)) = throttle.attempt("anna", HERE, now) else {
                panic!("no wait")
            };
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.attempt("anna", HERE, now), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(throttle.attempt("ANNA", HERE, now), Err(Wait(LONGEST)));
        // The same person elsewhere, and somebody else here.
        assert_eq!(throttle.attempt("anna", THERE, now), Ok(()));
        assert_eq!(throttle.attempt("bert", HERE, now), Ok(()));
        assert_eq!(throttle.attempt("anna", HERE, now + FORGOTTEN), Ok(()));
        throttle.succeeded("anna", HERE);
        assert_eq!(throttle.attempt("anna", HERE, now + FORGOTTEN), Ok(()));
    }

    #[test]
    fn trying_many_accounts_from_one_network_ends_in_a_wait_and_a_good_one_does_not_reset_it() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for n in 0..FREE_PER_ADDRESS {
            let address = format!("2001:db8::{n:x}").parse().unwrap();
            assert_eq!(throttle.attempt(&format!("user{n}"), address, now), Ok(()));
        }
        throttle.succeeded("user0", "2001:db8::0".parse().unwrap());
        assert_eq!(
            throttle.attempt("mine", "2001:db8::ffff".parse().unwrap(), now),
            Ok(())
        );
        assert!(
            throttle
                .attempt("next", "2001:db8::1".parse().unwrap(), now)
                .is_err()
        );
        assert_eq!(
            throttle.attempt("next", "2001:db8:0:1::1".parse().unwrap(), now),
            Ok(())
        );
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for n in 0..REMEMBERED as u32 + 50 {
            let _ = throttle.attempt(&format!("u{n}"), IpAddr::V4((0x0a00_0000 + n).into()), now);
        }
        assert_eq!(
            (throttle.accounts.len(), throttle.addresses.len()),
            (REMEMBERED, REMEMBERED)
        );
    }
}
