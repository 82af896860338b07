//! The real binary, driven by the official SDKs.
