//! The crates that the house was asked to be built with are really used, on the paths they are for.
//!
//! While the product is being put together this asks for nothing; it is strict as soon as the server has a binary.

use crate::source;
use crate::tree::Tree;

/// A crate, and the rooms that carry its path: each of them must name it in its code.
const ASKED_FOR: &[(&str, &[&str])] = &[
    ("tokio", &["server", "history", "matching", "frontend"]),
    ("tonic", &["rpc", "frontend", "server", "cli"]),
    ("prost", &["persistence", "history-engine"]),
    ("sqlx", &["persistence-sql"]),
    ("tower", &["rpc", "frontend"]),
    ("hashring", &["membership"]),
    ("opentelemetry", &["server", "history", "matching", "frontend"]),
    ("serde", &["cli", "server"]),
];

/// For these, one of the rooms is enough: where exactly is the rooms' own affair.
const ONE_IS_ENOUGH: &[&str] = &["tower", "serde", "prost", "opentelemetry"];

fn offences(tree: &Tree) -> Vec<String> {
    let mut offences = Vec::new();
    if !tree.is_assembled() {
        return offences;
    }
    for (name, rooms) in ASKED_FOR {
        let missing: Vec<&str> = rooms.iter().copied().filter(|room| !uses(tree, room, name)).collect();
        let fine = missing.is_empty() || (ONE_IS_ENOUGH.contains(name) && missing.len() < rooms.len());
        if !fine {
            offences.push(format!("{name} is not used by {}", missing.join(", ")));
        }
    }
    offences
}

fn uses(tree: &Tree, room: &str, name: &str) -> bool {
    let Some(package) = tree.package(room) else { return false };
    let path = format!("{}::", name.replace('-', "_"));
    package.normal().any(|dependency| dependency.name == name)
        && tree.sources(package).any(|file| !source::lines_with(&file.product_code(), &path).is_empty())
}

#[test]
fn asked_for_crates_carry_their_paths() {
    crate::assert_none(&offences(&Tree::read().unwrap()));
}

#[test]
fn a_crate_that_is_only_named_is_caught() {
    use crate::manifest::Package;
    use crate::tree::SourceFile;

    let mut server = Package::new("server", &["tokio"]);
    let membership = Package::new("membership", &["hashring"]);
    let files = vec![SourceFile::new("crates/membership/src/ring.rs", "//! hashring::\n// hashring::HashRing\n")];
    let mut tree = Tree { files, packages: vec![server.clone(), membership.clone()] };
    assert_eq!(offences(&tree), Vec::<String>::new());
    server.binaries.push("aevum".to_owned());
    tree.packages = vec![server, membership];
    assert!(offences(&tree).iter().any(|offence| offence.starts_with("hashring is not used")));
    tree.files.push(SourceFile::new("crates/membership/src/lib.rs", "use hashring::HashRing;"));
    assert!(!offences(&tree).iter().any(|offence| offence.starts_with("hashring")));
}
