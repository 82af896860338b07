//! Very long lives.
