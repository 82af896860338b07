//! Store traits, records, blob codec, memory backend, conformance suite.
