-- The audit log: one append-only hash chain per tenant, and where it ends.

CREATE TABLE audit_entries (
    tenant_id    uuid        NOT NULL,
    -- 1, 2, 3… without gaps within a tenant.
    seq          bigint      NOT NULL CONSTRAINT audit_entries_seq CHECK (seq >= 1),
    at           timestamptz NOT NULL,
    -- No reference to a user: an operator's is in another tenant, and the log outlives people.
    actor_id     uuid,
    actor_kind   text        NOT NULL CONSTRAINT audit_entries_actor_kind CHECK (actor_kind IN ('client', 'staff', 'operator', 'system')),
    action       text        NOT NULL CONSTRAINT audit_entries_action CHECK (char_length(action) BETWEEN 1 AND 64),
    subject_type text        NOT NULL CONSTRAINT audit_entries_subject_type CHECK (char_length(subject_type) BETWEEN 1 AND 64),
    subject_id   text        NOT NULL CONSTRAINT audit_entries_subject_id CHECK (char_length(subject_id) <= 128),
    request_id   uuid,
    details      jsonb       NOT NULL CONSTRAINT audit_entries_details CHECK (jsonb_typeof(details) = 'object' AND octet_length(details::text) <= 32768),
    prev_hash    bytea       NOT NULL CONSTRAINT audit_entries_prev_hash CHECK (octet_length(prev_hash) = 32),
    hash         bytea       NOT NULL CONSTRAINT audit_entries_hash CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_entries_by_actor ON audit_entries (tenant_id, actor_id, seq DESC);
CREATE INDEX audit_entries_by_action ON audit_entries (tenant_id, action, seq DESC);
SELECT pg_temp.enable_tenant_rls('audit_entries');
SELECT pg_temp.append_only('audit_entries');

-- The row that appending locks. It says nothing the entries do not say, except how many there are.
CREATE TABLE audit_heads (
    tenant_id uuid   NOT NULL PRIMARY KEY,
    seq       bigint NOT NULL CONSTRAINT audit_heads_seq CHECK (seq >= 0),
    hash      bytea  NOT NULL CONSTRAINT audit_heads_hash CHECK (octet_length(hash) = 32)
);
SELECT pg_temp.enable_tenant_rls('audit_heads');
GRANT SELECT, INSERT, UPDATE ON audit_heads TO bk_app, bk_worker;
