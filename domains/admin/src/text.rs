//! Text that people type: what every field of this domain refuses. The OpenAPI document says the same
//! with the pattern `^[^\u0000-\u0020\u007f](?:[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$`, which the
//! macros want repeated at every field.

use validator::ValidationError;

/// Whether a text is not empty, has no ASCII control characters (Postgres refuses NUL) and no space at
/// either end.
pub(crate) fn is_plain(text: &str) -> bool {
    let control = |c: char| c <= '\u{1f}' || c == '\u{7f}';
    !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ') && !text.chars().any(control)
}

/// [`is_plain`] as a rule of `validator`.
pub(crate) fn plain(text: &str) -> Result<(), ValidationError> {
    if is_plain(text) {
        Ok(())
    } else {
        Err(ValidationError::new("format")
            .with_message("no control characters, no space at either end".into()))
    }
}

/// A rule of `validator`: two upper-case letters, as ISO 3166-1 alpha-2 codes are.
pub(crate) fn country(text: &str) -> Result<(), ValidationError> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(ValidationError::new("format")
            .with_message("two upper-case letters (ISO 3166-1)".into()))
    }
}
