-- The request travels beside the payload. It has a default, so that an instance of the version before
-- can enqueue while this one is rolled out.
DROP FUNCTION enqueue_job(text, json, text, timestamptz, integer, text);
CREATE FUNCTION enqueue_job(identifier text, payload json, job_key text, run_at timestamptz,
    max_attempts integer, queue_name text, request_id uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    tenant text := nullif(current_setting('app.tenant_id', true), '');
BEGIN
    IF tenant IS NOT NULL AND payload ->> 'tenant_id' IS NOT NULL AND payload ->> 'tenant_id' <> tenant THEN
        RAISE EXCEPTION 'a job for another tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM graphile_worker.add_job('bk_job',
        json_build_object('job', identifier, 'payload', payload, 'request_id', request_id),
        queue_name => queue_name, run_at => run_at,
        max_attempts => max_attempts,
        -- Keys of different tenants never meet.
        job_key => CASE WHEN tenant IS NULL THEN job_key ELSE tenant || ':' || job_key END);
END $$;
GRANT EXECUTE ON FUNCTION enqueue_job(text, json, text, timestamptz, integer, text, uuid) TO bk_app, bk_worker;
