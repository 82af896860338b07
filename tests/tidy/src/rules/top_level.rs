//! What may lie at the top, and that nothing lies there for later.

use crate::tree::{SourceFile, Tree};

const FOLDERS: &[&str] = &["crates", "proto", "deploy", "helm", "tests", "examples", "bench", ".ci"];
const FILES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "Makefile", "LICENSE", "clippy.toml", "rustfmt.toml", "deny.toml", ".gitignore"];

/// What a folder that is there must hold: one path that begins and ends like this.
const PROOF: &[(&str, &[(&str, &str)])] = &[
    ("helm", &[("", "Chart.yaml"), ("templates/", ".yaml")]),
    ("deploy", &[("", "")]),
    (".ci", &[("run", "")]),
    ("examples", &[("go/", ".go")]),
    ("bench", &[("", "README.md")]),
    ("proto", &[("", ".proto")]),
];

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        let path = &file.path;
        let allowed = match path.split_once('/') {
            Some((folder, _)) => FOLDERS.contains(&folder),
            None => FILES.contains(&path.as_str()) || path.ends_with(".md"),
        };
        if !allowed {
            offences.push(format!("{path} has no place at the top: see ARCHITECTURE.md"));
        }
        if is_placeholder(file) {
            offences.push(format!("{path} is a placeholder: nothing lies here for later"));
        }
    }
    for (folder, proofs) in PROOF {
        let inside: Vec<&str> = files
            .iter()
            .filter(|file| !is_placeholder(file))
            .filter_map(|file| file.path.strip_prefix(folder)?.strip_prefix('/'))
            .collect();
        let exists = files.iter().any(|file| file.path.starts_with(&format!("{folder}/")));
        for (begin, end) in *proofs {
            let real = |path: &&&str| path.contains(begin) && path.ends_with(end) && (!end.is_empty() || !path.ends_with(".md"));
            if exists && !inside.iter().any(|path| real(&path)) {
                offences.push(format!("{folder} is there but holds no real {begin}*{end}: fill it or take it away"));
            }
        }
    }
    offences
}

fn is_placeholder(file: &SourceFile) -> bool {
    matches!(file.name(), ".gitkeep" | ".keep" | ".placeholder" | "TODO.md")
        || (file.text().trim().is_empty() && file.name() != "__init__.py" && file.text.is_some())
}

#[test]
fn everything_at_the_top_has_its_place() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_stray_or_empty_thing_is_caught() {
    for (path, text, count) in [
        ("notes.txt", "x", 1),
        ("scripts/run.sh", "x", 1),
        ("helm/.gitkeep", "", 3),
        ("helm/Chart.yaml", "name: aevum", 1),
        ("deploy/README.md", "later", 1),
        ("crates/a/src/later.rs", "\n", 1),
    ] {
        let found = offences(&[SourceFile::new(path, text)]);
        assert_eq!(found.len(), count, "{path}: {found:?}");
    }
    for (path, text) in
        [("README.md", "x"), ("deploy/Dockerfile", "FROM x"), ("bench/harness/__init__.py", ""), (".ci/run", "make test")]
    {
        let mut files = vec![SourceFile::new(path, text)];
        if path.starts_with("bench") {
            files.push(SourceFile::new("bench/README.md", "x"));
        }
        assert_eq!(offences(&files), Vec::<String>::new(), "{path}");
    }
}
