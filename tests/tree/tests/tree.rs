//! The rules against the tree itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::LazyLock;

use bk_tree::{
    TextFile, Violation, files,
    manifest::packages,
    root,
    rules::{arrows, docs, exports, layout, rooms, slices, sql, stores, text, words},
    rust::Workspace,
};

static FILES: LazyLock<Vec<TextFile>> = LazyLock::new(|| files("", &[]).unwrap());
static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let workspace = Workspace::read(&FILES).unwrap();
    assert!(workspace.modules.len() > 300, "the modules were found");
    workspace
});

#[track_caller]
fn assert_none(mut found: Vec<Violation>) {
    found.sort();
    let lines: Vec<String> = found.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "{} violations:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn dependencies_point_one_way() {
    assert_none(arrows::dependencies_point_one_way(&packages(&FILES).unwrap()));
}

#[test]
fn every_crate_inherits_the_lints() {
    assert_none(arrows::every_crate_inherits_the_lints(&packages(&FILES).unwrap()));
}

#[test]
fn only_stores_speak_sql() {
    assert_none(rooms::only_stores_speak_sql(&WORKSPACE));
}

#[test]
fn only_http_speaks_http() {
    assert_none(rooms::only_http_speaks_http(&WORKSPACE));
}

#[test]
fn http_names_no_store() {
    assert_none(rooms::http_names_no_store(&WORKSPACE));
}

#[test]
fn nothing_below_http_names_it() {
    assert_none(rooms::nothing_below_http_names_it(&WORKSPACE));
}

#[test]
fn only_stores_name_entities() {
    assert_none(rooms::only_stores_name_entities(&WORKSPACE));
}

#[test]
fn stores_name_no_use_case() {
    assert_none(rooms::stores_name_no_use_case(&WORKSPACE));
}

#[test]
fn models_are_pure() {
    assert_none(rooms::models_are_pure(&WORKSPACE));
}

#[test]
fn a_slice_keeps_its_store() {
    assert_none(stores::a_slice_keeps_its_store(&WORKSPACE));
}

#[test]
fn no_store_is_handed_on() {
    assert_none(stores::no_store_is_handed_on(&WORKSPACE));
}

#[test]
fn slices_have_one_direction() {
    assert_none(slices::slices_have_one_direction(&WORKSPACE));
}

#[test]
fn a_domain_exports_its_registration_and_ports() {
    assert_none(exports::a_domain_exports_its_registration_and_ports(&WORKSPACE));
}

#[test]
fn no_file_has_what_none_must_have() {
    assert_none(text::nothing_unwanted(&FILES).unwrap());
}

#[test]
fn no_sql_is_put_together() {
    assert_none(sql::no_sql_is_put_together(&FILES).unwrap());
}

#[test]
fn no_state_is_typed_in_sql() {
    assert_none(sql::no_state_is_typed_in_sql(&FILES).unwrap());
}

#[test]
fn a_table_is_written_by_its_slice() {
    assert_none(sql::a_table_is_written_by_its_slice(&FILES).unwrap());
}

/// Whether the tree has a file or a folder of this path.
fn exists(path: &str) -> bool {
    root().join(path).exists()
}

#[test]
fn every_path_in_the_pages_exists() {
    assert_none(docs::every_path_exists(&FILES, &exists));
}

#[test]
fn every_citation_resolves() {
    assert_none(docs::every_citation_resolves(&FILES, &exists));
}

#[test]
fn every_test_that_a_page_names_exists() {
    assert_none(docs::every_test_named_exists(&FILES));
}

#[test]
fn no_name_has_a_retired_word() {
    assert_none(words::no_name_has_a_retired_word(&FILES).unwrap());
}

#[test]
fn no_prose_has_a_retired_word() {
    assert_none(words::no_prose_has_a_retired_word(&FILES).unwrap());
}

#[test]
fn no_doc_says_nothing() {
    assert_none(words::no_doc_says_nothing(&FILES));
}

#[test]
fn integration_tests_are_one_binary() {
    assert_none(layout::integration_tests_are_one_binary(&FILES));
}

#[test]
fn tests_with_a_database_are_integration_tests() {
    assert_none(layout::tests_with_a_database_are_integration_tests(&FILES));
}

#[test]
fn one_client_and_one_set_of_fakes() {
    assert_none(layout::one_client_and_one_set_of_fakes(&FILES).unwrap());
}
