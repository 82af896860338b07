//! The bugs that the simulation must find are in no product build.
//!
//! They hide behind a feature of one name. Nobody has it by default, no dependency asks for it (cargo would then switch it on
//! for a whole `cargo build --workspace`), and it is handed on only under its own name.

use crate::manifest::{Dependency, Package};
use crate::source;
use crate::tree::{SourceFile, Tree};

const FEATURE: &str = "planted-bugs";

fn manifest_offences(packages: &[Package]) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages {
        for (feature, switched_on) in package.features.iter().filter(|(feature, _)| *feature != FEATURE) {
            for entry in switched_on.iter().filter(|entry| *entry == FEATURE || entry.ends_with(&format!("/{FEATURE}"))) {
                offences.push(format!("{}: feature {feature} switches on {entry}", package.name));
            }
        }
        for Dependency { name, features, .. } in &package.dependencies {
            if features.iter().any(|feature| feature == FEATURE) {
                offences.push(format!(
                    "{}: its dependency on {name} asks for {FEATURE}; hand it on by a feature of that name",
                    package.name
                ));
            }
        }
        let carriers: &[&str] = &["server", "cli", "web"];
        if carriers.contains(&package.name.as_str()) && package.features.contains_key(FEATURE) {
            offences.push(format!("{}: programs have no {FEATURE}", package.name));
        }
    }
    offences
}

/// Recipes that build what users get: the feature's name may stand only where the simulation is meant.
fn recipe_offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    let recipes = files.iter().filter(|file| {
        file.path == "Makefile"
            || file.path.starts_with(".ci/")
            || file.path.starts_with("deploy/")
            || file.path.starts_with("bench/")
    });
    for file in recipes {
        for (number, line) in (1..).zip(file.text().lines()) {
            let builds = line.contains("cargo build") || line.contains("cargo install") || line.contains("cargo run");
            let bugs = line.contains("--all-features") || (line.contains(FEATURE) && !line.contains("simulation"));
            if builds && bugs {
                offences.push(format!("{}:{number} builds the product with planted bugs", file.path));
            }
        }
    }
    offences
}

/// A switch that is spelled differently would be on or off for ever.
fn spelling_offences(files: &[SourceFile], packages: &[Package]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/")) {
        let uses = file.text().contains(&format!("feature = \"{FEATURE}\""));
        let room = file.path.split('/').nth(1).unwrap_or_default();
        let declared = packages.iter().any(|package| package.name == room && package.features.contains_key(FEATURE));
        if uses && !declared && !source::code(file.text()).trim().is_empty() {
            offences.push(format!("{} asks for {FEATURE}, which {room} does not declare", file.path));
        }
    }
    offences
}

#[test]
fn planted_bugs_are_in_no_product_build() {
    let tree = Tree::read().unwrap();
    crate::assert_none(&manifest_offences(&tree.packages));
    crate::assert_none(&recipe_offences(&tree.files));
    crate::assert_none(&spelling_offences(&tree.files, &tree.packages));
}

#[test]
fn a_bug_on_its_way_into_a_product_is_caught() {
    let with = |name: &str, feature: &str, entries: &[&str]| {
        let mut package = Package::new(name, &[]);
        package.features.insert(feature.to_owned(), entries.iter().map(|entry| (*entry).to_owned()).collect());
        package
    };
    assert_eq!(manifest_offences(&[with("history", FEATURE, &["history-engine/planted-bugs"])]), Vec::<String>::new());
    assert_eq!(manifest_offences(&[with("history", "default", &[FEATURE])]).len(), 1);
    assert_eq!(manifest_offences(&[with("simulation", "all", &["history/planted-bugs"])]).len(), 1);
    assert_eq!(manifest_offences(&[with("server", FEATURE, &[])]).len(), 1);
    let mut simulation = Package::new("simulation", &["history"]);
    simulation.dependencies[0].features.push(FEATURE.to_owned());
    assert_eq!(manifest_offences(&[simulation]).len(), 1);

    assert_eq!(recipe_offences(&[SourceFile::new("Makefile", "\tcargo build -p server --all-features")]).len(), 1);
    assert_eq!(recipe_offences(&[SourceFile::new("Makefile", "\tcargo run -p simulation --features planted-bugs")]).len(), 0);
    let code = SourceFile::new("crates/history/src/lane.rs", "#[cfg(feature = \"planted-bugs\")]\nfn a() {}");
    assert_eq!(spelling_offences(std::slice::from_ref(&code), &[Package::new("history", &[])]).len(), 1);
    assert_eq!(spelling_offences(&[code], &[with("history", FEATURE, &[])]).len(), 0);
}
