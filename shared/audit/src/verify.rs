//! Proving that nobody has touched the log.

use std::fmt;

use bk_persistence::{DbError, TenantTx};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use thiserror::Error;

use crate::{
    hash::Hash,
    head::{Head, head},
    row::{COLUMNS, Recorded},
};

/// Entries read at a time; a chain of any length is verified in constant memory.
const PAGE_ROWS: i64 = 500;

/// A sound chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: i64,
    /// Where it ends: what to keep outside the database as the next checkpoint.
    pub head: Head,
}

/// The first place where the chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The entry that is missing, changed or not announced by the head.
    pub seq: i64,
    /// What is wrong there.
    pub why: Why,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is not there.
    Missing,
    /// It does not follow the entry before it.
    Unlinked,
    /// Its contents do not have the hash it carries.
    Altered,
    /// The log ends elsewhere than its head says.
    HeadDiffers,
    /// A checkpoint kept outside the database names another entry at this place.
    CheckpointDiffers,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it is missing",
            Self::Unlinked => "it does not follow the entry before it",
            Self::Altered => "its contents were changed",
            Self::HeadDiffers => "the log does not end where its head says",
            Self::CheckpointDiffers => "a checkpoint names another entry at this place",
        })
    }
}

/// Why a chain could not be confirmed.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// It was tampered with.
    #[error("the audit log is broken at entry {}: {}", .0.seq, .0.why)]
    Broken(Broken),
    /// It could not be read.
    #[error("database")]
    Db(#[from] DbError),
}

/// Reads the tenant's whole chain and checks every link, and that it ends at its head.
pub async fn verify(tx: &TenantTx) -> Result<Verified, VerifyError> {
    check(tx, None).await
}

/// The same, and that the chain still holds the entry a checkpoint names: whoever can rewrite the
/// table and its head cannot rewrite a checkpoint kept elsewhere.
pub async fn verify_against(tx: &TenantTx, known: &Head) -> Result<Verified, VerifyError> {
    check(tx, Some(known)).await
}

async fn check(tx: &TenantTx, known: Option<&Head>) -> Result<Verified, VerifyError> {
    // The head is read first: in a transaction that sees newer commits with each statement, entries
    // written meanwhile make the chain longer than this head, never shorter.
    let announced = head(tx).await?;
    let mut at = Head::EMPTY;
    let mut announced_seen = announced == Head::EMPTY;
    // Not from 1: an entry smuggled in before the first is an entry too many.
    let mut after = i64::MIN;
    loop {
        let entries = page_after(tx, after).await?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            at = follow(tx, at, entry)?;
            announced_seen |= at == announced;
            if let Some(known) = known
                && at.seq == known.seq
                && at.hash != known.hash
            {
                return Err(broken(at.seq, Why::CheckpointDiffers));
            }
        }
        after = at.seq;
    }
    if let Some(known) = known
        && at.seq < known.seq
    {
        return Err(broken(at.seq + 1, Why::Missing));
    }
    if at.seq < announced.seq {
        return Err(broken(at.seq + 1, Why::Missing));
    }
    if !announced_seen {
        return Err(broken(announced.seq, Why::HeadDiffers));
    }
    // Entries beyond the announced head are sound only if the head has moved with them.
    if at != announced && at.seq > head(tx).await?.seq {
        return Err(broken(announced.seq + 1, Why::HeadDiffers));
    }
    Ok(Verified { entries: at.seq, head: at })
}

fn follow(tx: &TenantTx, before: Head, entry: &Recorded) -> Result<Head, VerifyError> {
    let seq = before.seq + 1;
    if entry.seq != seq {
        return Err(broken(seq, Why::Missing));
    }
    if entry.prev_hash != before.hash {
        return Err(broken(seq, Why::Unlinked));
    }
    let expected: Hash = entry.expected_hash(tx.tenant_id());
    if entry.hash != expected {
        return Err(broken(seq, Why::Altered));
    }
    Ok(Head { seq, hash: expected })
}

const fn broken(seq: i64, why: Why) -> VerifyError {
    VerifyError::Broken(Broken { seq, why })
}

async fn page_after(tx: &TenantTx, seq: i64) -> Result<Vec<Recorded>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        format!(
            "SELECT {COLUMNS} FROM audit_entries WHERE tenant_id = $1 AND seq > $2
             ORDER BY seq LIMIT $3"
        ),
        [tx.tenant_id().uuid().into(), seq.into(), PAGE_ROWS.into()],
    );
    tx.query_all_raw(statement).await?.iter().map(Recorded::from_row).collect()
}
