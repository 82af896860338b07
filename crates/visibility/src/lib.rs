//! List-filter language, search attributes, the visibility store trait and its conformance suite.
