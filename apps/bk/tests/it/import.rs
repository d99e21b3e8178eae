//! `bk import`, with the data of `bk seed` and the log of `bk audit`.

use std::fs;

use super::support::{bk, directory};

const VALID_CSV: &str = "name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit,conversions\n\
                         Wombok test,vegetable,none,60,1.2,0.2,,2,1.4,30,g,\n\
                         Cashew test paste,pantry,,2500,18,44,8,28,6,12,g,\n";

#[test]
fn an_import_is_a_dry_run_until_applied_and_the_audit_log_stays_whole() {
    let directory = directory();
    let path = directory.path();
    assert_eq!(bk(path, &["seed"]).code, Some(0));
    assert_eq!(bk(path, &["seed"]).code, Some(0), "seeding again changes nothing");
    let list = bk(path, &["tenant", "list"]).stdout;
    assert!(list.contains("greenfork") && list.contains("northside"), "{list}");

    fs::write(path.join("valid.csv"), VALID_CSV).unwrap();
    let import = ["import", "ingredients", "--tenant", "greenfork", "--file", "valid.csv"];
    let dry_run = bk(path, &import);
    assert_eq!(dry_run.code, Some(0), "{}", dry_run.stderr);
    assert!(dry_run.stdout.contains("2 rows: 2 new"), "{}", dry_run.stdout);
    assert!(dry_run.stdout.contains("nothing was changed"), "{}", dry_run.stdout);

    let apply = [import.as_slice(), &["--apply"]].concat();
    let applied = bk(path, &apply);
    assert!(applied.stdout.contains("Imported: 2 new, 0 updated."), "{}", applied.stdout);
    let again = bk(path, &apply);
    assert!(again.stdout.contains("Imported: 0 new, 0 updated."), "{}", again.stdout);

    let verified = bk(path, &["audit", "verify", "--tenant", "greenfork"]);
    assert_eq!(verified.code, Some(0));
    assert!(verified.stdout.contains("is whole"), "{}", verified.stdout);
}

#[test]
fn a_file_with_errors_names_the_rows_and_changes_nothing() {
    let directory = directory();
    let path = directory.path();
    assert_eq!(bk(path, &["seed"]).code, Some(0));
    fs::write(path.join("invalid.csv"), VALID_CSV.replace(",60,", ",sixty,")).unwrap();
    let import =
        ["import", "ingredients", "--tenant", "greenfork", "--file", "invalid.csv", "--apply"];
    let rejected = bk(path, &import);
    assert_eq!(rejected.code, Some(2));
    assert!(rejected.stdout.contains("row 2: error: energy_kj"), "{}", rejected.stdout);
    let unknown_tenant =
        bk(path, &["import", "ingredients", "--tenant", "unknown", "--file", "invalid.csv"]);
    assert_eq!(unknown_tenant.code, Some(1));
    let stderr = unknown_tenant.stderr;
    assert!(stderr.contains("there is no tenant unknown"), "{stderr}");
}
