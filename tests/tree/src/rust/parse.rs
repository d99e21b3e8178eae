//! One Rust file, read: what it imports, names and declares, module by module.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility, ext::IdentExt, visit::Visit};

/// The names of modules from a crate down, the crate's first: `["bk_menu", "dishes", "store"]`.
pub type ModulePath = Vec<String>;

/// A name that a `use` binds.
#[derive(Debug, Clone)]
pub struct Import {
    /// What is imported, as it is written, `crate` and `super` included.
    pub path: Vec<String>,
    /// The name it is bound to; none for a glob.
    pub name: Option<String>,
    /// Whether others see the name too: any `pub`.
    pub public: bool,
    /// The line, from 1.
    pub line: usize,
}

/// A path of two names or more in code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The names between the colons.
    pub path: Vec<String>,
    /// The line, from 1.
    pub line: usize,
}

/// An item a module declares.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Whether others see it: any `pub`.
    pub public: bool,
    /// Whether it is seen outside the crate, where its module is.
    pub exported: bool,
    /// A `type … = …`.
    pub alias: bool,
    /// The paths its own text names.
    pub mentions: Vec<Mention>,
    /// The line, from 1.
    pub line: usize,
}

/// A module that another declares.
#[derive(Debug, Clone)]
pub struct Child {
    /// Any `pub`.
    pub public: bool,
    /// A bare `pub`.
    pub exported: bool,
    /// Declared with `#[path]`.
    pub moved: bool,
    /// The line, from 1.
    pub line: usize,
}

/// A module: a file, or a `mod` with braces in one.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Where it is in its crate.
    pub path: ModulePath,
    /// The file it stands in.
    pub file: String,
    /// Whether it stands between braces.
    pub inline: bool,
    /// What it imports, in functions too.
    pub imports: Vec<Import>,
    /// Its items by name, modules and imports excepted.
    pub items: BTreeMap<String, Declared>,
    /// Its modules by name, those of tests excepted.
    pub children: BTreeMap<String, Child>,
    /// Paths in its code.
    pub mentions: BTreeSet<Mention>,
    /// Every word of its code.
    pub words: BTreeMap<String, usize>,
    /// Traits implemented here, as they are written, with the type's name.
    pub impls: Vec<(Vec<String>, String)>,
}

/// Reads a file into its modules, the file's own first. What only tests see is left out.
///
/// # Errors
/// Fails when it is not Rust.
pub fn parse(file: &str, text: &str, path: ModulePath) -> Result<Vec<Module>, syn::Error> {
    let parsed = syn::parse_file(text)?;
    let mut modules = Vec::new();
    if !parsed.attrs.iter().any(is_test_only) {
        read_items(file, path, false, &parsed.items, &mut modules);
    }
    Ok(modules)
}

fn read_items(file: &str, path: ModulePath, inline: bool, items: &[Item], into: &mut Vec<Module>) {
    let mut module = Module { path, file: file.to_owned(), inline, ..Module::default() };
    let at = into.len();
    into.push(Module::default());
    for item in items {
        if attributes(item).iter().any(is_test_only) {
            continue;
        }
        match item {
            Item::Use(import) => read_use(import, &mut module.imports),
            Item::Mod(child) => {
                let name = child.ident.unraw().to_string();
                module.children.insert(
                    name.clone(),
                    Child {
                        public: is_public(&child.vis),
                        exported: matches!(child.vis, Visibility::Public(_)),
                        moved: child
                            .attrs
                            .iter()
                            .any(|attribute| attribute.path().is_ident("path")),
                        line: child.ident.span().start().line,
                    },
                );
                if let Some((_, items)) = &child.content {
                    let mut below = module.path.clone();
                    below.push(name);
                    read_items(file, below, true, items, into);
                }
            }
            other => read_item(other, &mut module),
        }
    }
    if let Some(place) = into.get_mut(at) {
        *place = module;
    }
}

fn read_item(item: &Item, module: &mut Module) {
    let mut found = Names::default();
    found.scan(item.to_token_stream());
    let mut inner = InnerUses(&mut module.imports);
    inner.visit_item(item);
    if let Some((name, vis, alias)) = declared(item) {
        module.items.insert(
            name.unraw().to_string(),
            Declared {
                public: is_public(vis),
                exported: matches!(vis, Visibility::Public(_)),
                alias,
                mentions: found.mentions.iter().cloned().collect(),
                line: name.span().start().line,
            },
        );
    }
    if let Item::Impl(implementation) = item
        && let Some((of, _)) = &implementation.trait_
    {
        let names = of.segments.iter().map(|segment| segment.ident.to_string()).collect();
        module.impls.push((names, type_name(&implementation.self_ty)));
    }
    module.mentions.extend(found.mentions);
    for (word, line) in found.words {
        module.words.entry(word).or_insert(line);
    }
}

/// Returns the last name of a type's path; empty for types that have none.
fn type_name(of: &syn::Type) -> String {
    match of {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Name, visibility, and whether it is an alias, of an item that binds a name.
fn declared(item: &Item) -> Option<(&syn::Ident, &Visibility, bool)> {
    Some(match item {
        Item::Const(it) => (&it.ident, &it.vis, false),
        Item::Enum(it) => (&it.ident, &it.vis, false),
        Item::Fn(it) => (&it.sig.ident, &it.vis, false),
        Item::Static(it) => (&it.ident, &it.vis, false),
        Item::Struct(it) => (&it.ident, &it.vis, false),
        Item::Trait(it) => (&it.ident, &it.vis, false),
        Item::Type(it) => (&it.ident, &it.vis, true),
        Item::Union(it) => (&it.ident, &it.vis, false),
        _ => return None,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

/// Returns whether only tests are compiled with what bears the attribute: `#[cfg(test)]`, or
/// `all(test, …)`.
#[must_use]
pub fn is_test_only(attribute: &Attribute) -> bool {
    if !attribute.path().is_ident("cfg") {
        return false;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let mut words = list.tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    match words.next().as_deref() {
        Some("test") => true,
        Some("all") => list.tokens.clone().into_iter().any(|token| match token {
            TokenTree::Group(group) => group
                .stream()
                .into_iter()
                .any(|inner| matches!(inner, TokenTree::Ident(word) if word == "test")),
            _ => false,
        }),
        _ => false,
    }
}

const fn is_public(vis: &Visibility) -> bool {
    !matches!(vis, Visibility::Inherited)
}

/// Collects the imports inside functions.
struct InnerUses<'a>(&'a mut Vec<Import>);

impl<'ast> Visit<'ast> for InnerUses<'_> {
    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        read_use(import, self.0);
    }
}

fn read_use(import: &ItemUse, into: &mut Vec<Import>) {
    // `pub(self)` is a private import in other words.
    let public = match &import.vis {
        Visibility::Inherited => false,
        Visibility::Restricted(to) => !to.path.is_ident("self"),
        Visibility::Public(_) => true,
    };
    let mut prefix = Vec::new();
    read_tree(&import.tree, public, &mut prefix, into);
}

fn read_tree(tree: &UseTree, public: bool, prefix: &mut Vec<String>, into: &mut Vec<Import>) {
    let mut bind = |prefix: &[String], last: &syn::Ident, name: Option<String>| {
        let line = last.span().start().line;
        let last = last.unraw().to_string();
        let mut path = prefix.to_vec();
        // `{self}` names what stands before the braces.
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        let name = name.or_else(|| path.last().cloned());
        into.push(Import { path, name, public, line });
    };
    match tree {
        UseTree::Path(step) => {
            prefix.push(step.ident.unraw().to_string());
            read_tree(&step.tree, public, prefix, into);
            prefix.pop();
        }
        UseTree::Name(name) => bind(prefix, &name.ident, None),
        UseTree::Rename(name) => {
            bind(prefix, &name.ident, Some(name.rename.unraw().to_string()));
        }
        UseTree::Glob(glob) => {
            let line = glob.star_token.spans.first().map_or(0, |span| span.start().line);
            into.push(Import { path: prefix.clone(), name: None, public, line });
        }
        UseTree::Group(group) => {
            for inner in &group.items {
                read_tree(inner, public, prefix, into);
            }
        }
    }
}

/// Paths and words of a stream of tokens, in macros and attributes too.
#[derive(Default)]
struct Names {
    mentions: BTreeSet<Mention>,
    words: BTreeMap<String, usize>,
}

impl Names {
    fn scan(&mut self, stream: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in stream {
            match token {
                TokenTree::Ident(word) => {
                    let name = word.unraw().to_string();
                    let at = word.span().start().line;
                    self.words.entry(name.clone()).or_insert(at);
                    if colons != 2 || path.is_empty() {
                        self.end(&mut path, line);
                        line = at;
                    }
                    path.push(name);
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    let joined = punct.spacing() == Spacing::Joint;
                    colons = if joined || colons == 1 { colons + 1 } else { 0 };
                    if colons == 0 {
                        self.end(&mut path, line);
                    }
                }
                TokenTree::Group(group) => {
                    // The group of `a::{b, c}`: an import inside a function, read elsewhere.
                    self.end(&mut path, line);
                    colons = 0;
                    self.scan(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.end(&mut path, line);
                    colons = 0;
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.mentions.insert(Mention { path, line });
        }
    }
}
