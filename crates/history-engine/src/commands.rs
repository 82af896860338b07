//! One file per worker command.
