//! Anything called engine, and the scheduler, is a value function: no IO, clock, randomness, locks, async or logging.

use crate::manifest::{DependencyKind, Package};
use crate::source;
use crate::tree::{SourceFile, Tree};

/// All that a pure crate may lean on.
const PURE_DEPENDENCIES: &[&str] =
    &["bytes", "jiff", "model", "prost", "prost-types", "proto", "scheduler", "serde", "serde_json", "thiserror", "uuid"];

/// What pure code never says.
const IMPURE: &[&str] = &[
    "async",
    "await",
    "tokio",
    "tonic",
    "sqlx",
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::thread",
    "std::process",
    "std::sync::Mutex",
    "Mutex",
    "RwLock",
    "Condvar",
    "RefCell",
    "AtomicU64",
    "AtomicUsize",
    "AtomicBool",
    "parking_lot",
    "rand::",
    "new_v4",
    "now_v7",
    "now_v1",
    "from_entropy",
    "RandomState",
    "tracing::",
    "log::",
    "println!",
    "eprintln!",
    "dbg!",
    "Timestamp::now",
    "unsafe",
];

/// Clocks and randomness are handed in everywhere but at the edge of the process.
const AMBIENT: &[&str] = &["SystemTime::now", "Instant::now", "thread::sleep"];

/// Rooms where the real clock may be read.
const EDGE: &[&str] = &["server", "cli", "web"];

fn is_pure_room(name: &str) -> bool {
    name == "scheduler" || name.split('-').any(|part| part == "engine")
}

fn is_pure_file(file: &SourceFile) -> bool {
    let mut parts = file.path.strip_prefix("crates/").unwrap_or_default().split('/');
    let room = parts.next().unwrap_or_default();
    file.is_rust()
        && (is_pure_room(room) || parts.any(|part| part == "engine" || part == "engine.rs" || part.ends_with("_engine.rs")))
}

fn manifest_offences(packages: &[Package]) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages.iter().filter(|package| is_pure_room(&package.name)) {
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Dev) {
            if !PURE_DEPENDENCIES.contains(&dependency.name.as_str()) {
                offences.push(format!("{} is pure and must not depend on {}", package.name, dependency.name));
            }
            if dependency.name == "proto" && dependency.features.iter().any(|feature| feature == "grpc") {
                offences.push(format!("{} is pure and must not ask for proto's grpc", package.name));
            }
        }
    }
    offences
}

fn source_offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/")) {
        let code = file.product_code();
        let room = file.path.split('/').nth(1).unwrap_or_default();
        let words = if is_pure_file(file) { IMPURE } else { &[] };
        let ambient = if EDGE.contains(&room) { &[] } else { AMBIENT };
        for word in words.iter().chain(ambient) {
            for line in source::lines_with(&code, word) {
                if is_tokio_clock(&code, line) {
                    continue;
                }
                offences.push(format!("{}:{line} says {word}: hand it in, or do it in the shell", file.path));
            }
        }
    }
    offences
}

/// Tokio's clock can be paused by tests, so it is no ambient time.
fn is_tokio_clock(code: &str, line: usize) -> bool {
    let text = code.lines().nth(line - 1).unwrap_or_default();
    text.contains("tokio::time::Instant::now") || (text.contains("Instant::now") && code.contains("use tokio::time::"))
}

#[test]
fn pure_crates_lean_only_on_pure_crates() {
    let tree = Tree::read().unwrap();
    crate::assert_none(&manifest_offences(&tree.packages));
    assert!(tree.packages.iter().any(|package| package.name == "history-engine"), "the rule looks at the engine");
}

#[test]
fn pure_code_touches_nothing() {
    crate::assert_none(&source_offences(&Tree::read().unwrap().files));
}

#[test]
fn impurity_is_caught() {
    assert_eq!(manifest_offences(&[Package::new("history-engine", &["model", "tokio"])]).len(), 1);
    assert_eq!(manifest_offences(&[Package::new("scheduler", &["rand"])]).len(), 1);
    for (path, code) in [
        ("crates/history-engine/src/turn.rs", "async fn a() {}"),
        ("crates/history-engine/src/turn.rs", "let id = Uuid::new_v4();"),
        ("crates/scheduler/src/cron.rs", "static A: Mutex<u8> = Mutex::new(1);"),
        ("crates/matching/src/engine/offer.rs", "tracing::info!(1)"),
        ("crates/history/src/timers/wheel_engine.rs", "std::fs::read(x)"),
        ("crates/history/src/lane.rs", "let now = std::time::Instant::now();"),
    ] {
        assert_eq!(source_offences(&[SourceFile::new(path, code)]).len(), 1, "{code}");
    }
    for (path, code) in [
        ("crates/history-engine/src/turn.rs", "// async\nlet a = \"tokio\";\n#[cfg(test)]\nmod tests { use std::fs; }"),
        ("crates/history-engine/src/turn/tests.rs", "use std::sync::Mutex;"),
        ("crates/matching/src/queue.rs", "let now = tokio::time::Instant::now();"),
        ("crates/server/src/main.rs", "let now = SystemTime::now();"),
    ] {
        assert_eq!(source_offences(&[SourceFile::new(path, code)]), Vec::<String>::new(), "{code}");
    }
}
