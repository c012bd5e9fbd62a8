//! Shrinks the bound WebAssembly and its JavaScript: drops unused classes and everything that only they use, and
//! replaces hashed names, which Brotli can't compress, by short ones.

use walrus::{ExportId, Module};

use crate::profile::Result;

/// Classes of wasm-streams, which Leptos links for server functions. Mandate has none.
const UNUSED: &str = "IntoUnderlying";

/// Slims the module and returns the matching JavaScript. Both must come from one run of wasm-bindgen.
///
/// # Errors
/// When wasm-bindgen's JavaScript has an unexpected form.
pub(crate) fn slim(module: &mut Module, js: &str) -> Result<String> {
    let mut js = without_classes(js);
    let unused: Vec<ExportId> =
        module.exports.iter().filter(|export| is_unused(&export.name)).map(|export| export.id()).collect();
    for export in unused {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(module);
    if let Some(import) = module.imports.iter().find(|import| is_unused(&import.name)) {
        return Err(format!("{} is in use, so its class can't be left out of the bundle", import.name).into());
    }
    let kept: Vec<String> = module.imports.iter().map(|import| import.name.clone()).collect();
    js = without_imports(&js, &kept);
    let mut count = 0;
    let mut next = move || {
        count += 1;
        format!("_{count}")
    };
    for import in module.imports.iter_mut().filter(|import| import.name.starts_with("__wb")) {
        let (short, long) = (next(), format!("{}: function(", import.name));
        if js.matches(&long).count() != 1 {
            return Err(format!("wasm-bindgen wrote no function for its import {}", import.name).into());
        }
        js = js.replacen(&long, &format!("{short}: function("), 1);
        import.name = short;
    }
    for export in module.exports.iter_mut().filter(|export| export.name.starts_with("wasm_bindgen__convert__")) {
        let short = next();
        js = js.replace(&format!("wasm.{}(", export.name), &format!("wasm.{short}("));
        export.name = short;
    }
    Ok(js)
}

fn is_unused(name: &str) -> bool {
    name.trim_start_matches("__wbg_").starts_with("intounderlying")
}

/// Drops each `export class X {` up to the line that makes it disposable, and each three-line `const XFinalization =
/// …`.
fn without_classes(js: &str) -> String {
    let mut short = String::with_capacity(js.len());
    let (mut in_class, mut in_const) = (false, false);
    for line in js.lines() {
        in_class |= line.starts_with(&format!("export class {UNUSED}"));
        in_const |= line.starts_with(&format!("const {UNUSED}"));
        if !in_class && !in_const {
            short.push_str(line);
            short.push('\n');
        }
        in_class &= !line.starts_with("if (Symbol.dispose)");
        in_const &= !line.ends_with(';');
    }
    short
}

/// Drops the functions that the module no longer imports. Each is a member of an object.
fn without_imports(js: &str, kept: &[String]) -> String {
    let mut short = String::with_capacity(js.len());
    let mut skips = false;
    for line in js.lines() {
        if let Some(name) = member(line) {
            skips = !kept.iter().any(|kept| kept == name);
        }
        if !skips {
            short.push_str(line);
            short.push('\n');
        }
        let text = line.trim();
        skips &= text != "}," && !text.ends_with("}, arguments); },");
    }
    short
}

/// The import whose function starts on this line: `__wbg_x_0123: function(…) {`.
fn member(line: &str) -> Option<&str> {
    let (name, rest) = line.trim().split_once(": ")?;
    (name.starts_with("__wb") && rest.starts_with("function(")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JS: &str = "export class IntoUnderlyingSink {\n    free() {\n        wasm.a();\n    }\n}\nif (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = 1;\nfunction imports() {\n    const import0 = {\n        __wbg_a_1: function(arg0) {\nif (arg0) {\n}\n},\n__wbg_b_2: function() { return handleError(function () {\n            b();\n        }, arguments); },\n    };\n}\nconst IntoUnderlyingSinkFinalization = (typeof X)\n    ? {}\n    : new X();\nlast();\n";

    #[test]
    fn unused_classes_and_imports_are_left_out() {
        let short = without_imports(&without_classes(JS), &["__wbg_b_2".into()]);
        assert_eq!(
            short,
            "function imports() {\n    const import0 = {\n__wbg_b_2: function() { return handleError(function () {\n            b();\n        }, arguments); },\n    };\n}\nlast();\n"
        );
    }

    #[test]
    fn names_are_short_in_both() -> Result<()> {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        let (used, _) = module.add_import_func("./x_bg.js", "__wbg_b_2", kind);
        module.exports.add("go", used);
        let js = slim(&mut module, JS)?;
        assert!(js.contains("\n_1: function() { return handleError") && !js.contains("__wbg"), "{js}");
        assert_eq!(module.imports.iter().map(|import| import.name.as_str()).collect::<Vec<_>>(), ["_1"]);
        Ok(())
    }
}
