//! The public API: authenticate, resolve the namespace, limit, validate, route.
