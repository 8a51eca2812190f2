//! Grouped errors, who has seen them, and what they say of failed symbols.

use crate::support::Console;
use contract::frame::Input;
use contract::{ErrorGroupId, Phase, RunId, Timestamp};
use model::{Changes, ErrorGroup};
use serde_json::{Value, json};

fn rate_limit() -> Value {
    json!({ "severity": "error", "component": "fetcher", "error_code": "API_RATE_LIMIT", "message": "slow down" })
}

fn acknowledge(
    console: &mut Console,
    group: &ErrorGroupId,
    who: &str,
    seen: Option<u64>,
) -> Changes {
    console.input(Input::Acknowledge {
        group: group.clone(),
        who: who.to_owned(),
        seen,
    })
}

fn group(console: &Console) -> &ErrorGroup {
    console.state.errors.last().expect("a group of errors")
}

#[test]
fn acknowledged_group_needs_attention_again_on_new_errors() {
    let mut console = Console::default();
    console.started("r");
    console.message("errors", "error", rate_limit());
    assert!(group(&console).needs_attention());
    let id = group(&console).id.clone().unwrap();
    assert_eq!(
        acknowledge(&mut console, &id, "  kim  ", None),
        Changes::ERRORS
    );
    let seen = group(&console).acknowledged.clone().unwrap();
    assert_eq!(
        (seen.by.as_str(), seen.at, seen.count),
        ("kim", console.now(), 1)
    );
    assert!(!group(&console).needs_attention());
    console.wait(60).message("errors", "error", rate_limit());
    assert!(
        group(&console).needs_attention(),
        "one came after it was seen"
    );
    assert_eq!(
        group(&console).acknowledged.as_ref().unwrap().by,
        "kim",
        "who has seen the earlier ones stays"
    );
    acknowledge(&mut console, &id, "alex", None);
    assert_eq!(
        group(&console)
            .acknowledged
            .as_ref()
            .map(|seen| (seen.by.as_str(), seen.count)),
        Some(("alex", 2))
    );
}

#[test]
fn what_came_while_somebody_was_reading_is_not_taken_as_seen() {
    let mut console = Console::default();
    for _ in 0..3 {
        console.message("errors", "error", rate_limit());
    }
    let id = group(&console).id.clone().unwrap();
    acknowledge(&mut console, &id, "kim", Some(2));
    assert!(group(&console).needs_attention());
    assert_eq!(
        acknowledge(&mut console, &id, "alex", Some(2)),
        Changes::NONE,
        "who came first stays"
    );
    acknowledge(&mut console, &id, "alex", Some(99));
    assert_eq!(
        group(&console).acknowledged.as_ref().map(|seen| seen.count),
        Some(3),
        "no more than there are"
    );
}

#[test]
fn a_group_that_nobody_knows_cannot_be_acknowledged() {
    let mut console = Console::default();
    console.message("errors", "error", rate_limit());
    let other = ErrorGroupId::new("0000000000000000").unwrap();
    assert_eq!(
        acknowledge(&mut console, &other, "kim", None),
        Changes::NONE
    );
    assert!(group(&console).needs_attention());
}

#[test]
fn a_groups_id_is_made_of_what_its_errors_have_in_common() {
    let id = |run: &str, payload: Value| {
        let mut console = Console::default();
        console.started(run);
        console.message("errors", "error", payload);
        group(&console).id.clone().unwrap().to_string()
    };
    assert_eq!(id("r", rate_limit()), "ee8ae06ecc36c088");
    let mut other = rate_limit();
    other["message"] = "slower".into();
    assert_eq!(
        id("r", rate_limit()),
        id("r", other.clone()),
        "with a code the message may differ"
    );
    other["error_code"] = Value::Null;
    assert_ne!(id("r", rate_limit()), id("r", other));
    assert_ne!(id("r", rate_limit()), id("s", rate_limit()));
}

#[test]
fn an_error_that_is_told_twice_counts_once() {
    let mut console = Console::default();
    let report =
        json!({ "error_id": "e-1", "component": "db", "message": "gone", "traceback": "File x" });
    console.message("errors", "error", report.clone());
    let before = console.state.errors.clone();
    assert_eq!(
        console.wait(1).message("errors", "error", report),
        Changes::LOG
    );
    assert_eq!(console.state.errors, before);
    console.message(
        "errors",
        "error",
        json!({ "error_id": "e-2", "component": "db", "message": "gone" }),
    );
    assert_eq!(group(&console).count, 2);
}

#[test]
fn a_group_tells_the_latest_circumstances() {
    let mut console = Console::default();
    let mut report = rate_limit();
    report["category"] = "network".into();
    report["context"] =
        json!({ "symbol": "AAPL", "retry_after": 60, "endpoint": "/v2/aggs", "limit": 5 });
    console.message("errors", "error", report);
    let group = group(&console);
    assert_eq!(
        (group.category.as_deref(), group.retry_after_seconds),
        (Some("network"), Some(60.0))
    );
    let context: Vec<_> = group
        .context
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(context, ["endpoint", "limit"]);
}

#[test]
fn an_error_about_a_symbol_means_that_it_failed_in_that_phase() {
    let error = |context: Value, more: Value| {
        let mut payload = json!({ "severity": "error", "component": "fetcher", "error_code": "SYMBOL_NOT_FOUND", "message": "no such symbol", "context": context });
        payload
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        payload
    };
    let failed = |payload: Value, phase: &str| {
        let mut console = Console::default();
        console.started("r");
        console.progress(phase, "r", 10);
        console.message("errors", "error", payload);
        console.run().failed_symbols.clone()
    };
    let symbol = json!({ "symbol": "XYZ" });
    for (channel, phase) in [
        ("import", Phase::Import),
        ("indicators", Phase::Indicators),
        ("patterns", Phase::Patterns),
    ] {
        let [failure] = &failed(error(symbol.clone(), json!({})), channel)[..] else {
            panic!("one failed symbol")
        };
        assert_eq!(
            (failure.symbol.as_str(), failure.reason.as_deref()),
            ("XYZ", Some("no such symbol"))
        );
        assert_eq!(failure.phase, Some(phase));
    }
    let late = json!({ "symbol": "XYZ", "phase": "data_import" });
    assert_eq!(
        failed(error(late, json!({})), "indicators").len(),
        1,
        "it says that it was the import"
    );
    for tries_again in [
        json!({ "recovery_action": "automatic_retry" }),
        json!({ "retry_after": 60 }),
    ] {
        assert_eq!(
            failed(error(symbol.clone(), tries_again), "import").len(),
            0
        );
    }
    assert_eq!(
        failed(
            error(symbol.clone(), json!({ "severity": "warning" })),
            "import"
        )
        .len(),
        0
    );
    assert_eq!(
        failed(error(symbol, json!({ "run_id": "other" })), "import").len(),
        0
    );
}

#[test]
fn a_failed_symbol_without_a_reason_gets_the_one_of_its_error() {
    let mut console = Console::default();
    console.started("r");
    let mut report = rate_limit();
    report["context"] = json!({ "symbol": "ABC", "retry_after": 60 });
    console.message("errors", "error", report);
    let payload = json!({ "run_id": "r", "failed_symbols": ["ABC", "XYZ"] });
    console.message("import:completed", "data_import_completed", payload);
    let reasons: Vec<_> = console
        .run()
        .failed_symbols
        .iter()
        .map(|failure| failure.reason.as_deref())
        .collect();
    assert_eq!(reasons, [Some("slow down"), None]);
}

#[test]
fn restored_groups_of_older_versions_get_ids() {
    let mut console = Console::default();
    console.started("r");
    console.message("errors", "error", rate_limit());
    let id = group(&console).id.clone();
    let mut older = serde_json::to_value(&console.state).unwrap();
    older["errors"][0].as_object_mut().unwrap().remove("id");
    let state: model::State = serde_json::from_value(older).unwrap();
    assert_eq!(state.restored(Timestamp(1)).errors[0].id, id);
    assert_eq!(console.state.errors[0].run_id, RunId::new("r"));
}
