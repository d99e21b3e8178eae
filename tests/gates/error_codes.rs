//! The list of error codes is closed: changing it is a change of the API.

use bk_kernel::Code;

#[test]
fn the_error_codes_are_these() {
    let lines: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("{} {}: {}", code.status(), code.as_str(), code.title()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
