//! How each record becomes rows. All of it can be done twice: a record that is written again
//! changes nothing.

mod mirror;
mod run;

use crate::notice::{Notice, notify};
use crate::record::{Acknowledgement, Record, Setting, StoredAnswer};
use crate::sql::{Link, args};
use crate::text::{clean, cut, hash};
use crate::{StoreError, claim, limits};
use contract::{RunId, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, State};

pub(crate) use run::{bounded_key, universes};

/// What writing needs to know beside the records.
pub(crate) struct Plan {
    /// Whether `processing_runs` is kept up to date.
    pub mirror: bool,
    /// This process' number, for [`Notice`]s.
    pub relay: u64,
    /// The clock.
    pub now: Timestamp,
}

pub(crate) async fn records(
    link: &mut Link,
    plan: &Plan,
    records: &[Record],
) -> Result<(), StoreError> {
    for record in records {
        match record {
            Record::Run(run) => run::run(link, plan, run).await?,
            Record::Summary(summary) => run::summary(link, plan, summary).await?,
            Record::Forgotten(id) => run::forgotten(link, plan, id).await?,
            Record::Errors(group) => errors(link, group).await?,
            Record::Log(event) => self::event(link, event).await?,
            Record::Symbols(symbols) => run::symbols(link, symbols).await?,
            Record::State { at, state } => self::state(link, *at, state).await?,
            Record::Audit(entry) => audit(link, plan, entry).await?,
            Record::Acknowledged(acknowledgement) => {
                acknowledged(link, plan, acknowledgement).await?
            }
            Record::Setting(setting) => self::setting(link, setting).await?,
            Record::Claim(claim) => drop(claim::insert(link, claim).await?),
            Record::Release(of) => claim::release(link, &of.key, &of.claimed_by).await?,
            Record::Answer(answer) => self::answer(link, answer).await?,
            Record::Heard(at) => heard(link, *at).await?,
        }
    }
    Ok(())
}

/// The key of the run that a record names; empty where it names none.
pub(crate) fn key_of(run_id: Option<&RunId>) -> String {
    run_id
        .map(|id| crate::text::run_key(id.as_str()))
        .unwrap_or_default()
}

/// Tells one group of errors from another, as the model does.
pub(crate) fn error_key(group: &ErrorGroup) -> String {
    let run = group.run_id.as_ref().map_or("", RunId::as_str);
    let severity = word(&group.severity);
    let component = group.component.as_deref().unwrap_or_default();
    let what = group.code.as_deref().unwrap_or(&group.message);
    hash(
        &[
            run,
            &severity,
            component,
            if group.code.is_some() {
                "code"
            } else {
                "message"
            },
            what,
        ],
        16,
    )
}

/// A plain enum of the contract as the word that its JSON has.
pub(crate) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

async fn errors(link: &mut Link, group: &ErrorGroup) -> Result<(), StoreError> {
    let doing = "writing errors";
    let key = error_key(group);
    let symbols: Vec<&str> = group.symbols.iter().map(|symbol| symbol.as_str()).collect();
    // An older word about the same group changes nothing.
    let sql = "INSERT INTO console_errors (error_key, run_key, run_id, severity, component, code, message, phase,
            recovery_action, symbols, count, first_at, last_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (error_key) DO UPDATE SET message = excluded.message, phase = excluded.phase,
            recovery_action = excluded.recovery_action, symbols = excluded.symbols, count = excluded.count,
            last_at = excluded.last_at
        WHERE excluded.last_at > console_errors.last_at
            OR excluded.last_at = console_errors.last_at AND excluded.count > console_errors.count";
    let run_key = group.run_id.as_ref().map(|id| key_of(Some(id)));
    let args = args![
        &key,
        run_key,
        group.run_id.as_ref().map(|id| id.as_str()),
        word(&group.severity),
        group
            .component
            .as_deref()
            .map(|text| cut(text, limits::NAME)),
        group.code.as_deref().map(|text| cut(text, limits::NAME)),
        cut(&group.message, limits::MESSAGE),
        group.phase.map(|phase| phase.wire_name()),
        group
            .recovery_action
            .as_deref()
            .map(|text| cut(text, limits::MESSAGE)),
        crate::text::clean_json(&serde_json::to_string(&symbols).unwrap_or_default()),
        crate::text::big(group.count),
        group.first_at,
        group.last_at,
    ];
    link.execute(sql, args)
        .await
        .map_err(StoreError::statement(doing))?;
    // A group names ten symbols at a time: here all that it ever named are kept.
    for symbol in symbols {
        let sql = "INSERT INTO console_error_symbols (error_key, symbol) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        link.execute(sql, args![&key, symbol])
            .await
            .map_err(StoreError::statement(doing))?;
    }
    Ok(())
}

async fn event(link: &mut Link, event: &EventSummary) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_events (run_key, number, at, channel, name, summary, raw)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        key_of(event.run_id.as_ref()),
        crate::text::big(event.number),
        event.at,
        cut(&event.channel, limits::NAME),
        cut(&event.name, limits::NAME),
        cut(&event.summary, limits::MESSAGE),
        event.raw.as_deref().map(|raw| cut(raw, limits::RAW)),
    ];
    link.execute(sql, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("writing the event log"))
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
        .map_err(StoreError::statement("writing the state"))
}

async fn heard(link: &mut Link, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_heard (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
    link.execute(sql, args![at])
        .await
        .map(drop)
        .map_err(StoreError::statement(
            "writing until when events were heard",
        ))
}

async fn audit(link: &mut Link, plan: &Plan, entry: &AuditEntry) -> Result<(), StoreError> {
    let doing = "writing the audit";
    let sql =
        "INSERT INTO console_audit (entry_key, at, who, role, action, target, address, request_id, outcome, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (entry_key) DO NOTHING";
    let text = |text: &Option<String>, max| text.as_deref().map(|text| cut(text, max).to_owned());
    let args = args![
        bounded_key(&entry.key),
        entry.at,
        cut(&entry.who, limits::NAME),
        text(&entry.role, limits::NAME),
        cut(&entry.action, limits::NAME),
        text(&entry.target, limits::MESSAGE),
        text(&entry.address, limits::NAME),
        text(&entry.request_id, limits::NAME),
        cut(&entry.outcome, limits::NAME),
        text(&entry.detail, limits::RAW),
    ];
    if link
        .execute(sql, args)
        .await
        .map_err(StoreError::statement(doing))?
        > 0
    {
        notify(link, plan.relay, &Notice::Audit).await?;
    }
    Ok(())
}

async fn acknowledged(
    link: &mut Link,
    plan: &Plan,
    of: &Acknowledgement,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_acknowledgements (subject, who, at, note) VALUES ($1, $2, $3, $4)
        ON CONFLICT (subject) DO UPDATE SET who = excluded.who, at = excluded.at, note = excluded.note
        WHERE excluded.at >= console_acknowledgements.at";
    let subject = bounded_key(&of.subject);
    let note = of.note.as_deref().map(|note| cut(note, limits::MESSAGE));
    let args = args![&subject, cut(&of.who, limits::NAME), of.at, note];
    link.execute(sql, args)
        .await
        .map_err(StoreError::statement("writing an acknowledgement"))?;
    notify(link, plan.relay, &Notice::Acknowledged { subject }).await
}

async fn setting(link: &mut Link, setting: &Setting) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_settings (name, value, who, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, who = excluded.who, at = excluded.at
        WHERE excluded.at >= console_settings.at";
    if setting.value.len() > limits::STATE {
        return Err(StoreError::TooLarge {
            what: "a setting",
            bytes: setting.value.len(),
            limit: limits::STATE,
        });
    }
    let who = setting.who.as_deref().map(|who| cut(who, limits::NAME));
    let args = args![
        bounded_key(&setting.name),
        clean(&setting.value).as_ref(),
        who,
        setting.at
    ];
    link.execute(sql, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("writing a setting"))
}

async fn answer(link: &mut Link, kept: &StoredAnswer) -> Result<(), StoreError> {
    // The first answer counts, until its time is over.
    let sql = "INSERT INTO console_idempotency (key, body_hash, answer, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, at = excluded.at
        WHERE console_idempotency.at < $5";
    if kept.answer.len() > limits::STATE {
        return Err(StoreError::TooLarge {
            what: "an answer",
            bytes: kept.answer.len(),
            limit: limits::STATE,
        });
    }
    let over = kept.at.plus_ms(-limits::ANSWER_MS);
    let args = args![
        bounded_key(&kept.key),
        &kept.body_hash,
        &kept.answer,
        kept.at,
        over
    ];
    link.execute(sql, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("writing an answer"))
}
