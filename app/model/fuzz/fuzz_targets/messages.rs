//! Any bytes as messages on any channels: decoded, applied, and read back from the wire, with
//! somebody who acknowledges errors and a relay that is restarted. `make fuzz`
//!
//! An input is a list of messages, one a line; a line's first byte chooses the channel.
#![no_main]

use contract::frame::{Frame, Input};
use contract::{Channel, Timestamp, decode};
use libfuzzer_sys::fuzz_target;
use model::{State, limits};

fuzz_target!(|data: &[u8]| {
    let mut relay = State::default();
    let mut browser = State::default();
    for (index, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let Some((choice, message)) = line.split_first() else { continue };
        let channel = Channel::ALL[usize::from(*choice) % Channel::ALL.len()];
        let input = match decode(channel, message) {
            Ok(event) => Input::Event(event),
            Err(rejection) => Input::Rejected { channel, rejection },
        };
        let at = Timestamp(1_738_012_200_000 + index as i64 * 250);
        let mut inputs = vec![input];
        // Now and then somebody has seen what there is, and the relay is started again.
        if let (true, Some(id)) = (choice & 0xc0 == 0xc0, relay.errors.last().and_then(|group| group.id.clone())) {
            inputs.push(Input::Acknowledge { group: id, who: "kim".to_owned(), seen: None });
        }
        if choice & 0xe0 == 0xe0 {
            relay = relay.restored(at);
            browser = browser.restored(at);
        }
        let frame = Frame { seq: index as u64 + 1, at, inputs };
        let text = serde_json::to_string(&frame).expect("a frame can be written");
        assert!(!text.contains('\n'), "a frame must stay on one line");
        relay.apply(&frame);
        browser.apply(&serde_json::from_str(&text).expect("a frame can be read back"));
    }
    assert_eq!(relay, browser, "the browser knows something else than the relay");
    assert!(relay.log.len() <= limits::LOG && relay.errors.len() <= limits::ERROR_GROUPS);
    let written = serde_json::to_string(&relay).expect("a state can be written");
    assert!(written.len() < limits::SNAPSHOT_BYTES, "a snapshot of {} bytes", written.len());
    assert_eq!(serde_json::from_str::<State>(&written).expect("a state can be read back"), relay);
    if let Some(run) = &relay.run {
        assert!((0.0..=100.0).contains(&run.percent));
        assert!(run.failed_symbols.len() <= limits::FAILED_SYMBOLS);
    }
});
