//! The sample messages that came with the contract, through decoding and applying: each class is
//! treated as it should be.
//!
//! The samples lie beside the repository (`../shared/corpus`), and without them these tests have
//! nothing to do; all but the largest are also among the contract's fixtures, and those are made in
//! the contract's `extremes.rs`.
use contract::frame::{Frame, Input};
use contract::{Body, Channel, Timestamp, decode};
use model::{State, limits};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

struct Sample {
    id: String,
    class: String,
    channel: Option<Channel>,
    bytes: Vec<u8>,
}

fn samples() -> Vec<Sample> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut samples = Vec::new();
    for file in ["events.jsonl", "events_binary.jsonl"] {
        let Ok(text) = fs::read_to_string(folder.join(file)) else {
            continue;
        };
        for row in text.lines().filter(|line| !line.is_empty()) {
            let row: Value = serde_json::from_str(row).unwrap();
            let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let bytes = match row["data_b64"].as_str() {
                Some(text) => from_base64(text),
                None => word("data").into_bytes(),
            };
            samples.push(Sample {
                id: word("id"),
                class: word("class"),
                channel: Channel::from_wire_name(&word("channel")),
                bytes,
            });
        }
    }
    samples
}

fn from_base64(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |c: &u8| digits.iter().position(|d| d == c).map(|d| d as u32);
    let mut bytes = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let known: Vec<u32> = four.iter().filter_map(digit).collect();
        let all = known
            .iter()
            .enumerate()
            .fold(0, |all, (index, digit)| all | digit << (18 - 6 * index));
        bytes.extend(&all.to_be_bytes()[1..known.len()]);
    }
    bytes
}

fn input(sample: &Sample, channel: Channel) -> Input {
    match decode(channel, &sample.bytes) {
        Ok(event) => Input::Event(event),
        Err(rejection) => Input::Rejected { channel, rejection },
    }
}

#[test]
fn each_sample_is_read_or_refused_as_its_class_says() {
    for sample in samples() {
        let Some(channel) = sample.channel else {
            continue;
        };
        let read = decode(channel, &sample.bytes);
        let unknown = matches!(&read, Ok(event) if matches!(event.body, Body::Unknown(_)));
        match sample.class.as_str() {
            "documented" | "variant" => {
                assert!(read.is_ok() && !unknown, "{}: {read:?}", sample.id);
            }
            "unknown" => assert!(unknown, "{}: {read:?}", sample.id),
            // Bad in one field is read without it; what is refused says why and shows its
            // beginning.
            "malformed" | "hostile" => {
                if let Err(rejection) = read {
                    assert!(!rejection.detail.is_empty(), "{}", sample.id);
                    assert!(
                        rejection.sample.len() <= 2048
                            && rejection.size_bytes == sample.bytes.len() as u64
                    );
                }
            }
            other => panic!("{} is of a class that nobody knows: {other}", sample.id),
        }
    }
}

#[test]
fn decoded_sample_is_hardly_larger_than_its_text() {
    for sample in samples() {
        let Some(channel) = sample.channel else {
            continue;
        };
        let written = serde_json::to_string(&input(&sample, channel)).unwrap();
        assert!(
            written.len() <= 2 * sample.bytes.len() + 4096,
            "{}: {} bytes",
            sample.id,
            written.len()
        );
    }
}

#[test]
fn all_samples_leave_a_bounded_state_equal_in_browsers() {
    let mut samples = samples();
    for backwards in [false, true] {
        let mut relay = State::default();
        let mut browser = State::default();
        if backwards {
            samples.reverse();
        }
        for (index, sample) in samples.iter().enumerate() {
            let Some(channel) = sample.channel else {
                continue;
            };
            let at = Timestamp(1_738_012_200_000 + index as i64 * 700);
            let frame = Frame {
                seq: index as u64 + 1,
                at,
                inputs: vec![input(sample, channel)],
            };
            relay.apply(&frame);
            browser.apply(&serde_json::from_str(&serde_json::to_string(&frame).unwrap()).unwrap());
            assert_eq!(relay, browser, "after {}", sample.id);
            assert!(
                serde_json::to_string(&relay).unwrap().len() < limits::SNAPSHOT_BYTES,
                "after {}",
                sample.id
            );
        }
    }
}
