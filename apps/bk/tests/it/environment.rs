//! What commands refuse in production.

use super::support::{bk_with, directory};

#[test]
fn production_gets_no_demo_data_and_no_embedded_database() {
    let directory = directory();
    let seed = bk_with(directory.path(), &["seed"], &[("BK_ENV", "production")]);
    assert_eq!(seed.code, Some(1));
    assert!(seed.stderr.contains("DATABASE_URL: is required"), "{}", seed.stderr);
    let migrate = bk_with(
        directory.path(),
        &["migrate", "--bootstrap"],
        &[("BK_ENV", "production"), ("DATABASE_URL", "postgres://bk_app:x@127.0.0.1:1/bk")],
    );
    assert_eq!(migrate.code, Some(1));
    assert!(migrate.stderr.contains("DATABASE_ADMIN_URL"), "{}", migrate.stderr);
}
