//! Checks of text that people type, shared by the forms of the kitchen.

use validator::ValidationError;

/// One line: no control characters.
pub fn line(text: &str) -> Result<(), ValidationError> {
    refuse(text, |c| c.is_ascii_control(), "no line breaks or control characters")
}

/// Several lines: no control characters but tab and line breaks.
pub fn paragraph(text: &str) -> Result<(), ValidationError> {
    refuse(
        text,
        |c| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'),
        "no control characters",
    )
}

/// One line that does not consist of white space.
pub fn name(text: &str) -> Result<(), ValidationError> {
    line(text)?;
    if text.trim().is_empty() {
        return Err(ValidationError::new("format").with_message("not only white space".into()));
    }
    Ok(())
}

/// An ISO 3166-1 alpha-2 code.
pub fn country(text: &str) -> Result<(), ValidationError> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(ValidationError::new("format").with_message("two upper-case letters".into()))
    }
}

fn refuse(
    text: &str,
    refused: impl Fn(char) -> bool,
    message: &'static str,
) -> Result<(), ValidationError> {
    if text.contains(refused) {
        Err(ValidationError::new("format").with_message(message.into()))
    } else {
        Ok(())
    }
}
