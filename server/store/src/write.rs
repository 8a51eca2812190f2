//! How each record becomes rows. All of it can be done twice: a record that is written again
//! changes nothing.

pub(crate) mod claims;
mod context;
mod mirror;
mod run;

use crate::columns::{Columns, insert, upsert};
pub(crate) use context::WriteContext;

use crate::notice::{Notice, notify};
use crate::record::{Acknowledgement, Record, Setting, StoredAnswer};
use crate::sql::{Link, args};
use crate::text::{bounded_key, error_key, run_key, run_key_of};
use crate::{StoreError, limits};
use contract::Timestamp;
use model::{AuditEntry, ErrorGroup, EventSummary, State};
use std::sync::LazyLock;

static UPSERT_ERRORS: LazyLock<String> = LazyLock::new(|| {
    // An older state of the same group changes nothing.
    upsert::<ErrorGroup>(
        "console_errors",
        &["error_key", "run_key"],
        "error_key",
        &["first_at"],
    ) + " WHERE excluded.last_at > console_errors.last_at
            OR excluded.last_at = console_errors.last_at AND excluded.count > console_errors.count"
});
static INSERT_EVENT: LazyLock<String> =
    LazyLock::new(|| insert::<EventSummary>("console_events", &["run_key"]));
static INSERT_AUDIT: LazyLock<String> = LazyLock::new(|| {
    insert::<AuditEntry>("console_audit", &[]) + " ON CONFLICT (entry_key) DO NOTHING"
});
static UPSERT_ACKNOWLEDGEMENT: LazyLock<String> = LazyLock::new(|| {
    upsert::<Acknowledgement>("console_acknowledgements", &[], "subject", &[])
        + " WHERE excluded.at >= console_acknowledgements.at"
});
static UPSERT_SETTING: LazyLock<String> = LazyLock::new(|| {
    upsert::<Setting>("console_settings", &[], "name", &[])
        + " WHERE excluded.at >= console_settings.at"
});
static UPSERT_ANSWER: LazyLock<String> = LazyLock::new(|| {
    // The first answer counts, until its time is over.
    upsert::<StoredAnswer>("console_idempotency", &[], "key", &[])
        + " WHERE console_idempotency.at < $5"
});

pub(crate) async fn records(
    link: &mut Link,
    context: &WriteContext,
    records: &[Record],
) -> Result<(), StoreError> {
    for record in records {
        match record {
            Record::Run(run) => run::run(link, context, run).await?,
            Record::Summary(summary) => run::summary(link, context, summary).await?,
            Record::Forgotten(id) => run::forgotten(link, context, id).await?,
            Record::Errors(group) => errors(link, group).await?,
            Record::Log(event) => self::event(link, event).await?,
            Record::Symbols(symbols) => run::symbols(link, symbols).await?,
            Record::State { at, state } => self::state(link, *at, state).await?,
            Record::Audit(entry) => audit(link, context, entry).await?,
            Record::Acknowledged(acknowledgement) => {
                acknowledged(link, context, acknowledgement).await?;
            }
            Record::Setting(setting) => self::setting(link, setting).await?,
            Record::Claim(claim) => drop(claims::insert(link, claim).await?),
            Record::Release(of) => claims::release(link, &of.key, &of.claimed_by).await?,
            Record::Answer(answer) => self::answer(link, answer).await?,
            Record::Heard(at) => heard(link, *at).await?,
        }
    }
    Ok(())
}

async fn errors(link: &mut Link, group: &ErrorGroup) -> Result<(), StoreError> {
    let operation = "write errors";
    let key = error_key(group);
    let run_key = group.run_id.as_ref().map(|id| run_key(id.as_str()));
    let mut args = args![&key, run_key];
    args.extend(group.args());
    link.execute(&UPSERT_ERRORS, args)
        .await
        .map_err(StoreError::statement(operation))?;
    // A group names ten symbols at a time: here all that it ever named are answer.
    for symbol in &group.symbols {
        let sql = "INSERT INTO console_error_symbols (error_key, symbol) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        link.execute(sql, args![&key, symbol.as_str()])
            .await
            .map_err(StoreError::statement(operation))?;
    }
    Ok(())
}

async fn event(link: &mut Link, event: &EventSummary) -> Result<(), StoreError> {
    let mut args = args![run_key_of(event.run_id.as_ref())];
    args.extend(event.args());
    link.execute(&INSERT_EVENT, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("write event"))
}

async fn state(link: &mut Link, at: Timestamp, state: &State) -> Result<(), StoreError> {
    let what = "the state";
    let json =
        serde_json::to_string(state).map_err(|source| StoreError::Unreadable { what, source })?;
    if json.len() > limits::STATE {
        return Err(StoreError::TooLarge {
            what,
            bytes: json.len(),
            limit: limits::STATE,
        });
    }
    let sql = "INSERT INTO console_state (id, at, state) VALUES (1, $1, $2)
        ON CONFLICT (id) DO UPDATE SET at = excluded.at, state = excluded.state";
    link.execute(sql, args![at, json])
        .await
        .map(drop)
        .map_err(StoreError::statement("write the state"))
}

async fn heard(link: &mut Link, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_heard (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
    link.execute(sql, args![at])
        .await
        .map(drop)
        .map_err(StoreError::statement("write event time"))
}

async fn audit(
    link: &mut Link,
    context: &WriteContext,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let operation = "write audit entry";
    let entry = AuditEntry {
        key: bounded_key(&entry.key),
        ..entry.clone()
    };
    if link
        .execute(&INSERT_AUDIT, entry.args())
        .await
        .map_err(StoreError::statement(operation))?
        > 0
    {
        notify(link, context.relay, &Notice::Audit).await?;
    }
    Ok(())
}

async fn acknowledged(
    link: &mut Link,
    context: &WriteContext,
    of: &Acknowledgement,
) -> Result<(), StoreError> {
    let subject = bounded_key(&of.subject);
    let of = Acknowledgement {
        subject: subject.clone(),
        ..of.clone()
    };
    link.execute(&UPSERT_ACKNOWLEDGEMENT, of.args())
        .await
        .map_err(StoreError::statement("write acknowledgement"))?;
    notify(link, context.relay, &Notice::Acknowledged { subject }).await
}

async fn setting(link: &mut Link, setting: &Setting) -> Result<(), StoreError> {
    if setting.value.len() > limits::STATE {
        return Err(StoreError::TooLarge {
            what: "a setting",
            bytes: setting.value.len(),
            limit: limits::STATE,
        });
    }
    let setting = Setting {
        name: bounded_key(&setting.name),
        ..setting.clone()
    };
    link.execute(&UPSERT_SETTING, setting.args())
        .await
        .map(drop)
        .map_err(StoreError::statement("write setting"))
}

async fn answer(link: &mut Link, answer: &StoredAnswer) -> Result<(), StoreError> {
    if answer.answer.len() > limits::STATE {
        return Err(StoreError::TooLarge {
            what: "an answer",
            bytes: answer.answer.len(),
            limit: limits::STATE,
        });
    }
    let over = answer.at.plus_ms(-limits::ANSWER_MS);
    let answer = StoredAnswer {
        key: bounded_key(&answer.key),
        ..answer.clone()
    };
    let mut args = answer.args();
    args.push(over.into());
    link.execute(&UPSERT_ANSWER, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("write answer"))
}
