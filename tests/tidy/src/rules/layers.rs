//! Who may lean on whom: arrows between rooms go only downward, and drivers stay in the adapters.

use crate::manifest::{DependencyKind, Package};
use crate::tree::Tree;

/// A room, its layer, and the rooms that its product code may name.
struct Room {
    name: &'static str,
    layer: u8,
    may: &'static [&'static str],
}

const fn room(name: &'static str, layer: u8, may: &'static [&'static str]) -> Room {
    Room { name, layer, may }
}

/// The house. `server` puts everything together, so it may name every room but `testkit`.
const ROOMS: &[Room] = &[
    room("model", 0, &[]),
    room("proto", 0, &[]),
    room("scheduler", 1, &["model"]),
    room("history-engine", 1, &["model", "proto", "scheduler"]),
    room("persistence", 1, &["model", "proto"]),
    room("visibility", 1, &["model", "proto"]),
    room("membership", 1, &["model", "persistence"]),
    room("testkit", 1, &["model", "proto", "scheduler", "history-engine", "persistence", "visibility", "membership"]),
    room("rpc", 2, &["model", "proto", "membership"]),
    room("persistence-sql", 2, &["model", "proto", "persistence", "visibility"]),
    room("persistence-cassandra", 2, &["model", "proto", "persistence", "visibility"]),
    room("visibility-elasticsearch", 2, &["model", "proto", "visibility"]),
    room("archival", 2, &["model", "proto", "persistence"]),
    room("frontend", 3, &["model", "proto", "scheduler", "persistence", "visibility", "rpc"]),
    room("history", 3, &["model", "proto", "history-engine", "persistence", "visibility", "membership", "rpc"]),
    room("matching", 3, &["model", "proto", "persistence", "membership", "rpc"]),
    room("internal-worker", 3, &["model", "proto", "rpc", "archival"]),
    room("cli", 4, &["model", "proto"]),
    room("web", 4, &["model", "proto", "rpc"]),
    room("server", 4, &[]),
];

/// Which crates from outside only certain rooms may name.
const RESERVED: &[(&str, &[&str])] = &[
    ("sqlx", &["persistence-sql"]),
    ("scylla", &["persistence-cassandra"]),
    ("tonic", &["proto", "rpc", "frontend", "cli", "web", "server"]),
    ("hashring", &["membership"]),
    ("anyhow", &["server", "cli"]),
    ("clap", &["server", "cli"]),
    ("tracing-subscriber", &["server"]),
];

fn offences(packages: &[Package]) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages.iter().filter(|package| package.is_room()) {
        let Some(room) = find(&package.name) else {
            offences.push(format!("{} has no layer: give it one in tests/tidy and in ARCHITECTURE.md", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if let Some(target) = find(&dependency.name)
                && !may_name(room, target, dependency.kind)
            {
                offences.push(format!("{} must not depend on {} ({:?})", room.name, target.name, dependency.kind));
            }
            let reserved = RESERVED.iter().find(|(name, _)| *name == dependency.name);
            if dependency.kind == DependencyKind::Normal
                && let Some((name, rooms)) = reserved
                && !rooms.contains(&room.name)
            {
                offences.push(format!("{} must not name {name}: only {} may", room.name, rooms.join(", ")));
            }
        }
    }
    offences
}

fn find(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn may_name(from: &Room, to: &Room, kind: DependencyKind) -> bool {
    match kind {
        DependencyKind::Normal | DependencyKind::Build if to.name == "testkit" => false,
        DependencyKind::Normal | DependencyKind::Build if from.name == "server" => true,
        DependencyKind::Normal | DependencyKind::Build => from.may.contains(&to.name),
        // Tests may use what lies below, the kit, and the room's own features; never a neighbour that the product may not.
        DependencyKind::Dev => {
            to.name == "testkit" || to.name == from.name || to.layer < from.layer || from.may.contains(&to.name)
        }
    }
}

#[test]
fn arrows_go_only_downward() {
    let tree = Tree::read().unwrap();
    crate::assert_none(&offences(&tree.packages));
}

#[test]
fn the_table_itself_goes_only_downward() {
    for room in ROOMS {
        for name in room.may {
            let target = find(name).unwrap();
            let exception = matches!((room.name, *name), ("membership", "persistence") | ("history-engine", "scheduler"));
            assert!(target.layer < room.layer || exception || room.name == "testkit", "{} -> {name}", room.name);
        }
    }
}

#[test]
fn a_wrong_arrow_is_caught() {
    for (name, dependency) in [
        ("history", "matching"),
        ("matching", "history-engine"),
        ("history", "persistence-sql"),
        ("frontend", "sqlx"),
        ("visibility", "persistence"),
        ("cli", "rpc"),
        ("model", "proto"),
        ("history-engine", "tonic"),
        ("server", "testkit"),
        ("rpc", "anyhow"),
        ("kitchen", "model"),
    ] {
        assert_eq!(offences(&[Package::new(name, &[dependency])]).len(), 1, "{name} -> {dependency}");
    }
    let fine = Package::new("history", &["model", "proto", "history-engine", "persistence", "tokio"]);
    assert_eq!(offences(&[fine]), Vec::<String>::new());
}
