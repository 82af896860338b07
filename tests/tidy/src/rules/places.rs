//! Nothing in the repository knows the machine it was written on, or a mirror that only that machine can reach.

use crate::tree::{SourceFile, Tree};

/// Folders of one machine, put together here so that this file does not contain them.
fn machine_folders() -> [String; 4] {
    ["work", "root", "home", "Users"].map(|name| format!("/{name}/"))
}

/// Files that configure a registry: a clone uses the public ones.
const REGISTRY_FILES: &[&str] = &[".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "settings.xml", "nuget.config", ".netrc"];

fn offences(files: &[SourceFile]) -> Vec<String> {
    let folders = machine_folders();
    let mut offences = Vec::new();
    for file in files {
        let path = &file.path;
        if REGISTRY_FILES.contains(&file.name()) || path.ends_with(".cargo/config.toml") {
            offences.push(format!("{path} configures a registry: that is the machine's affair"));
        }
        for (number, line) in (1..).zip(file.text().lines()) {
            if let Some(folder) = folders.iter().find(|folder| names_folder(line, folder)) {
                offences.push(format!("{path}:{number} names {folder}: take the path from the environment or the repository"));
            }
            if let Some(what) = foreign_registry(file.name(), line) {
                offences.push(format!("{path}:{number} {what}"));
            }
        }
    }
    offences
}

/// The folder at the beginning of an absolute path, not within a longer path or a URL.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().last());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}' | ')' | '$' | '{' | '~' | '*'))
    })
}

/// What a lock or requirement file says about where packages come from, if not the public registries.
fn foreign_registry(name: &str, line: &str) -> Option<String> {
    let line = line.trim();
    let foreign = match name {
        "Cargo.lock" => line.starts_with("source = ") && !line.contains("registry+https://github.com/rust-lang/crates.io-index"),
        "package-lock.json" => line.starts_with("\"resolved\":") && !line.contains("\"https://registry.npmjs.org/"),
        "pom.xml" => line.contains("<repositories>") || line.contains("<pluginRepositories>") || line.contains("<mirror"),
        "go.mod" => line.starts_with("replace ") && line.contains("=> /"),
        _ if name.starts_with("requirements") => ["--index-url", "-i ", "--extra-index-url", "--find-links", "--trusted-host"]
            .iter()
            .any(|flag| line.starts_with(flag)),
        "Makefile" | "Dockerfile" | "run" => ["GOPROXY=", "PIP_INDEX_URL=", "npm_config_registry=", "CARGO_REGISTRIES_"]
            .iter()
            .any(|variable| line.contains(variable)),
        _ => false,
    };
    foreign.then(|| "names a registry of its own: packages come from the public ones, as the machine is configured".to_owned())
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_machines_path_or_registry_is_caught() {
    let [work, root, home, _] = machine_folders();
    for (path, line) in [
        ("crates/a/src/lib.rs", format!("let a = \"{work}main\";")),
        ("Makefile", format!("cp {root}x .")),
        ("README.md", format!("see {home}me/x")),
        ("Cargo.lock", "source = \"registry+https://mirror.local/index\"".to_owned()),
        ("examples/typescript/package-lock.json", "  \"resolved\": \"http://10.0.0.1/x.tgz\",".to_owned()),
        ("examples/python/requirements.txt", "--index-url http://10.0.0.1/simple".to_owned()),
        ("examples/java/pom.xml", "<repositories>".to_owned()),
        ("examples/typescript/.npmrc", "x".to_owned()),
        ("Makefile", "GOPROXY=http://10.0.0.1 go build".to_owned()),
    ] {
        assert_eq!(offences(&[SourceFile::new(path, &line)]).len(), 1, "{path}: {line}");
    }
    for line in ["https://example.org/work/x", "crates/work/src", "$(CURDIR)/work/x", "../home/x"] {
        assert_eq!(offences(&[SourceFile::new("README.md", line)]), Vec::<String>::new(), "{line}");
    }
}
