//! Confirms one order in a process of its own, which the kill gate ends on the way.
//!
//! `confirm_once <database url> <tenant> <user> <instant> <step>` says `reached` on its output when the
//! step is reached and then waits to be killed. A step is a fail point of the use case, or `committed`
//! for the one after the last; with `none` it runs to the end.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a helper of tests")]

use std::{
    env,
    io::{self, Write},
    sync::Arc,
    thread,
};

use bk_kernel::{
    Actor, ActorKind, Authorized, OperationContext, RequestId, SessionId, SessionRef, TenantId,
    UserId, permission::Permission,
};
use bk_kitchen_catalogue::load_snapshot;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_kitchen_ordering::orders::{ConfirmOrder, ConfirmOrderError, confirm_order};
use bk_persistence::{Database, DatabaseUrl, DbRole, PoolSettings};
use chrono::{DateTime, Utc};

/// The step after the transaction has ended.
const COMMITTED: &str = "committed";

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let mut next = || words.next().unwrap();
    let url = DatabaseUrl::parse(&next()).unwrap();
    let tenant: TenantId = next().parse::<uuid::Uuid>().unwrap().into();
    let user: UserId = next().parse::<uuid::Uuid>().unwrap().into();
    let at: DateTime<Utc> = next().parse().unwrap();
    let stop_at = next();

    let settings = PoolSettings::of(DbRole::App).with_connections(2);
    let database = Database::connect(&url, DbRole::App, settings).await.unwrap();
    let actor = Arc::new(actor(tenant, user, at));
    let ctx = OperationContext::of_actor(actor, RequestId::new(), at);
    let ctx = Authorized::<OwnOrdersWrite>::check(ctx).unwrap();
    if stop_at != "none" && stop_at != COMMITTED {
        fail::cfg_callback(stop_at.as_str(), wait).unwrap();
    }
    let confirmed = database.transaction(&ctx, ctx.clone(), async |tx, ctx| {
        let snapshot = load_snapshot(&tx).await?;
        confirm_order(&ctx, &tx, &snapshot, ConfirmOrder::default()).await?;
        Ok::<_, ConfirmOrderError>(())
    });
    confirmed.await.unwrap();
    if stop_at == COMMITTED {
        wait();
    }
}

/// Says that the step is reached and stays, in the middle of its work.
fn wait() {
    let mut out = io::stdout();
    out.write_all(b"reached\n").unwrap();
    out.flush().unwrap();
    loop {
        thread::park();
    }
}

fn actor(tenant_id: TenantId, user_id: UserId, at: DateTime<Utc>) -> Actor {
    Actor {
        kind: ActorKind::Client,
        tenant_id,
        user_id,
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: Some(at) },
        roles: vec!["client".to_owned()],
        permissions: [OwnOrdersWrite::DEF.key].into_iter().collect(),
    }
}
