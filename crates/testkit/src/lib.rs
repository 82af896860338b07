//! Builders, manual clock, transcripts. Only ever a dev-dependency.

pub mod commands;
pub mod script;
pub mod transcript;

pub use script::Script;
