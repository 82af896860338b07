//! Dynamic configuration from the command line: `--dynamic-config-value KEY=VALUE`.

use std::collections::BTreeMap;

use model::limits::Limits;
use model::settings::Settings;

/// The keys that something reads; each is a number. Names, and what they mean: Temporal's.
const KNOWN: [&str; 21] = [
    "frontend.namespaceCount",
    "frontend.namespaceRPS",
    "frontend.namespaceRPS.visibility",
    "frontend.rps",
    "history.maximumSignalsPerExecution",
    "limit.blobSize.error",
    "limit.blobSize.warn",
    "limit.historyCount.error",
    "limit.historyCount.suggestContinueAsNew",
    "limit.historyCount.warn",
    "limit.historySize.error",
    "limit.historySize.suggestContinueAsNew",
    "limit.historySize.warn",
    "limit.maxIDLength",
    "limit.memoSize.error",
    "limit.memoSize.warn",
    "limit.numPendingActivities.error",
    "limit.numPendingCancelRequests.error",
    "limit.numPendingChildExecutions.error",
    "limit.numPendingSignals.error",
    "system.transactionSizeLimit",
];

/// Values by key, as given; the same in every namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct DynamicValues {
    values: BTreeMap<String, serde_json::Value>,
    limits: Option<Limits>,
}

impl DynamicValues {
    /// Parses `KEY=VALUE` pairs; a value is JSON, or else a string (as Temporal's command line takes them).
    ///
    /// # Errors
    /// A sentence about the pair that is wrong.
    pub(crate) fn parse(pairs: &[String]) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for pair in pairs {
            let (key, value) = pair.split_once('=').ok_or_else(|| format!("'{pair}' is not KEY=VALUE"))?;
            let value = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::String(value.to_owned()));
            match KNOWN.iter().find(|known| known.eq_ignore_ascii_case(key)) {
                Some(_) if !value.is_number() => return Err(format!("{key} is a number, and {value} is none")),
                Some(_) => {}
                None => tracing::warn!(key, "nothing reads this key of the dynamic configuration"),
            }
            values.insert(key.to_ascii_lowercase(), value);
        }
        let mut parsed = Self { values, limits: None };
        parsed.limits = Some(parsed.read_limits());
        Ok(parsed)
    }

    fn read_limits(&self) -> Limits {
        let mut limits = Limits::DEFAULT;
        let number = |key: &str| self.number(key, None);
        let set = |slot: &mut usize, key: &str| {
            if let Some(value) = number(key) {
                *slot = value as usize;
            }
        };
        set(&mut limits.id_bytes, "limit.maxIDLength");
        set(&mut limits.blob_error_bytes, "limit.blobSize.error");
        set(&mut limits.blob_warn_bytes, "limit.blobSize.warn");
        set(&mut limits.memo_error_bytes, "limit.memoSize.error");
        set(&mut limits.memo_warn_bytes, "limit.memoSize.warn");
        set(&mut limits.pending_activities, "limit.numPendingActivities.error");
        set(&mut limits.pending_children, "limit.numPendingChildExecutions.error");
        set(&mut limits.pending_signals, "limit.numPendingSignals.error");
        set(&mut limits.pending_cancels, "limit.numPendingCancelRequests.error");
        let set = |slot: &mut i64, key: &str| {
            if let Some(value) = number(key) {
                *slot = value as i64;
            }
        };
        set(&mut limits.history_error_bytes, "limit.historySize.error");
        set(&mut limits.history_warn_bytes, "limit.historySize.warn");
        set(&mut limits.history_suggest_bytes, "limit.historySize.suggestContinueAsNew");
        set(&mut limits.history_error_count, "limit.historyCount.error");
        set(&mut limits.transaction_bytes, "system.transactionSizeLimit");
        set(&mut limits.history_warn_count, "limit.historyCount.warn");
        set(&mut limits.history_suggest_count, "limit.historyCount.suggestContinueAsNew");
        set(&mut limits.signals_per_run, "history.maximumSignalsPerExecution");
        limits
    }
}

impl Settings for DynamicValues {
    fn limits(&self, _namespace: &str) -> Limits {
        self.limits.clone().unwrap_or(Limits::DEFAULT)
    }

    fn number(&self, key: &str, _namespace: Option<&str>) -> Option<f64> {
        self.values.get(&key.to_ascii_lowercase())?.as_f64()
    }

    fn flag(&self, key: &str, _namespace: Option<&str>) -> Option<bool> {
        self.values.get(&key.to_ascii_lowercase())?.as_bool()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_switches_and_limits_are_read_and_keys_ignore_case() {
        let pairs = ["frontend.rps=12.5", "frontend.enableX=true", "limit.historyCount.error=7"].map(str::to_owned);
        let values = DynamicValues::parse(&pairs).unwrap();
        assert_eq!(values.number("Frontend.RPS", None), Some(12.5));
        assert_eq!(values.flag("frontend.enablex", None), Some(true));
        assert_eq!(values.limits("default").history_error_count, 7);
        assert_eq!(values.number("unknown", None), None);
    }

    #[test]
    fn a_number_that_is_none_is_refused() {
        let wrong = DynamicValues::parse(&["frontend.namespaceRPS=abc".to_owned()]);
        assert_eq!(wrong.unwrap_err(), "frontend.namespaceRPS is a number, and \"abc\" is none");
    }

    #[test]
    fn a_pair_without_a_value_is_refused_with_its_text() {
        assert_eq!(DynamicValues::parse(&["oops".to_owned()]).unwrap_err(), "'oops' is not KEY=VALUE");
    }
}
