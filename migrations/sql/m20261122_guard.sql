-- Idempotency keys: the first answer to each key, kept for a day (docs/http.md, "Idempotency").

CREATE TABLE idempotency_keys (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    -- Method and pattern: `POST /api/v1/client/orders/{id}/confirm`.
    route        text        NOT NULL CHECK (char_length(route) BETWEEN 1 AND 500),
    key          text        NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    -- SHA-256 of what was asked.
    fingerprint  bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    -- Names the attempt that may settle the row.
    claim        uuid        NOT NULL,
    state        text        NOT NULL CONSTRAINT idempotency_keys_state CHECK (state IN ('RUNNING', 'DONE')),
    locked_until timestamptz NOT NULL,
    status       int         CHECK (status BETWEEN 100 AND 499),
    headers      jsonb,
    body         bytea,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT idempotency_keys_key UNIQUE (tenant_id, user_id, route, key),
    CONSTRAINT idempotency_keys_answer CHECK (
        (state = 'DONE') = (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL)
    )
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (tenant_id, expires_at);
SELECT pg_temp.enable_tenant_rls('idempotency_keys');
SELECT pg_temp.grant_rw('idempotency_keys');
