//! `bk openapi`.

use std::fs;

use super::support::{bk, directory};

#[test]
fn a_check_finds_missing_and_changed_files_and_passes_after_writing() {
    let directory = directory();
    let path = directory.path();
    assert_eq!(bk(path, &["openapi", "--check"]).code, Some(1), "nothing is written yet");
    assert_eq!(bk(path, &["openapi", "--write"]).code, Some(0));
    assert_eq!(bk(path, &["openapi", "--check"]).code, Some(0));
    let document = path.join("openapi/openapi.json");
    let text = fs::read_to_string(&document).unwrap();
    fs::write(&document, text.replacen("Balance Kitchen", "Another Kitchen", 1)).unwrap();
    assert_eq!(bk(path, &["openapi", "--check"]).code, Some(1));
    assert!(path.join("docs/policies.md").exists());
}
