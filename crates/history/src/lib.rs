//! Shards and lanes, the commit pipeline, chains, timers, dispatch.
