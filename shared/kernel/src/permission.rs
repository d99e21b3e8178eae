//! Permissions are types: a domain declares each once with [`permissions!`](crate::permissions), a
//! route names the type in its policy, and a use case takes a [`Permit`] of it as an argument.

use std::{collections::BTreeSet, fmt, marker::PhantomData, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Actor, error::Code};

/// The stable name of a permission, for roles, tokens and the document: `menu.write`.
pub type PermissionKey = &'static str;

/// One entry of the permission catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PermissionDef {
    /// `resource.action`, lower case.
    pub key: PermissionKey,
    /// What holding it lets a person do, for role editors.
    pub title: &'static str,
}

/// A permission as a type. Implemented by [`permissions!`](crate::permissions) only.
pub trait Permission: Send + Sync + 'static {
    /// Its catalogue entry.
    const DEF: PermissionDef;
}

/// The permissions an actor holds. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermissionSet(Arc<BTreeSet<String>>);

impl PermissionSet {
    /// Whether `key` is held.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains(key)
    }

    /// Whether everything in `other` is held: nobody can grant what they do not hold
    /// (docs/product.md, section 1).
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    /// The keys, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = S>>(keys: I) -> Self {
        Self(Arc::new(keys.into_iter().map(Into::into).collect()))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter()).finish()
    }
}

/// Proof that the actor of the running request holds permission `P`. It can only be obtained by
/// checking an actor.
pub struct Permit<P: Permission>(PhantomData<fn() -> P>);

impl<P: Permission> Permit<P> {
    /// Proof, or [`Code::Forbidden`].
    pub fn check(actor: &Actor) -> Result<Self, Code> {
        if actor.permissions.contains(P::DEF.key) {
            Ok(Self(PhantomData))
        } else {
            Err(Code::Forbidden)
        }
    }
}

impl<P: Permission> Clone for Permit<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Permission> Copy for Permit<P> {}

impl<P: Permission> fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({})", P::DEF.key)
    }
}

/// Declares permission types and the list of them:
///
/// ```
/// bk_kernel::permissions! {
///     /// Read the menu.
///     MenuRead = "menu.read", "Read ingredients, dishes, components and menus";
/// }
/// assert_eq!(ALL[0].key, "menu.read");
/// ```
#[macro_export]
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $title:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl $crate::permission::Permission for $name {
                const DEF: $crate::PermissionDef =
                    $crate::PermissionDef { key: $key, title: $title };
            }
        )+

        /// Every permission declared here, in the order of declaration.
        pub const ALL: &[$crate::PermissionDef] =
            &[$(<$name as $crate::permission::Permission>::DEF),+];
    };
}
