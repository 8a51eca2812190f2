//! Idempotency keys: whoever else wants to send the command of a claimed key does not.

use crate::both;
use crate::support::runs::BEGIN;
use crate::support::{PATIENCE, Place, until};
use crate::writer::start;
use contract::Timestamp;
use store::{ClaimOutcome, HeldKey, KeyClaim, KeyRelease, Record, StoredAnswer};

both! {
    one_of_many_that_claim_a_key_at_once_gets_it,
    a_released_key_can_be_claimed_again,
    an_answered_key_gives_its_answer,
    a_claim_is_over_after_a_day,
    a_claim_in_the_file_of_a_killed_process_is_found,
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

fn claim(key: &str) -> KeyClaim {
    KeyClaim {
        key: key.to_owned(),
        body_hash: "h".to_owned(),
        claimed_by: store::new_key(),
        at: now(),
    }
}

fn held(claim: &KeyClaim) -> HeldKey {
    HeldKey {
        body_hash: claim.body_hash.clone(),
        at: claim.at,
        answer: None,
    }
}

async fn one_of_many_that_claim_a_key_at_once_gets_it(place: Place) {
    // Consoles of their own, as far as the database can tell.
    let (one, two) = (place.open().await, place.open().await);
    for n in 0..10 {
        let (first, second) = (claim(&format!("k{n}")), claim(&format!("k{n}")));
        let outcomes = tokio::join!(one.claim(&first), two.claim(&second));
        let (a, b) = (outcomes.0.unwrap(), outcomes.1.unwrap());
        let expected = match a {
            ClaimOutcome::Claimed => (ClaimOutcome::Claimed, ClaimOutcome::Held(held(&first))),
            ClaimOutcome::Held(_) => (ClaimOutcome::Held(held(&second)), ClaimOutcome::Claimed),
        };
        assert_eq!((a, b), expected);
    }
}

async fn a_released_key_can_be_claimed_again(place: Place) {
    let store = place.open().await;
    let (first, second) = (claim("k"), claim("k"));
    assert_eq!(store.claim(&first).await.unwrap(), ClaimOutcome::Claimed);
    assert_eq!(
        store.claim(&first).await.unwrap(),
        ClaimOutcome::Claimed,
        "it is still its own"
    );
    let release = |of: &KeyClaim| {
        Record::Release(KeyRelease {
            key: of.key.clone(),
            claimed_by: of.claimed_by.clone(),
        })
    };
    store.write(&[release(&second)]).await.unwrap();
    assert_eq!(
        store.claim(&second).await.unwrap(),
        ClaimOutcome::Held(held(&first)),
        "only its own"
    );
    store.write(&[release(&first)]).await.unwrap();
    assert_eq!(store.held_key("k").await.unwrap(), None);
    assert_eq!(store.claim(&second).await.unwrap(), ClaimOutcome::Claimed);
}

async fn an_answered_key_gives_its_answer(place: Place) {
    let store = place.open().await;
    let first = claim("k");
    store.claim(&first).await.unwrap();
    let answer = StoredAnswer {
        key: "k".to_owned(),
        body_hash: "h".to_owned(),
        answer: "{}".to_owned(),
        at: now(),
    };
    store
        .write(&[Record::Answer(answer.clone())])
        .await
        .unwrap();
    let answered = HeldKey {
        body_hash: answer.body_hash,
        at: answer.at,
        answer: Some(answer.answer),
    };
    assert_eq!(
        store.claim(&claim("k")).await.unwrap(),
        ClaimOutcome::Held(answered.clone())
    );
    assert_eq!(store.held_key("k").await.unwrap(), Some(answered));
}

async fn a_claim_is_over_after_a_day(place: Place) {
    let store = place.open().await;
    let old = KeyClaim {
        at: now().plus_ms(-store::limits::ANSWER_MS - 1_000),
        ..claim("k")
    };
    assert_eq!(store.claim(&old).await.unwrap(), ClaimOutcome::Claimed);
    assert_eq!(store.held_key("k").await.unwrap(), None);
    assert_eq!(
        store.claim(&claim("k")).await.unwrap(),
        ClaimOutcome::Claimed
    );
    assert_eq!(
        store
            .claim(&KeyClaim {
                key: "old".to_owned(),
                at: BEGIN,
                ..old
            })
            .await
            .unwrap(),
        ClaimOutcome::Claimed
    );
    store.prune(90, u64::MAX).await.unwrap();
    assert_eq!(
        place
            .text("SELECT CAST(COUNT(*) AS TEXT) FROM console_claims")
            .await
            .as_deref(),
        Some("1")
    );
}

async fn a_claim_in_the_file_of_a_killed_process_is_found(place: Place) {
    let (claimed, released) = (claim("claimed"), claim("released"));
    let release = KeyRelease {
        key: released.key.clone(),
        claimed_by: released.claimed_by.clone(),
    };
    let records = [
        Record::Claim(claimed.clone()),
        Record::Claim(released),
        Record::Release(release),
    ];
    let lines: String = records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n")
        .collect();
    let name = if place.is_sqlite() {
        "console.db"
    } else {
        "tickstock-console"
    };
    std::fs::write(place.folder.0.join(format!("{name}.spool-0.jsonl")), lines).unwrap();
    let (writer, shutdown) = start(&place);
    // From the file, or, where it is there already, from the database.
    let found = writer.held_key("claimed").await;
    assert!(found.is_none_or(|found| found == held(&claimed)));
    let store = writer.opened(PATIENCE).await.unwrap();
    until("it is in the database", async || {
        store.held_key("claimed").await.unwrap() == Some(held(&claimed))
    })
    .await;
    assert_eq!(writer.held_key("released").await, None);
    assert_eq!(store.held_key("released").await.unwrap(), None);
    shutdown.cancel();
    writer.ended().await;
}
