//! Temporal's public API types and service stubs, and our internal messages.
