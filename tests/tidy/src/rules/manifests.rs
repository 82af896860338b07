//! Manifests: lints are inherited by everyone, versions stand in one place.

use crate::tree::{SourceFile, Tree};

fn offences(tree: &Tree) -> Vec<String> {
    let mut offences = Vec::new();
    for package in &tree.packages {
        let path = format!("{}/Cargo.toml", package.folder);
        let Some(file) = tree.file(&path) else {
            offences.push(format!("{path} is not part of the repository"));
            continue;
        };
        offences.extend(check(file));
    }
    offences
}

fn check(file: &SourceFile) -> Vec<String> {
    let mut offences = Vec::new();
    let (mut section, mut lints) = (String::new(), false);
    for (number, line) in (1..).zip(file.text().lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            continue;
        }
        if section == "lints" && line.replace(' ', "") == "workspace=true" {
            lints = true;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let inherited = name.trim().ends_with(".workspace") || value.replace(' ', "").contains("workspace=true");
        if section.ends_with("dependencies") && !inherited && !is_self(&section, value) {
            offences.push(format!("{}:{number} {}: its version belongs in [workspace.dependencies]", file.path, name.trim()));
        }
        if section == "package" && matches!(name.trim(), "version" | "edition" | "rust-version" | "license" | "publish") {
            offences.push(format!("{}:{number} write {}.workspace = true", file.path, name.trim()));
        }
    }
    if !lints {
        offences.push(format!("{} lacks [lints] workspace = true", file.path));
    }
    offences
}

/// A crate may name itself for its tests, to switch on its own features.
fn is_self(section: &str, value: &str) -> bool {
    section == "dev-dependencies" && value.replace(' ', "").contains("path=\".\"")
}

#[test]
fn lints_and_versions_are_inherited() {
    crate::assert_none(&offences(&Tree::read().unwrap()));
}

#[test]
fn a_manifest_of_its_own_mind_is_caught() {
    let lints = "[lints]\nworkspace = true\n";
    for text in [
        "[package]\nname = \"a\"\n".to_owned(),
        format!("{lints}[dependencies]\nserde = \"1\"\n"),
        format!("{lints}[build-dependencies]\nserde = {{ version = \"1\", features = [\"a\"] }}\n"),
        format!("{lints}[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n"),
        format!("{lints}[package]\nedition = \"2021\"\n"),
    ] {
        assert_eq!(check(&SourceFile::new("crates/a/Cargo.toml", &text)).len(), 1, "{text}");
    }
    let fine = format!(
        "[package]\nname = \"a\"\nversion.workspace = true\n{lints}[dependencies]\na.workspace = true\nb = {{ workspace = true, features = [\"x\"] }} # why\n[features]\nx = [\"b/x\"]\n"
    );
    assert_eq!(check(&SourceFile::new("crates/a/Cargo.toml", &fine)), Vec::<String>::new());
}
