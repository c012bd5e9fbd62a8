//! No file is in an import circle with another, except a parent with a single child. Imports are read from the `use`
//! trees and paths of each crate's sources and tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::visit::{self, Visit};

/// A module's path within its crate. The crate's root is empty.
type Module = Vec<String>;
type Imports = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_file_is_in_an_import_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates = [
        "app/src",
        "app/bundle/src",
        "app/hydrate/src",
        "app/shared/src",
        "server/src",
        "server/agent/src",
        "server/agent/tests/chat",
        "server/agent/tests/tools",
        "server/foundation/src",
        "server/foundation/tests/listen",
        "server/broker/src",
        "server/broker/tests/broker",
        "server/details/src",
        "server/identity/src",
        "server/identity/tests/it",
        "server/rehearsal/src",
        "server/tests/driver/src",
        "server/tests/whole",
        "server/tests/world/src",
        "server/tests/world/tests/workshop",
    ];
    let mut found = Vec::new();
    for name in crates {
        let imports = imports(&root.join(name));
        assert!(!imports.is_empty(), "{name} has sources");
        for circle in circles(&imports) {
            found.push(format!("{name}: {}", shown(&imports, &circle)));
        }
    }
    assert!(found.is_empty(), "import circles:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_in_each_form_of_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write("lib.rs", "mod a; mod b; mod c;");
    let forms = [
        "use crate::{c, b::{self, B}};",
        "use super::b::B;",
        "fn f() -> Option<crate::b::B> { None }",
        "fn f() { g!(if super::b::B {}) }",
        "use crate::b; fn f() -> b::B { b::B }",
        "use crate::b as beside; fn f() { g!(beside::B) }",
    ];
    for form in forms {
        write("a.rs", form);
        write("b.rs", "use crate::a::A; pub struct B;");
        write("c.rs", "#[cfg(test)] mod tests { use crate::a::A; }");
        let imports = imports(folder.path());
        assert_eq!(circles(&imports), [vec![vec!["a".to_owned()], vec!["b".to_owned()]]], "{form}");
    }
    // A parent with one child is allowed, with two it is a circle.
    write("a.rs", "mod one; mod two; use one::One;");
    write("a/one.rs", "use super::A;");
    write("a/two.rs", "");
    write("b.rs", "");
    assert!(circles(&imports(folder.path())).is_empty());
    write("a/two.rs", "use super::A;");
    write("a.rs", "mod one; mod two; use one::One; use self::two::Two;");
    assert_eq!(circles(&imports(folder.path())).len(), 1);
}

/// The modules that each file of a crate imports from.
fn imports(src: &Path) -> Imports {
    let mut files = BTreeMap::new();
    collect(src, &mut Vec::new(), &mut files);
    let modules: BTreeSet<Module> = files.keys().cloned().collect();
    files
        .iter()
        .map(|(module, text)| {
            let file = syn::parse_file(text).expect("Rust can be parsed");
            let mut reader = Reader { module, modules: &modules, names: BTreeMap::new(), imports: BTreeSet::new() };
            // The first pass collects the names of modules, which the second resolves.
            reader.visit_file(&file);
            reader.visit_file(&file);
            reader.imports.remove(module);
            (module.clone(), reader.imports)
        })
        .collect()
}

fn collect(folder: &Path, module: &mut Module, into: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder's entry").path();
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        // Next to a library, `main.rs` is a crate of its own that imports the library.
        let is_root = module.is_empty() && (name == "lib" || (name == "main" && !folder.join("lib.rs").is_file()));
        if path.is_dir() {
            module.push(name);
            collect(&path, module, into);
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut file = module.clone();
            if !is_root {
                file.push(name);
            }
            into.insert(file, std::fs::read_to_string(&path).expect("Rust is text"));
        }
    }
}

/// Reads the imports of one file. Tests may import anything.
struct Reader<'a> {
    module: &'a Module,
    modules: &'a BTreeSet<Module>,
    /// The modules that `use` brings in, by their name in this file.
    names: BTreeMap<String, Module>,
    imports: BTreeSet<Module>,
}

impl Reader<'_> {
    /// A path from the crate's root. `None` if it leads to another crate.
    fn resolve(&self, path: &[String]) -> Option<Module> {
        Some(match path.first()?.as_str() {
            "crate" => path[1..].to_vec(),
            "self" => [self.module, &path[1..]].concat(),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count().min(self.module.len());
                [&self.module[..self.module.len() - ups], &path[ups..]].concat()
            }
            name if self.names.contains_key(name) => [&self.names[name], &path[1..]].concat(),
            _ => {
                let child = [self.module.as_slice(), path].concat();
                self.modules.contains(&child[..=self.module.len()]).then_some(child)?
            }
        })
    }

    /// Imports from the path's file: the longest prefix that is a module.
    fn import(&mut self, path: &[String]) {
        let Some(mut target) = self.resolve(path) else { return };
        while !self.modules.contains(&target) && !target.is_empty() {
            target.pop();
        }
        self.imports.insert(target);
    }

    /// Imports what `use` brings in by this name.
    fn bring(&mut self, path: &[String], name: &str) {
        self.import(path);
        if let Some(target) = self.resolve(path).filter(|target| self.modules.contains(target)) {
            self.names.insert(name.to_owned(), target);
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before);
                }
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().cloned().unwrap_or_default();
                self.bring(before, &last);
            }
            syn::UseTree::Name(name) => {
                self.bring(&[before.as_slice(), &[name.ident.to_string()]].concat(), &name.ident.to_string());
            }
            syn::UseTree::Rename(name) => {
                self.bring(&[before.as_slice(), &[name.ident.to_string()]].concat(), &name.rename.to_string());
            }
            syn::UseTree::Glob(_) => self.import(before),
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|on| on.is_ident("test"))
        });
        if !is_test {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    /// `pub(in crate::words)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.import(&path.segments.iter().map(|part| part.ident.to_string()).collect::<Vec<_>>());
        }
        visit::visit_path(self, path);
    }

    /// A macro's input isn't a syntax tree, so paths are read from its tokens.
    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        let words = of.tokens.to_string().replace(" :: ", "::");
        for word in words.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':') {
            let path: Vec<String> = word.split("::").map(str::to_owned).collect();
            if path.len() > 1 {
                self.import(&path);
            }
        }
        visit::visit_macro(self, of);
    }
}

/// Groups of modules that reach each other.
fn circles(imports: &Imports) -> Vec<Vec<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|from| (from, reachable(imports, from))).collect();
    let mut circles = BTreeSet::new();
    for (from, to) in &reached {
        let circle: Vec<Module> =
            to.iter().filter(|other| reached[**other].contains(*from)).map(|module| (*module).clone()).collect();
        let is_parent_and_child = circle.len() == 2 && circle[1].split_last().is_some_and(|(_, of)| of == circle[0]);
        if circle.len() > 1 && !is_parent_and_child {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// Everything reachable by one or more imports.
fn reachable<'a>(imports: &'a Imports, from: &'a Module) -> BTreeSet<&'a Module> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        next.extend(imports[module].iter().filter(|to| reached.insert(*to)));
    }
    reached
}

/// A circle's files and the imports among them.
fn shown(imports: &Imports, circle: &[Module]) -> String {
    let name = |module: &Module| if module.is_empty() { "(root)".to_owned() } else { module.join("::") };
    let mut shown = format!("{} files", circle.len());
    for from in circle {
        let to: Vec<String> = imports[from].iter().filter(|to| circle.contains(to)).map(name).collect();
        shown.push_str(&format!("\n  {} imports from {}", name(from), to.join(", ")));
    }
    shown
}
