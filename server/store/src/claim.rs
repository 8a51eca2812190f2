//! Claims of idempotency keys.
//!
//! A command that carries a key is sent only after the key is claimed: a committed row that at most
//! one attempt can insert, whichever console it reaches. A claim without an answer means that the
//! command was sent, or may have been, so nobody sends it again. Whoever knows that nothing was
//! done releases the claim ([`crate::Record::Release`]).

use crate::read::within;
use crate::record::KeyClaim;
use crate::sql::{Link, Row, args};
use crate::store::{Requirement, now};
use crate::text::bounded_key;
use crate::{Store, StoreError, limits, write};
use contract::Timestamp;

/// What came of claiming a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The key is the caller's.
    Claimed,
    /// Another attempt claimed it before.
    Held(HeldKey),
}

/// A key that an attempt claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// The hash of that attempt's request.
    pub body_hash: String,
    /// When it was claimed, or answered, by that console's clock.
    pub at: Timestamp,
    /// The answer as JSON; none while TickStockPL has not answered, and for ever where that console
    /// ended before it did.
    pub answer: Option<String>,
}

impl Store {
    /// Claims a key; committed when it returns. Claiming again for the same attempt succeeds.
    ///
    /// # Errors
    /// When the database is unavailable or read only: then the key may have been claimed all the
    /// same.
    pub async fn claim(&self, claim: &KeyClaim) -> Result<ClaimOutcome, StoreError> {
        self.change(
            Requirement::Nothing,
            "claim idempotency key",
            async |link| {
                let claimed = write::claims::insert(link, claim).await?;
                let (held, by) = read(link, &claim.key).await?.unzip();
                Ok(match held {
                    // A command that was answered before keys were claimed, or while the database
                    // was unavailable.
                    Some(held) if held.answer.is_some() => ClaimOutcome::Held(held),
                    Some(held) if !claimed && by.as_ref() != Some(&claim.claimed_by) => {
                        ClaimOutcome::Held(held)
                    }
                    _ => ClaimOutcome::Claimed,
                })
            },
        )
        .await
    }

    /// The attempt that holds a key, if one does.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn held_key(&self, key: &str) -> Result<Option<HeldKey>, StoreError> {
        within("look up idempotency key", async {
            if !self.tables.console {
                return Ok(None);
            }
            Ok(read(&mut self.reader().await?, key)
                .await?
                .map(|(held, _)| held))
        })
        .await
    }
}

/// The attempt that holds the key, and who that is where it claimed it.
async fn read(link: &mut Link, key: &str) -> Result<Option<(HeldKey, String)>, StoreError> {
    let sql = "SELECT body_hash, at, answer, '' AS claimed_by FROM console_idempotency WHERE key = $1 AND at >= $2
        UNION ALL SELECT body_hash, at, NULL, claimed_by FROM console_claims WHERE key = $1 AND at >= $2";
    let rows = link
        .rows(
            sql,
            args![bounded_key(key), now().plus_ms(-limits::ANSWER_MS)],
        )
        .await;
    let held = |row: &Row| {
        let held = HeldKey {
            body_hash: row.get("body_hash")?,
            at: row.get("at")?,
            answer: row.get("answer")?,
        };
        Ok((held, row.get("claimed_by")?))
    };
    let held: sqlx::Result<Vec<_>> = rows.and_then(|rows| rows.iter().map(held).collect());
    // The answer first, where there is one.
    Ok(held
        .map_err(StoreError::statement("look up idempotency key"))?
        .into_iter()
        .max_by_key(|(held, _)| held.answer.is_some()))
}
