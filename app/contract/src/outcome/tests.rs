use super::*;

#[test]
fn every_usual_word_has_its_outcome() {
    use Outcome::*;
    let table: &[(Outcome, &[&str])] = &[
        (
            Succeeded,
            &[
                "success",
                "SUCCEEDED",
                "completed",
                "Complete",
                "ok",
                "done",
                "true",
                "1",
                "Status.SUCCESS",
                "<Status.COMPLETED: 'completed'>",
                "<Status.COMPLETED: 3>",
                "completed_successfully",
                "completed without errors",
                "completed_with_0_errors",
                "completed with no errors",
                "processing_completed",
                " finished ",
                "success: 505 symbols",
            ],
        ),
        (
            Failed,
            &[
                "failed",
                "FAILURE",
                "error",
                "ProcessingStatus.FAILED",
                "<Status.FAILED: 'failed'>",
                "<Status.FAILED: 2>",
                "Status::Failed",
                "failed: database",
                "'failed'",
                "timeout",
                "timed_out",
                "TIMED-OUT",
                "time out",
                "TimedOut",
                "killed",
                "terminated",
                "oom",
                "OOMKilled",
                "out of memory",
                "SIGKILL",
                "crashed",
                "exception",
                "OperationalError",
                "unhandled exception",
                "failed with errors",
                "finished: failed",
                "completed_failed",
                "not successful",
                "unsuccessful",
                "false",
                "no",
                "0",
                "0.0",
                "deadline exceeded",
                "failed_cancelled",
                "exited with error",
            ],
        ),
        (
            Cancelled,
            &[
                "cancelled",
                "CANCELED",
                "aborted",
                "stopped",
                "interrupted",
                "KeyboardInterrupt",
                "Status.CANCELLED",
                "cancelled: by operator",
                "cancelled with errors",
                "stopped by user",
                "cancelling",
            ],
        ),
        (
            SucceededWithWarnings,
            &[
                "partial",
                "partial_success",
                "PARTIAL_FAILURE",
                "partially_failed",
                "partially completed",
                "completed_with_errors",
                "CompletedWithErrors",
                "success-with-warnings",
                "completed with 3 failures",
                "finished with errors",
                "ended with warnings",
                "completed_with_skips",
                "warning",
                "completed, 3 errors",
                "Status.COMPLETED_WITH_ERRORS",
                "completed: 2 of 505 failed",
            ],
        ),
        (
            Unknown,
            &[
                "in_progress",
                "running",
                "queued",
                "rolled_back",
                "",
                "none",
                "2",
                "not started",
                "incomplete",
                "completed?maybe",
                "?",
                "ProcessingStatus.",
                "unknown",
                "skipped",
            ],
        ),
    ];
    for (outcome, texts) in table {
        for text in *texts {
            assert_eq!(Outcome::parse_word(text), *outcome, "{text}");
        }
    }
}

#[test]
fn words_of_something_active_are_no_outcome() {
    for text in [
        "running",
        "in_progress",
        "IN-PROGRESS",
        "Status.RUNNING",
        "<Status.QUEUED: 'queued'>",
        "started",
        "pending",
        "processing",
        "cancelling",
        "paused",
        "",
        " ",
    ] {
        assert_eq!(Outcome::parse(text), None, "{text}");
    }
    assert_eq!(Outcome::parse("rolled_back"), Some(Outcome::Unknown));
    assert_eq!(Outcome::parse("timeout"), Some(Outcome::Failed));
}

#[test]
fn a_name_says_what_ended_and_how() {
    for (name, expected) in [
        ("processing_completed", Some(("processing", None))),
        (
            "daily_processing_timed_out",
            Some(("daily_processing", Some(Outcome::Failed))),
        ),
        (
            "processing_completed_with_errors",
            Some(("processing", Some(Outcome::SucceededWithWarnings))),
        ),
        (
            "data_import_cancelled",
            Some(("data_import", Some(Outcome::Cancelled))),
        ),
        ("processing_cancel_requested", None),
        ("processing_stopping", None),
        ("failed", None),
    ] {
        assert_eq!(end_of_name(name), expected, "{name}");
    }
}
