//! What one chain of runs is and how it changes. Pure.
