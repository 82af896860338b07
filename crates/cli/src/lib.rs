//! The command line: aevum, temporal- and tctl-compatible words.
