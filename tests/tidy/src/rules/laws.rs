//! A conformance suite is a table of laws by broken stores: a law that nothing breaks proves nothing.
//!
//! Two conventions, both in a crate's `src/conformance.rs`: a `laws![module::law, ...]`, where `src/conformance/broken.rs` (or
//! `broken/`) names each of them, as a text, beside the store that breaks it; or a line `law("...", broken::Flaw,
//! check!(module::law))` each, where the flaw is one of `broken.rs` and no two laws share one. The crate's own tests run the
//! pairs; here we see that none is missing.

use std::collections::BTreeSet;

use crate::source;
use crate::tree::{SourceFile, Tree};

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    let suites = files.iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/src/conformance.rs"));
    for suite in suites {
        let folder = suite.path.trim_end_matches(".rs");
        let inside: Vec<&SourceFile> = files.iter().filter(|file| file.path.starts_with(&format!("{folder}/"))).collect();
        let (broken, laws): (Vec<&SourceFile>, Vec<&SourceFile>) =
            inside.into_iter().partition(|file| file.path.starts_with(&format!("{folder}/broken")));
        let code = source::code(suite.text());
        let (paired, flaws) = paired(&code);
        let mut listed: BTreeSet<String> = listed(&code);
        if listed.is_empty() && paired.is_empty() {
            offences.push(format!("{} lists no laws: write laws![module::law, ...]", suite.path));
        }
        let named: Vec<&str> = broken.iter().map(|file| file.text()).collect();
        let unique: BTreeSet<&String> = flaws.iter().collect();
        if unique.len() < paired.len() {
            offences.push(format!("{} has two laws with one broken store", suite.path));
        }
        for flaw in unique.iter().filter(|flaw| !named.iter().any(|text| text.contains(&format!("{flaw},")))) {
            offences.push(format!("{folder}/broken.rs has no flaw {flaw}"));
        }
        for law in &listed {
            if !named.iter().any(|text| text.contains(&format!("\"{law}\""))) {
                offences.push(format!("{folder}/broken.rs has no store that breaks {law}"));
            }
        }
        listed.extend(paired);
        for (path, law) in laws.iter().flat_map(|file| checks(file)).filter(|(_, law)| !listed.contains(law)) {
            offences.push(format!("{path} has the law {law}, which the suite does not list"));
        }
    }
    offences
}

/// The laws in `laws![..]`, without their modules.
fn listed(code: &str) -> BTreeSet<String> {
    let mut laws = BTreeSet::new();
    for (at, mark) in code.match_indices("laws![") {
        let list = code.get(at + mark.len()..).and_then(|rest| rest.split(']').next()).unwrap_or_default();
        laws.extend(list.split(',').filter_map(|law| law.rsplit("::").next()).map(|law| law.trim().to_owned()));
    }
    laws.remove("");
    laws
}

/// The laws in `law(_, broken::Flaw, check!(module::law))`, and their flaws.
fn paired(code: &str) -> (Vec<String>, Vec<String>) {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut pairs = (Vec::new(), Vec::new());
    for (at, mark) in code.match_indices("check!(") {
        let law = code.get(at + mark.len()..).and_then(|rest| rest.split(')').next()).and_then(|path| path.rsplit("::").next());
        let flaw = code.get(..at).and_then(|before| before.rsplit_once("broken::")).map(|(_, rest)| name(rest));
        if let (Some(law), Some(flaw)) = (law, flaw) {
            pairs.0.push(law.trim().to_owned());
            pairs.1.push(flaw);
        }
    }
    pairs
}

/// The functions of a file that look like laws: they answer with a verdict and are open to the suite.
fn checks(file: &SourceFile) -> Vec<(String, String)> {
    let code = file.product_code();
    let lines: Vec<&str> = code.lines().collect();
    source::functions(&code)
        .into_iter()
        .filter(|function| {
            let head = lines.get(function.line - 1..).unwrap_or_default().join(" ");
            let signature = head.split('{').next().unwrap_or_default();
            signature.trim_start().starts_with("pub(super) async fn") && signature.trim_end().ends_with("-> Verdict")
        })
        .map(|function| (file.path.clone(), function.name))
        .collect()
}

#[test]
fn every_law_has_a_store_that_breaks_it() {
    let files = Tree::read().unwrap().files;
    crate::assert_none(&offences(&files));
    assert!(files.iter().any(|file| file.path == "crates/visibility/src/conformance.rs"), "the rule looks at a suite");
}

#[test]
fn a_law_whose_flaw_is_missing_or_shared_is_caught() {
    let suite = |lines: &str| SourceFile::new("crates/a/src/conformance.rs", &format!("const LAWS: &[Law] = &[{lines}];"));
    let broken = SourceFile::new("crates/a/src/conformance/broken.rs", "pub enum Flaw { One, Two, }");
    let (one, two) = ("law(\"a\", broken::One, check!(x::one)),", "law(\"b\", broken::Two, check!(x::two)),");
    assert_eq!(offences(&[suite(&format!("{one}{two}")), broken.clone()]), Vec::<String>::new());
    assert_eq!(offences(&[suite("law(\"a\", broken::Three, check!(x::one)),"), broken.clone()]).len(), 1);
    assert_eq!(offences(&[suite(&format!("{one}law(\"b\", broken::One, check!(x::two)),")), broken]).len(), 1);
}

#[test]
fn a_law_without_a_broken_store_is_caught() {
    let suite = |list: &str| SourceFile::new("crates/a/src/conformance.rs", &format!("const LAWS: &[Law] = laws![{list}];"));
    let law = SourceFile::new("crates/a/src/conformance/x.rs", "pub(super) async fn one(s: &dyn S) -> Verdict {\n}\n");
    let broken = SourceFile::new("crates/a/src/conformance/broken.rs", "[(\"one\", Fault::One)]");
    assert_eq!(offences(&[suite("x::one"), law.clone(), broken.clone()]), Vec::<String>::new());
    assert_eq!(offences(&[suite("x::one"), law.clone()]).len(), 1);
    assert_eq!(offences(&[suite("x::one, x::two"), law.clone(), broken.clone()]).len(), 1);
    assert_eq!(offences(&[suite(""), law, broken]).len(), 2);
}
