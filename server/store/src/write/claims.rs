//! Rows of `console_claims`.

use crate::record::KeyClaim;
use crate::sql::{Link, args};
use crate::text::bounded_key;
use crate::{StoreError, limits};

/// Inserts the claim, and says whether the key was free.
pub(crate) async fn insert(link: &mut Link, claim: &KeyClaim) -> Result<bool, StoreError> {
    let sql = "INSERT INTO console_claims (key, body_hash, claimed_by, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO UPDATE SET body_hash = excluded.body_hash, claimed_by = excluded.claimed_by,
            at = excluded.at
        WHERE console_claims.at < $5";
    let over = claim.at.plus_ms(-limits::ANSWER_MS);
    let args = args![
        bounded_key(&claim.key),
        &claim.body_hash,
        &claim.claimed_by,
        claim.at,
        over
    ];
    let rows = link
        .execute(sql, args)
        .await
        .map_err(StoreError::statement("claim idempotency key"))?;
    Ok(rows > 0)
}

/// Frees the key where that attempt still holds it.
pub(crate) async fn release(
    link: &mut Link,
    key: &str,
    claimed_by: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM console_claims WHERE key = $1 AND claimed_by = $2";
    let done = link.execute(sql, args![bounded_key(key), claimed_by]).await;
    done.map(drop)
        .map_err(StoreError::statement("release idempotency key"))
}
