//! The programs that users and operators start: all of them, as soon as there is one.

use crate::tree::Tree;

const BINARIES: &[&str] = &["aevum", "aevum-frontend", "aevum-history", "aevum-matching", "aevum-internal-worker"];

/// Targets of the Makefile that the README and CI rely on.
const TARGETS: &[&str] = &["demo", "dev", "test"];

fn offences(tree: &Tree) -> Vec<String> {
    let mut offences = Vec::new();
    if tree.is_assembled()
        && let Some(server) = tree.package("server")
    {
        for name in BINARIES {
            if !server.binaries.iter().any(|binary| binary == name) {
                offences.push(format!("crates/server builds no {name}"));
            }
        }
    }
    if let Some(makefile) = tree.file("Makefile") {
        for target in TARGETS {
            if !makefile.text().lines().any(|line| line.starts_with(&format!("{target}:"))) {
                offences.push(format!("Makefile has no target {target}"));
            }
        }
    }
    if let Some(run) = tree.file(".ci/run")
        && !run.text().contains("make test")
    {
        offences.push(".ci/run does not call make test".to_owned());
    }
    offences
}

#[test]
fn every_program_and_target_is_there() {
    crate::assert_none(&offences(&Tree::read().unwrap()));
}

#[test]
fn a_missing_program_is_caught() {
    use crate::manifest::Package;
    use crate::tree::SourceFile;

    let mut server = Package::new("server", &[]);
    let mut tree = Tree { files: Vec::new(), packages: vec![server.clone()] };
    assert_eq!(offences(&tree), Vec::<String>::new());
    server.binaries.push("aevum".to_owned());
    tree.packages = vec![server];
    tree.files = vec![SourceFile::new("Makefile", "demo:\n\tx\ntest:\n"), SourceFile::new(".ci/run", "cargo test")];
    assert_eq!(offences(&tree).len(), 4 + 1 + 1);
}
