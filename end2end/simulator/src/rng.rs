//! Random choices that are the same for the same seed: all that a simulator decides comes from
//! here.

use rand::rngs::StdRng;
use rand::seq::index;
use rand::{Rng as _, SeedableRng};

/// Spreads seeds that lie beside each other (the golden ratio's fraction, in 64 bits).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sequence of choices.
pub(crate) struct Rng(StdRng);

impl Rng {
    /// The choices of one purpose, such as one run's.
    pub(crate) fn new(seed: u64, purpose: u64) -> Rng {
        Rng(StdRng::seed_from_u64(seed.wrapping_mul(SPREAD) ^ purpose))
    }

    /// Choices that are different in every process.
    pub(crate) fn unpredictable() -> Rng {
        Rng(StdRng::from_os_rng())
    }

    /// 0 to `limit - 1`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit.max(1))
    }

    /// Whether something happens that does so `percent` times in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number of the range, rounded to `digits` after the point.
    pub(crate) fn number(&mut self, from: f64, to: f64, digits: i32) -> f64 {
        rounded(self.0.random_range(from..to), digits)
    }

    /// One of `from`, which is not empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// `count` of `from` (or all, if there are fewer), none of them twice.
    pub(crate) fn some<T: Clone>(&mut self, from: &[T], count: usize) -> Vec<T> {
        index::sample(&mut self.0, from.len(), count.min(from.len()))
            .iter()
            .map(|at| from[at].clone())
            .collect()
    }

    /// An id of the shape of a random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let bits =
            (self.0.random::<u128>() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

/// A number with `digits` after the point.
pub(crate) fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (number * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_random_uuids() {
        let id = Rng::new(1, 2).uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!("89ab".contains(&id[19..20]), "{id}");
    }

    #[test]
    fn choices_depend_on_seed_and_purpose() {
        let choices =
            |seed, purpose| Rng::new(seed, purpose).some(&(0..1000).collect::<Vec<_>>(), 20);
        assert_eq!(choices(7, 1), choices(7, 1));
        assert_ne!(choices(7, 1), choices(7, 2));
        assert_ne!(choices(7, 1), choices(8, 1));
        let mut distinct = choices(7, 1);
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 20);
    }
}
