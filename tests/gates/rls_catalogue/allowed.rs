//! What the catalogue check lets pass, name by name, each with its reason. A name that does not
//! exist any more is a finding too, so these lists cannot rot.

/// An exception and why it is one.
pub type Exception = (&'static str, &'static str);

/// Tables that belong to no single tenant or are read before one is known: no fence.
pub const UNFENCED_TABLES: &[Exception] = &[
    ("environment", "one row that says what the database is for"),
    ("seaql_migrations", "which migrations ran"),
    (
        "tenant_directory",
        "all tenants by slug, read before a tenant is known; bk_app cannot read it",
    ),
    ("origin_directory", "browser origins of all tenants, reached through two functions only"),
    ("outbox_wake", "names tenants that have undelivered events; bk_app can only insert"),
    ("billing_stripe_events", "the provider's events, kept before it is known whom they concern"),
    ("billing_session_directory", "whose a provider's object is; bk_app cannot read it"),
];

/// Functions that run with their owner's rights: the only doors through the fence, and they check
/// the tenant themselves.
pub const DEFINER_FUNCTIONS: &[Exception] = &[
    ("tenant_by_slug(text)", "login names a tenant by its slug: id and status, nothing else"),
    ("tenant_directory_put(uuid,text,text)", "a tenant's transaction puts its own entry only"),
    ("origin_known(text,text)", "a preflight carries no credential: yes or no"),
    ("origin_directory_put(uuid,text[],text[],text[])", "a tenant puts its own origins only"),
    (
        "enqueue_job(text,json,text,timestamp with time zone,integer,text,uuid)",
        "the only door to the queue for bk_app; a tenant enqueues for itself only",
    ),
    ("billing_directory_put(text,uuid)", "a tenant records its own provider objects only"),
    ("billing_events_of_tenant(uuid,text,uuid,integer)", "the tenant's own events, no envelope"),
    ("billing_event_replay(uuid)", "lets an event of the own tenant be worked on again"),
    ("kitchen_apply_pack_event()", "keeps a pack's meals equal to the sum of its events"),
];

/// Ledgers: nobody updates or deletes, the owner included.
pub const APPEND_ONLY_TABLES: &[Exception] = &[
    ("audit_entries", "the hash chain of the audit log"),
    ("billing_ledger", "money that moved"),
    ("kitchen_order_events", "what happened to an order"),
    ("kitchen_pack_events", "meals in and out of packs"),
    ("kitchen_production_plans", "frozen plans and their deltas"),
];

/// What operators' code may read across tenants.
pub const PLATFORM_READS: &[Exception] = &[
    ("environment", "the start refuses a database of another environment"),
    ("seaql_migrations", "readiness compares migrations"),
    ("tenant_directory", "the list of tenants"),
];

/// The names without their reasons.
pub fn names(list: &[Exception]) -> Vec<String> {
    list.iter().map(|(name, _)| (*name).to_owned()).collect()
}
