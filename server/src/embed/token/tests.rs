//! Good tokens, and every way in which one is not.

use super::*;
use serde_json::json;

const SECRET: &[u8] = b"a secret of more than thirty-two bytes";
const NOW: Timestamp = Timestamp(1_764_018_600_000);

fn body() -> Value {
    let now = NOW.0 / 1000;
    json!({ "aud": AUDIENCE, "iat": now, "exp": now + 300, "res": "status", "origin": "https://portal.example", "opt": { "theme": "dark" } })
}

fn with(change: impl FnOnce(&mut Value)) -> Result<Claims, TokenError> {
    let mut body = body();
    change(&mut body);
    verify(&sign(&body, SECRET), &[SECRET], NOW)
}

/// A token with another header, signed all the same.
fn headed(header: &[u8], signature: bool) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(body().to_string())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let end = if signature {
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()).as_ref())
    } else {
        String::new()
    };
    format!("{signed}.{end}")
}

#[test]
fn a_good_token_says_what_it_opens_for_whom_and_how_long() {
    let claims = with(|_| {}).unwrap();
    assert_eq!(claims.origin, "https://portal.example");
    assert_eq!(claims.expires, NOW.plus_ms(300_000));
    assert_eq!(claims.resources, ["status"]);
    let several = with(|body| body["res"] = json!(["runs", "run:r-1"])).unwrap();
    assert_eq!(several.resources, ["runs", "run:r-1"]);
    assert!(with(|body| body["aud"] = json!(["other", AUDIENCE])).is_ok());
}

#[test]
fn another_algorithm_is_refused_whatever_the_signature() {
    for header in [
        &br#"{"alg":"none"}"#[..],
        br#"{"alg":"None","typ":"JWT"}"#,
        br#"{"alg":"hs256"}"#,
        br#"{"alg":"HS512"}"#,
        br#"{"alg":"RS256"}"#,
        br#"{"alg":"HS256","crit":["exp"]}"#,
    ] {
        assert_eq!(
            verify(&headed(header, true), &[SECRET], NOW),
            Err(TokenError::Algorithm)
        );
        assert_eq!(
            verify(&headed(header, false), &[SECRET], NOW),
            Err(TokenError::Algorithm)
        );
    }
    assert_eq!(
        verify(&headed(br#"{"alg":"HS256"}"#, false), &[SECRET], NOW),
        Err(TokenError::Signature)
    );
}

#[test]
fn an_altered_token_or_one_of_another_secret_is_refused() {
    let good = sign(&body(), SECRET);
    let parts: Vec<&str> = good.split('.').collect();
    let mut other = body();
    other["res"] = json!("*");
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(other.to_string()),
        parts[2]
    );
    assert_eq!(verify(&swapped, &[SECRET], NOW), Err(TokenError::Signature));
    assert_eq!(
        verify(&good, &[b"another secret"], NOW),
        Err(TokenError::Signature)
    );
    assert_eq!(verify(&good, &[], NOW), Err(TokenError::Signature));
    for rubbish in [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b",
        &format!("{good}.x"),
        &"x".repeat(5000),
    ] {
        assert_eq!(
            verify(rubbish, &[SECRET], NOW),
            Err(TokenError::Malformed),
            "{rubbish}"
        );
    }
}

#[test]
fn times_that_do_not_fit_are_refused() {
    let now = NOW.0 / 1000;
    assert_eq!(
        with(|body| body["exp"] = json!(now)),
        Err(TokenError::Expired)
    );
    assert_eq!(
        with(|body| body["exp"] = json!(now + 3700)),
        Err(TokenError::TooLong)
    );
    assert_eq!(
        with(|body| body["exp"] = json!(1e300)),
        Err(TokenError::TooLong)
    );
    assert_eq!(
        with(|body| body["iat"] = json!(now + 120)),
        Err(TokenError::Early)
    );
    assert_eq!(
        with(|body| body["nbf"] = json!(now + 120)),
        Err(TokenError::Early)
    );
}

#[test]
fn what_must_be_said_is_asked_for() {
    assert_eq!(
        with(|body| body["aud"] = json!("another-program")),
        Err(TokenError::Audience)
    );
    for name in ["exp", "iat", "res", "origin"] {
        let refused = with(|body| drop(body.as_object_mut().unwrap().remove(name)));
        assert_eq!(refused, Err(TokenError::Incomplete), "{name}");
    }
    assert_eq!(
        with(|body| body["origin"] = json!("*")),
        Err(TokenError::Incomplete)
    );
    assert_eq!(
        with(|body| body["res"] = json!([])),
        Err(TokenError::Incomplete)
    );
}
