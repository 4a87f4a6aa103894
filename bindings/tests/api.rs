//! The exported surface, listed from the sources and compared with `bindings/api.txt`, so that it never changes unknowingly.
#![allow(missing_docs, clippy::unwrap_used, clippy::result_large_err)]

use proc_macro2::TokenStream;
use quote::ToTokens;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use syn::parse::Parser;
use syn::{Attribute, Field, Fields, FnArg, Item, Meta, Signature, Token, TraitItem, Type, Variant};

const HEAD: &str = "\
# What Kotlin and Swift see of this library, by name. A type is written as in Rust; `src/types.rs` and `uniffi.toml` say what it is there.
# Kept by tests/api.rs. Accept a change with: ACCEPT_API=1 cargo test -p zoufang-bindings --test api
";

/// Heading, as `object Visits`, to its lines.
type Surface = BTreeMap<String, Vec<String>>;

#[test]
fn the_surface_is_the_one_that_is_written_down() {
    let path = folder().join("api.txt");
    let found = text(&surface());
    if std::env::var_os("ACCEPT_API").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap();
    let gone = known.lines().filter(|line| !found.lines().any(|one| one == *line)).map(|line| format!("- {line}"));
    let new = found.lines().filter(|line| !known.lines().any(|one| one == *line)).map(|line| format!("+ {line}"));
    let difference = gone.chain(new).collect::<Vec<_>>().join("\n");
    assert!(
        known == found,
        "The surface that apps see has changed (order counts too):\n{difference}\n\
         If that is meant: ACCEPT_API=1 cargo test -p zoufang-bindings --test api, commit api.txt, write the change into \
         docs/changelog.md, and build the Kotlin and Swift packages anew."
    );
}

#[test]
fn the_surface_keeps_its_rules() {
    let surface = surface();
    assert!(surface.contains_key("object ZoufangCore") && surface.contains_key("error CoreError"));
    for (heading, lines) in &surface {
        for line in lines {
            let without_bytes = line.replace("Vec<u8>", "bytes");
            let is_narrow =
                ["u8", "i8", "u16", "i16"].iter().any(|narrow| words(&without_bytes).any(|word| word == *narrow));
            assert!(!is_narrow, "{heading}: {line}: 8- and 16-bit numbers are awkward in both languages");
            if heading.starts_with("trait") {
                assert!(
                    !line.starts_with("async"),
                    "{heading}: {line}: does not compile as Swift 6 (mozilla/uniffi-rs#2929)"
                );
                assert!(line.contains("-> Result<"), "{heading}: {line}: what an app throws here would be a panic");
            }
            let may_throw = line.ends_with(", CoreError>");
            let is_plain = ["object ZoufangCore", "object Subscription"].contains(&heading.as_str())
                || ["fn cancel()", "fn watch("].iter().any(|plain| line.starts_with(plain));
            assert!(!heading.starts_with("object") || may_throw || is_plain, "{heading}: {line}: throws no CoreError");
        }
    }
    let variants_count = surface["error CoreError"].len();
    assert!(variants_count <= 12, "{variants_count} errors are more than a person can tell apart");
}

#[test]
fn every_id_and_moment_is_a_native_type_in_both_languages() {
    let config = fs::read_to_string(folder().join("uniffi.toml")).unwrap();
    let surface = surface();
    // A day stays a text, and a filled form is the record that it crosses as.
    let as_they_cross = ["Day", "FilledForm"];
    let customs: Vec<&str> = surface.keys().filter_map(|heading| heading.strip_prefix("custom ")).collect();
    for custom in customs.iter().filter(|custom| !as_they_cross.contains(*custom)) {
        for language in ["kotlin", "swift"] {
            let table = format!("[bindings.{language}.custom_types.{custom}]\n");
            assert!(config.contains(&table), "uniffi.toml lacks {table}");
        }
    }
    assert_eq!(
        config.matches(".custom_types.").count(),
        2 * (customs.len() - as_they_cross.len()),
        "uniffi.toml names a type that is gone"
    );
}

#[test]
fn the_version_carries_the_surface() {
    use sha2::{Digest, Sha256};
    if std::env::var_os("ACCEPT_API").is_some() {
        return; // the library was built with the list as it was
    }
    let listed = fs::read(folder().join("api.txt")).unwrap();
    let digest: String = Sha256::digest(listed).iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = format!("{}+{}", env!("CARGO_PKG_VERSION"), &digest[..12]);
    assert_eq!(zoufang_bindings::version::core_version(), expected);
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn text(surface: &Surface) -> String {
    let block = |(heading, lines): (&String, &Vec<String>)| {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("\n{heading}\n{lines}")
    };
    HEAD.to_owned() + &surface.iter().map(block).collect::<String>()
}

fn surface() -> Surface {
    let mut surface = Surface::new();
    for path in sources(&folder().join("src")) {
        let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
        file.items.iter().for_each(|item| list(&mut surface, item));
    }
    surface.values_mut().for_each(|lines| lines.dedup());
    surface
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    let (folders, files): (Vec<_>, Vec<_>) = found.into_iter().partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

/// How an item is exported, if it is: the name after `uniffi::` of its attribute or derive.
fn exported(attributes: &[Attribute]) -> Option<String> {
    let mut found = None;
    for attribute in attributes {
        let path = squeezed(attribute.path());
        if let Some(name) = path.strip_prefix("uniffi::") {
            let arguments = match &attribute.meta {
                Meta::List(list) if name == "remote" => format!(" {}", squeezed(&list.tokens)),
                _ => String::new(),
            };
            assert!(["export", "remote"].contains(&name), "uniffi::{name} is not known to this test");
            found = Some(format!("{name}{arguments}"));
        }
        if path == "derive" {
            let Meta::List(list) = &attribute.meta else { continue };
            let derives = squeezed(&list.tokens);
            found = found.or(derives.split(", ").find_map(|one| one.strip_prefix("uniffi::")).map(str::to_owned));
        }
    }
    found
}

fn list(surface: &mut Surface, item: &Item) {
    let mut put = |heading: String, lines: Vec<String>| surface.entry(heading).or_default().extend(lines);
    match item {
        Item::Fn(one) if exported(&one.attrs).is_some() => put("functions".into(), vec![signature(&one.sig, "fn")]),
        Item::Impl(one) if exported(&one.attrs).is_some() => {
            let methods = one.items.iter().map(|item| match item {
                syn::ImplItem::Fn(method) => signature(&method.sig, method_word(&method.attrs)),
                other => panic!("not known to this test: {}", squeezed(other)),
            });
            put(format!("object {}", squeezed(&one.self_ty)), methods.collect());
        }
        Item::Trait(one) if exported(&one.attrs).is_some() => {
            let methods = one.items.iter().map(|item| match item {
                TraitItem::Fn(method) => signature(&method.sig, "fn"),
                other => panic!("not known to this test: {}", squeezed(other)),
            });
            put(format!("trait {}", one.ident), methods.collect());
        }
        Item::Struct(one) => match exported(&one.attrs).as_deref() {
            Some("Record" | "remote Record") => put(format!("record {}", one.ident), fields(&one.fields)),
            Some("Object") => put(format!("object {}", one.ident), Vec::new()),
            Some(other) => panic!("{}: {other} is not known to this test", one.ident),
            None => {}
        },
        Item::Enum(one) => {
            let heading = match exported(&one.attrs).as_deref() {
                Some("Enum" | "remote Enum") => "enum",
                Some("Error") => "error",
                Some(other) => panic!("{}: {other} is not known to this test", one.ident),
                None => return,
            };
            put(format!("{heading} {}", one.ident), one.variants.iter().map(variant).collect());
        }
        Item::Macro(one) => match squeezed(&one.mac.path).as_str() {
            "uniffi::custom_type" => {
                let (name, bridge) = custom(&one.mac.tokens);
                put(format!("custom {name}"), vec![format!("as {bridge}")]);
            }
            path => assert!(!path.starts_with("uniffi") || path == "uniffi::setup_scaffolding", "{path} is not known"),
        },
        Item::Mod(one) => {
            assert!(one.content.is_none() || one.ident == "tests", "{}: exports in it are not seen", one.ident)
        }
        _ => {}
    }
}

fn method_word(attributes: &[Attribute]) -> &'static str {
    match attributes.iter().map(|one| squeezed(one.path())).find(|path| path.starts_with("uniffi")).as_deref() {
        Some("uniffi::constructor") => "constructor",
        None => "fn",
        Some(other) => panic!("{other} is not known to this test"),
    }
}

fn signature(signature: &Signature, word: &str) -> String {
    let inputs = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(input) => Some(format!("{}: {}", squeezed(&input.pat), squeezed(&input.ty))),
    });
    let before = if signature.asyncness.is_some() { "async " } else { "" };
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, output) => format!(" -> {}", squeezed(output)),
    };
    format!("{before}{word} {}({}){output}", signature.ident, inputs.collect::<Vec<_>>().join(", "))
}

fn variant(variant: &Variant) -> String {
    match fields(&variant.fields) {
        none if none.is_empty() => variant.ident.to_string(),
        some => format!("{} {{ {} }}", variant.ident, some.join(", ")),
    }
}

fn fields(fields: &Fields) -> Vec<String> {
    fields.iter().map(field).collect()
}

fn field(field: &Field) -> String {
    let (mut name, mut default) = (squeezed(&field.ident), String::new());
    for attribute in field.attrs.iter().filter(|one| one.path().is_ident("uniffi")) {
        let Meta::List(list) = &attribute.meta else { panic!("{name}: an attribute that is not known to this test") };
        let said = squeezed(&list.tokens);
        match said.split_once('=') {
            Some(("name", other)) => name = other.trim_matches('"').to_owned(),
            Some(("default", value)) => default = format!(" = {value}"),
            _ => panic!("{said} is not known to this test"),
        }
    }
    format!("{name}: {}{default}", squeezed(&field.ty))
}

fn custom(tokens: &TokenStream) -> (String, String) {
    let read = |input: syn::parse::ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        let name: Type = input.parse()?;
        input.parse::<Token![,]>()?;
        let bridge: Type = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok((squeezed(&name), squeezed(&bridge)))
    };
    read.parse2(tokens.clone()).unwrap()
}

/// Code as one would write it: blanks between words and after commas only.
fn squeezed(code: &impl ToTokens) -> String {
    let spaced = code.to_token_stream().to_string();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut text = String::new();
    for token in spaced.split_whitespace() {
        if text.ends_with(is_word) && token.starts_with(is_word) {
            text.push(' ');
        }
        text.push_str(token);
    }
    text.replace(',', ", ")
}
