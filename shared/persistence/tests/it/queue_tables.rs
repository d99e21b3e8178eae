//! What `src/jobs/tables.rs` and `enqueue_job` rely on inside the queue's crate. A failure here means:
//! read the crate's changes, look through that file, then write down what is new.

use std::{fs, path::Path};

use bk_testing::TestDb;

/// The versions that `src/jobs/tables.rs` was written for.
const VERSIONS: [(&str, &str); 2] =
    [("graphile_worker", "0.14.1"), ("graphile_worker_migrations", "0.4.24")];

/// The columns of the private tables, as the crate's migrations leave them.
const COLUMNS: [(&str, &str); 2] = [
    (
        "_private_jobs",
        "id bigint, job_queue_id integer, task_id integer, payload json, priority smallint, \
         run_at timestamp with time zone, attempts smallint, max_attempts smallint, last_error text, \
         created_at timestamp with time zone, updated_at timestamp with time zone, key text, \
         locked_at timestamp with time zone, locked_by text, revision integer, flags jsonb, \
         is_available boolean",
    ),
    ("_private_tasks", "id integer, identifier text"),
];

/// The functions that are called, public though they are.
const FUNCTIONS: [(&str, &str); 2] = [
    (
        "add_job",
        "identifier text, payload json DEFAULT NULL::json, queue_name text DEFAULT NULL::text, \
         run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, \
         max_attempts integer DEFAULT NULL::integer, job_key text DEFAULT NULL::text, \
         priority integer DEFAULT NULL::integer, flags text[] DEFAULT NULL::text[], \
         job_key_mode text DEFAULT 'replace'::text",
    ),
    (
        "reschedule_jobs",
        "job_ids bigint[], run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, \
         priority integer DEFAULT NULL::integer, attempts integer DEFAULT NULL::integer, \
         max_attempts integer DEFAULT NULL::integer",
    ),
];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn owned(pairs: [(&str, &str); 2]) -> Vec<(String, String)> {
    pairs.map(|(name, what)| (name.to_owned(), what.to_owned())).to_vec()
}

#[test]
fn the_queues_crate_has_the_version_that_was_read() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for (name, version) in VERSIONS {
        let package = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&package), "{name} is not {version} any more");
    }
}

#[tokio::test]
async fn the_queues_private_tables_have_the_columns_that_were_read() {
    let db = TestDb::new().await;
    let columns = db.pairs(
        "SELECT table_name::text, string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
         FROM information_schema.columns
         WHERE table_schema = 'graphile_worker' AND table_name IN ('_private_jobs', '_private_tasks')
         GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(columns.await, owned(COLUMNS));
    let functions = db.pairs(
        "SELECT proname::text, pg_get_function_arguments(oid) FROM pg_proc
         WHERE pronamespace = 'graphile_worker'::regnamespace AND proname IN ('add_job', 'reschedule_jobs')
         ORDER BY 1",
    );
    assert_eq!(functions.await, owned(FUNCTIONS));
}

#[test]
fn one_file_of_the_product_touches_the_private_tables() {
    let mut files = Vec::new();
    for folder in ["apps", "domains", "migrations", "shared"] {
        touching(&root().join(folder), &mut files);
    }
    assert_eq!(files, ["shared/persistence/src/jobs/tables.rs"]);
}

/// Collects the sources that name a private table; tests may look behind the scenes.
fn touching(folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "tests" | "target") {
                touching(&path, files);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "sql")
            && fs::read_to_string(&path).unwrap().contains("._private_")
        {
            let path = path.strip_prefix(root()).unwrap();
            files.push(path.to_string_lossy().into_owned());
        }
    }
}
