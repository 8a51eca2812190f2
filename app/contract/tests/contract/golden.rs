//! Every documented message and variant, and what it decodes to.
//!
//! `fixtures/*.jsonl` hold one message a line: `id`, `channel`, `data` (the published text) and
//! `decodes`, which is the event or the rejection; those of `tolerant.jsonl` say `why` they can be
//! read. `BLESS=1 cargo test -p contract --test golden` rewrites `decodes`; read the diff before
//! you commit it.
use contract::{Channel, decode};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

fn fixtures() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// What a message decodes to, without the parts that the row says already.
fn decoded(row: &Value) -> Value {
    let channel = row["channel"].as_str().unwrap();
    let Some(channel) = Channel::from_wire_name(channel) else {
        return json!("not subscribed");
    };
    match decode(channel, row["data"].as_str().unwrap().as_bytes()) {
        Ok(event) => {
            let mut value = serde_json::to_value(&event).unwrap();
            let event_again: contract::Event = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(
                event_again, event,
                "{} does not survive its own wire form",
                row["id"]
            );
            value.as_object_mut().unwrap().remove("channel");
            if let Some(at) = event.at {
                value["at"] = at.to_string().into();
            }
            value
        }
        Err(rejection) => json!({ "rejected": rejection.reason, "detail": rejection.detail }),
    }
}

#[test]
fn every_fixture_decodes_to_what_it_says() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut rows_read = 0;
    for file in fixtures() {
        let text = fs::read_to_string(&file).unwrap();
        let mut blessed = String::new();
        for line in text.lines() {
            let mut row: Value = serde_json::from_str(line).unwrap();
            let decoded = decoded(&row);
            if !bless {
                assert_eq!(
                    decoded,
                    row["decodes"],
                    "{} in {}",
                    row["id"],
                    file.display()
                );
            }
            row["decodes"] = decoded;
            blessed.push_str(&row.to_string());
            blessed.push('\n');
            rows_read += 1;
        }
        if bless {
            fs::write(&file, blessed).unwrap();
        }
    }
    assert!(rows_read >= 100, "only {rows_read} fixtures were found");
}

#[test]
fn every_contradiction_has_a_rule_and_its_fixtures_exist() {
    let rules = include_str!("../../CONTRADICTIONS.md");
    let all: String = fixtures()
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for number in 1..=22 {
        let row = rules
            .lines()
            .find(|line| line.starts_with(&format!("| {number} |")));
        let named = row
            .unwrap_or_else(|| panic!("point {number} has no rule"))
            .rsplit('|')
            .nth(1)
            .unwrap();
        for name in named.split('`').skip(1).step_by(2) {
            let exists = match name.split_once("::") {
                None => all.contains(&format!("\"id\":\"{name}\"")),
                Some((file, test)) => test_file(file).contains(&format!("fn {test}()")),
            };
            assert!(exists, "point {number} names {name}, which is not there");
        }
    }
}

/// The text of the file whose tests a rule names: of this crate's tests or sources, or of the
/// model's tests.
fn test_file(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let places = match name.strip_prefix("model/") {
        Some(name) => vec![folder.join(format!("../model/tests/model/{name}.rs"))],
        None => vec![
            folder.join(format!("tests/contract/{name}.rs")),
            folder.join(format!("src/{name}.rs")),
        ],
    };
    places
        .iter()
        .find_map(|place| fs::read_to_string(place).ok())
        .unwrap_or_else(|| panic!("no file of tests {name}"))
}
