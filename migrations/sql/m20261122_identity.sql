-- Who can log in: users and their roles, sessions, invitations, failed logins. Secrets are stored as
-- hashes only: argon2id for passwords, SHA-256 for tokens of 256 random bits.

CREATE TABLE identity_users (
    tenant_id           uuid        NOT NULL,
    id                  uuid        NOT NULL,
    -- Normalised: ASCII, trimmed, lower case.
    email               text        NOT NULL CONSTRAINT identity_users_email_form
        CHECK (email = lower(email) AND email ~ '^[!-~]+@[!-~]+$' AND char_length(email) <= 254),
    display_name        text        NOT NULL CONSTRAINT identity_users_display_name_length
        CHECK (char_length(display_name) BETWEEN 1 AND 120),
    kind                text        NOT NULL CONSTRAINT identity_users_kind CHECK (kind IN ('CLIENT', 'STAFF')),
    status              text        NOT NULL CONSTRAINT identity_users_status
        CHECK (status IN ('INVITED', 'ACTIVE', 'DISABLED')),
    -- A PHC string; null until an invitation is accepted.
    password_hash       text        CONSTRAINT identity_users_password_hash CHECK (password_hash LIKE '$argon2id$%'),
    password_changed_at timestamptz,
    email_verified_at   timestamptz,
    last_login_at       timestamptz,
    version             bigint      NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_users_email UNIQUE (tenant_id, email),
    CONSTRAINT identity_users_active_has_password CHECK (status <> 'ACTIVE' OR password_hash IS NOT NULL)
);
SELECT pg_temp.enable_tenant_rls('identity_users');
-- Users are disabled, never deleted, by the product; erasure comes with its own grant.
GRANT SELECT, INSERT, UPDATE ON identity_users TO bk_app, bk_worker;

CREATE TABLE identity_user_roles (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    role_key  text NOT NULL CONSTRAINT identity_user_roles_key_length CHECK (char_length(role_key) BETWEEN 1 AND 50),
    PRIMARY KEY (tenant_id, user_id, role_key),
    CONSTRAINT identity_user_roles_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES identity_users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX identity_user_roles_by_role ON identity_user_roles (tenant_id, role_key);
SELECT pg_temp.enable_tenant_rls('identity_user_roles');
GRANT SELECT, INSERT, DELETE ON identity_user_roles TO bk_app, bk_worker;

CREATE TABLE identity_sessions (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    -- The surface and so the limits: `platform` is the admin cookie of an operator.
    door         text        NOT NULL CONSTRAINT identity_sessions_door CHECK (door IN ('client', 'admin', 'platform')),
    -- SHA-256 of the token.
    token_hash   bytea       NOT NULL CONSTRAINT identity_sessions_token_hash CHECK (octet_length(token_hash) = 32),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    -- The absolute limit; the idle limit counts from last_seen_at.
    expires_at   timestamptz NOT NULL,
    -- When a second factor was last presented.
    aal2_at      timestamptz,
    ip           text        NOT NULL CONSTRAINT identity_sessions_ip_length CHECK (char_length(ip) <= 45),
    user_agent   text        CONSTRAINT identity_sessions_user_agent_length CHECK (char_length(user_agent) <= 200),
    ended_at     timestamptz,
    end_reason   text        CONSTRAINT identity_sessions_end_reason
        CHECK (end_reason IN ('LOGOUT', 'REVOKED', 'ROTATED', 'DISPLACED', 'DISABLED')),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_sessions_token UNIQUE (tenant_id, token_hash),
    CONSTRAINT identity_sessions_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES identity_users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT identity_sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX identity_sessions_live ON identity_sessions (tenant_id, user_id, door) WHERE ended_at IS NULL;
CREATE INDEX identity_sessions_expiry ON identity_sessions (tenant_id, expires_at);
SELECT pg_temp.enable_tenant_rls('identity_sessions');
SELECT pg_temp.grant_rw('identity_sessions');

CREATE TABLE identity_invitations (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    user_id     uuid        NOT NULL,
    -- SHA-256 of the token of the last mail; null until a mail was made.
    token_hash  bytea       CONSTRAINT identity_invitations_token_hash CHECK (octet_length(token_hash) = 32),
    -- Null for the system and for operators, who are users of another tenant.
    invited_by  uuid,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    sent_at     timestamptz,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_invitations_token UNIQUE (tenant_id, token_hash),
    CONSTRAINT identity_invitations_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES identity_users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT identity_invitations_one_end CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
-- One open invitation per user.
CREATE UNIQUE INDEX identity_invitations_open ON identity_invitations (tenant_id, user_id)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
SELECT pg_temp.enable_tenant_rls('identity_invitations');
SELECT pg_temp.grant_rw('identity_invitations');

-- Failed logins, per hash of an address and per hash of a network: the same for addresses that no
-- user has. Attempts at tenants that do not exist are stored under the nil tenant.
CREATE TABLE identity_login_attempts (
    tenant_id      uuid        NOT NULL,
    subject        bytea       NOT NULL CONSTRAINT identity_login_attempts_subject CHECK (octet_length(subject) = 32),
    failures       integer     NOT NULL CONSTRAINT identity_login_attempts_failures CHECK (failures > 0),
    blocked_until  timestamptz,
    -- The row means nothing after this instant.
    forgotten_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
CREATE INDEX identity_login_attempts_expiry ON identity_login_attempts (tenant_id, forgotten_at);
SELECT pg_temp.enable_tenant_rls('identity_login_attempts');
SELECT pg_temp.grant_rw('identity_login_attempts');
