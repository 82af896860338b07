//! The repository as the rules see it: tracked and new files, with their text, and the workspace's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::manifest::{self, Package};
use crate::source;

/// One file of the repository.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its path from the repository's top, with slashes.
    pub path: String,
    /// Its text; `None` when it is not UTF-8.
    pub text: Option<String>,
}

impl SourceFile {
    /// A file made up for a rule's own test.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: Some(text.to_owned()) }
    }

    /// The text, or nothing.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is test code, by its place.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// The file's last path component.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The code without comments, texts and test modules; lines keep their numbers. Nothing for test files.
    pub fn product_code(&self) -> String {
        if self.is_test() { String::new() } else { source::without_tests(&source::code(self.text())) }
    }
}

/// The whole repository.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Every file that is tracked or would be.
    pub files: Vec<SourceFile>,
    /// The workspace's packages.
    pub packages: Vec<Package>,
}

impl Tree {
    /// Reads the repository that this crate lies in.
    pub fn read() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let mut files = Vec::new();
        for path in list(&root)? {
            let bytes = std::fs::read(root.join(&path)).with_context(|| format!("reading {path}"))?;
            files.push(SourceFile { path, text: String::from_utf8(bytes).ok() });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, packages: manifest::read(&root)? })
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files in a folder, at any depth.
    pub fn under<'t>(&'t self, folder: &str) -> impl Iterator<Item = &'t SourceFile> + use<'t> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        self.files.iter().filter(move |file| file.path.starts_with(&prefix))
    }

    /// Rust files of a package's `src`.
    pub fn sources<'t>(&'t self, package: &Package) -> impl Iterator<Item = &'t SourceFile> {
        self.under(&format!("{}/src", package.folder)).filter(|file| file.is_rust())
    }

    /// The package of this name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Whether the product is put together: the server crate has binaries. Rules about the whole begin here.
    pub fn is_assembled(&self) -> bool {
        self.package("server").is_some_and(|server| !server.binaries.is_empty())
    }
}

/// Tracked and new files by git, or in an unpacked archive every file but what builds leave.
fn list(root: &Path) -> Result<Vec<String>> {
    let git =
        Command::new("git").current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
    let mut paths = match git {
        Ok(output) if output.status.success() => {
            String::from_utf8(output.stdout)?.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
        }
        _ => walk(root, root)?,
    };
    // A path in the index may be deleted in the folder.
    paths.retain(|path: &String| root.join(path).is_file());
    if paths.is_empty() {
        bail!("no files found in {}", root.display());
    }
    Ok(paths)
}

fn walk(root: &Path, folder: &Path) -> Result<Vec<String>> {
    const LEFT_BY_BUILDS: [&str; 6] = ["target", ".git", "node_modules", "__pycache__", ".venv", ".cache"];
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !LEFT_BY_BUILDS.contains(&name) {
            paths.extend(walk(root, &path)?);
        } else if path.is_file()
            && let Some(relative) = path.strip_prefix(root)?.to_str()
        {
            paths.push(relative.to_owned());
        }
    }
    Ok(paths)
}
