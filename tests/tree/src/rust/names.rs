//! The names a file declares, down to parameters and local variables.

use syn::{
    Attribute, Field, FieldPat, File, ImplItem, ItemImpl, ItemMacro, ItemStruct, Macro, PatIdent,
    ext::IdentExt,
    visit::{self, Visit},
};

/// What a name is declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A constant or a static.
    Const,
    /// A field of a struct or a variant.
    Field,
    /// A function or a method.
    Fn,
    /// A parameter or a local variable.
    Local,
    /// A macro by example.
    Macro,
    /// A module, of a file or in braces.
    Mod,
    /// A struct, an enum, a trait, an alias.
    Type,
    /// A variant of an enum.
    Variant,
}

/// A name that a file declares.
#[derive(Debug, Clone)]
pub struct Name {
    /// As it is written, without `r#`.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// The line, from 1.
    pub line: usize,
    /// Whether it is the name of a JSON field or a column: those keep the names they were published
    /// with.
    pub published: bool,
}

impl Name {
    /// Its words in lower case: `OrderState`, `order_state` and `ORDER_STATE` are the same two.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut before = '_';
        let shouted = self.text.chars().all(|c| !c.is_lowercase());
        for c in self.text.chars() {
            let starts = before == '_' || (!shouted && c.is_uppercase() && !before.is_uppercase());
            if c == '_' {
                before = c;
                continue;
            }
            let lower: String = c.to_lowercase().collect();
            match words.last_mut().filter(|_| !starts) {
                Some(word) => word.push_str(&lower),
                None => words.push(lower),
            }
            before = c;
        }
        words
    }
}

/// Every name the file declares, those of tests too.
#[must_use]
pub fn declared_names(file: &File) -> Vec<Name> {
    let mut names = Names::default();
    names.visit_file(file);
    names.found
}

/// Derives that make the fields of a struct JSON fields or columns.
const PUBLISHING: &[&str] = &[
    "DeriveEntityModel",
    "Deserialize",
    "FromQueryResult",
    "FromRow",
    "IntoParams",
    "Serialize",
    "ToSchema",
];

#[derive(Default)]
struct Names {
    found: Vec<Name>,
    published: bool,
}

impl Names {
    fn add(&mut self, name: &syn::Ident, kind: Kind) {
        let published = self.published && kind == Kind::Field;
        let (text, line) = (name.unraw().to_string(), name.span().start().line);
        self.found.push(Name { text, kind, line, published });
    }

    fn inside(&mut self, published: bool, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.published, published);
        visit(self);
        self.published = before;
    }
}

fn publishes(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        let derives = list.tokens.to_string();
        attribute.path().is_ident("derive")
            && PUBLISHING.iter().any(|derive| {
                derives.split(|c: char| !c.is_alphanumeric()).any(|word| word == *derive)
            })
    })
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // The name of a test is a sentence.
        let test = item.attrs.iter().any(|attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "test")
        });
        if !test {
            self.add(&item.sig.ident, Kind::Fn);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // The methods of a trait have the names the trait gave them.
        if item.trait_.is_none() {
            for inner in &item.items {
                match inner {
                    ImplItem::Fn(method) => self.add(&method.sig.ident, Kind::Fn),
                    ImplItem::Const(constant) => self.add(&constant.ident, Kind::Const),
                    _ => {}
                }
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.add(&item.ident, Kind::Type);
        self.inside(publishes(&item.attrs), |names| visit::visit_item_struct(names, item));
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(&item.ident, Kind::Type);
        self.inside(publishes(&item.attrs), |names| visit::visit_item_enum(names, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(&item.ident, Kind::Type);
        visit::visit_item_trait(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.add(&item.sig.ident, Kind::Fn);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(&item.ident, Kind::Type);
        visit::visit_item_type(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.add(&item.ident, Kind::Const);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.add(&item.ident, Kind::Const);
        visit::visit_item_static(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.add(&item.ident, Kind::Mod);
        visit::visit_item_mod(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if let Some(name) = &item.ident {
            self.add(name, Kind::Macro);
        }
        visit::visit_item_macro(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.add(&variant.ident, Kind::Variant);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if let Some(name) = &field.ident {
            self.add(name, Kind::Field);
        }
        visit::visit_field(self, field);
    }

    fn visit_field_pat(&mut self, pattern: &'ast FieldPat) {
        // `Row { state, .. }` takes the field's name.
        if pattern.colon_token.is_some() {
            visit::visit_field_pat(self, pattern);
        }
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.add(&pattern.ident, Kind::Local);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        // Items that a macro of ours declares are Rust too, when they parse as such.
        if let Ok(items) = invoked.parse_body::<File>() {
            self.visit_file(&items);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_name_do_not_depend_on_its_case() {
        for text in ["OrderState", "order_state", "ORDER_STATE", "_order_state"] {
            let name = Name { text: text.to_owned(), kind: Kind::Fn, line: 1, published: false };
            assert_eq!(name.words(), ["order", "state"], "{text}");
        }
    }

    #[test]
    fn every_kind_of_name_is_read() {
        let file = syn::parse_file(
            "mod a { struct B { c: u8 } enum D { E } } trait F { fn g(); } type H = u8; const I: u8 = 1;
             static J: u8 = 1; macro_rules! k { () => {} }
             impl B { const L: u8 = 1; fn m(&self, n: u8) { let o = |p: u8| p; let B { c: q, .. } = b; } }
             impl F for B { fn not_ours() {} }
             #[derive(Serialize)] struct R { published: u8 }
             fn s() { let B { c, .. } = b; }
             ids! { struct T; }",
        )
        .unwrap();
        let names = declared_names(&file);
        let text: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        for name in [
            "a", "B", "c", "D", "E", "F", "g", "H", "I", "J", "k", "L", "m", "n", "o", "p", "q",
            "R", "s", "T",
        ] {
            assert!(text.contains(&name), "{name} in {text:?}");
        }
        assert!(!text.contains(&"not_ours"), "{text:?}");
        let published: Vec<&str> =
            names.iter().filter(|name| name.published).map(|name| name.text.as_str()).collect();
        assert_eq!(published, ["published"]);
    }
}
