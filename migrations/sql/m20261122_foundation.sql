-- What this database is for. One row, written by the first migration run.
CREATE TABLE environment (
    name text NOT NULL CONSTRAINT environment_name_known CHECK (name IN ('development', 'production', 'test')),
    only_row boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row)
);
GRANT SELECT ON environment TO bk_app, bk_worker, bk_platform;
GRANT SELECT ON seaql_migrations TO bk_app, bk_worker, bk_platform;

-- Raised by the triggers of append-only tables, for every role, the owner included.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', tg_table_name;
END $$;

-- All tenants. No row-level security, because it is read before a tenant is known; so the API's
-- role may not read it but only ask the function below.
CREATE TABLE tenant_directory (
    tenant_id uuid PRIMARY KEY,
    slug text NOT NULL CONSTRAINT tenant_directory_slug_key UNIQUE,
    status text NOT NULL
);
GRANT SELECT ON tenant_directory TO bk_worker, bk_platform;

CREATE FUNCTION tenant_by_slug(wanted text) RETURNS TABLE (tenant_id uuid, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT d.tenant_id, d.status FROM tenant_directory d WHERE d.slug = wanted
$$;
GRANT EXECUTE ON FUNCTION tenant_by_slug(text) TO bk_app, bk_worker, bk_platform;

-- A tenant writes its own entry only.
CREATE FUNCTION tenant_directory_put(tenant uuid, new_slug text, new_status text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'another tenant''s directory entry' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO tenant_directory (tenant_id, slug, status) VALUES (tenant, new_slug, new_status)
    ON CONFLICT (tenant_id) DO UPDATE SET slug = excluded.slug, status = excluded.status;
END $$;
GRANT EXECUTE ON FUNCTION tenant_directory_put(uuid, text, text) TO bk_app, bk_worker;

-- Events to be delivered. A delivered one stays until retention deletes it; a dead one holds back its
-- aggregate until an operator revives it.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    aggregate text NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    request_id uuid,
    occurred_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'PENDING'
        CONSTRAINT outbox_status_known CHECK (status IN ('PENDING', 'DELIVERED', 'DEAD')),
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT outbox_attempts_positive CHECK (attempts >= 0),
    next_attempt_at timestamptz,
    last_error text,
    delivered_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_undelivered ON outbox (tenant_id, seq) WHERE status <> 'DELIVERED';
CREATE INDEX outbox_undelivered_of_aggregate ON outbox (tenant_id, aggregate, seq) WHERE status <> 'DELIVERED';
CREATE INDEX outbox_delivered ON outbox (tenant_id, delivered_at) WHERE status = 'DELIVERED';
GRANT SELECT, INSERT ON outbox TO bk_app, bk_worker;
GRANT UPDATE (status, attempts, next_attempt_at, last_error, delivered_at) ON outbox TO bk_worker;
GRANT DELETE ON outbox TO bk_worker;
SELECT pg_temp.enable_tenant_rls('outbox');

-- Which tenants have something new. Unlogged and without a key, so that it costs next to nothing
-- and no transaction waits for another; what a crash loses, the relay's sweep finds.
CREATE UNLOGGED TABLE outbox_wake (tenant_id uuid NOT NULL);
GRANT INSERT ON outbox_wake TO bk_app, bk_worker;
GRANT SELECT, DELETE ON outbox_wake TO bk_worker;

-- What each consumer has handled, written in the transaction of its effect.
CREATE TABLE outbox_consumed (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    consumer text NOT NULL,
    PRIMARY KEY (tenant_id, event_id, consumer),
    CONSTRAINT outbox_consumed_event_fkey FOREIGN KEY (tenant_id, event_id)
        REFERENCES outbox (tenant_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON outbox_consumed TO bk_worker;
SELECT pg_temp.enable_tenant_rls('outbox_consumed');

-- The only way to the queue for the API's role. A tenant's transaction enqueues for its tenant only.
CREATE FUNCTION enqueue_job(identifier text, payload json, job_key text, run_at timestamptz,
    max_attempts integer, queue_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    tenant text := nullif(current_setting('app.tenant_id', true), '');
BEGIN
    IF tenant IS NOT NULL AND payload ->> 'tenant_id' IS NOT NULL AND payload ->> 'tenant_id' <> tenant THEN
        RAISE EXCEPTION 'a job for another tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM graphile_worker.add_job('bk_job', json_build_object('job', identifier, 'payload', payload),
        queue_name => queue_name, run_at => run_at,
        max_attempts => max_attempts,
        -- Keys of different tenants never meet.
        job_key => CASE WHEN tenant IS NULL THEN job_key ELSE tenant || ':' || job_key END);
END $$;
GRANT EXECUTE ON FUNCTION enqueue_job(text, json, text, timestamptz, integer, text) TO bk_app, bk_worker;
