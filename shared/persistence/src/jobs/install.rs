//! The queue's own schema: created and upgraded by the queue's crate, used by the worker role.

use graphile_worker::WorkerUtils;
use sqlx::PgPool;

use crate::DbError;

/// Where the queue keeps its tables.
pub(crate) const SCHEMA: &str = "graphile_worker";

/// Creates or upgrades the queue's tables, as their owner, and grants the worker what it needs.
pub(crate) async fn install(owner: &PgPool) -> Result<(), DbError> {
    WorkerUtils::new(owner.clone(), SCHEMA)
        .migrate()
        .await
        .map_err(|_| DbError::other("the job queue's own migrations failed"))?;
    sqlx::raw_sql(GRANTS).execute(owner).await?;
    Ok(())
}

/// The queue's tables have row-level security enabled without a policy, which shows them to their
/// owner only; the worker gets a policy. The API's role gets nothing here: it calls `enqueue_job`.
const GRANTS: &str = "
    GRANT USAGE ON SCHEMA graphile_worker TO bk_worker;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO bk_worker;
    REVOKE INSERT, UPDATE, DELETE ON graphile_worker.migrations FROM bk_worker;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO bk_worker;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO bk_worker;
    DO $$ DECLARE fenced regclass; BEGIN
        FOR fenced IN
            SELECT oid FROM pg_class
            WHERE relnamespace = 'graphile_worker'::regnamespace AND relkind = 'r' AND relrowsecurity
              AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'worker')
        LOOP
            EXECUTE format('CREATE POLICY worker ON %s TO bk_worker USING (true) WITH CHECK (true)', fenced);
        END LOOP;
    END $$;
";
