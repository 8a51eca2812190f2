//! The seam between what is kept and where: a connection to either database that runs statements
//! and gives rows.
//!
//! SQL is written once where both understand it (`$1` parameters, BIGINT, TEXT, DOUBLE PRECISION),
//! so that only [`crate::sqlite`] and [`crate::postgres`] know their own dialect.

use crate::text::{clean, cut};
use contract::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Postgres, Row as _, SqlSafeStr, Sqlite,
    SqliteConnection,
};
use std::borrow::Cow;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// An embedded file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A connection, of one's own or of a pool's.
pub(crate) enum Link {
    Sqlite(SqliteConnection),
    SqlitePooled(PoolConnection<Sqlite>),
    Postgres(PgConnection),
    PostgresPooled(PoolConnection<Postgres>),
}

/// A parameter. NUL in texts is replaced when they are bound.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
}

/// One row of an answer; its columns are read by name.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Parameters in their order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Arg::from($value)),*] };
}
pub(crate) use args;

macro_rules! arg_from {
    ($($from:ty => |$v:ident| $arg:expr),+ $(,)?) => {
        $(impl From<$from> for Arg { fn from($v: $from) -> Arg { $arg } })+
    };
}

arg_from! {
    i64 => |v| Arg::Int(Some(v)),
    Option<i64> => |v| Arg::Int(v),
    bool => |v| Arg::Int(Some(v.into())),
    f64 => |v| Arg::Real(Some(v)),
    Option<f64> => |v| Arg::Real(v),
    &str => |v| Arg::Text(Some(v.to_owned())),
    &String => |v| Arg::Text(Some(v.clone())),
    String => |v| Arg::Text(Some(v)),
    Option<String> => |v| Arg::Text(v),
    Option<&str> => |v| Arg::Text(v.map(str::to_owned)),
    Timestamp => |v| Arg::Int(Some(v.0)),
    Option<Timestamp> => |v| Arg::Int(v.map(|v| v.0)),
}

impl Arg {
    /// A text of at most `max` bytes.
    pub(crate) fn at_most(self, max: usize) -> Arg {
        match self {
            Arg::Text(Some(text)) => Arg::Text(Some(cut(&text, max).to_owned())),
            arg => arg,
        }
    }
}

impl Link {
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Link::Sqlite(_) | Link::SqlitePooled(_) => Engine::Sqlite,
            Link::Postgres(_) | Link::PostgresPooled(_) => Engine::Postgres,
        }
    }

    /// Closes it in good order.
    pub(crate) async fn close(self) -> sqlx::Result<()> {
        match self {
            Link::Sqlite(c) => c.close().await,
            Link::Postgres(c) => c.close().await,
            Link::SqlitePooled(_) | Link::PostgresPooled(_) => Ok(()),
        }
    }

    /// Runs one statement and says how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> sqlx::Result<u64> {
        self.execute_str(sql.into_sql_str(), args, true).await
    }

    /// As [`Self::execute`], for a statement put together of constants: parameters carry every
    /// value.
    pub(crate) async fn execute_built(&mut self, sql: String, args: Vec<Arg>) -> sqlx::Result<u64> {
        self.execute_str(AssertSqlSafe(sql).into_sql_str(), args, false)
            .await
    }

    async fn execute_str(
        &mut self,
        sql: sqlx::SqlStr,
        args: Vec<Arg>,
        keep: bool,
    ) -> sqlx::Result<u64> {
        match self {
            Link::Sqlite(c) => sqlite(sql, args)
                .persistent(keep)
                .execute(c)
                .await
                .map(|done| done.rows_affected()),
            Link::SqlitePooled(c) => sqlite(sql, args)
                .persistent(keep)
                .execute(&mut **c)
                .await
                .map(|done| done.rows_affected()),
            Link::Postgres(c) => postgres(sql, args)
                .persistent(keep)
                .execute(c)
                .await
                .map(|done| done.rows_affected()),
            Link::PostgresPooled(c) => postgres(sql, args)
                .persistent(keep)
                .execute(&mut **c)
                .await
                .map(|done| done.rows_affected()),
        }
    }

    /// Runs several statements without parameters, as a file of a schema has them.
    pub(crate) async fn script(&mut self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Link::Sqlite(c) => sqlx::raw_sql(sql).execute(c).await.map(drop),
            Link::SqlitePooled(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(drop),
            Link::Postgres(c) => sqlx::raw_sql(sql).execute(c).await.map(drop),
            Link::PostgresPooled(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(drop),
        }
    }

    /// The rows of an answer. Callers bound them with LIMIT.
    pub(crate) async fn rows(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> sqlx::Result<Vec<Row>> {
        self.rows_str(sql.into_sql_str(), args).await
    }

    /// As [`Self::rows`], for a statement put together of constants: parameters carry every value.
    pub(crate) async fn rows_built(
        &mut self,
        sql: String,
        args: Vec<Arg>,
    ) -> sqlx::Result<Vec<Row>> {
        self.rows_str(AssertSqlSafe(sql).into_sql_str(), args).await
    }

    async fn rows_str(&mut self, sql: sqlx::SqlStr, args: Vec<Arg>) -> sqlx::Result<Vec<Row>> {
        let of_sqlite = |rows: Vec<SqliteRow>| rows.into_iter().map(Row::Sqlite).collect();
        let of_postgres = |rows: Vec<PgRow>| rows.into_iter().map(Row::Postgres).collect();
        match self {
            Link::Sqlite(c) => sqlite(sql, args).fetch_all(c).await.map(of_sqlite),
            Link::SqlitePooled(c) => sqlite(sql, args).fetch_all(&mut **c).await.map(of_sqlite),
            Link::Postgres(c) => postgres(sql, args).fetch_all(c).await.map(of_postgres),
            Link::PostgresPooled(c) => postgres(sql, args)
                .fetch_all(&mut **c)
                .await
                .map(of_postgres),
        }
    }

    /// The first row of an answer.
    pub(crate) async fn row(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> sqlx::Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// The number in the first column of the first row; 0 where there is none.
    pub(crate) async fn number(&mut self, sql: &'static str, args: Vec<Arg>) -> sqlx::Result<i64> {
        let number: Option<i64> = match self.row(sql, args).await? {
            Some(Row::Sqlite(row)) => row.try_get_unchecked(0)?,
            Some(Row::Postgres(row)) => row.try_get(0)?,
            None => None,
        };
        Ok(number.unwrap_or(0))
    }
}

macro_rules! bind {
    ($query:expr, $args:expr) => {
        $args.into_iter().fold($query, |query, arg| match arg {
            Arg::Int(value) => query.bind(value),
            Arg::Real(value) => query.bind(value),
            Arg::Text(value) => query.bind(value.map(without_nul)),
        })
    };
}

fn without_nul(text: String) -> String {
    match clean(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

fn sqlite(
    sql: sqlx::SqlStr,
    args: Vec<Arg>,
) -> sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
    bind!(sqlx::query::<Sqlite>(sql), args)
}

fn postgres(
    sql: sqlx::SqlStr,
    args: Vec<Arg>,
) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    bind!(sqlx::query::<Postgres>(sql), args)
}

impl Row {
    /// A BIGINT.
    pub(crate) fn integer(&self, column: &str) -> sqlx::Result<Option<i64>> {
        match self {
            Row::Sqlite(row) => row.try_get_unchecked(column),
            Row::Postgres(row) => row.try_get(column),
        }
    }

    /// A DOUBLE PRECISION.
    pub(crate) fn real(&self, column: &str) -> sqlx::Result<Option<f64>> {
        match self {
            Row::Sqlite(row) => row.try_get_unchecked(column),
            Row::Postgres(row) => row.try_get(column),
        }
    }

    /// A TEXT.
    pub(crate) fn text(&self, column: &str) -> sqlx::Result<Option<String>> {
        match self {
            Row::Sqlite(row) => row.try_get_unchecked(column),
            Row::Postgres(row) => row.try_get_unchecked(column),
        }
    }
}
