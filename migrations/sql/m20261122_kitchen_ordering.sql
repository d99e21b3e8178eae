-- Accounts and what they hold, the weeks, the menus, the orders and the frozen plans.

CREATE TABLE kitchen_accounts (
    tenant_id         uuid        NOT NULL,
    id                uuid        NOT NULL,
    -- What labels and pack lists call the customer: `A-0007`.
    reference         text        NOT NULL CHECK (char_length(reference) BETWEEN 1 AND 20),
    name              text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    status            text        NOT NULL CONSTRAINT kitchen_accounts_status CHECK (status IN ('ACTIVE', 'PAUSED', 'SUSPENDED', 'CLOSED')),
    tier              text        NOT NULL CONSTRAINT kitchen_accounts_tier CHECK (tier IN ('BASE', 'MID', 'HIGH')),
    primary_user_id   uuid        NOT NULL,
    manager_user_id   uuid,
    default_preset_id uuid,
    delivery_notes    text        NOT NULL DEFAULT '' CHECK (char_length(delivery_notes) <= 1000),
    version           bigint      NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_accounts_reference UNIQUE (tenant_id, reference),
    CONSTRAINT kitchen_accounts_preset FOREIGN KEY (tenant_id, default_preset_id) REFERENCES kitchen_presets (tenant_id, id)
);
CREATE INDEX kitchen_accounts_of_manager ON kitchen_accounts (tenant_id, manager_user_id, id);
SELECT pg_temp.enable_tenant_rls('kitchen_accounts');
SELECT pg_temp.grant_rw('kitchen_accounts');

CREATE TABLE kitchen_account_users (
    tenant_id  uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    account_id uuid        NOT NULL,
    added_at   timestamptz NOT NULL,
    -- A person belongs to one account.
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES kitchen_accounts (tenant_id, id)
);
CREATE INDEX kitchen_account_users_of_account ON kitchen_account_users (tenant_id, account_id);
SELECT pg_temp.enable_tenant_rls('kitchen_account_users');
SELECT pg_temp.grant_rw('kitchen_account_users');

CREATE TABLE kitchen_addresses (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    account_id uuid        NOT NULL,
    line1      text        NOT NULL CHECK (char_length(line1) BETWEEN 1 AND 200),
    line2      text        NOT NULL DEFAULT '' CHECK (char_length(line2) <= 200),
    city       text        NOT NULL CHECK (char_length(city) BETWEEN 1 AND 100),
    region     text        NOT NULL DEFAULT '' CHECK (char_length(region) <= 100),
    postcode   text        NOT NULL CHECK (char_length(postcode) BETWEEN 1 AND 20),
    country    text        NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    is_default boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES kitchen_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX kitchen_addresses_one_default ON kitchen_addresses (tenant_id, account_id) WHERE is_default;
SELECT pg_temp.enable_tenant_rls('kitchen_addresses');
SELECT pg_temp.grant_rw('kitchen_addresses');

-- A pack changes only through its events: the trigger below applies each event's delta, and the
-- application may not update these columns itself. So the sum of a pack's event deltas equals
-- `meals_remaining` at every commit (docs/product.md, section 2).
CREATE TABLE kitchen_packs (
    tenant_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    account_id      uuid        NOT NULL,
    product_id      uuid        NOT NULL,
    -- One purchase grants one pack.
    purchase_id     uuid        NOT NULL,
    title           text        NOT NULL,
    meals_total     integer     NOT NULL CHECK (meals_total > 0),
    meal_size_g     integer     NOT NULL CHECK (meal_size_g IN (300, 400)),
    meals_remaining integer     NOT NULL DEFAULT 0 CONSTRAINT kitchen_packs_meals_remaining CHECK (meals_remaining >= 0),
    status          text        NOT NULL DEFAULT 'ACTIVE' CONSTRAINT kitchen_packs_status CHECK (status IN ('ACTIVE', 'EXHAUSTED', 'CANCELLED')),
    price_minor     bigint      NOT NULL CHECK (price_minor >= 0),
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    purchased_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_packs_purchase UNIQUE (tenant_id, purchase_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES kitchen_accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES kitchen_pack_products (tenant_id, id)
);
CREATE INDEX kitchen_packs_of_account ON kitchen_packs (tenant_id, account_id, purchased_at, id);
SELECT pg_temp.enable_tenant_rls('kitchen_packs');
-- The application may lock a pack, which needs a column it may update: the title.
GRANT SELECT ON kitchen_packs TO bk_app, bk_worker;
GRANT INSERT (tenant_id, id, account_id, product_id, purchase_id, title, meals_total, meal_size_g, price_minor,
    currency, purchased_at) ON kitchen_packs TO bk_app, bk_worker;
GRANT UPDATE (title) ON kitchen_packs TO bk_app, bk_worker;

CREATE TABLE kitchen_order_weeks (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    -- The ISO week of the cutoff's local date: `2026-W48`.
    week       text        NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    time_zone  text        NOT NULL,
    opens_at   timestamptz NOT NULL,
    closes_at  timestamptz NOT NULL,
    cutoff_at  timestamptz NOT NULL,
    locked_at  timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_order_weeks_week UNIQUE (tenant_id, week),
    CONSTRAINT kitchen_order_weeks_order CHECK (opens_at < closes_at AND closes_at <= cutoff_at)
);
CREATE INDEX kitchen_order_weeks_by_cutoff ON kitchen_order_weeks (tenant_id, cutoff_at);
SELECT pg_temp.enable_tenant_rls('kitchen_order_weeks');
SELECT pg_temp.grant_rw('kitchen_order_weeks');

CREATE TABLE kitchen_menu_weeks (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    week_id      uuid        NOT NULL,
    state        text        NOT NULL CONSTRAINT kitchen_menu_weeks_state CHECK (state IN ('DRAFT', 'PUBLISHED')),
    published_at timestamptz CONSTRAINT kitchen_menu_weeks_published CHECK ((state = 'PUBLISHED') = (published_at IS NOT NULL)),
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_menu_weeks_week UNIQUE (tenant_id, week_id),
    FOREIGN KEY (tenant_id, week_id) REFERENCES kitchen_order_weeks (tenant_id, id)
);
SELECT pg_temp.enable_tenant_rls('kitchen_menu_weeks');
SELECT pg_temp.grant_rw('kitchen_menu_weeks');

CREATE TABLE kitchen_menu_dishes (
    tenant_id    uuid    NOT NULL,
    menu_week_id uuid    NOT NULL,
    dish_id      uuid    NOT NULL,
    position     integer NOT NULL CHECK (position >= 0),
    -- Meals that can be cooked of it; null is no limit. Set before publishing: only then is every
    -- meal counted in `ordered`.
    capacity     integer CHECK (capacity >= 0),
    -- Meals confirmed, counted only when there is a capacity.
    ordered      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, menu_week_id, dish_id),
    CONSTRAINT kitchen_menu_dishes_capacity CHECK (ordered >= 0 AND (capacity IS NULL OR ordered <= capacity)),
    FOREIGN KEY (tenant_id, menu_week_id) REFERENCES kitchen_menu_weeks (tenant_id, id),
    FOREIGN KEY (tenant_id, dish_id) REFERENCES kitchen_dishes (tenant_id, id)
);
SELECT pg_temp.enable_tenant_rls('kitchen_menu_dishes');
SELECT pg_temp.grant_rw('kitchen_menu_dishes');

CREATE TABLE kitchen_orders (
    tenant_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    account_id    uuid        NOT NULL,
    week_id       uuid        NOT NULL,
    state         text        NOT NULL CONSTRAINT kitchen_orders_state CHECK (state IN ('DRAFT', 'CONFIRMED', 'LOCKED', 'FULFILLED', 'CANCELLED')),
    preset_id     uuid,
    -- Components above the account's tier and what stands in for them, as resolved at confirm.
    replacements  jsonb       NOT NULL DEFAULT '[]',
    late          boolean     NOT NULL DEFAULT false,
    confirmed_at  timestamptz,
    -- The `Idempotency-Key` of the confirm: it distinguishes its retry from another attempt.
    confirm_key   text        CHECK (char_length(confirm_key) BETWEEN 1 AND 255),
    locked_at     timestamptz,
    cancelled_at  timestamptz,
    cancel_reason text        CONSTRAINT kitchen_orders_cancelled CHECK ((state = 'CANCELLED') = (cancel_reason IS NOT NULL)),
    version       bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES kitchen_accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, week_id) REFERENCES kitchen_order_weeks (tenant_id, id),
    FOREIGN KEY (tenant_id, preset_id) REFERENCES kitchen_presets (tenant_id, id)
);
-- One live order per account and week; a cancelled one does not count (docs/product.md, section 6).
CREATE UNIQUE INDEX kitchen_orders_one_live ON kitchen_orders (tenant_id, account_id, week_id) WHERE state <> 'CANCELLED';
CREATE INDEX kitchen_orders_of_week ON kitchen_orders (tenant_id, week_id, state, id);
SELECT pg_temp.enable_tenant_rls('kitchen_orders');
SELECT pg_temp.grant_rw('kitchen_orders');

CREATE TABLE kitchen_order_lines (
    tenant_id   uuid    NOT NULL,
    order_id    uuid    NOT NULL,
    position    integer NOT NULL CHECK (position BETWEEN 0 AND 59),
    dish_id     uuid    NOT NULL,
    meal_size_g integer NOT NULL CHECK (meal_size_g IN (300, 400)),
    quantity    integer NOT NULL CHECK (quantity BETWEEN 1 AND 50),
    PRIMARY KEY (tenant_id, order_id, position),
    CONSTRAINT kitchen_order_lines_once UNIQUE (tenant_id, order_id, dish_id, meal_size_g),
    FOREIGN KEY (tenant_id, order_id) REFERENCES kitchen_orders (tenant_id, id),
    FOREIGN KEY (tenant_id, dish_id) REFERENCES kitchen_dishes (tenant_id, id)
);
SELECT pg_temp.enable_tenant_rls('kitchen_order_lines');
SELECT pg_temp.grant_rw('kitchen_order_lines');

-- What confirm resolved: for each line, how many meals carry which sides. Fixed dishes have none.
-- A snapshot: the sides are those served then, whatever becomes of the components.
CREATE TABLE kitchen_order_allocations (
    tenant_id        uuid    NOT NULL,
    order_id         uuid    NOT NULL,
    position         integer NOT NULL CHECK (position >= 0),
    line_position    integer NOT NULL,
    -- Position of the preset's layout; null when the dish has a fixed side.
    layout           integer,
    vegetable_ids    uuid[]  NOT NULL DEFAULT '{}',
    carbohydrate_ids uuid[]  NOT NULL DEFAULT '{}',
    meals            integer NOT NULL CHECK (meals > 0),
    PRIMARY KEY (tenant_id, order_id, position),
    CONSTRAINT kitchen_order_allocations_sides CHECK (layout IS NOT NULL OR cardinality(vegetable_ids) + cardinality(carbohydrate_ids) = 0),
    FOREIGN KEY (tenant_id, order_id, line_position) REFERENCES kitchen_order_lines (tenant_id, order_id, position)
);
SELECT pg_temp.enable_tenant_rls('kitchen_order_allocations');
SELECT pg_temp.grant_rw('kitchen_order_allocations');

CREATE TABLE kitchen_order_events (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    order_id   uuid        NOT NULL,
    kind       text        NOT NULL CONSTRAINT kitchen_order_events_kind CHECK (kind IN ('LINES_REPLACED', 'CONFIRMED', 'CONFIRMED_LATE', 'OVERRIDDEN', 'LOCKED', 'FULFILLED', 'CANCELLED')),
    actor_id   uuid,
    reason     text,
    -- What a person adds to the reason.
    note       text        CHECK (char_length(note) <= 500),
    request_id uuid,
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES kitchen_orders (tenant_id, id)
);
CREATE INDEX kitchen_order_events_of_order ON kitchen_order_events (tenant_id, order_id, id);
SELECT pg_temp.enable_tenant_rls('kitchen_order_events');
SELECT pg_temp.append_only('kitchen_order_events');

CREATE TABLE kitchen_pack_events (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    pack_id    uuid        NOT NULL,
    kind       text        NOT NULL CONSTRAINT kitchen_pack_events_kind CHECK (kind IN ('PURCHASED', 'CONSUMED', 'RESTORED', 'UNLOCKED', 'ADJUSTED', 'REFUNDED', 'EXHAUSTED')),
    -- Meals in (positive) or out (negative).
    delta      integer     NOT NULL CONSTRAINT kitchen_pack_events_sign CHECK (
        CASE kind
            WHEN 'PURCHASED' THEN delta > 0
            WHEN 'RESTORED' THEN delta > 0
            WHEN 'CONSUMED' THEN delta < 0
            WHEN 'UNLOCKED' THEN delta < 0
            WHEN 'REFUNDED' THEN delta <= 0
            WHEN 'EXHAUSTED' THEN delta = 0
            ELSE delta <> 0
        END),
    order_id   uuid        CONSTRAINT kitchen_pack_events_order CHECK (kind NOT IN ('CONSUMED', 'RESTORED') OR order_id IS NOT NULL),
    actor_id   uuid,
    reason     text        CHECK (char_length(reason) <= 500),
    request_id uuid,
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, pack_id) REFERENCES kitchen_packs (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES kitchen_orders (tenant_id, id)
);
CREATE INDEX kitchen_pack_events_of_pack ON kitchen_pack_events (tenant_id, pack_id, id);
CREATE INDEX kitchen_pack_events_of_order ON kitchen_pack_events (tenant_id, order_id) WHERE order_id IS NOT NULL;
-- A purchase is credited once, and an order takes from and returns to a pack once.
CREATE UNIQUE INDEX kitchen_pack_events_purchased_once ON kitchen_pack_events (tenant_id, pack_id) WHERE kind = 'PURCHASED';
CREATE UNIQUE INDEX kitchen_pack_events_order_once ON kitchen_pack_events (tenant_id, order_id, pack_id, kind) WHERE order_id IS NOT NULL;
SELECT pg_temp.enable_tenant_rls('kitchen_pack_events');
SELECT pg_temp.append_only('kitchen_pack_events');

CREATE FUNCTION kitchen_apply_pack_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
CREATE TRIGGER kitchen_pack_events_apply AFTER INSERT ON kitchen_pack_events
    FOR EACH ROW EXECUTE FUNCTION kitchen_apply_pack_event();

CREATE TABLE kitchen_preference_profiles (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    account_id   uuid        NOT NULL,
    -- Null: the profile is the account's.
    user_id      uuid,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    is_default   boolean     NOT NULL,
    dietary_plan text        NOT NULL DEFAULT '' CHECK (char_length(dietary_plan) <= 80),
    notes        text        NOT NULL DEFAULT '' CHECK (char_length(notes) <= 2000),
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES kitchen_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX kitchen_preference_profiles_one_default ON kitchen_preference_profiles (tenant_id, account_id) WHERE is_default AND user_id IS NULL;
SELECT pg_temp.enable_tenant_rls('kitchen_preference_profiles');
SELECT pg_temp.grant_rw('kitchen_preference_profiles');

CREATE TABLE kitchen_preference_rules (
    tenant_id  uuid    NOT NULL,
    profile_id uuid    NOT NULL,
    position   integer NOT NULL CHECK (position BETWEEN 0 AND 149),
    kind       text    NOT NULL CONSTRAINT kitchen_preference_rules_kind CHECK (kind IN ('ALLERGEN', 'EXCLUSION', 'DISLIKE', 'LIKE')),
    -- An allergen name for ALLERGEN, an ingredient key for the others.
    value      text    NOT NULL CHECK (char_length(value) BETWEEN 1 AND 50),
    PRIMARY KEY (tenant_id, profile_id, position),
    CONSTRAINT kitchen_preference_rules_once UNIQUE (tenant_id, profile_id, kind, value),
    FOREIGN KEY (tenant_id, profile_id) REFERENCES kitchen_preference_profiles (tenant_id, id) ON DELETE CASCADE
);
SELECT pg_temp.enable_tenant_rls('kitchen_preference_rules');
SELECT pg_temp.grant_rw('kitchen_preference_rules');

-- Number 0 is the plan frozen at lock; 1, 2, … are deltas. Neither ever changes.
CREATE TABLE kitchen_production_plans (
    tenant_id uuid        NOT NULL,
    id        uuid        NOT NULL,
    week_id   uuid        NOT NULL,
    number    integer     NOT NULL CHECK (number >= 0),
    document  jsonb       NOT NULL,
    meals     integer     NOT NULL CHECK (meals >= 0),
    frozen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_production_plans_number UNIQUE (tenant_id, week_id, number),
    FOREIGN KEY (tenant_id, week_id) REFERENCES kitchen_order_weeks (tenant_id, id)
);
SELECT pg_temp.enable_tenant_rls('kitchen_production_plans');
SELECT pg_temp.append_only('kitchen_production_plans');
