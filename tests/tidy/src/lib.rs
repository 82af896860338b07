//! The house rules as tests: layers, purity, sizes, names, what may lie where, and that every claim has its proof.
//!
//! Each module is one rule: a function from the [`Tree`] to a list of offences, a test that the real tree has none, and a test
//! that the rule catches an offence made up for it. A rule about something that does not exist yet asks for nothing, and
//! becomes strict by itself when it appears. An offence says what to do.

mod manifest;
pub mod source;
mod tree;

pub use manifest::{Dependency, DependencyKind, Package};
pub use tree::{SourceFile, Tree};

/// Fails with all offences at once, so that one run shows everything there is to do.
#[cfg(test)]
fn assert_none(offences: &[String]) {
    assert!(offences.is_empty(), "{} offence(s):\n{}", offences.len(), offences.join("\n"));
}

#[cfg(test)]
mod rules {
    //! One file per rule.
    mod binaries;
    mod laws;
    mod layers;
    mod manifests;
    mod names;
    mod numbered_rules;
    mod places;
    mod planted_bugs;
    mod purity;
    mod shape;
    mod statuses;
    mod test_style;
    mod top_level;
    mod used;
}
