-- Tenants, their settings and roles; and the one thing about them that must be known before a tenant
-- is: which browser origins any tenant admits.

CREATE TABLE admin_tenants (
    tenant_id      uuid        NOT NULL PRIMARY KEY,
    -- Never changes. Unique among all tenants through tenant_directory.
    slug           text        NOT NULL CONSTRAINT admin_tenants_slug CHECK (slug ~ '^[a-z0-9-]{3,40}$'),
    name           text        NOT NULL CONSTRAINT admin_tenants_name CHECK (char_length(name) BETWEEN 1 AND 120),
    status         text        NOT NULL CONSTRAINT admin_tenants_status CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    -- Never changes: packs, purchases and ledgers are in it.
    currency       text        NOT NULL CONSTRAINT admin_tenants_currency CHECK (currency ~ '^[A-Z]{3}$'),
    country        text        NOT NULL CONSTRAINT admin_tenants_country CHECK (country ~ '^[A-Z]{2}$'),
    time_zone      text        NOT NULL CONSTRAINT admin_tenants_time_zone CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    -- Wall-clock times of the week, 'FRI 12:00'.
    window_opens   text        NOT NULL CONSTRAINT admin_tenants_window_opens CHECK (window_opens ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'),
    window_closes  text        NOT NULL CONSTRAINT admin_tenants_window_closes CHECK (window_closes ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'),
    cutoff         text        NOT NULL CONSTRAINT admin_tenants_cutoff CHECK (cutoff ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'),
    -- {"client": […], "admin": […], "site": […]}
    origins        jsonb       NOT NULL CONSTRAINT admin_tenants_origins CHECK (jsonb_typeof(origins) = 'object'),
    return_origins jsonb       NOT NULL CONSTRAINT admin_tenants_return_origins CHECK (jsonb_typeof(return_origins) = 'array'),
    -- PENDING until the tenant's staff have saved their settings once.
    setup          text        NOT NULL CONSTRAINT admin_tenants_setup CHECK (setup IN ('PENDING', 'COMPLETE')),
    version        bigint      NOT NULL CONSTRAINT admin_tenants_version CHECK (version >= 1),
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);
SELECT pg_temp.enable_tenant_rls('admin_tenants');
-- Tenants are suspended, never deleted.
GRANT SELECT, INSERT, UPDATE ON admin_tenants TO bk_app, bk_worker;

CREATE TABLE admin_roles (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    key         text        NOT NULL CONSTRAINT admin_roles_key_form CHECK (key ~ '^[a-z][a-z0-9_]{1,39}$'),
    title       text        NOT NULL CONSTRAINT admin_roles_title CHECK (char_length(title) BETWEEN 1 AND 80),
    -- Keys of the catalogue, sorted, without duplicates.
    permissions text[]      NOT NULL CONSTRAINT admin_roles_permissions CHECK (cardinality(permissions) <= 200),
    builtin     boolean     NOT NULL,
    version     bigint      NOT NULL CONSTRAINT admin_roles_version CHECK (version >= 1),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT admin_roles_key UNIQUE (tenant_id, key),
    CONSTRAINT admin_roles_tenant FOREIGN KEY (tenant_id) REFERENCES admin_tenants (tenant_id)
);
SELECT pg_temp.enable_tenant_rls('admin_roles');
SELECT pg_temp.grant_rw('admin_roles');

-- Global, and reachable through its two functions only: a preflight carries no credential, so the
-- tenant is not known yet, and the answer is a single yes or no.
CREATE TABLE origin_directory (
    surface   text NOT NULL CONSTRAINT origin_directory_surface CHECK (surface IN ('client', 'admin', 'site')),
    origin    text NOT NULL CONSTRAINT origin_directory_origin CHECK (char_length(origin) <= 255),
    tenant_id uuid NOT NULL,
    PRIMARY KEY (surface, origin, tenant_id)
);
CREATE INDEX origin_directory_by_tenant ON origin_directory (tenant_id);

CREATE FUNCTION origin_known(asked_surface text, asked_origin text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$
        SELECT EXISTS (
            SELECT FROM public.origin_directory d
            WHERE d.surface = asked_surface AND d.origin = asked_origin
        )
    $$;
REVOKE ALL ON FUNCTION origin_known(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION origin_known(text, text) TO bk_app;

CREATE FUNCTION origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$
    BEGIN
        IF of_tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
            RAISE EXCEPTION 'a transaction may only put the origins of its own tenant';
        END IF;
        DELETE FROM public.origin_directory d WHERE d.tenant_id = of_tenant;
        INSERT INTO public.origin_directory (surface, origin, tenant_id)
            SELECT 'client', unnest(client), of_tenant
            UNION SELECT 'admin', unnest(admin), of_tenant
            UNION SELECT 'site', unnest(site), of_tenant;
    END
    $$;
REVOKE ALL ON FUNCTION origin_directory_put(uuid, text[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION origin_directory_put(uuid, text[], text[], text[]) TO bk_app, bk_worker;
