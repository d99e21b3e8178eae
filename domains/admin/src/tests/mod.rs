//! Sentences about use cases.
