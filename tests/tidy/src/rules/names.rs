//! Names that mean nothing are refused, and so is `mod.rs`.

use crate::tree::{SourceFile, Tree};

/// Names under which anything gathers.
const MEANINGLESS: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "shared", "stuff"];

/// Packages of others keep their own words.
const FOREIGN: &[&str] = &["examples/java/", "examples/typescript/", "examples/python/"];

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| !FOREIGN.iter().any(|foreign| file.path.starts_with(foreign))) {
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or_default();
            if MEANINGLESS.contains(&stem.to_lowercase().as_str()) {
                offences.push(format!("{}: {part} says nothing, name it by what it means", file.path));
            }
        }
        if file.name() == "mod.rs" {
            offences.push(format!("{}: use foo.rs beside foo/ instead of mod.rs", file.path));
        }
    }
    offences
}

#[test]
fn names_mean_something() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_meaningless_name_is_caught() {
    for path in [
        "crates/common/src/lib.rs",
        "crates/a/src/utils.rs",
        "crates/a/src/helpers/x.rs",
        "crates/a/src/b/mod.rs",
        "bench/misc/x.py",
    ] {
        assert_eq!(offences(&[SourceFile::new(path, "")]).len(), 1, "{path}");
    }
}
