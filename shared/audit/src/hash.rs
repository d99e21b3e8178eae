//! The hash of an entry: SHA-256 over a canonical, length-prefixed encoding.
//!
//! The encoding, for verifiers written elsewhere. `text(s)` is the length in bytes as 8 bytes big
//! endian, then the bytes of UTF-8; `int(n)` is 8 bytes big endian, two's complement; `opt(x)` is the
//! byte 0, or the byte 1 followed by `x`; a UUID is its 16 bytes.
//!
//! ```text
//! text("bk-audit-1") tenant_id:uuid int(seq) int(at in microseconds since 1970-01-01T00:00Z)
//! opt(actor_id:uuid) text(actor_kind) text(action) text(subject_type) text(subject_id)
//! opt(request_id:uuid) json(details) prev_hash:32 bytes
//! ```
//!
//! `json(v)` is one byte for the kind, then: `n` null, `f` false, `t` true: nothing; `i` an integer:
//! its decimal digits as `text`; `s` a string: `text`; `a` an array: `int(items)`, each item as
//! `json`; `o` an object: `int(fields)`, each as `text(name) json(value)` in the byte order of the
//! names. Nothing depends on how Postgres stores JSON.

use std::fmt;

use bk_kernel::TenantId;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::row::Recorded;

/// The SHA-256 of an entry and, through it, of everything before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry of a chain follows.
    pub const GENESIS: Self = Self([0; 32]);

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash that `entry` must carry; its own `hash` is not read.
pub(crate) fn of(tenant: TenantId, entry: &Recorded) -> Hash {
    let mut encoder = Encoder(Sha256::new());
    encoder.text("bk-audit-1");
    encoder.bytes(tenant.uuid().as_bytes());
    encoder.int(entry.seq);
    encoder.int(entry.at.timestamp_micros());
    encoder.optional(entry.actor_id.map(|id| *id.uuid().as_bytes()));
    encoder.text(&entry.actor_kind);
    encoder.text(&entry.action);
    encoder.text(&entry.subject_type);
    encoder.text(&entry.subject_id);
    encoder.optional(entry.request_id.map(|id| *id.uuid().as_bytes()));
    encoder.json(&entry.details);
    encoder.bytes(&entry.prev_hash.0);
    Hash(encoder.0.finalize().into())
}

struct Encoder(Sha256);

impl Encoder {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn int(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        // usize has at most 64 bits on every platform Rust supports.
        self.0.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text);
    }

    fn optional(&mut self, id: Option<[u8; 16]>) {
        match id {
            None => self.bytes(&[0]),
            Some(id) => {
                self.bytes(&[1]);
                self.bytes(&id);
            }
        }
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(false) => self.bytes(b"f"),
            Value::Bool(true) => self.bytes(b"t"),
            Value::Number(number) => {
                self.bytes(b"i");
                self.text(&number.to_string());
            }
            Value::String(text) => {
                self.bytes(b"s");
                self.text(text);
            }
            Value::Array(items) => {
                self.bytes(b"a");
                self.length(items.len());
                for item in items {
                    self.json(item);
                }
            }
            Value::Object(fields) => {
                self.bytes(b"o");
                self.length(fields.len());
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_unstable_by_key(|(name, _)| *name);
                for (name, value) in fields {
                    self.text(name);
                    self.json(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> Recorded {
        Recorded {
            seq: 1,
            at: "2026-11-27T02:00:00Z".parse().unwrap(),
            actor_id: None,
            actor_kind: "system".to_owned(),
            action: "role.created".to_owned(),
            subject_type: "role".to_owned(),
            subject_id: "packer".to_owned(),
            request_id: None,
            details: json!({}),
            prev_hash: Hash::GENESIS,
            hash: Hash::GENESIS,
        }
    }

    fn tenant() -> TenantId {
        "019ab0c2-7d1e-7f00-8000-000000000000".parse().unwrap()
    }

    #[test]
    fn the_encoding_is_fixed_for_ever() {
        // Computed from the page above by another program. Were this to change, no log written before
        // could be verified.
        let known = "ea7981d028b40d37140684e08b49675304ce1c424427cdc9085c5221602516c4";
        assert_eq!(of(tenant(), &entry()).to_string(), known);
    }

    #[test]
    fn text_cannot_move_from_one_field_to_its_neighbour() {
        let one = Recorded { action: "ab".to_owned(), subject_type: "c".to_owned(), ..entry() };
        let two = Recorded { action: "a".to_owned(), subject_type: "bc".to_owned(), ..entry() };
        assert_ne!(of(tenant(), &one), of(tenant(), &two));
    }

    #[test]
    fn the_order_of_json_fields_does_not_matter_and_their_values_do() {
        let with =
            |text: &str| Recorded { details: serde_json::from_str(text).unwrap(), ..entry() };
        let hash = |text: &str| of(tenant(), &with(text));
        assert_eq!(hash(r#"{"a":1,"b":[2]}"#), hash(r#"{"b":[2],"a":1}"#));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":"1"}"#));
    }
}
