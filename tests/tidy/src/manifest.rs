//! The workspace's packages, as cargo itself understands their manifests.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One package of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder from the repository's top.
    pub folder: String,
    /// Everything it names.
    pub dependencies: Vec<Dependency>,
    /// Features, with what each switches on.
    pub features: BTreeMap<String, Vec<String>>,
    /// The programs it builds.
    pub binaries: Vec<String>,
}

/// One dependency of a package.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// What it is needed for.
    pub kind: DependencyKind,
    /// Features asked for.
    pub features: Vec<String>,
    /// Whether a feature decides about it.
    pub optional: bool,
}

/// What a dependency is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DependencyKind {
    /// The product.
    #[default]
    Normal,
    /// Tests.
    Dev,
    /// `build.rs`.
    Build,
}

impl Package {
    /// A package made up for a rule's own test.
    pub fn new(name: &str, dependencies: &[&str]) -> Self {
        let dependencies = dependencies.iter().map(|name| Dependency { name: (*name).to_owned(), ..Dependency::default() });
        Self { name: name.to_owned(), folder: format!("crates/{name}"), dependencies: dependencies.collect(), ..Self::default() }
    }

    /// What the product needs.
    pub fn normal(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal)
    }

    /// Whether it is a room of the product.
    pub fn is_room(&self) -> bool {
        self.folder.starts_with("crates/")
    }
}

/// Asks cargo for the workspace at `root`.
pub(crate) fn read(root: &Path) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    items(&metadata, "packages").iter().map(|package| read_package(root, package)).collect()
}

fn read_package(root: &Path, package: &Value) -> Result<Package> {
    let manifest = Path::new(text(package, "manifest_path"));
    let folder = manifest.parent().context("a manifest lies in a folder")?.strip_prefix(root)?;
    let features = package.get("features").and_then(Value::as_object).into_iter().flatten();
    let binaries = items(package, "targets").iter().filter(|target| strings(target, "kind").iter().any(|kind| kind == "bin"));
    Ok(Package {
        name: text(package, "name").to_owned(),
        folder: folder.to_str().context("a folder's name is UTF-8")?.to_owned(),
        dependencies: items(package, "dependencies").iter().map(read_dependency).collect(),
        features: features.map(|(name, on)| (name.clone(), list(on))).collect(),
        binaries: binaries.map(|target| text(target, "name").to_owned()).collect(),
    })
}

fn read_dependency(dependency: &Value) -> Dependency {
    Dependency {
        name: text(dependency, "name").to_owned(),
        kind: match text(dependency, "kind") {
            "dev" => DependencyKind::Dev,
            "build" => DependencyKind::Build,
            _ => DependencyKind::Normal,
        },
        features: strings(dependency, "features"),
        optional: dependency.get("optional").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    value.get(key).map(list).unwrap_or_default()
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
