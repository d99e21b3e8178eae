-- What a tenant cooks with and sells: ingredients, recipes, dishes, components, presets, packs on
-- offer, plans. Quantities are exact decimals; money is integer minor units.

-- Counts the changes of a tenant's ingredients, recipes, components and presets. Every change raises
-- it first, so changes of one tenant happen one after the other and a cached snapshot knows its age.
CREATE TABLE kitchen_catalogue_versions (
    tenant_id uuid   NOT NULL PRIMARY KEY,
    version   bigint NOT NULL CHECK (version > 0)
);
SELECT pg_temp.enable_tenant_rls('kitchen_catalogue_versions');
SELECT pg_temp.grant_rw('kitchen_catalogue_versions');

CREATE TABLE kitchen_ingredients (
    tenant_id        uuid        NOT NULL,
    id               uuid        NOT NULL,
    key              text        NOT NULL CONSTRAINT kitchen_ingredients_key_form CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    name             text        NOT NULL CONSTRAINT kitchen_ingredients_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    category         text        NOT NULL DEFAULT '' CONSTRAINT kitchen_ingredients_category_length CHECK (char_length(category) <= 80),
    -- UNKNOWN: no person has said; PROPOSED: a table suggests `proposed_allergens`; CONFIRMED: a person said `allergens`.
    allergen_state   text        NOT NULL CONSTRAINT kitchen_ingredients_allergen_state CHECK (allergen_state IN ('UNKNOWN', 'PROPOSED', 'CONFIRMED')),
    allergens        text[]      CONSTRAINT kitchen_ingredients_allergens CHECK ((allergen_state = 'CONFIRMED') = (allergens IS NOT NULL)),
    proposed_allergens text[]    CONSTRAINT kitchen_ingredients_proposed CHECK ((allergen_state = 'PROPOSED') = (proposed_allergens IS NOT NULL)),
    -- Per 100 g; null is unknown, never zero.
    energy_kj        numeric     CHECK (energy_kj >= 0),
    protein_g        numeric     CHECK (protein_g >= 0),
    fat_g            numeric     CHECK (fat_g >= 0),
    saturated_fat_g  numeric     CHECK (saturated_fat_g >= 0),
    carbohydrate_g   numeric     CHECK (carbohydrate_g >= 0),
    sugars_g         numeric     CHECK (sugars_g >= 0),
    sodium_mg        numeric     CHECK (sodium_mg >= 0),
    purchase_unit    text        NOT NULL DEFAULT 'g',
    -- [{"from": {"amount": "1", "unit": "bunch"}, "to": {"amount": "60", "unit": "g"}}]: what one of a
    -- unit weighs, or how much of another unit it is.
    conversions      jsonb       NOT NULL DEFAULT '[]',
    density_g_per_ml numeric     CHECK (density_g_per_ml > 0),
    active           boolean     NOT NULL DEFAULT true,
    version          bigint      NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_ingredients_key UNIQUE (tenant_id, key)
);
SELECT pg_temp.enable_tenant_rls('kitchen_ingredients');
SELECT pg_temp.grant_rw('kitchen_ingredients');

CREATE TABLE kitchen_sub_recipes (
    tenant_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    key           text        NOT NULL CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    name          text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    -- Cooked weight as a percentage of the raw weight that goes in.
    yield_percent integer     NOT NULL CHECK (yield_percent BETWEEN 1 AND 100),
    -- Cooked grams that one batch of the lines gives.
    output_g      numeric     NOT NULL CHECK (output_g > 0),
    version       bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_sub_recipes_key UNIQUE (tenant_id, key)
);
SELECT pg_temp.enable_tenant_rls('kitchen_sub_recipes');
SELECT pg_temp.grant_rw('kitchen_sub_recipes');

CREATE TABLE kitchen_dishes (
    tenant_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    key             text        NOT NULL CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    name            text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    description     text        NOT NULL DEFAULT '' CHECK (char_length(description) <= 1000),
    category        text        NOT NULL CONSTRAINT kitchen_dishes_category CHECK (category IN ('KETO', 'CARNIVORE', 'BALANCED', 'VEGETARIAN')),
    shelf_life_days integer     NOT NULL CHECK (shelf_life_days BETWEEN 1 AND 365),
    -- Configurable: the sides come from the order's preset. Fixed: the recipe is the whole meal.
    configurable    boolean     NOT NULL,
    status          text        NOT NULL CONSTRAINT kitchen_dishes_status CHECK (status IN ('DRAFT', 'ACTIVE', 'RETIRED')),
    version         bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_dishes_key UNIQUE (tenant_id, key)
);
SELECT pg_temp.enable_tenant_rls('kitchen_dishes');
SELECT pg_temp.grant_rw('kitchen_dishes');

CREATE TABLE kitchen_components (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    key        text        NOT NULL CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    kind       text        NOT NULL CONSTRAINT kitchen_components_kind CHECK (kind IN ('VEGETABLE', 'CARBOHYDRATE')),
    tier       text        NOT NULL CONSTRAINT kitchen_components_tier CHECK (tier IN ('BASE', 'MID', 'HIGH')),
    -- The component that stands in when an account's tier is too low; at most one per kind, of tier BASE.
    slot_base  boolean     NOT NULL DEFAULT false CONSTRAINT kitchen_components_slot_base CHECK (NOT slot_base OR tier = 'BASE'),
    status     text        NOT NULL CONSTRAINT kitchen_components_status CHECK (status IN ('ACTIVE', 'RETIRED')),
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_components_key UNIQUE (tenant_id, key)
);
CREATE UNIQUE INDEX kitchen_components_one_slot_base ON kitchen_components (tenant_id, kind) WHERE slot_base;
SELECT pg_temp.enable_tenant_rls('kitchen_components');
SELECT pg_temp.grant_rw('kitchen_components');

-- One line of a recipe: of a dish or a component (then of one meal size, quantity per serving), or of a
-- sub-recipe (quantity per batch). It uses an ingredient or a sub-recipe.
CREATE TABLE kitchen_recipe_lines (
    tenant_id          uuid    NOT NULL,
    id                 uuid    NOT NULL,
    dish_id            uuid,
    component_id       uuid,
    sub_recipe_id      uuid,
    meal_size_g        integer CHECK (meal_size_g IN (300, 400)),
    position           integer NOT NULL CHECK (position >= 0),
    ingredient_id      uuid,
    used_sub_recipe_id uuid,
    quantity           numeric NOT NULL CHECK (quantity > 0),
    unit               text    NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_recipe_lines_owner CHECK (num_nonnulls(dish_id, component_id, sub_recipe_id) = 1),
    CONSTRAINT kitchen_recipe_lines_size CHECK ((sub_recipe_id IS NULL) = (meal_size_g IS NOT NULL)),
    CONSTRAINT kitchen_recipe_lines_uses CHECK (num_nonnulls(ingredient_id, used_sub_recipe_id) = 1),
    FOREIGN KEY (tenant_id, dish_id) REFERENCES kitchen_dishes (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, component_id) REFERENCES kitchen_components (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, sub_recipe_id) REFERENCES kitchen_sub_recipes (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT kitchen_recipe_lines_ingredient FOREIGN KEY (tenant_id, ingredient_id) REFERENCES kitchen_ingredients (tenant_id, id),
    CONSTRAINT kitchen_recipe_lines_sub_recipe FOREIGN KEY (tenant_id, used_sub_recipe_id) REFERENCES kitchen_sub_recipes (tenant_id, id)
);
CREATE UNIQUE INDEX kitchen_recipe_lines_of_dish ON kitchen_recipe_lines (tenant_id, dish_id, meal_size_g, position) WHERE dish_id IS NOT NULL;
CREATE UNIQUE INDEX kitchen_recipe_lines_of_component ON kitchen_recipe_lines (tenant_id, component_id, meal_size_g, position) WHERE component_id IS NOT NULL;
CREATE UNIQUE INDEX kitchen_recipe_lines_of_sub_recipe ON kitchen_recipe_lines (tenant_id, sub_recipe_id, position) WHERE sub_recipe_id IS NOT NULL;
SELECT pg_temp.enable_tenant_rls('kitchen_recipe_lines');
SELECT pg_temp.grant_rw('kitchen_recipe_lines');

CREATE TABLE kitchen_presets (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    key        text        NOT NULL CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    active     boolean     NOT NULL DEFAULT true,
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_presets_key UNIQUE (tenant_id, key)
);
SELECT pg_temp.enable_tenant_rls('kitchen_presets');
SELECT pg_temp.grant_rw('kitchen_presets');

CREATE TABLE kitchen_preset_layouts (
    tenant_id       uuid    NOT NULL,
    preset_id       uuid    NOT NULL,
    position  integer NOT NULL CHECK (position BETWEEN 0 AND 19),
    name      text    NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    -- Whole percent; the percentages of a preset sum to 100 (checked where presets are parsed).
    percent         integer NOT NULL CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (tenant_id, preset_id, position),
    FOREIGN KEY (tenant_id, preset_id) REFERENCES kitchen_presets (tenant_id, id) ON DELETE CASCADE
);
SELECT pg_temp.enable_tenant_rls('kitchen_preset_layouts');
SELECT pg_temp.grant_rw('kitchen_preset_layouts');

-- The components of a layout; the component's kind says which slot it fills.
CREATE TABLE kitchen_preset_layout_sides (
    tenant_id    uuid    NOT NULL,
    preset_id    uuid    NOT NULL,
    position     integer NOT NULL,
    component_id uuid    NOT NULL,
    PRIMARY KEY (tenant_id, preset_id, position, component_id),
    FOREIGN KEY (tenant_id, preset_id, position) REFERENCES kitchen_preset_layouts (tenant_id, preset_id, position) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, component_id) REFERENCES kitchen_components (tenant_id, id)
);
SELECT pg_temp.enable_tenant_rls('kitchen_preset_layout_sides');
SELECT pg_temp.grant_rw('kitchen_preset_layout_sides');

CREATE TABLE kitchen_pack_products (
    tenant_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    sku             text        NOT NULL CHECK (sku ~ '^[A-Za-z0-9_-]{1,40}$'),
    title           text        NOT NULL CHECK (char_length(title) BETWEEN 1 AND 120),
    meals           integer     NOT NULL CHECK (meals BETWEEN 10 AND 80),
    meal_size_g     integer     NOT NULL CHECK (meal_size_g IN (300, 400)),
    price_minor     bigint      NOT NULL CHECK (price_minor > 0),
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    stripe_price_id text        CHECK (char_length(stripe_price_id) <= 255),
    active          boolean     NOT NULL DEFAULT true,
    version         bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_pack_products_sku UNIQUE (tenant_id, sku)
);
SELECT pg_temp.enable_tenant_rls('kitchen_pack_products');
SELECT pg_temp.grant_rw('kitchen_pack_products');

CREATE TABLE kitchen_plans (
    tenant_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    key             text        NOT NULL CHECK (key ~ '^[a-z0-9_-]{1,50}$'),
    title           text        NOT NULL CHECK (char_length(title) BETWEEN 1 AND 120),
    tier            text        NOT NULL CHECK (tier IN ('BASE', 'MID', 'HIGH')),
    billing_interval text       NOT NULL CHECK (billing_interval IN ('WEEK', 'FORTNIGHT', 'MONTH')),
    price_minor     bigint      NOT NULL CHECK (price_minor >= 0),
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    stripe_price_id text,
    -- Entitlements per period (docs/product.md, section 3).
    preset_access         boolean NOT NULL,
    override_access       boolean NOT NULL,
    override_allowance    integer NOT NULL CHECK (override_allowance >= 0),
    ingredient_tier       text    NOT NULL CHECK (ingredient_tier IN ('BASE', 'MID', 'HIGH')),
    promo_unlocked_credits integer NOT NULL CHECK (promo_unlocked_credits >= 0),
    account_manager_level text    NOT NULL CHECK (account_manager_level IN ('NONE', 'PARTIAL', 'FULL')),
    late_order            boolean NOT NULL,
    urgent_delivery       boolean NOT NULL,
    active          boolean     NOT NULL DEFAULT true,
    version         bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT kitchen_plans_key UNIQUE (tenant_id, key)
);
SELECT pg_temp.enable_tenant_rls('kitchen_plans');
SELECT pg_temp.grant_rw('kitchen_plans');
