//! Verifying that the log has not been tampered with.

use std::fmt;

use bk_persistence::store::*;
use thiserror::Error;

use crate::{
    entity::{Column, Entity},
    hash::Hash,
    head::{Head, head},
    row::Recorded,
};

/// Entries read at a time; a chain of any length is verified in constant memory.
const PAGE_ROWS: u64 = 500;

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
pub struct ChainBreak {
    /// The entry that is missing, changed or not announced by the head.
    pub seq: i64,
    /// What is wrong there.
    pub fault: ChainFault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainFault {
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

impl fmt::Display for ChainFault {
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
    /// The chain was tampered with.
    #[error("the audit log is broken at entry {}: {}", .0.seq, .0.fault)]
    Broken(ChainBreak),
    /// The log could not be read.
    #[error("the audit log could not be read")]
    Db(#[from] DbError),
}

/// Reads the tenant's whole chain and checks every link, and that it ends at its head.
pub async fn verify(tx: &TenantTx) -> Result<Verified, VerifyError> {
    check(tx, None).await
}

/// Like [`verify`], and checks that the chain still holds the entry a checkpoint names: an attacker
/// who can rewrite the table and its head cannot rewrite a checkpoint kept elsewhere.
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
                return Err(broken(at.seq, ChainFault::CheckpointDiffers));
            }
        }
        after = at.seq;
    }
    if let Some(known) = known
        && at.seq < known.seq
    {
        return Err(broken(at.seq + 1, ChainFault::Missing));
    }
    if at.seq < announced.seq {
        return Err(broken(at.seq + 1, ChainFault::Missing));
    }
    if !announced_seen {
        return Err(broken(announced.seq, ChainFault::HeadDiffers));
    }
    // Entries beyond the announced head are sound only if the head has moved with them.
    if at != announced && at.seq > head(tx).await?.seq {
        return Err(broken(announced.seq + 1, ChainFault::HeadDiffers));
    }
    Ok(Verified { entries: at.seq, head: at })
}

fn follow(tx: &TenantTx, before: Head, entry: &Recorded) -> Result<Head, VerifyError> {
    let seq = before.seq + 1;
    if entry.seq != seq {
        return Err(broken(seq, ChainFault::Missing));
    }
    if entry.prev_hash != before.hash {
        return Err(broken(seq, ChainFault::Unlinked));
    }
    let expected: Hash = entry.expected_hash(tx.tenant_id());
    if entry.hash != expected {
        return Err(broken(seq, ChainFault::Altered));
    }
    Ok(Head { seq, hash: expected })
}

const fn broken(seq: i64, fault: ChainFault) -> VerifyError {
    VerifyError::Broken(ChainBreak { seq, fault })
}

async fn page_after(tx: &TenantTx, seq: i64) -> Result<Vec<Recorded>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(PAGE_ROWS)
        .all(tx)
        .await?;
    rows.into_iter().map(Recorded::from_row).collect()
}
