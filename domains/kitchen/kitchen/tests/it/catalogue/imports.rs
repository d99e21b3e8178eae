//! Importing and exporting ingredients.

use std::sync::atomic::{AtomicUsize, Ordering};

use bk_kernel::Authorized;
use bk_kitchen_catalogue::{
    Allergen, ImportError, ImportMode, all_ingredients, import::csv, import_ingredients,
};

use crate::fixture::stocked::{Kitchen, cook, csv_sample, open_food_sample};

#[tokio::test]
async fn a_file_is_imported_whole_and_a_second_time_changes_nothing() {
    let kitchen = Kitchen::empty().await;
    let first = kitchen.import(csv_sample(), ImportMode::Apply).await.unwrap();
    assert_eq!((first.rows, first.created, first.updated, first.unchanged), (25, 25, 0, 0));
    let again = kitchen.import(csv_sample(), ImportMode::Apply).await.unwrap();
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 25));
}

#[tokio::test]
async fn a_dry_run_reports_what_would_happen_and_changes_nothing() {
    let kitchen = Kitchen::empty().await;
    let report = kitchen.import(open_food_sample(), ImportMode::DryRun).await.unwrap();
    assert_eq!((report.rows, report.created), (6, 6));
    assert!(kitchen.snapshot().await.recipes.ingredients.is_empty());
    assert_eq!(kitchen.snapshot().await.version, 0);
}

#[tokio::test]
async fn one_bad_row_refuses_the_whole_file() {
    let kitchen = Kitchen::empty().await;
    let header = csv::COLUMNS.join(",");
    let text = format!("{header}\nGarlic,,none,1,,,,,,,kg,,\nGinger,,none,much,,,,,,,kg,,\n");
    let outcome = kitchen.import(csv::parse(text.as_bytes()), ImportMode::Apply).await;
    let Err(ImportError::Refused(report)) = outcome else { panic!("it was not refused") };
    let errors: Vec<_> = report.errors.iter().map(|e| (e.row, &*e.field, e.code)).collect();
    assert_eq!(errors, [(3, "energy_kj", "format")]);
    assert!(kitchen.snapshot().await.recipes.ingredients.is_empty());
}

#[tokio::test]
async fn what_a_file_leaves_empty_stays_as_it_was() {
    let kitchen = Kitchen::stocked().await;
    let header = csv::COLUMNS.join(",");
    let text = format!("{header}\nGarlic,,,,9,,,,,,,,\n");
    let report = kitchen.import(csv::parse(text.as_bytes()), ImportMode::Apply).await.unwrap();
    assert_eq!((report.updated, report.unchanged), (1, 0));
    let id = kitchen.ingredient("garlic").await;
    let snapshot = kitchen.snapshot().await;
    let garlic = &snapshot.recipes.ingredients[&id];
    assert_eq!(garlic.nutrition.protein_g, Some(9.into()));
    assert_eq!(garlic.nutrition.energy_kj, Some(520.into()));
    assert_eq!(garlic.conversions.as_slice().len(), 2);
    assert!(garlic.allergens.known().is_some_and(std::collections::BTreeSet::is_empty));
}

#[tokio::test]
async fn a_proposal_waits_for_a_person_and_never_replaces_their_word() {
    let kitchen = Kitchen::empty().await;
    let first = kitchen.import(csv_sample(), ImportMode::Apply).await.unwrap();
    let proposal = first.allergen_proposals.iter().find(|one| one.key == "oat_milk").unwrap();
    assert!(proposal.allergens.contains(&Allergen::Oats));
    assert!(!proposal.allergens.contains(&Allergen::Milk));
    let id = kitchen.ingredient("oat_milk").await;
    assert!(kitchen.snapshot().await.recipes.ingredients[&id].allergens.is_unknown());
    kitchen.confirm("oat_milk", &[Allergen::Sesame]).await.unwrap();
    let again = kitchen.import(csv_sample(), ImportMode::Apply).await.unwrap();
    assert!(again.allergen_proposals.iter().all(|one| one.key != "oat_milk"));
    assert_eq!(again.unchanged, 25);
    let snapshot = kitchen.snapshot().await;
    let confirmed = snapshot.recipes.ingredients[&id].allergens.known().unwrap();
    assert_eq!(confirmed.iter().collect::<Vec<_>>(), [&Allergen::Sesame]);
}

#[tokio::test]
async fn an_export_imports_again_without_a_change() {
    let kitchen = Kitchen::stocked().await;
    kitchen.import(open_food_sample(), ImportMode::Apply).await.unwrap();
    let rows = kitchen
        .run(|tx| async move {
            let reader = Authorized::check(cook(&tx).context().clone()).unwrap();
            all_ingredients(&reader, &tx).await
        })
        .await
        .unwrap();
    let plan = csv::parse(csv::write(&rows).as_bytes());
    assert_eq!(plan.errors, []);
    let report = kitchen.import(plan, ImportMode::Apply).await.unwrap();
    assert_eq!((report.created, report.updated, report.unchanged), (0, 0, 31));
}

#[tokio::test]
async fn progress_is_reported_to_the_end() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let kitchen = Kitchen::empty().await;
    let plan = csv_sample();
    kitchen
        .run(|tx| async move {
            let mut progress = |done, total| {
                assert_eq!(total, 25);
                DONE.store(done, Ordering::Relaxed);
            };
            import_ingredients(&cook(&tx), &tx, &plan, ImportMode::Apply, &mut progress).await
        })
        .await
        .unwrap();
    assert_eq!(DONE.load(Ordering::Relaxed), 25);
}
