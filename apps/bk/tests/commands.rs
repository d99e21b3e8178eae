//! The command line on an embedded database of its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// What a command did.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn bk(folder: &Path, arguments: &[&str]) -> Ran {
    bk_with(folder, arguments, &[])
}

fn bk_with(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bk"));
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("BK_") || name.starts_with("DATABASE_") {
            command.env_remove(key);
        }
    }
    command.args(arguments).env("BK_DATA_DIR", folder.join("data")).current_dir(folder);
    command.envs(settings.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

const GOOD: &str = "name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit,conversions\n\
                    Wombok test,vegetable,none,60,1.2,0.2,,2,1.4,30,g,\n\
                    Cashew test paste,pantry,,2500,18,44,8,28,6,12,g,\n";

#[test]
fn an_import_is_rehearsed_then_applied_once_and_the_log_stays_whole() {
    let folder = folder();
    let at = folder.path();
    assert_eq!(bk(at, &["seed"]).code, Some(0));
    assert_eq!(bk(at, &["seed"]).code, Some(0), "seeding again changes nothing");
    let list = bk(at, &["tenant", "list"]).stdout;
    assert!(list.contains("greenfork") && list.contains("northside"), "{list}");

    fs::write(at.join("good.csv"), GOOD).unwrap();
    let import = ["import", "ingredients", "--tenant", "greenfork", "--file", "good.csv"];
    let rehearsed = bk(at, &import);
    assert_eq!(rehearsed.code, Some(0), "{}", rehearsed.stderr);
    assert!(rehearsed.stdout.contains("2 rows: 2 new"), "{}", rehearsed.stdout);
    assert!(rehearsed.stdout.contains("nothing was changed"), "{}", rehearsed.stdout);

    let apply = [import.as_slice(), &["--apply"]].concat();
    let applied = bk(at, &apply);
    assert!(applied.stdout.contains("Imported: 2 new, 0 updated."), "{}", applied.stdout);
    let again = bk(at, &apply);
    assert!(again.stdout.contains("Imported: 0 new, 0 updated."), "{}", again.stdout);

    let verified = bk(at, &["audit", "verify", "--tenant", "greenfork"]);
    assert_eq!(verified.code, Some(0));
    assert!(verified.stdout.contains("is whole"), "{}", verified.stdout);
}

#[test]
fn a_file_with_errors_names_the_rows_and_changes_nothing() {
    let folder = folder();
    let at = folder.path();
    assert_eq!(bk(at, &["seed"]).code, Some(0));
    let bad = GOOD.replace(",60,", ",sixty,");
    fs::write(at.join("bad.csv"), bad).unwrap();
    let import = ["import", "ingredients", "--tenant", "greenfork", "--file", "bad.csv", "--apply"];
    let refused = bk(at, &import);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stdout.contains("row 2: error: energy_kj"), "{}", refused.stdout);
    let missing = bk(at, &["import", "ingredients", "--tenant", "nobody", "--file", "bad.csv"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("there is no tenant nobody"), "{}", missing.stderr);
}

#[test]
fn the_documents_are_written_and_then_found_the_same() {
    let folder = folder();
    let at = folder.path();
    assert_eq!(bk(at, &["openapi", "--check"]).code, Some(1), "nothing is written yet");
    assert_eq!(bk(at, &["openapi", "--write"]).code, Some(0));
    assert_eq!(bk(at, &["openapi", "--check"]).code, Some(0));
    let document = at.join("openapi/openapi.json");
    let text = fs::read_to_string(&document).unwrap();
    fs::write(&document, text.replacen("Balance Kitchen", "Another Kitchen", 1)).unwrap();
    assert_eq!(bk(at, &["openapi", "--check"]).code, Some(1));
    assert!(at.join("docs/policies.md").exists());
}

#[test]
fn production_gets_no_demo_data_and_no_embedded_database() {
    let folder = folder();
    let refused = bk_with(folder.path(), &["seed"], &[("BK_ENV", "production")]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("DATABASE_URL: is required"), "{}", refused.stderr);
    let refused = bk_with(
        folder.path(),
        &["migrate", "--bootstrap"],
        &[("BK_ENV", "production"), ("DATABASE_URL", "postgres://bk_app:x@127.0.0.1:1/bk")],
    );
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("DATABASE_ADMIN_URL"), "{}", refused.stderr);
}
