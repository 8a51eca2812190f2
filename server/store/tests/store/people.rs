//! Users, sessions and tokens: what ends a session, and that nothing kept is a secret.

use crate::both;
use crate::support::Place;
use contract::Timestamp;
use store::{ApiToken, Session, Store, User};

both! {
    a_user_is_added_once_and_changed_and_removed,
    a_session_lasts_until_its_user_is_changed_or_it_is_ended,
    a_session_does_not_begin_with_a_password_that_was_changed_meanwhile,
    old_sessions_and_too_many_of_one_user_go,
    a_token_is_found_by_its_hash_and_stays_when_it_is_revoked,
}

fn user(name: &str) -> User {
    let at = Timestamp(1_000);
    let (name, role, password) = (
        name.to_owned(),
        "operator".to_owned(),
        "$argon2id$…".to_owned(),
    );
    User {
        name,
        role,
        password,
        created_at: at,
        changed_at: at,
        signed_in_at: None,
    }
}

fn session(id: &str, name: &str, at: i64) -> Session {
    Session {
        id_hash: id.to_owned(),
        name: name.to_owned(),
        role: String::new(),
        created_at: Timestamp(at),
        used_at: Timestamp(at),
        address: Some("192.0.2.1".to_owned()),
        agent: Some("a browser\0".to_owned()),
    }
}

async fn begin(store: &Store, id: &str, name: &str, at: i64) -> bool {
    let changed_at = store
        .user(name)
        .await
        .unwrap()
        .map_or(Timestamp(0), |user| user.changed_at);
    store
        .begin_session(&session(id, name, at), changed_at, None)
        .await
        .unwrap()
}

async fn a_user_is_added_once_and_changed_and_removed(place: Place) {
    let store = place.open().await;
    assert!(store.add_user(&user("anna")).await.unwrap());
    assert!(
        !store
            .add_user(&User {
                role: "admin".into(),
                ..user("anna")
            })
            .await
            .unwrap()
    );
    assert_eq!(store.user("anna").await.unwrap(), Some(user("anna")));
    assert!(
        store
            .set_role("anna", "viewer", Timestamp(2_000))
            .await
            .unwrap()
    );
    assert!(
        store
            .set_password("anna", "other", Timestamp(3_000))
            .await
            .unwrap()
    );
    let now = store.user("anna").await.unwrap().unwrap();
    assert_eq!(
        (now.role.as_str(), now.password.as_str(), now.changed_at),
        ("viewer", "other", Timestamp(3_000))
    );
    assert!(!format!("{now:?}").contains("other"), "{now:?}");
    assert_eq!(store.users().await.unwrap().len(), 1);
    assert!(store.remove_user("anna").await.unwrap());
    assert!(
        !store.remove_user("anna").await.unwrap()
            && !store.set_role("anna", "admin", Timestamp(1)).await.unwrap()
    );
    assert_eq!(store.user("anna").await.unwrap(), None);
}

async fn a_session_lasts_until_its_user_is_changed_or_it_is_ended(place: Place) {
    let store = place.open().await;
    for name in ["anna", "bert"] {
        store.add_user(&user(name)).await.unwrap();
    }
    for change in ["end", "all", "password", "role", "remove"] {
        assert!(
            begin(&store, "one", "anna", 5_000).await && begin(&store, "two", "bert", 5_000).await
        );
        let found = store.session("one").await.unwrap().unwrap();
        assert_eq!(
            (found.name.as_str(), found.role.as_str()),
            (
                "anna",
                if change == "remove" {
                    "viewer"
                } else {
                    "operator"
                }
            )
        );
        assert_eq!(found.agent.as_deref(), Some("a browser\u{fffd}"));
        store.use_session("one", Timestamp(6_000)).await.unwrap();
        store.use_session("one", Timestamp(5_500)).await.unwrap();
        assert_eq!(
            store.session("one").await.unwrap().unwrap().used_at,
            Timestamp(6_000)
        );
        match change {
            "end" => store.end_session("one").await.unwrap(),
            "all" => assert_eq!(store.end_sessions("anna").await.unwrap(), 1),
            "password" => assert!(
                store
                    .set_password("anna", "new", Timestamp(7_000))
                    .await
                    .unwrap()
            ),
            "role" => assert!(
                store
                    .set_role("anna", "viewer", Timestamp(8_000))
                    .await
                    .unwrap()
            ),
            _ => assert!(store.remove_user("anna").await.unwrap()),
        }
        assert_eq!(store.session("one").await.unwrap(), None, "{change}");
        assert!(store.session("two").await.unwrap().is_some(), "{change}");
        store.end_session("two").await.unwrap();
    }
}

async fn a_session_does_not_begin_with_a_password_that_was_changed_meanwhile(place: Place) {
    let store = place.open().await;
    store.add_user(&user("anna")).await.unwrap();
    assert!(begin(&store, "before", "anna", 5_000).await);
    store
        .set_password("anna", "new", Timestamp(6_000))
        .await
        .unwrap();
    let begun = store
        .begin_session(&session("late", "anna", 6_001), Timestamp(1_000), None)
        .await
        .unwrap();
    assert!(!begun && store.session("late").await.unwrap().is_none());
    assert!(
        !store
            .begin_session(&session("x", "nobody", 1), Timestamp(1_000), None)
            .await
            .unwrap()
    );
    // A new session takes the place of the one that the browser had.
    assert!(begin(&store, "one", "anna", 7_000).await);
    assert!(
        store
            .begin_session(
                &session("two", "anna", 8_000),
                Timestamp(6_000),
                Some("one")
            )
            .await
            .unwrap()
    );
    assert_eq!(store.session("one").await.unwrap(), None);
    assert_eq!(
        store.user("anna").await.unwrap().unwrap().signed_in_at,
        Some(Timestamp(8_000))
    );
}

async fn old_sessions_and_too_many_of_one_user_go(place: Place) {
    let store = place.open().await;
    store.add_user(&user("anna")).await.unwrap();
    for n in 0..55 {
        assert!(begin(&store, &format!("s{n}"), "anna", 10_000 + n).await);
    }
    let all = store.sessions().await.unwrap();
    assert_eq!(
        (all.len(), all[0].id_hash.as_str(), all[49].id_hash.as_str()),
        (50, "s54", "s5")
    );
    store.use_session("s5", Timestamp(20_000)).await.unwrap();
    assert_eq!(
        store
            .end_old_sessions(Timestamp(10_010), Timestamp(0))
            .await
            .unwrap(),
        5
    );
    assert_eq!(
        store
            .end_old_sessions(Timestamp(0), Timestamp(10_020))
            .await
            .unwrap(),
        10
    );
}

async fn a_token_is_found_by_its_hash_and_stays_when_it_is_revoked(place: Place) {
    let store = place.open().await;
    let token = ApiToken {
        id: "t1".into(),
        token_hash: "hash".into(),
        name: "nightly".into(),
        role: "viewer".into(),
        created_by: "anna".into(),
        created_at: Timestamp(1),
        expires_at: Some(Timestamp(2)),
        used_at: None,
        revoked_at: None,
    };
    store.add_token(&token).await.unwrap();
    assert!(
        store
            .add_token(&ApiToken {
                id: "t2".into(),
                ..token.clone()
            })
            .await
            .is_err(),
        "one token, one row"
    );
    assert_eq!(store.token("hash").await.unwrap(), Some(token.clone()));
    assert_eq!(store.token("other").await.unwrap(), None);
    store.use_token("t1", Timestamp(5)).await.unwrap();
    store.use_token("t1", Timestamp(4)).await.unwrap();
    assert!(store.revoke_token("t1", Timestamp(6)).await.unwrap());
    assert!(
        !store.revoke_token("t1", Timestamp(7)).await.unwrap()
            && !store.revoke_token("x", Timestamp(7)).await.unwrap()
    );
    let now = ApiToken {
        used_at: Some(Timestamp(5)),
        revoked_at: Some(Timestamp(6)),
        ..token
    };
    assert_eq!(store.tokens().await.unwrap(), [now]);
}
