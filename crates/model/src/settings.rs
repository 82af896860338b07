//! The injected port for what operators may change while the server runs (dynamic configuration).

use crate::limits::Limits;

/// Live settings. Names are those operators know from Temporal where the meaning is the same.
pub trait Settings: Send + Sync + 'static {
    /// The limits in force for a namespace, by name.
    fn limits(&self, namespace: &str) -> Limits;

    /// A switch or number by its dynamic-configuration key, for a namespace where that matters.
    fn number(&self, key: &str, namespace: Option<&str>) -> Option<f64>;

    /// A switch by its dynamic-configuration key.
    fn flag(&self, key: &str, namespace: Option<&str>) -> Option<bool>;
}

/// Nothing configured: every default holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults;

impl Settings for Defaults {
    fn limits(&self, _namespace: &str) -> Limits {
        Limits::DEFAULT
    }

    fn number(&self, _key: &str, _namespace: Option<&str>) -> Option<f64> {
        None
    }

    fn flag(&self, _key: &str, _namespace: Option<&str>) -> Option<bool> {
        None
    }
}
