//! SIGKILL at any moment: what was promised is there, and the database is sound.

use crate::both;
use crate::support::runs::*;
use crate::support::{PATIENCE, Place, child, until};
use model::{RunStatus, State};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;
use store::{AuditFilter, Database, Options, Record, Writer};
use tokio_util::sync::CancellationToken;

both! { what_was_promised_survives_being_killed_again_and_again }

/// How often the process is killed.
const KILLS: u64 = 12;

fn start(uri: &str, folder: &str) -> (Writer, CancellationToken) {
    let shutdown = CancellationToken::new();
    let options = Options {
        spool_folder: Some(folder.into()),
        ..Options::default()
    };
    (
        Writer::start(Database::parse(uri).unwrap(), options, shutdown.clone()),
        shutdown,
    )
}

/// The process that is killed: it hands over whatever a busy relay would, and says what it was
/// promised.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "process of another test"]
async fn child_that_is_killed() {
    let uri = std::env::var("STORE_URI").unwrap();
    let (writer, _shutdown) = start(&uri, &std::env::var("STORE_FOLDER").unwrap());
    let life = std::env::var("STORE_LIFE").unwrap();
    for n in 0.. {
        let name = format!("run-{life}-{n}");
        let going = active(&name, n, 50.0);
        writer.submit(record(going.clone())).unwrap();
        writer
            .submit(Record::Log(Box::new(line(&name, 1))))
            .unwrap();
        let mut state = State::default();
        state.run = Some(going);
        writer
            .submit(Record::State {
                at: BEGIN,
                state: Box::new(state),
            })
            .unwrap();
        let mut entry = audit("ann", "trigger");
        entry.key = format!("audit-{life}-{n}");
        let key = entry.key.clone();
        writer.record(Record::Audit(entry)).await.unwrap();
        writeln!(std::io::stdout(), "promised {key}").unwrap();
        writer
            .record(record(run(&name, RunStatus::Succeeded, n)))
            .await
            .unwrap();
        writeln!(std::io::stdout(), "promised {name}").unwrap();
    }
}

async fn what_was_promised_survives_being_killed_again_and_again(place: Place) {
    let folder = place.folder.0.to_str().unwrap().to_owned();
    let mut promised = BTreeSet::new();
    for life in 0..KILLS {
        let mut command = child("kill::child_that_is_killed");
        command
            .env("STORE_URI", &place.uri)
            .env("STORE_FOLDER", &folder)
            .env("STORE_LIFE", life.to_string());
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (heard, first) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let words = output.lines().map_while(Result::ok);
            let keys = words.filter_map(|line| line.strip_prefix("promised ").map(str::to_owned));
            // Only the first one is waited for.
            keys.inspect(|_| heard.send(()).unwrap_or_default())
                .collect::<Vec<_>>()
        });
        first
            .recv_timeout(PATIENCE)
            .expect("the process gets to work");
        // Somewhere between two writes, in one, or while the file is emptied.
        tokio::time::sleep(Duration::from_millis(20 + life * 37 % 250)).await;
        process.kill().unwrap();
        process.wait().unwrap();
        promised.extend(reader.join().unwrap());
    }
    assert!(promised.len() > KILLS as usize);
    let (writer, shutdown) = start(&place.uri, &folder);
    let store = writer.opened(PATIENCE).await.unwrap();
    // Before the file was read nothing is known to wait: so what was promised is waited for, and
    // then that nothing more comes.
    let audited = promised
        .iter()
        .filter(|name| !name.starts_with("run-"))
        .count() as u64;
    let mut last = 0;
    until("what waited is written", async || {
        let before = std::mem::replace(&mut last, store.check().await.unwrap().audit);
        before == last && last >= audited.max(1) && writer.health().borrow().spooled == 0
    })
    .await;
    let report = store.check().await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    let mut found = BTreeSet::new();
    let mut after = None;
    loop {
        let page = store
            .audit(&AuditFilter::default(), after.as_ref(), 200)
            .await
            .unwrap();
        for entry in page.rows {
            assert!(
                found.insert(entry.key.clone()),
                "{} is there twice",
                entry.key
            );
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    for name in &promised {
        if name.starts_with("run-") {
            let run = store
                .run(&id(name))
                .await
                .unwrap()
                .unwrap_or_else(|| panic!("{name} is lost"));
            assert_eq!(run.summary.status, RunStatus::Succeeded, "{name}");
        } else {
            assert!(found.contains(name), "{name} is lost");
        }
    }
    assert!(store.load_state().await.unwrap().is_some());
    shutdown.cancel();
    writer.ended().await;
}
