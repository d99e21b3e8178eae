-- The schema `public` as the first eight migrations left it under their old names: the output of
-- `pg_dump --inserts --no-comments --schema public`, without its comments and settings.
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO bk_owner;
CREATE FUNCTION public.billing_directory_put(object text, purchase uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF tenant IS NULL THEN
        RAISE EXCEPTION 'no tenant is set' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO billing_session_directory AS d (stripe_object, tenant_id, purchase_id)
    VALUES (object, tenant, purchase) ON CONFLICT (stripe_object) DO NOTHING;
    IF NOT EXISTS (SELECT FROM billing_session_directory d
                   WHERE d.stripe_object = object AND d.tenant_id = tenant AND d.purchase_id = purchase) THEN
        RAISE EXCEPTION 'the object belongs to another purchase' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
ALTER FUNCTION public.billing_directory_put(object text, purchase uuid) OWNER TO bk_owner;
CREATE FUNCTION public.billing_event_replay(wanted uuid) RETURNS TABLE(stripe_account text, event_id text, object_id text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    UPDATE billing_stripe_events e
    SET state = 'RECEIVED', reason = NULL, attempts = 0, last_error = NULL, processed_at = NULL
    WHERE e.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      AND e.id = wanted AND e.state <> 'RECEIVED'
    RETURNING e.stripe_account, e.event_id, e.object_id
$$;
ALTER FUNCTION public.billing_event_replay(wanted uuid) OWNER TO bk_owner;
CREATE FUNCTION public.billing_events_of_tenant(wanted uuid, wanted_state text, before uuid, most integer) RETURNS TABLE(id uuid, event_id text, type text, object_type text, object_id text, livemode boolean, created timestamp with time zone, received_at timestamp with time zone, state text, reason text, attempts integer, last_error text, processed_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT e.id, e.event_id, e.type, e.object_type, e.object_id, e.livemode, e.created, e.received_at, e.state,
           e.reason, e.attempts, e.last_error, e.processed_at
    FROM billing_stripe_events e
    WHERE e.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      AND (wanted IS NULL OR e.id = wanted)
      AND (wanted_state IS NULL OR e.state = wanted_state)
      AND (before IS NULL OR e.id < before)
    ORDER BY e.id DESC LIMIT least(most, 101)
$$;
ALTER FUNCTION public.billing_events_of_tenant(wanted uuid, wanted_state text, before uuid, most integer) OWNER TO bk_owner;
CREATE FUNCTION public.enqueue_job(identifier text, payload json, job_key text, run_at timestamp with time zone, max_attempts integer, queue_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
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
ALTER FUNCTION public.enqueue_job(identifier text, payload json, job_key text, run_at timestamp with time zone, max_attempts integer, queue_name text) OWNER TO bk_owner;
CREATE FUNCTION public.kitchen_apply_pack_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    UPDATE kitchen_packs
       SET meals_remaining = meals_remaining + NEW.delta,
           status = CASE
               WHEN NEW.kind = 'REFUNDED' AND meals_remaining + NEW.delta = 0 THEN 'CANCELLED'
               WHEN status = 'CANCELLED' THEN status
               WHEN meals_remaining + NEW.delta = 0 THEN 'EXHAUSTED'
               ELSE 'ACTIVE'
           END
     WHERE tenant_id = NEW.tenant_id AND id = NEW.pack_id;
    RETURN NULL;
END
$$;
ALTER FUNCTION public.kitchen_apply_pack_event() OWNER TO bk_owner;
CREATE FUNCTION public.origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
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
ALTER FUNCTION public.origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) OWNER TO bk_owner;
CREATE FUNCTION public.origin_known(asked_surface text, asked_origin text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
        SELECT EXISTS (
            SELECT FROM public.origin_directory d
            WHERE d.surface = asked_surface AND d.origin = asked_origin
        )
    $$;
ALTER FUNCTION public.origin_known(asked_surface text, asked_origin text) OWNER TO bk_owner;
CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', tg_table_name;
END $$;
ALTER FUNCTION public.refuse_change() OWNER TO bk_owner;
CREATE FUNCTION public.tenant_by_slug(wanted text) RETURNS TABLE(tenant_id uuid, status text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT d.tenant_id, d.status FROM tenant_directory d WHERE d.slug = wanted
$$;
ALTER FUNCTION public.tenant_by_slug(wanted text) OWNER TO bk_owner;
CREATE FUNCTION public.tenant_directory_put(tenant uuid, new_slug text, new_status text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'another tenant''s directory entry' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO tenant_directory (tenant_id, slug, status) VALUES (tenant, new_slug, new_status)
    ON CONFLICT (tenant_id) DO UPDATE SET slug = excluded.slug, status = excluded.status;
END $$;
ALTER FUNCTION public.tenant_directory_put(tenant uuid, new_slug text, new_status text) OWNER TO bk_owner;
CREATE TABLE public.admin_roles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    permissions text[] NOT NULL,
    builtin boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT admin_roles_key_form CHECK ((key ~ '^[a-z][a-z0-9_]{1,39}$'::text)),
    CONSTRAINT admin_roles_permissions CHECK ((cardinality(permissions) <= 200)),
    CONSTRAINT admin_roles_title CHECK (((char_length(title) >= 1) AND (char_length(title) <= 80))),
    CONSTRAINT admin_roles_version CHECK ((version >= 1))
);
ALTER TABLE ONLY public.admin_roles FORCE ROW LEVEL SECURITY;
ALTER TABLE public.admin_roles OWNER TO bk_owner;
CREATE TABLE public.admin_tenants (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    country text NOT NULL,
    time_zone text NOT NULL,
    window_opens text NOT NULL,
    window_closes text NOT NULL,
    cutoff text NOT NULL,
    origins jsonb NOT NULL,
    return_origins jsonb NOT NULL,
    setup text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT admin_tenants_country CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT admin_tenants_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT admin_tenants_cutoff CHECK ((cutoff ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
    CONSTRAINT admin_tenants_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT admin_tenants_origins CHECK ((jsonb_typeof(origins) = 'object'::text)),
    CONSTRAINT admin_tenants_return_origins CHECK ((jsonb_typeof(return_origins) = 'array'::text)),
    CONSTRAINT admin_tenants_setup CHECK ((setup = ANY (ARRAY['PENDING'::text, 'COMPLETE'::text]))),
    CONSTRAINT admin_tenants_slug CHECK ((slug ~ '^[a-z0-9-]{3,40}$'::text)),
    CONSTRAINT admin_tenants_status CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'SUSPENDED'::text]))),
    CONSTRAINT admin_tenants_time_zone CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64))),
    CONSTRAINT admin_tenants_version CHECK ((version >= 1)),
    CONSTRAINT admin_tenants_window_closes CHECK ((window_closes ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
    CONSTRAINT admin_tenants_window_opens CHECK ((window_opens ~ '^(MON|TUE|WED|THU|FRI|SAT|SUN) ([01][0-9]|2[0-3]):[0-5][0-9]$'::text))
);
ALTER TABLE ONLY public.admin_tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE public.admin_tenants OWNER TO bk_owner;
CREATE TABLE public.audit_entries (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    request_id uuid,
    details jsonb NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_entries_action CHECK (((char_length(action) >= 1) AND (char_length(action) <= 64))),
    CONSTRAINT audit_entries_actor_kind CHECK ((actor_kind = ANY (ARRAY['client'::text, 'staff'::text, 'operator'::text, 'system'::text]))),
    CONSTRAINT audit_entries_details CHECK (((jsonb_typeof(details) = 'object'::text) AND (octet_length((details)::text) <= 32768))),
    CONSTRAINT audit_entries_hash CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_entries_prev_hash CHECK ((octet_length(prev_hash) = 32)),
    CONSTRAINT audit_entries_seq CHECK ((seq >= 1)),
    CONSTRAINT audit_entries_subject_id CHECK ((char_length(subject_id) <= 128)),
    CONSTRAINT audit_entries_subject_type CHECK (((char_length(subject_type) >= 1) AND (char_length(subject_type) <= 64)))
);
ALTER TABLE ONLY public.audit_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE public.audit_entries OWNER TO bk_owner;
CREATE TABLE public.audit_heads (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_heads_hash CHECK ((octet_length(hash) = 32)),
    CONSTRAINT audit_heads_seq CHECK ((seq >= 0))
);
ALTER TABLE ONLY public.audit_heads FORCE ROW LEVEL SECURITY;
ALTER TABLE public.audit_heads OWNER TO bk_owner;
CREATE TABLE public.billing_ledger (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    stripe_object text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    purchase_id uuid NOT NULL,
    account_id uuid NOT NULL,
    livemode boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT billing_ledger_currency_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT billing_ledger_kind_known CHECK ((kind = ANY (ARRAY['PAYMENT'::text, 'REFUND'::text]))),
    CONSTRAINT billing_ledger_sign CHECK ((((kind = 'PAYMENT'::text) AND (amount_minor > 0)) OR ((kind = 'REFUND'::text) AND (amount_minor < 0))))
);
ALTER TABLE ONLY public.billing_ledger FORCE ROW LEVEL SECURITY;
ALTER TABLE public.billing_ledger OWNER TO bk_owner;
CREATE TABLE public.billing_purchases (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    product_id uuid NOT NULL,
    title text NOT NULL,
    meals integer NOT NULL,
    meal_size_g integer NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    state text DEFAULT 'PENDING'::text NOT NULL,
    attention text,
    request_key text,
    customer_email text,
    success_url text,
    cancel_url text,
    stripe_session_id text,
    checkout_url text,
    stripe_payment_intent_id text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT billing_purchases_attention_known CHECK ((attention = ANY (ARRAY['AMOUNT_MISMATCH'::text, 'METADATA_MISMATCH'::text, 'LIVEMODE_MISMATCH'::text, 'PAYMENT_MISSING'::text]))),
    CONSTRAINT billing_purchases_currency_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT billing_purchases_meals_positive CHECK ((meals > 0)),
    CONSTRAINT billing_purchases_page_whole CHECK (((stripe_session_id IS NULL) = (checkout_url IS NULL))),
    CONSTRAINT billing_purchases_paid_whole CHECK ((((state = ANY (ARRAY['PENDING'::text, 'CANCELLED'::text])) = (paid_at IS NULL)) AND ((paid_at IS NULL) = (stripe_payment_intent_id IS NULL)))),
    CONSTRAINT billing_purchases_price_positive CHECK ((price_minor > 0)),
    CONSTRAINT billing_purchases_request_key_length CHECK ((char_length(request_key) <= 255)),
    CONSTRAINT billing_purchases_size_positive CHECK ((meal_size_g > 0)),
    CONSTRAINT billing_purchases_state_known CHECK ((state = ANY (ARRAY['PENDING'::text, 'PAID'::text, 'CANCELLED'::text, 'REFUNDED'::text, 'PARTIALLY_REFUNDED'::text]))),
    CONSTRAINT billing_purchases_title_length CHECK (((char_length(title) >= 1) AND (char_length(title) <= 250)))
);
ALTER TABLE ONLY public.billing_purchases FORCE ROW LEVEL SECURITY;
ALTER TABLE public.billing_purchases OWNER TO bk_owner;
CREATE TABLE public.billing_session_directory (
    stripe_object text NOT NULL,
    tenant_id uuid NOT NULL,
    purchase_id uuid NOT NULL
);
ALTER TABLE public.billing_session_directory OWNER TO bk_owner;
CREATE TABLE public.billing_stripe_events (
    stripe_account text DEFAULT ''::text NOT NULL,
    event_id text NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    api_version text,
    livemode boolean NOT NULL,
    created timestamp with time zone NOT NULL,
    object_type text NOT NULL,
    object_id text,
    payment_intent_id text,
    envelope bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    state text DEFAULT 'RECEIVED'::text NOT NULL,
    reason text,
    tenant_id uuid,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    processed_at timestamp with time zone,
    CONSTRAINT billing_stripe_events_state_known CHECK ((state = ANY (ARRAY['RECEIVED'::text, 'PROCESSED'::text, 'IGNORED'::text, 'PARKED'::text, 'FAILED'::text])))
);
ALTER TABLE public.billing_stripe_events OWNER TO bk_owner;
CREATE TABLE public.environment (
    name text NOT NULL,
    only_row boolean DEFAULT true NOT NULL,
    CONSTRAINT environment_name_known CHECK ((name = ANY (ARRAY['development'::text, 'production'::text, 'test'::text]))),
    CONSTRAINT environment_only_row_check CHECK (only_row)
);
ALTER TABLE public.environment OWNER TO bk_owner;
CREATE TABLE public.idempotency_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    claim uuid NOT NULL,
    state text NOT NULL,
    locked_until timestamp with time zone NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_keys_answer CHECK (((state = 'DONE'::text) = ((status IS NOT NULL) AND (headers IS NOT NULL) AND (body IS NOT NULL)))),
    CONSTRAINT idempotency_keys_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255))),
    CONSTRAINT idempotency_keys_route_check CHECK (((char_length(route) >= 1) AND (char_length(route) <= 500))),
    CONSTRAINT idempotency_keys_state CHECK ((state = ANY (ARRAY['RUNNING'::text, 'DONE'::text]))),
    CONSTRAINT idempotency_keys_status_check CHECK (((status >= 100) AND (status <= 499)))
);
ALTER TABLE ONLY public.idempotency_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE public.idempotency_keys OWNER TO bk_owner;
CREATE TABLE public.identity_invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea,
    invited_by uuid,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    accepted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT identity_invitations_one_end CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
    CONSTRAINT identity_invitations_token_hash CHECK ((octet_length(token_hash) = 32))
);
ALTER TABLE ONLY public.identity_invitations FORCE ROW LEVEL SECURITY;
ALTER TABLE public.identity_invitations OWNER TO bk_owner;
CREATE TABLE public.identity_login_attempts (
    tenant_id uuid NOT NULL,
    subject bytea NOT NULL,
    failures integer NOT NULL,
    blocked_until timestamp with time zone,
    forgotten_at timestamp with time zone NOT NULL,
    CONSTRAINT identity_login_attempts_failures CHECK ((failures > 0)),
    CONSTRAINT identity_login_attempts_subject CHECK ((octet_length(subject) = 32))
);
ALTER TABLE ONLY public.identity_login_attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE public.identity_login_attempts OWNER TO bk_owner;
CREATE TABLE public.identity_sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    door text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    aal2_at timestamp with time zone,
    ip text NOT NULL,
    user_agent text,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT identity_sessions_door CHECK ((door = ANY (ARRAY['client'::text, 'admin'::text, 'platform'::text]))),
    CONSTRAINT identity_sessions_end CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
    CONSTRAINT identity_sessions_end_reason CHECK ((end_reason = ANY (ARRAY['LOGOUT'::text, 'REVOKED'::text, 'ROTATED'::text, 'DISPLACED'::text, 'DISABLED'::text]))),
    CONSTRAINT identity_sessions_ip_length CHECK ((char_length(ip) <= 45)),
    CONSTRAINT identity_sessions_token_hash CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT identity_sessions_user_agent_length CHECK ((char_length(user_agent) <= 200))
);
ALTER TABLE ONLY public.identity_sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE public.identity_sessions OWNER TO bk_owner;
CREATE TABLE public.identity_user_roles (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role_key text NOT NULL,
    CONSTRAINT identity_user_roles_key_length CHECK (((char_length(role_key) >= 1) AND (char_length(role_key) <= 50)))
);
ALTER TABLE ONLY public.identity_user_roles FORCE ROW LEVEL SECURITY;
ALTER TABLE public.identity_user_roles OWNER TO bk_owner;
CREATE TABLE public.identity_users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    password_hash text,
    password_changed_at timestamp with time zone,
    email_verified_at timestamp with time zone,
    last_login_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT identity_users_active_has_password CHECK (((status <> 'ACTIVE'::text) OR (password_hash IS NOT NULL))),
    CONSTRAINT identity_users_display_name_length CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 120))),
    CONSTRAINT identity_users_email_form CHECK (((email = lower(email)) AND (email ~ '^[!-~]+@[!-~]+$'::text) AND (char_length(email) <= 254))),
    CONSTRAINT identity_users_kind CHECK ((kind = ANY (ARRAY['CLIENT'::text, 'STAFF'::text]))),
    CONSTRAINT identity_users_password_hash CHECK ((password_hash ~~ '$argon2id$%'::text)),
    CONSTRAINT identity_users_status CHECK ((status = ANY (ARRAY['INVITED'::text, 'ACTIVE'::text, 'DISABLED'::text])))
);
ALTER TABLE ONLY public.identity_users FORCE ROW LEVEL SECURITY;
ALTER TABLE public.identity_users OWNER TO bk_owner;
CREATE TABLE public.kitchen_account_users (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    account_id uuid NOT NULL,
    added_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.kitchen_account_users FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_account_users OWNER TO bk_owner;
CREATE TABLE public.kitchen_accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    reference text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    tier text NOT NULL,
    primary_user_id uuid NOT NULL,
    manager_user_id uuid,
    default_preset_id uuid,
    delivery_notes text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_accounts_delivery_notes_check CHECK ((char_length(delivery_notes) <= 1000)),
    CONSTRAINT kitchen_accounts_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_accounts_reference_check CHECK (((char_length(reference) >= 1) AND (char_length(reference) <= 20))),
    CONSTRAINT kitchen_accounts_status CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'PAUSED'::text, 'SUSPENDED'::text, 'CLOSED'::text]))),
    CONSTRAINT kitchen_accounts_tier CHECK ((tier = ANY (ARRAY['BASE'::text, 'MID'::text, 'HIGH'::text])))
);
ALTER TABLE ONLY public.kitchen_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_accounts OWNER TO bk_owner;
CREATE TABLE public.kitchen_addresses (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    line1 text NOT NULL,
    line2 text DEFAULT ''::text NOT NULL,
    city text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    postcode text NOT NULL,
    country text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_addresses_city_check CHECK (((char_length(city) >= 1) AND (char_length(city) <= 100))),
    CONSTRAINT kitchen_addresses_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT kitchen_addresses_line1_check CHECK (((char_length(line1) >= 1) AND (char_length(line1) <= 200))),
    CONSTRAINT kitchen_addresses_line2_check CHECK ((char_length(line2) <= 200)),
    CONSTRAINT kitchen_addresses_postcode_check CHECK (((char_length(postcode) >= 1) AND (char_length(postcode) <= 20))),
    CONSTRAINT kitchen_addresses_region_check CHECK ((char_length(region) <= 100))
);
ALTER TABLE ONLY public.kitchen_addresses FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_addresses OWNER TO bk_owner;
CREATE TABLE public.kitchen_catalogue_versions (
    tenant_id uuid NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT kitchen_catalogue_versions_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY public.kitchen_catalogue_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_catalogue_versions OWNER TO bk_owner;
CREATE TABLE public.kitchen_components (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    tier text NOT NULL,
    slot_base boolean DEFAULT false NOT NULL,
    status text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_components_key_check CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_components_kind CHECK ((kind = ANY (ARRAY['VEGETABLE'::text, 'CARBOHYDRATE'::text]))),
    CONSTRAINT kitchen_components_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_components_slot_base CHECK (((NOT slot_base) OR (tier = 'BASE'::text))),
    CONSTRAINT kitchen_components_status CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'RETIRED'::text]))),
    CONSTRAINT kitchen_components_tier CHECK ((tier = ANY (ARRAY['BASE'::text, 'MID'::text, 'HIGH'::text])))
);
ALTER TABLE ONLY public.kitchen_components FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_components OWNER TO bk_owner;
CREATE TABLE public.kitchen_dishes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    category text NOT NULL,
    shelf_life_days integer NOT NULL,
    configurable boolean NOT NULL,
    status text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_dishes_category CHECK ((category = ANY (ARRAY['KETO'::text, 'CARNIVORE'::text, 'BALANCED'::text, 'VEGETARIAN'::text]))),
    CONSTRAINT kitchen_dishes_description_check CHECK ((char_length(description) <= 1000)),
    CONSTRAINT kitchen_dishes_key_check CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_dishes_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_dishes_shelf_life_days_check CHECK (((shelf_life_days >= 1) AND (shelf_life_days <= 365))),
    CONSTRAINT kitchen_dishes_status CHECK ((status = ANY (ARRAY['DRAFT'::text, 'ACTIVE'::text, 'RETIRED'::text])))
);
ALTER TABLE ONLY public.kitchen_dishes FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_dishes OWNER TO bk_owner;
CREATE TABLE public.kitchen_ingredients (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    allergen_state text NOT NULL,
    allergens text[],
    proposed_allergens text[],
    energy_kj numeric,
    protein_g numeric,
    fat_g numeric,
    saturated_fat_g numeric,
    carbohydrate_g numeric,
    sugars_g numeric,
    sodium_mg numeric,
    purchase_unit text DEFAULT 'g'::text NOT NULL,
    conversions jsonb DEFAULT '[]'::jsonb NOT NULL,
    density_g_per_ml numeric,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_ingredients_allergen_state CHECK ((allergen_state = ANY (ARRAY['UNKNOWN'::text, 'PROPOSED'::text, 'CONFIRMED'::text]))),
    CONSTRAINT kitchen_ingredients_allergens CHECK (((allergen_state = 'CONFIRMED'::text) = (allergens IS NOT NULL))),
    CONSTRAINT kitchen_ingredients_carbohydrate_g_check CHECK ((carbohydrate_g >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_category_length CHECK ((char_length(category) <= 80)),
    CONSTRAINT kitchen_ingredients_density_g_per_ml_check CHECK ((density_g_per_ml > (0)::numeric)),
    CONSTRAINT kitchen_ingredients_energy_kj_check CHECK ((energy_kj >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_fat_g_check CHECK ((fat_g >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_key_form CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_ingredients_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_ingredients_proposed CHECK (((allergen_state = 'PROPOSED'::text) = (proposed_allergens IS NOT NULL))),
    CONSTRAINT kitchen_ingredients_protein_g_check CHECK ((protein_g >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_saturated_fat_g_check CHECK ((saturated_fat_g >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_sodium_mg_check CHECK ((sodium_mg >= (0)::numeric)),
    CONSTRAINT kitchen_ingredients_sugars_g_check CHECK ((sugars_g >= (0)::numeric))
);
ALTER TABLE ONLY public.kitchen_ingredients FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_ingredients OWNER TO bk_owner;
CREATE TABLE public.kitchen_menu_dishes (
    tenant_id uuid NOT NULL,
    menu_week_id uuid NOT NULL,
    dish_id uuid NOT NULL,
    "position" integer NOT NULL,
    capacity integer,
    ordered integer DEFAULT 0 NOT NULL,
    CONSTRAINT kitchen_menu_dishes_capacity CHECK (((ordered >= 0) AND ((capacity IS NULL) OR (ordered <= capacity)))),
    CONSTRAINT kitchen_menu_dishes_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT kitchen_menu_dishes_position_check CHECK (("position" >= 0))
);
ALTER TABLE ONLY public.kitchen_menu_dishes FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_menu_dishes OWNER TO bk_owner;
CREATE TABLE public.kitchen_menu_weeks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    week_id uuid NOT NULL,
    state text NOT NULL,
    published_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_menu_weeks_published CHECK (((state = 'PUBLISHED'::text) = (published_at IS NOT NULL))),
    CONSTRAINT kitchen_menu_weeks_state CHECK ((state = ANY (ARRAY['DRAFT'::text, 'PUBLISHED'::text])))
);
ALTER TABLE ONLY public.kitchen_menu_weeks FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_menu_weeks OWNER TO bk_owner;
CREATE TABLE public.kitchen_order_allocations (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    line_position integer NOT NULL,
    layout integer,
    vegetable_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    carbohydrate_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    meals integer NOT NULL,
    CONSTRAINT kitchen_order_allocations_meals_check CHECK ((meals > 0)),
    CONSTRAINT kitchen_order_allocations_position_check CHECK (("position" >= 0)),
    CONSTRAINT kitchen_order_allocations_sides CHECK (((layout IS NOT NULL) OR ((cardinality(vegetable_ids) + cardinality(carbohydrate_ids)) = 0)))
);
ALTER TABLE ONLY public.kitchen_order_allocations FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_allocations OWNER TO bk_owner;
CREATE TABLE public.kitchen_order_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    reason text,
    note text,
    request_id uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_order_events_kind CHECK ((kind = ANY (ARRAY['LINES_REPLACED'::text, 'CONFIRMED'::text, 'CONFIRMED_LATE'::text, 'OVERRIDDEN'::text, 'LOCKED'::text, 'FULFILLED'::text, 'CANCELLED'::text]))),
    CONSTRAINT kitchen_order_events_note_check CHECK ((char_length(note) <= 500))
);
ALTER TABLE ONLY public.kitchen_order_events FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_events OWNER TO bk_owner;
CREATE TABLE public.kitchen_order_lines (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    dish_id uuid NOT NULL,
    meal_size_g integer NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT kitchen_order_lines_meal_size_g_check CHECK ((meal_size_g = ANY (ARRAY[300, 400]))),
    CONSTRAINT kitchen_order_lines_position_check CHECK ((("position" >= 0) AND ("position" <= 59))),
    CONSTRAINT kitchen_order_lines_quantity_check CHECK (((quantity >= 1) AND (quantity <= 50)))
);
ALTER TABLE ONLY public.kitchen_order_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_lines OWNER TO bk_owner;
CREATE TABLE public.kitchen_order_weeks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    week text NOT NULL,
    time_zone text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    cutoff_at timestamp with time zone NOT NULL,
    locked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_order_weeks_order CHECK (((opens_at < closes_at) AND (closes_at <= cutoff_at))),
    CONSTRAINT kitchen_order_weeks_week_check CHECK ((week ~ '^[0-9]{4}-W[0-9]{2}$'::text))
);
ALTER TABLE ONLY public.kitchen_order_weeks FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_weeks OWNER TO bk_owner;
CREATE TABLE public.kitchen_orders (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    week_id uuid NOT NULL,
    state text NOT NULL,
    preset_id uuid,
    replacements jsonb DEFAULT '[]'::jsonb NOT NULL,
    late boolean DEFAULT false NOT NULL,
    confirmed_at timestamp with time zone,
    confirm_key text,
    locked_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    cancel_reason text,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_orders_cancelled CHECK (((state = 'CANCELLED'::text) = (cancel_reason IS NOT NULL))),
    CONSTRAINT kitchen_orders_confirm_key_check CHECK (((char_length(confirm_key) >= 1) AND (char_length(confirm_key) <= 255))),
    CONSTRAINT kitchen_orders_state CHECK ((state = ANY (ARRAY['DRAFT'::text, 'CONFIRMED'::text, 'LOCKED'::text, 'FULFILLED'::text, 'CANCELLED'::text])))
);
ALTER TABLE ONLY public.kitchen_orders FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_orders OWNER TO bk_owner;
CREATE TABLE public.kitchen_pack_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    pack_id uuid NOT NULL,
    kind text NOT NULL,
    delta integer NOT NULL,
    order_id uuid,
    actor_id uuid,
    reason text,
    request_id uuid,
    at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_pack_events_kind CHECK ((kind = ANY (ARRAY['PURCHASED'::text, 'CONSUMED'::text, 'RESTORED'::text, 'UNLOCKED'::text, 'ADJUSTED'::text, 'REFUNDED'::text, 'EXHAUSTED'::text]))),
    CONSTRAINT kitchen_pack_events_order CHECK (((kind <> ALL (ARRAY['CONSUMED'::text, 'RESTORED'::text])) OR (order_id IS NOT NULL))),
    CONSTRAINT kitchen_pack_events_reason_check CHECK ((char_length(reason) <= 500)),
    CONSTRAINT kitchen_pack_events_sign CHECK (
CASE kind
    WHEN 'PURCHASED'::text THEN (delta > 0)
    WHEN 'RESTORED'::text THEN (delta > 0)
    WHEN 'CONSUMED'::text THEN (delta < 0)
    WHEN 'UNLOCKED'::text THEN (delta < 0)
    WHEN 'REFUNDED'::text THEN (delta <= 0)
    WHEN 'EXHAUSTED'::text THEN (delta = 0)
    ELSE (delta <> 0)
END)
);
ALTER TABLE ONLY public.kitchen_pack_events FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_pack_events OWNER TO bk_owner;
CREATE TABLE public.kitchen_pack_products (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    sku text NOT NULL,
    title text NOT NULL,
    meals integer NOT NULL,
    meal_size_g integer NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    stripe_price_id text,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_pack_products_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT kitchen_pack_products_meal_size_g_check CHECK ((meal_size_g = ANY (ARRAY[300, 400]))),
    CONSTRAINT kitchen_pack_products_meals_check CHECK (((meals >= 10) AND (meals <= 80))),
    CONSTRAINT kitchen_pack_products_price_minor_check CHECK ((price_minor > 0)),
    CONSTRAINT kitchen_pack_products_sku_check CHECK ((sku ~ '^[A-Za-z0-9_-]{1,40}$'::text)),
    CONSTRAINT kitchen_pack_products_stripe_price_id_check CHECK ((char_length(stripe_price_id) <= 255)),
    CONSTRAINT kitchen_pack_products_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 120)))
);
ALTER TABLE ONLY public.kitchen_pack_products FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_pack_products OWNER TO bk_owner;
CREATE TABLE public.kitchen_packs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    product_id uuid NOT NULL,
    purchase_id uuid NOT NULL,
    title text NOT NULL,
    meals_total integer NOT NULL,
    meal_size_g integer NOT NULL,
    meals_remaining integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'ACTIVE'::text NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    purchased_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_packs_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT kitchen_packs_meal_size_g_check CHECK ((meal_size_g = ANY (ARRAY[300, 400]))),
    CONSTRAINT kitchen_packs_meals_remaining CHECK ((meals_remaining >= 0)),
    CONSTRAINT kitchen_packs_meals_total_check CHECK ((meals_total > 0)),
    CONSTRAINT kitchen_packs_price_minor_check CHECK ((price_minor >= 0)),
    CONSTRAINT kitchen_packs_status CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'EXHAUSTED'::text, 'CANCELLED'::text])))
);
ALTER TABLE ONLY public.kitchen_packs FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_packs OWNER TO bk_owner;
CREATE TABLE public.kitchen_plans (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    tier text NOT NULL,
    billing_interval text NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    stripe_price_id text,
    preset_access boolean NOT NULL,
    override_access boolean NOT NULL,
    override_allowance integer NOT NULL,
    ingredient_tier text NOT NULL,
    promo_unlocked_credits integer NOT NULL,
    account_manager_level text NOT NULL,
    late_order boolean NOT NULL,
    urgent_delivery boolean NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_plans_account_manager_level_check CHECK ((account_manager_level = ANY (ARRAY['NONE'::text, 'PARTIAL'::text, 'FULL'::text]))),
    CONSTRAINT kitchen_plans_billing_interval_check CHECK ((billing_interval = ANY (ARRAY['WEEK'::text, 'FORTNIGHT'::text, 'MONTH'::text]))),
    CONSTRAINT kitchen_plans_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT kitchen_plans_ingredient_tier_check CHECK ((ingredient_tier = ANY (ARRAY['BASE'::text, 'MID'::text, 'HIGH'::text]))),
    CONSTRAINT kitchen_plans_key_check CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_plans_override_allowance_check CHECK ((override_allowance >= 0)),
    CONSTRAINT kitchen_plans_price_minor_check CHECK ((price_minor >= 0)),
    CONSTRAINT kitchen_plans_promo_unlocked_credits_check CHECK ((promo_unlocked_credits >= 0)),
    CONSTRAINT kitchen_plans_tier_check CHECK ((tier = ANY (ARRAY['BASE'::text, 'MID'::text, 'HIGH'::text]))),
    CONSTRAINT kitchen_plans_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 120)))
);
ALTER TABLE ONLY public.kitchen_plans FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_plans OWNER TO bk_owner;
CREATE TABLE public.kitchen_preference_profiles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid,
    name text NOT NULL,
    is_default boolean NOT NULL,
    dietary_plan text DEFAULT ''::text NOT NULL,
    notes text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_preference_profiles_dietary_plan_check CHECK ((char_length(dietary_plan) <= 80)),
    CONSTRAINT kitchen_preference_profiles_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_preference_profiles_notes_check CHECK ((char_length(notes) <= 2000))
);
ALTER TABLE ONLY public.kitchen_preference_profiles FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preference_profiles OWNER TO bk_owner;
CREATE TABLE public.kitchen_preference_rules (
    tenant_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    CONSTRAINT kitchen_preference_rules_kind CHECK ((kind = ANY (ARRAY['ALLERGEN'::text, 'EXCLUSION'::text, 'DISLIKE'::text, 'LIKE'::text]))),
    CONSTRAINT kitchen_preference_rules_position_check CHECK ((("position" >= 0) AND ("position" <= 149))),
    CONSTRAINT kitchen_preference_rules_value_check CHECK (((char_length(value) >= 1) AND (char_length(value) <= 50)))
);
ALTER TABLE ONLY public.kitchen_preference_rules FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preference_rules OWNER TO bk_owner;
CREATE TABLE public.kitchen_preset_layout_sides (
    tenant_id uuid NOT NULL,
    preset_id uuid NOT NULL,
    "position" integer NOT NULL,
    component_id uuid NOT NULL
);
ALTER TABLE ONLY public.kitchen_preset_layout_sides FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preset_layout_sides OWNER TO bk_owner;
CREATE TABLE public.kitchen_preset_layouts (
    tenant_id uuid NOT NULL,
    preset_id uuid NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    percent integer NOT NULL,
    CONSTRAINT kitchen_preset_layouts_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_preset_layouts_percent_check CHECK (((percent >= 0) AND (percent <= 100))),
    CONSTRAINT kitchen_preset_layouts_position_check CHECK ((("position" >= 0) AND ("position" <= 19)))
);
ALTER TABLE ONLY public.kitchen_preset_layouts FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preset_layouts OWNER TO bk_owner;
CREATE TABLE public.kitchen_presets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_presets_key_check CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_presets_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120)))
);
ALTER TABLE ONLY public.kitchen_presets FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_presets OWNER TO bk_owner;
CREATE TABLE public.kitchen_production_plans (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    week_id uuid NOT NULL,
    number integer NOT NULL,
    document jsonb NOT NULL,
    meals integer NOT NULL,
    frozen_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_production_plans_meals_check CHECK ((meals >= 0)),
    CONSTRAINT kitchen_production_plans_number_check CHECK ((number >= 0))
);
ALTER TABLE ONLY public.kitchen_production_plans FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_production_plans OWNER TO bk_owner;
CREATE TABLE public.kitchen_recipe_lines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    dish_id uuid,
    component_id uuid,
    sub_recipe_id uuid,
    meal_size_g integer,
    "position" integer NOT NULL,
    ingredient_id uuid,
    used_sub_recipe_id uuid,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    CONSTRAINT kitchen_recipe_lines_meal_size_g_check CHECK ((meal_size_g = ANY (ARRAY[300, 400]))),
    CONSTRAINT kitchen_recipe_lines_owner CHECK ((num_nonnulls(dish_id, component_id, sub_recipe_id) = 1)),
    CONSTRAINT kitchen_recipe_lines_position_check CHECK (("position" >= 0)),
    CONSTRAINT kitchen_recipe_lines_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT kitchen_recipe_lines_size CHECK (((sub_recipe_id IS NULL) = (meal_size_g IS NOT NULL))),
    CONSTRAINT kitchen_recipe_lines_uses CHECK ((num_nonnulls(ingredient_id, used_sub_recipe_id) = 1))
);
ALTER TABLE ONLY public.kitchen_recipe_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_recipe_lines OWNER TO bk_owner;
CREATE TABLE public.kitchen_sub_recipes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    yield_percent integer NOT NULL,
    output_g numeric NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT kitchen_sub_recipes_key_check CHECK ((key ~ '^[a-z0-9_-]{1,50}$'::text)),
    CONSTRAINT kitchen_sub_recipes_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT kitchen_sub_recipes_output_g_check CHECK ((output_g > (0)::numeric)),
    CONSTRAINT kitchen_sub_recipes_yield_percent_check CHECK (((yield_percent >= 1) AND (yield_percent <= 100)))
);
ALTER TABLE ONLY public.kitchen_sub_recipes FORCE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_sub_recipes OWNER TO bk_owner;
CREATE TABLE public.origin_directory (
    surface text NOT NULL,
    origin text NOT NULL,
    tenant_id uuid NOT NULL,
    CONSTRAINT origin_directory_origin CHECK ((char_length(origin) <= 255)),
    CONSTRAINT origin_directory_surface CHECK ((surface = ANY (ARRAY['client'::text, 'admin'::text, 'site'::text])))
);
ALTER TABLE public.origin_directory OWNER TO bk_owner;
CREATE TABLE public.outbox (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint NOT NULL,
    aggregate text NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    request_id uuid,
    occurred_at timestamp with time zone NOT NULL,
    status text DEFAULT 'PENDING'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    last_error text,
    delivered_at timestamp with time zone,
    CONSTRAINT outbox_attempts_positive CHECK ((attempts >= 0)),
    CONSTRAINT outbox_status_known CHECK ((status = ANY (ARRAY['PENDING'::text, 'DELIVERED'::text, 'DEAD'::text])))
);
ALTER TABLE ONLY public.outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE public.outbox OWNER TO bk_owner;
CREATE TABLE public.outbox_consumed (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    consumer text NOT NULL
);
ALTER TABLE ONLY public.outbox_consumed FORCE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_consumed OWNER TO bk_owner;
ALTER TABLE public.outbox ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE UNLOGGED TABLE public.outbox_wake (
    tenant_id uuid NOT NULL
);
ALTER TABLE public.outbox_wake OWNER TO bk_owner;
CREATE TABLE public.seaql_migrations (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);
ALTER TABLE public.seaql_migrations OWNER TO bk_owner;
CREATE TABLE public.tenant_directory (
    tenant_id uuid NOT NULL,
    slug text NOT NULL,
    status text NOT NULL
);
ALTER TABLE public.tenant_directory OWNER TO bk_owner;
INSERT INTO public.environment VALUES ('test', true);
INSERT INTO public.seaql_migrations VALUES ('m000001_foundation', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000010_guard', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000015_audit', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000020_identity', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000030_admin', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000040_billing', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000050_kitchen_catalogue', 1795603831);
INSERT INTO public.seaql_migrations VALUES ('m000051_kitchen_ordering', 1795603831);
SELECT pg_catalog.setval('public.outbox_seq_seq', 1, false);
ALTER TABLE ONLY public.admin_roles
    ADD CONSTRAINT admin_roles_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.admin_roles
    ADD CONSTRAINT admin_roles_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.admin_tenants
    ADD CONSTRAINT admin_tenants_pkey PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_pkey PRIMARY KEY (tenant_id, seq);
ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.billing_ledger
    ADD CONSTRAINT billing_ledger_object_key UNIQUE (tenant_id, kind, stripe_object);
ALTER TABLE ONLY public.billing_ledger
    ADD CONSTRAINT billing_ledger_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.billing_purchases
    ADD CONSTRAINT billing_purchases_payment_key UNIQUE (tenant_id, stripe_payment_intent_id);
ALTER TABLE ONLY public.billing_purchases
    ADD CONSTRAINT billing_purchases_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.billing_purchases
    ADD CONSTRAINT billing_purchases_request_key UNIQUE (tenant_id, account_id, user_id, product_id, request_key);
ALTER TABLE ONLY public.billing_purchases
    ADD CONSTRAINT billing_purchases_session_key UNIQUE (tenant_id, stripe_session_id);
ALTER TABLE ONLY public.billing_session_directory
    ADD CONSTRAINT billing_session_directory_pkey PRIMARY KEY (stripe_object);
ALTER TABLE ONLY public.billing_stripe_events
    ADD CONSTRAINT billing_stripe_events_id_key UNIQUE (id);
ALTER TABLE ONLY public.billing_stripe_events
    ADD CONSTRAINT billing_stripe_events_pkey PRIMARY KEY (stripe_account, event_id);
ALTER TABLE ONLY public.environment
    ADD CONSTRAINT environment_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_key UNIQUE (tenant_id, user_id, route, key);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.identity_invitations
    ADD CONSTRAINT identity_invitations_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.identity_invitations
    ADD CONSTRAINT identity_invitations_token UNIQUE (tenant_id, token_hash);
ALTER TABLE ONLY public.identity_login_attempts
    ADD CONSTRAINT identity_login_attempts_pkey PRIMARY KEY (tenant_id, subject);
ALTER TABLE ONLY public.identity_sessions
    ADD CONSTRAINT identity_sessions_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.identity_sessions
    ADD CONSTRAINT identity_sessions_token UNIQUE (tenant_id, token_hash);
ALTER TABLE ONLY public.identity_user_roles
    ADD CONSTRAINT identity_user_roles_pkey PRIMARY KEY (tenant_id, user_id, role_key);
ALTER TABLE ONLY public.identity_users
    ADD CONSTRAINT identity_users_email UNIQUE (tenant_id, email);
ALTER TABLE ONLY public.identity_users
    ADD CONSTRAINT identity_users_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_account_users
    ADD CONSTRAINT kitchen_account_users_pkey PRIMARY KEY (tenant_id, user_id);
ALTER TABLE ONLY public.kitchen_accounts
    ADD CONSTRAINT kitchen_accounts_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_accounts
    ADD CONSTRAINT kitchen_accounts_reference UNIQUE (tenant_id, reference);
ALTER TABLE ONLY public.kitchen_addresses
    ADD CONSTRAINT kitchen_addresses_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_catalogue_versions
    ADD CONSTRAINT kitchen_catalogue_versions_pkey PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.kitchen_components
    ADD CONSTRAINT kitchen_components_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_components
    ADD CONSTRAINT kitchen_components_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_dishes
    ADD CONSTRAINT kitchen_dishes_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_dishes
    ADD CONSTRAINT kitchen_dishes_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_ingredients
    ADD CONSTRAINT kitchen_ingredients_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_ingredients
    ADD CONSTRAINT kitchen_ingredients_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_menu_dishes
    ADD CONSTRAINT kitchen_menu_dishes_pkey PRIMARY KEY (tenant_id, menu_week_id, dish_id);
ALTER TABLE ONLY public.kitchen_menu_weeks
    ADD CONSTRAINT kitchen_menu_weeks_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_menu_weeks
    ADD CONSTRAINT kitchen_menu_weeks_week UNIQUE (tenant_id, week_id);
ALTER TABLE ONLY public.kitchen_order_allocations
    ADD CONSTRAINT kitchen_order_allocations_pkey PRIMARY KEY (tenant_id, order_id, "position");
ALTER TABLE ONLY public.kitchen_order_events
    ADD CONSTRAINT kitchen_order_events_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_order_lines
    ADD CONSTRAINT kitchen_order_lines_once UNIQUE (tenant_id, order_id, dish_id, meal_size_g);
ALTER TABLE ONLY public.kitchen_order_lines
    ADD CONSTRAINT kitchen_order_lines_pkey PRIMARY KEY (tenant_id, order_id, "position");
ALTER TABLE ONLY public.kitchen_order_weeks
    ADD CONSTRAINT kitchen_order_weeks_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_order_weeks
    ADD CONSTRAINT kitchen_order_weeks_week UNIQUE (tenant_id, week);
ALTER TABLE ONLY public.kitchen_orders
    ADD CONSTRAINT kitchen_orders_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_pack_events
    ADD CONSTRAINT kitchen_pack_events_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_pack_products
    ADD CONSTRAINT kitchen_pack_products_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_pack_products
    ADD CONSTRAINT kitchen_pack_products_sku UNIQUE (tenant_id, sku);
ALTER TABLE ONLY public.kitchen_packs
    ADD CONSTRAINT kitchen_packs_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_packs
    ADD CONSTRAINT kitchen_packs_purchase UNIQUE (tenant_id, purchase_id);
ALTER TABLE ONLY public.kitchen_plans
    ADD CONSTRAINT kitchen_plans_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_plans
    ADD CONSTRAINT kitchen_plans_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_preference_profiles
    ADD CONSTRAINT kitchen_preference_profiles_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_preference_rules
    ADD CONSTRAINT kitchen_preference_rules_once UNIQUE (tenant_id, profile_id, kind, value);
ALTER TABLE ONLY public.kitchen_preference_rules
    ADD CONSTRAINT kitchen_preference_rules_pkey PRIMARY KEY (tenant_id, profile_id, "position");
ALTER TABLE ONLY public.kitchen_preset_layout_sides
    ADD CONSTRAINT kitchen_preset_layout_sides_pkey PRIMARY KEY (tenant_id, preset_id, "position", component_id);
ALTER TABLE ONLY public.kitchen_preset_layouts
    ADD CONSTRAINT kitchen_preset_layouts_pkey PRIMARY KEY (tenant_id, preset_id, "position");
ALTER TABLE ONLY public.kitchen_presets
    ADD CONSTRAINT kitchen_presets_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_presets
    ADD CONSTRAINT kitchen_presets_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_production_plans
    ADD CONSTRAINT kitchen_production_plans_number UNIQUE (tenant_id, week_id, number);
ALTER TABLE ONLY public.kitchen_production_plans
    ADD CONSTRAINT kitchen_production_plans_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.kitchen_sub_recipes
    ADD CONSTRAINT kitchen_sub_recipes_key UNIQUE (tenant_id, key);
ALTER TABLE ONLY public.kitchen_sub_recipes
    ADD CONSTRAINT kitchen_sub_recipes_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.origin_directory
    ADD CONSTRAINT origin_directory_pkey PRIMARY KEY (surface, origin, tenant_id);
ALTER TABLE ONLY public.outbox_consumed
    ADD CONSTRAINT outbox_consumed_pkey PRIMARY KEY (tenant_id, event_id, consumer);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);
ALTER TABLE ONLY public.seaql_migrations
    ADD CONSTRAINT seaql_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.tenant_directory
    ADD CONSTRAINT tenant_directory_pkey PRIMARY KEY (tenant_id);
ALTER TABLE ONLY public.tenant_directory
    ADD CONSTRAINT tenant_directory_slug_key UNIQUE (slug);
CREATE INDEX audit_entries_by_action ON public.audit_entries USING btree (tenant_id, action, seq DESC);
CREATE INDEX audit_entries_by_actor ON public.audit_entries USING btree (tenant_id, actor_id, seq DESC);
CREATE INDEX billing_ledger_of_purchase ON public.billing_ledger USING btree (tenant_id, purchase_id, id);
CREATE UNIQUE INDEX billing_ledger_one_payment ON public.billing_ledger USING btree (tenant_id, purchase_id) WHERE (kind = 'PAYMENT'::text);
CREATE INDEX billing_purchases_in_state ON public.billing_purchases USING btree (tenant_id, state, id);
CREATE INDEX billing_purchases_of_account ON public.billing_purchases USING btree (tenant_id, account_id, id);
CREATE INDEX billing_purchases_open ON public.billing_purchases USING btree (tenant_id, id) WHERE (state = 'PENDING'::text);
CREATE INDEX billing_stripe_events_of_tenant ON public.billing_stripe_events USING btree (tenant_id, id);
CREATE INDEX billing_stripe_events_waiting ON public.billing_stripe_events USING btree (received_at) WHERE (state = 'RECEIVED'::text);
CREATE INDEX idempotency_keys_expiry ON public.idempotency_keys USING btree (tenant_id, expires_at);
CREATE UNIQUE INDEX identity_invitations_open ON public.identity_invitations USING btree (tenant_id, user_id) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));
CREATE INDEX identity_login_attempts_expiry ON public.identity_login_attempts USING btree (tenant_id, forgotten_at);
CREATE INDEX identity_sessions_expiry ON public.identity_sessions USING btree (tenant_id, expires_at);
CREATE INDEX identity_sessions_live ON public.identity_sessions USING btree (tenant_id, user_id, door) WHERE (ended_at IS NULL);
CREATE INDEX identity_user_roles_by_role ON public.identity_user_roles USING btree (tenant_id, role_key);
CREATE INDEX kitchen_account_users_of_account ON public.kitchen_account_users USING btree (tenant_id, account_id);
CREATE INDEX kitchen_accounts_of_manager ON public.kitchen_accounts USING btree (tenant_id, manager_user_id, id);
CREATE UNIQUE INDEX kitchen_addresses_one_default ON public.kitchen_addresses USING btree (tenant_id, account_id) WHERE is_default;
CREATE UNIQUE INDEX kitchen_components_one_slot_base ON public.kitchen_components USING btree (tenant_id, kind) WHERE slot_base;
CREATE INDEX kitchen_order_events_of_order ON public.kitchen_order_events USING btree (tenant_id, order_id, id);
CREATE INDEX kitchen_order_weeks_by_cutoff ON public.kitchen_order_weeks USING btree (tenant_id, cutoff_at);
CREATE INDEX kitchen_orders_of_week ON public.kitchen_orders USING btree (tenant_id, week_id, state, id);
CREATE UNIQUE INDEX kitchen_orders_one_live ON public.kitchen_orders USING btree (tenant_id, account_id, week_id) WHERE (state <> 'CANCELLED'::text);
CREATE INDEX kitchen_pack_events_of_order ON public.kitchen_pack_events USING btree (tenant_id, order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX kitchen_pack_events_of_pack ON public.kitchen_pack_events USING btree (tenant_id, pack_id, id);
CREATE UNIQUE INDEX kitchen_pack_events_order_once ON public.kitchen_pack_events USING btree (tenant_id, order_id, pack_id, kind) WHERE (order_id IS NOT NULL);
CREATE UNIQUE INDEX kitchen_pack_events_purchased_once ON public.kitchen_pack_events USING btree (tenant_id, pack_id) WHERE (kind = 'PURCHASED'::text);
CREATE INDEX kitchen_packs_of_account ON public.kitchen_packs USING btree (tenant_id, account_id, purchased_at, id);
CREATE UNIQUE INDEX kitchen_preference_profiles_one_default ON public.kitchen_preference_profiles USING btree (tenant_id, account_id) WHERE (is_default AND (user_id IS NULL));
CREATE UNIQUE INDEX kitchen_recipe_lines_of_component ON public.kitchen_recipe_lines USING btree (tenant_id, component_id, meal_size_g, "position") WHERE (component_id IS NOT NULL);
CREATE UNIQUE INDEX kitchen_recipe_lines_of_dish ON public.kitchen_recipe_lines USING btree (tenant_id, dish_id, meal_size_g, "position") WHERE (dish_id IS NOT NULL);
CREATE UNIQUE INDEX kitchen_recipe_lines_of_sub_recipe ON public.kitchen_recipe_lines USING btree (tenant_id, sub_recipe_id, "position") WHERE (sub_recipe_id IS NOT NULL);
CREATE INDEX origin_directory_by_tenant ON public.origin_directory USING btree (tenant_id);
CREATE INDEX outbox_delivered ON public.outbox USING btree (tenant_id, delivered_at) WHERE (status = 'DELIVERED'::text);
CREATE INDEX outbox_undelivered ON public.outbox USING btree (tenant_id, seq) WHERE (status <> 'DELIVERED'::text);
CREATE INDEX outbox_undelivered_of_aggregate ON public.outbox USING btree (tenant_id, aggregate, seq) WHERE (status <> 'DELIVERED'::text);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.billing_ledger FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.kitchen_order_events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.kitchen_pack_events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.kitchen_production_plans FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.billing_ledger FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.kitchen_order_events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.kitchen_pack_events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON public.kitchen_production_plans FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER kitchen_pack_events_apply AFTER INSERT ON public.kitchen_pack_events FOR EACH ROW EXECUTE FUNCTION public.kitchen_apply_pack_event();
ALTER TABLE ONLY public.admin_roles
    ADD CONSTRAINT admin_roles_tenant FOREIGN KEY (tenant_id) REFERENCES public.admin_tenants(tenant_id);
ALTER TABLE ONLY public.billing_ledger
    ADD CONSTRAINT billing_ledger_purchase_fkey FOREIGN KEY (tenant_id, purchase_id) REFERENCES public.billing_purchases(tenant_id, id);
ALTER TABLE ONLY public.identity_invitations
    ADD CONSTRAINT identity_invitations_user FOREIGN KEY (tenant_id, user_id) REFERENCES public.identity_users(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identity_sessions
    ADD CONSTRAINT identity_sessions_user FOREIGN KEY (tenant_id, user_id) REFERENCES public.identity_users(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identity_user_roles
    ADD CONSTRAINT identity_user_roles_user FOREIGN KEY (tenant_id, user_id) REFERENCES public.identity_users(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_account_users
    ADD CONSTRAINT kitchen_account_users_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.kitchen_accounts(tenant_id, id);
ALTER TABLE ONLY public.kitchen_accounts
    ADD CONSTRAINT kitchen_accounts_preset FOREIGN KEY (tenant_id, default_preset_id) REFERENCES public.kitchen_presets(tenant_id, id);
ALTER TABLE ONLY public.kitchen_addresses
    ADD CONSTRAINT kitchen_addresses_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.kitchen_accounts(tenant_id, id);
ALTER TABLE ONLY public.kitchen_menu_dishes
    ADD CONSTRAINT kitchen_menu_dishes_tenant_id_dish_id_fkey FOREIGN KEY (tenant_id, dish_id) REFERENCES public.kitchen_dishes(tenant_id, id);
ALTER TABLE ONLY public.kitchen_menu_dishes
    ADD CONSTRAINT kitchen_menu_dishes_tenant_id_menu_week_id_fkey FOREIGN KEY (tenant_id, menu_week_id) REFERENCES public.kitchen_menu_weeks(tenant_id, id);
ALTER TABLE ONLY public.kitchen_menu_weeks
    ADD CONSTRAINT kitchen_menu_weeks_tenant_id_week_id_fkey FOREIGN KEY (tenant_id, week_id) REFERENCES public.kitchen_order_weeks(tenant_id, id);
ALTER TABLE ONLY public.kitchen_order_allocations
    ADD CONSTRAINT kitchen_order_allocations_tenant_id_order_id_line_position_fkey FOREIGN KEY (tenant_id, order_id, line_position) REFERENCES public.kitchen_order_lines(tenant_id, order_id, "position");
ALTER TABLE ONLY public.kitchen_order_events
    ADD CONSTRAINT kitchen_order_events_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES public.kitchen_orders(tenant_id, id);
ALTER TABLE ONLY public.kitchen_order_lines
    ADD CONSTRAINT kitchen_order_lines_tenant_id_dish_id_fkey FOREIGN KEY (tenant_id, dish_id) REFERENCES public.kitchen_dishes(tenant_id, id);
ALTER TABLE ONLY public.kitchen_order_lines
    ADD CONSTRAINT kitchen_order_lines_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES public.kitchen_orders(tenant_id, id);
ALTER TABLE ONLY public.kitchen_orders
    ADD CONSTRAINT kitchen_orders_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.kitchen_accounts(tenant_id, id);
ALTER TABLE ONLY public.kitchen_orders
    ADD CONSTRAINT kitchen_orders_tenant_id_preset_id_fkey FOREIGN KEY (tenant_id, preset_id) REFERENCES public.kitchen_presets(tenant_id, id);
ALTER TABLE ONLY public.kitchen_orders
    ADD CONSTRAINT kitchen_orders_tenant_id_week_id_fkey FOREIGN KEY (tenant_id, week_id) REFERENCES public.kitchen_order_weeks(tenant_id, id);
ALTER TABLE ONLY public.kitchen_pack_events
    ADD CONSTRAINT kitchen_pack_events_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES public.kitchen_orders(tenant_id, id);
ALTER TABLE ONLY public.kitchen_pack_events
    ADD CONSTRAINT kitchen_pack_events_tenant_id_pack_id_fkey FOREIGN KEY (tenant_id, pack_id) REFERENCES public.kitchen_packs(tenant_id, id);
ALTER TABLE ONLY public.kitchen_packs
    ADD CONSTRAINT kitchen_packs_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.kitchen_accounts(tenant_id, id);
ALTER TABLE ONLY public.kitchen_packs
    ADD CONSTRAINT kitchen_packs_tenant_id_product_id_fkey FOREIGN KEY (tenant_id, product_id) REFERENCES public.kitchen_pack_products(tenant_id, id);
ALTER TABLE ONLY public.kitchen_preference_profiles
    ADD CONSTRAINT kitchen_preference_profiles_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.kitchen_accounts(tenant_id, id);
ALTER TABLE ONLY public.kitchen_preference_rules
    ADD CONSTRAINT kitchen_preference_rules_tenant_id_profile_id_fkey FOREIGN KEY (tenant_id, profile_id) REFERENCES public.kitchen_preference_profiles(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_preset_layout_sides
    ADD CONSTRAINT kitchen_preset_layout_sides_tenant_id_component_id_fkey FOREIGN KEY (tenant_id, component_id) REFERENCES public.kitchen_components(tenant_id, id);
ALTER TABLE ONLY public.kitchen_preset_layout_sides
    ADD CONSTRAINT kitchen_preset_layout_sides_tenant_id_preset_id_position_fkey FOREIGN KEY (tenant_id, preset_id, "position") REFERENCES public.kitchen_preset_layouts(tenant_id, preset_id, "position") ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_preset_layouts
    ADD CONSTRAINT kitchen_preset_layouts_tenant_id_preset_id_fkey FOREIGN KEY (tenant_id, preset_id) REFERENCES public.kitchen_presets(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_production_plans
    ADD CONSTRAINT kitchen_production_plans_tenant_id_week_id_fkey FOREIGN KEY (tenant_id, week_id) REFERENCES public.kitchen_order_weeks(tenant_id, id);
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_ingredient FOREIGN KEY (tenant_id, ingredient_id) REFERENCES public.kitchen_ingredients(tenant_id, id);
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_sub_recipe FOREIGN KEY (tenant_id, used_sub_recipe_id) REFERENCES public.kitchen_sub_recipes(tenant_id, id);
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_tenant_id_component_id_fkey FOREIGN KEY (tenant_id, component_id) REFERENCES public.kitchen_components(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_tenant_id_dish_id_fkey FOREIGN KEY (tenant_id, dish_id) REFERENCES public.kitchen_dishes(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.kitchen_recipe_lines
    ADD CONSTRAINT kitchen_recipe_lines_tenant_id_sub_recipe_id_fkey FOREIGN KEY (tenant_id, sub_recipe_id) REFERENCES public.kitchen_sub_recipes(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.outbox_consumed
    ADD CONSTRAINT outbox_consumed_event_fkey FOREIGN KEY (tenant_id, event_id) REFERENCES public.outbox(tenant_id, id) ON DELETE CASCADE;
ALTER TABLE public.admin_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.admin_tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.billing_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.billing_purchases ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_login_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_account_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_catalogue_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_components ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_dishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_ingredients ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_menu_dishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_menu_weeks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_allocations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_order_weeks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_pack_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_pack_products ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_packs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preference_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preference_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preset_layout_sides ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_preset_layouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_presets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_production_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_recipe_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.kitchen_sub_recipes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outbox_consumed ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_fence ON public.admin_roles USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.admin_tenants USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.audit_entries USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.audit_heads USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.billing_ledger USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.billing_purchases USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.idempotency_keys USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.identity_invitations USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.identity_login_attempts USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.identity_sessions USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.identity_user_roles USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.identity_users USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_account_users USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_accounts USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_addresses USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_catalogue_versions USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_components USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_dishes USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_ingredients USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_menu_dishes USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_menu_weeks USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_order_allocations USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_order_events USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_order_lines USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_order_weeks USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_orders USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_pack_events USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_pack_products USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_packs USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_plans USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_preference_profiles USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_preference_rules USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_preset_layout_sides USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_preset_layouts USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_presets USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_production_plans USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_recipe_lines USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.kitchen_sub_recipes USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.outbox USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
CREATE POLICY tenant_fence ON public.outbox_consumed USING ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid));
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO bk_app;
GRANT USAGE ON SCHEMA public TO bk_worker;
GRANT USAGE ON SCHEMA public TO bk_platform;
GRANT USAGE ON SCHEMA public TO bk_backup;
REVOKE ALL ON FUNCTION public.billing_directory_put(object text, purchase uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.billing_directory_put(object text, purchase uuid) TO bk_app;
GRANT ALL ON FUNCTION public.billing_directory_put(object text, purchase uuid) TO bk_worker;
REVOKE ALL ON FUNCTION public.billing_event_replay(wanted uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.billing_event_replay(wanted uuid) TO bk_app;
REVOKE ALL ON FUNCTION public.billing_events_of_tenant(wanted uuid, wanted_state text, before uuid, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.billing_events_of_tenant(wanted uuid, wanted_state text, before uuid, most integer) TO bk_app;
REVOKE ALL ON FUNCTION public.enqueue_job(identifier text, payload json, job_key text, run_at timestamp with time zone, max_attempts integer, queue_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.enqueue_job(identifier text, payload json, job_key text, run_at timestamp with time zone, max_attempts integer, queue_name text) TO bk_app;
GRANT ALL ON FUNCTION public.enqueue_job(identifier text, payload json, job_key text, run_at timestamp with time zone, max_attempts integer, queue_name text) TO bk_worker;
REVOKE ALL ON FUNCTION public.kitchen_apply_pack_event() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) TO bk_app;
GRANT ALL ON FUNCTION public.origin_directory_put(of_tenant uuid, client text[], admin text[], site text[]) TO bk_worker;
REVOKE ALL ON FUNCTION public.origin_known(asked_surface text, asked_origin text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.origin_known(asked_surface text, asked_origin text) TO bk_app;
REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.tenant_by_slug(wanted text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenant_by_slug(wanted text) TO bk_app;
GRANT ALL ON FUNCTION public.tenant_by_slug(wanted text) TO bk_worker;
GRANT ALL ON FUNCTION public.tenant_by_slug(wanted text) TO bk_platform;
REVOKE ALL ON FUNCTION public.tenant_directory_put(tenant uuid, new_slug text, new_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenant_directory_put(tenant uuid, new_slug text, new_status text) TO bk_app;
GRANT ALL ON FUNCTION public.tenant_directory_put(tenant uuid, new_slug text, new_status text) TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.admin_roles TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.admin_roles TO bk_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.admin_tenants TO bk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.admin_tenants TO bk_worker;
GRANT SELECT,INSERT ON TABLE public.audit_entries TO bk_app;
GRANT SELECT,INSERT ON TABLE public.audit_entries TO bk_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_heads TO bk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_heads TO bk_worker;
GRANT SELECT ON TABLE public.billing_ledger TO bk_app;
GRANT SELECT,INSERT ON TABLE public.billing_ledger TO bk_worker;
GRANT SELECT ON TABLE public.billing_purchases TO bk_app;
GRANT SELECT ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(tenant_id) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(id) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(account_id) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(user_id) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(product_id) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(title) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(meals) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(meal_size_g) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(price_minor) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(currency) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(state) ON TABLE public.billing_purchases TO bk_worker;
GRANT UPDATE(attention) ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(request_key),UPDATE(request_key) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(request_key) ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(customer_email),UPDATE(customer_email) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(customer_email) ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(success_url),UPDATE(success_url) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(success_url) ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(cancel_url),UPDATE(cancel_url) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(cancel_url) ON TABLE public.billing_purchases TO bk_worker;
GRANT UPDATE(stripe_session_id) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(checkout_url) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(stripe_payment_intent_id) ON TABLE public.billing_purchases TO bk_worker;
GRANT INSERT(created_at) ON TABLE public.billing_purchases TO bk_app;
GRANT INSERT(expires_at) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(paid_at) ON TABLE public.billing_purchases TO bk_worker;
GRANT UPDATE(version) ON TABLE public.billing_purchases TO bk_app;
GRANT UPDATE(version) ON TABLE public.billing_purchases TO bk_worker;
GRANT SELECT ON TABLE public.billing_session_directory TO bk_worker;
GRANT SELECT ON TABLE public.billing_stripe_events TO bk_worker;
GRANT INSERT(stripe_account) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(event_id) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(id) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(type) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(api_version) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(livemode) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(created) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(object_type) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(object_id) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(payment_intent_id) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(envelope) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(received_at) ON TABLE public.billing_stripe_events TO bk_app;
GRANT INSERT(state) ON TABLE public.billing_stripe_events TO bk_app;
GRANT UPDATE(state) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT INSERT(reason) ON TABLE public.billing_stripe_events TO bk_app;
GRANT UPDATE(reason) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT UPDATE(tenant_id) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT UPDATE(attempts) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT UPDATE(last_error) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT UPDATE(processed_at) ON TABLE public.billing_stripe_events TO bk_worker;
GRANT SELECT ON TABLE public.environment TO bk_app;
GRANT SELECT ON TABLE public.environment TO bk_worker;
GRANT SELECT ON TABLE public.environment TO bk_platform;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_invitations TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_invitations TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_login_attempts TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_login_attempts TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_sessions TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identity_sessions TO bk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.identity_user_roles TO bk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.identity_user_roles TO bk_worker;
GRANT SELECT,INSERT,UPDATE ON TABLE public.identity_users TO bk_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.identity_users TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_account_users TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_account_users TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_accounts TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_accounts TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_addresses TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_addresses TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_catalogue_versions TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_catalogue_versions TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_components TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_components TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_dishes TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_dishes TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_ingredients TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_ingredients TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_menu_dishes TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_menu_dishes TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_menu_weeks TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_menu_weeks TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_allocations TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_allocations TO bk_worker;
GRANT SELECT,INSERT ON TABLE public.kitchen_order_events TO bk_app;
GRANT SELECT,INSERT ON TABLE public.kitchen_order_events TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_lines TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_lines TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_weeks TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_order_weeks TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_orders TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_orders TO bk_worker;
GRANT SELECT,INSERT ON TABLE public.kitchen_pack_events TO bk_app;
GRANT SELECT,INSERT ON TABLE public.kitchen_pack_events TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_pack_products TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_pack_products TO bk_worker;
GRANT SELECT ON TABLE public.kitchen_packs TO bk_app;
GRANT SELECT ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(tenant_id) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(tenant_id) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(id) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(id) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(account_id) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(account_id) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(product_id) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(product_id) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(purchase_id) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(purchase_id) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(title),UPDATE(title) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(title),UPDATE(title) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(meals_total) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(meals_total) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(meal_size_g) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(meal_size_g) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(price_minor) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(price_minor) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(currency) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(currency) ON TABLE public.kitchen_packs TO bk_worker;
GRANT INSERT(purchased_at) ON TABLE public.kitchen_packs TO bk_app;
GRANT INSERT(purchased_at) ON TABLE public.kitchen_packs TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_plans TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_plans TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preference_profiles TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preference_profiles TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preference_rules TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preference_rules TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preset_layout_sides TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preset_layout_sides TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preset_layouts TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_preset_layouts TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_presets TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_presets TO bk_worker;
GRANT SELECT,INSERT ON TABLE public.kitchen_production_plans TO bk_app;
GRANT SELECT,INSERT ON TABLE public.kitchen_production_plans TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_recipe_lines TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_recipe_lines TO bk_worker;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_sub_recipes TO bk_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.kitchen_sub_recipes TO bk_worker;
GRANT SELECT,INSERT ON TABLE public.outbox TO bk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.outbox TO bk_worker;
GRANT UPDATE(status) ON TABLE public.outbox TO bk_worker;
GRANT UPDATE(attempts) ON TABLE public.outbox TO bk_worker;
GRANT UPDATE(next_attempt_at) ON TABLE public.outbox TO bk_worker;
GRANT UPDATE(last_error) ON TABLE public.outbox TO bk_worker;
GRANT UPDATE(delivered_at) ON TABLE public.outbox TO bk_worker;
GRANT SELECT,INSERT,DELETE ON TABLE public.outbox_consumed TO bk_worker;
GRANT INSERT ON TABLE public.outbox_wake TO bk_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.outbox_wake TO bk_worker;
GRANT SELECT ON TABLE public.seaql_migrations TO bk_app;
GRANT SELECT ON TABLE public.seaql_migrations TO bk_worker;
GRANT SELECT ON TABLE public.seaql_migrations TO bk_platform;
GRANT SELECT ON TABLE public.tenant_directory TO bk_worker;
GRANT SELECT ON TABLE public.tenant_directory TO bk_platform;
