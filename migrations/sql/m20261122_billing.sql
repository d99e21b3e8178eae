-- What was bought, on its way through the payment provider. The application opens purchases and
-- gives them their payment page; only the worker, which has asked the provider, decides their state.
CREATE TABLE billing_purchases (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    product_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT billing_purchases_title_length CHECK (char_length(title) BETWEEN 1 AND 250),
    meals integer NOT NULL CONSTRAINT billing_purchases_meals_positive CHECK (meals > 0),
    meal_size_g integer NOT NULL CONSTRAINT billing_purchases_size_positive CHECK (meal_size_g > 0),
    price_minor bigint NOT NULL CONSTRAINT billing_purchases_price_positive CHECK (price_minor > 0),
    currency text NOT NULL CONSTRAINT billing_purchases_currency_iso CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL DEFAULT 'PENDING' CONSTRAINT billing_purchases_state_known
        CHECK (state IN ('PENDING', 'PAID', 'CANCELLED', 'REFUNDED', 'PARTIALLY_REFUNDED')),
    -- Why staff should look at it: what the provider says contradicts what was sold.
    attention text CONSTRAINT billing_purchases_attention_known
        CHECK (attention IN ('AMOUNT_MISMATCH', 'METADATA_MISMATCH', 'LIVEMODE_MISMATCH', 'PAYMENT_MISSING')),
    -- The caller's idempotency key; given up by a purchase that can no longer be paid.
    request_key text CONSTRAINT billing_purchases_request_key_length CHECK (char_length(request_key) <= 255),
    -- What opening the page again needs, so that the provider sees the very same request; emptied
    -- once the page is open.
    customer_email text,
    success_url text,
    cancel_url text,
    stripe_session_id text,
    checkout_url text,
    stripe_payment_intent_id text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT billing_purchases_request_key
        UNIQUE (tenant_id, account_id, user_id, product_id, request_key),
    CONSTRAINT billing_purchases_session_key UNIQUE (tenant_id, stripe_session_id),
    CONSTRAINT billing_purchases_payment_key UNIQUE (tenant_id, stripe_payment_intent_id),
    CONSTRAINT billing_purchases_page_whole CHECK ((stripe_session_id IS NULL) = (checkout_url IS NULL)),
    CONSTRAINT billing_purchases_paid_whole CHECK (
        (state IN ('PENDING', 'CANCELLED')) = (paid_at IS NULL)
        AND (paid_at IS NULL) = (stripe_payment_intent_id IS NULL))
);
CREATE INDEX billing_purchases_open ON billing_purchases (tenant_id, id) WHERE state = 'PENDING';
CREATE INDEX billing_purchases_of_account ON billing_purchases (tenant_id, account_id, id);
CREATE INDEX billing_purchases_in_state ON billing_purchases (tenant_id, state, id);
GRANT SELECT ON billing_purchases TO bk_app, bk_worker;
GRANT INSERT (tenant_id, id, account_id, user_id, product_id, title, meals, meal_size_g, price_minor, currency,
    request_key, customer_email, success_url, cancel_url, created_at, expires_at) ON billing_purchases TO bk_app;
GRANT UPDATE (request_key, customer_email, success_url, cancel_url, stripe_session_id, checkout_url, version)
    ON billing_purchases TO bk_app;
GRANT UPDATE (state, attention, request_key, customer_email, success_url, cancel_url, stripe_payment_intent_id,
    paid_at, version) ON billing_purchases TO bk_worker;
SELECT pg_temp.enable_tenant_rls('billing_purchases');

-- The money that moved. Unique by kind and provider object, so two events about one payment post once.
CREATE TABLE billing_ledger (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT billing_ledger_kind_known CHECK (kind IN ('PAYMENT', 'REFUND')),
    stripe_object text NOT NULL,
    -- From the tenant's side: payments positive, refunds negative.
    amount_minor bigint NOT NULL,
    currency text NOT NULL CONSTRAINT billing_ledger_currency_iso CHECK (currency ~ '^[A-Z]{3}$'),
    purchase_id uuid NOT NULL,
    account_id uuid NOT NULL,
    livemode boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT billing_ledger_object_key UNIQUE (tenant_id, kind, stripe_object),
    CONSTRAINT billing_ledger_sign CHECK (
        (kind = 'PAYMENT' AND amount_minor > 0) OR (kind = 'REFUND' AND amount_minor < 0)),
    CONSTRAINT billing_ledger_purchase_fkey FOREIGN KEY (tenant_id, purchase_id)
        REFERENCES billing_purchases (tenant_id, id)
);
CREATE UNIQUE INDEX billing_ledger_one_payment ON billing_ledger (tenant_id, purchase_id) WHERE kind = 'PAYMENT';
CREATE INDEX billing_ledger_of_purchase ON billing_ledger (tenant_id, purchase_id, id);
SELECT pg_temp.enable_tenant_rls('billing_ledger');
SELECT pg_temp.append_only('billing_ledger');
-- Only the worker, which has asked the provider, records money.
REVOKE INSERT ON billing_ledger FROM bk_app;

-- Every event of the provider, before it is known which tenant it concerns: no tenant, no row-level
-- security. The application may only insert events; only the worker reads what they hold.
CREATE TABLE billing_stripe_events (
    stripe_account text NOT NULL DEFAULT '',
    event_id text NOT NULL,
    -- Our own id of it, sortable by arrival.
    id uuid NOT NULL CONSTRAINT billing_stripe_events_id_key UNIQUE,
    type text NOT NULL,
    api_version text,
    livemode boolean NOT NULL,
    created timestamptz NOT NULL,
    object_type text NOT NULL,
    object_id text,
    payment_intent_id text,
    -- The bytes as they came: may hold personal data.
    envelope bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'RECEIVED' CONSTRAINT billing_stripe_events_state_known
        CHECK (state IN ('RECEIVED', 'PROCESSED', 'IGNORED', 'PARKED', 'FAILED')),
    reason text,
    -- The tenant it turned out to concern.
    tenant_id uuid,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    processed_at timestamptz,
    PRIMARY KEY (stripe_account, event_id)
);
CREATE INDEX billing_stripe_events_of_tenant ON billing_stripe_events (tenant_id, id);
CREATE INDEX billing_stripe_events_waiting ON billing_stripe_events (received_at) WHERE state = 'RECEIVED';
GRANT INSERT (stripe_account, event_id, id, type, api_version, livemode, created, object_type, object_id,
    payment_intent_id, envelope, received_at, state, reason) ON billing_stripe_events TO bk_app;
GRANT SELECT ON billing_stripe_events TO bk_worker;
GRANT UPDATE (state, reason, tenant_id, attempts, last_error, processed_at) ON billing_stripe_events TO bk_worker;

-- Which purchase of which tenant an object of the provider belongs to, as we recorded it ourselves:
-- metadata that comes back from outside is compared with this and never believed alone.
CREATE TABLE billing_session_directory (
    stripe_object text PRIMARY KEY,
    tenant_id uuid NOT NULL,
    purchase_id uuid NOT NULL
);
GRANT SELECT ON billing_session_directory TO bk_worker;

-- A tenant's transaction records its own objects only, and never takes over another's.
CREATE FUNCTION billing_directory_put(object text, purchase uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
REVOKE EXECUTE ON FUNCTION billing_directory_put(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_directory_put(text, uuid) TO bk_app, bk_worker;

-- What staff may see of the events of their own tenant: never the envelope.
CREATE FUNCTION billing_events_of_tenant(wanted uuid, wanted_state text, before uuid, most integer)
RETURNS TABLE (id uuid, event_id text, type text, object_type text, object_id text, livemode boolean,
    created timestamptz, received_at timestamptz, state text, reason text, attempts integer, last_error text,
    processed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT e.id, e.event_id, e.type, e.object_type, e.object_id, e.livemode, e.created, e.received_at, e.state,
           e.reason, e.attempts, e.last_error, e.processed_at
    FROM billing_stripe_events e
    WHERE e.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      AND (wanted IS NULL OR e.id = wanted)
      AND (wanted_state IS NULL OR e.state = wanted_state)
      AND (before IS NULL OR e.id < before)
    ORDER BY e.id DESC LIMIT least(most, 101)
$$;
REVOKE EXECUTE ON FUNCTION billing_events_of_tenant(uuid, text, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_events_of_tenant(uuid, text, uuid, integer) TO bk_app;

-- Lets an event of the own tenant be worked on again; one that waits already is left alone.
CREATE FUNCTION billing_event_replay(wanted uuid)
RETURNS TABLE (stripe_account text, event_id text, object_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE billing_stripe_events e
    SET state = 'RECEIVED', reason = NULL, attempts = 0, last_error = NULL, processed_at = NULL
    WHERE e.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      AND e.id = wanted AND e.state <> 'RECEIVED'
    RETURNING e.stripe_account, e.event_id, e.object_id
$$;
REVOKE EXECUTE ON FUNCTION billing_event_replay(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_event_replay(uuid) TO bk_app;
