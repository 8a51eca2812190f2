use super::streams::compare;
use super::*;
use serde_json::json;

fn truth(active: Option<&str>) -> Truth {
    let run = |id: &str, outcome: &str| {
        json!({
            "run_id": id, "outcome": outcome, "start_time": "2025-11-24T21:10:00.000000Z", "symbols_processed": 28,
            "symbols_failed": 2, "symbols_failed_in_any_phase": 2, "indicators_calculated": 420, "patterns_detected": 70,
            "error_message": null, "lookback_days": null,
        })
    };
    let runs = [
        run("b", "failed"),
        run("a", "completed"),
        run("before", "completed"),
    ];
    serde_json::from_value(json!({ "active": active, "runs": runs })).unwrap()
}

fn judge() -> Judge {
    Judge {
        before: Some("before".to_owned()),
        looks: 1,
    }
}

fn row(id: &str, state: &str) -> Value {
    json!({
        "run_id": id, "state": state, "start_time": "2025-11-24T21:10:00Z", "symbols_processed": 28, "symbols_failed": 2,
        "indicators_calculated": 420, "patterns_detected": 70,
    })
}

#[test]
fn a_status_must_show_the_active_run_or_the_last_one() {
    let status = |running: bool, id: &str, state: &str, truth: &Truth| {
        let status =
            json!({ "is_running": running, "run_id": id, "state": state, "symbols_failed": 2 });
        judge().status(&status, truth).len()
    };
    assert_eq!(status(true, "c", "running", &truth(Some("c"))), 0);
    assert_eq!(
        status(true, "a", "running", &truth(Some("c"))),
        1,
        "another run"
    );
    assert_eq!(
        status(true, "c", "succeeded", &truth(Some("c"))),
        1,
        "running, and succeeded"
    );
    assert_eq!(status(false, "b", "failed", &truth(None)), 0);
    assert_eq!(status(false, "b", "succeeded", &truth(None)), 1);
    assert_eq!(
        status(false, "a", "succeeded", &truth(None)),
        1,
        "not the last one"
    );
}

#[test]
fn a_history_must_have_every_run_as_it_ended() {
    let differences = |rows: &[Value]| judge().history(&json!(rows), &truth(None));
    let (a, b) = (row("a", "succeeded_with_warnings"), row("b", "failed"));
    assert_eq!(differences(&[b.clone(), a.clone()]), Vec::<String>::new());
    assert!(differences(std::slice::from_ref(&b))[0].contains("run a is missing"));
    assert!(differences(&[row("b", "lost"), a.clone()])[0].contains("run b is lost"));
    let mut few = a.clone();
    few["indicators_calculated"] = json!(3);
    assert!(differences(&[b.clone(), few])[0].contains("indicators calculated 3 instead of 420"));
    assert_eq!(
        differences(&[row("stray-1", "superseded"), b.clone(), a.clone()]),
        Vec::<String>::new()
    );
    assert_eq!(
        differences(&[row("stray-1", "succeeded"), b, a]).len(),
        1,
        "nobody confirmed it"
    );
}

#[test]
fn a_badge_must_say_how_things_are() {
    let differences =
        |message: &str, truth: &Truth| judge().badge(&json!({ "message": message }), truth).len();
    assert_eq!(differences("running 42%", &truth(Some("c"))), 0);
    assert_eq!(differences("failed 16:45 EST", &truth(None)), 0);
    for wrong in ["succeeded 16:45 EST", "running 42%", "unknown", ""] {
        assert_eq!(differences(wrong, &truth(None)), 1, "{wrong}");
    }
}

#[test]
fn the_status_of_a_page_is_that_of_its_head() {
    let page = r#"<p data-status="lost"></p><header class="x" data-testid="run-head" data-status="failed"><h2>"#;
    assert_eq!(status_of_page(page), Some("failed".to_owned()));
    assert_eq!(status_of_page("<p>No such run</p>"), None);
}

#[test]
fn states_are_compared_by_path() {
    let mut paths = Vec::new();
    compare(
        "",
        &json!({"run": {"percent": 3, "id": "a"}}),
        &json!({"run": {"percent": 4, "id": "a"}}),
        &mut paths,
    );
    assert_eq!(paths, [".run.percent is 3 instead of 4"]);
}
