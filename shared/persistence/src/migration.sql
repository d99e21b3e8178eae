-- Functions that migrations call beside each table they create, so that the fence is the same
-- everywhere. They live in the migration's own session and leave nothing in the database.

-- Fences a table with a `tenant_id`: no role, the owner included, reads or writes another tenant's
-- rows. A partition needs its own call.
CREATE OR REPLACE FUNCTION pg_temp.enable_tenant_rls(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    -- Null when no tenant is set. After one SET LOCAL the setting reads '' on that connection, not
    -- null, hence the nullif.
    fence text := 'tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid';
BEGIN
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_fence ON public.%I FOR ALL USING (%s) WITH CHECK (%s)', name, fence, fence);
END $$;

-- Lets app and worker read and write a table.
CREATE OR REPLACE FUNCTION pg_temp.grant_rw(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO bk_app, bk_worker', name);
END $$;

-- Makes a table a ledger: app and worker may read and insert, and a trigger stops every role, the
-- owner too, from updating, deleting or truncating.
CREATE OR REPLACE FUNCTION pg_temp.append_only(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON public.%I TO bk_app, bk_worker', name);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON public.%I
        FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.%I
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
END $$;
