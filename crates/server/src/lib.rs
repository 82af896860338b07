//! The binaries: configuration, wiring, run, drain.
