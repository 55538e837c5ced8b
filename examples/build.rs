//! Makes a module of each snippet of the guide, named after its first function, for the tests to call.

use std::path::PathBuf;
use std::{env, fs, io};

const GUIDE: &str = "../docs/guide.md";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={GUIDE}");
    let guide = fs::read_to_string(GUIDE)?;
    let mut modules = String::new();
    for after in guide.split("```rust\n").skip(1) {
        let snippet = after.split("\n```").next().unwrap_or_default();
        let public = snippet
            .replace("\nfn ", "\npub(crate) fn ")
            .replace("\nasync fn ", "\npub(crate) async fn ");
        let name = public
            .split_once("pub(crate) fn ")
            .or_else(|| public.split_once("pub(crate) async fn "))
            .and_then(|(_, rest)| rest.split(['(', '<']).next())
            .unwrap_or_default();
        modules.push_str(&format!("pub(crate) mod {name} {{\n{public}\n}}\n"));
    }
    let folder = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    fs::write(folder.join("guide.rs"), modules)
}
