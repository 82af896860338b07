//! Builders, manual clock, transcripts. Only ever a dev-dependency.
