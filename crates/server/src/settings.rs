//! Dynamic configuration from the command line: `--dynamic-config-value KEY=VALUE`.

use std::collections::BTreeMap;

use model::limits::Limits;
use model::settings::Settings;

/// Sets one limit to a value.
type Setter = fn(&mut Limits, f64);

/// The keys of limits, and what each sets. Names, and what they mean: Temporal's; each is a number.
const LIMITS: [(&str, Setter); 17] = [
    ("history.maximumSignalsPerExecution", |limits, value| limits.signals_per_run = value as i64),
    ("limit.blobSize.error", |limits, value| limits.blob_error_bytes = value as usize),
    ("limit.blobSize.warn", |limits, value| limits.blob_warn_bytes = value as usize),
    ("limit.historyCount.error", |limits, value| limits.history_error_count = value as i64),
    ("limit.historyCount.suggestContinueAsNew", |limits, value| limits.history_suggest_count = value as i64),
    ("limit.historyCount.warn", |limits, value| limits.history_warn_count = value as i64),
    ("limit.historySize.error", |limits, value| limits.history_error_bytes = value as i64),
    ("limit.historySize.suggestContinueAsNew", |limits, value| limits.history_suggest_bytes = value as i64),
    ("limit.historySize.warn", |limits, value| limits.history_warn_bytes = value as i64),
    ("limit.maxIDLength", |limits, value| limits.id_bytes = value as usize),
    ("limit.memoSize.error", |limits, value| limits.memo_error_bytes = value as usize),
    ("limit.memoSize.warn", |limits, value| limits.memo_warn_bytes = value as usize),
    ("limit.numPendingActivities.error", |limits, value| limits.pending_activities = value as usize),
    ("limit.numPendingCancelRequests.error", |limits, value| limits.pending_cancels = value as usize),
    ("limit.numPendingChildExecutions.error", |limits, value| limits.pending_children = value as usize),
    ("limit.numPendingSignals.error", |limits, value| limits.pending_signals = value as usize),
    ("system.transactionSizeLimit", |limits, value| limits.transaction_bytes = value as i64),
];

/// The keys of numbers that are asked for by name when they are needed.
const NUMBERS: [&str; 4] =
    ["frontend.namespaceCount", "frontend.namespaceRPS", "frontend.namespaceRPS.visibility", "frontend.rps"];

/// Whether something reads the key.
fn is_known(key: &str) -> bool {
    LIMITS.iter().map(|(name, _)| name).chain(&NUMBERS).any(|known| known.eq_ignore_ascii_case(key))
}

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
            if !is_known(key) {
                tracing::warn!(key, "nothing reads this key of the dynamic configuration");
            } else if !value.is_number() {
                return Err(format!("{key} is a number, and {value} is none"));
            }
            values.insert(key.to_ascii_lowercase(), value);
        }
        let mut parsed = Self { values, limits: None };
        parsed.limits = Some(parsed.read_limits());
        Ok(parsed)
    }

    fn read_limits(&self) -> Limits {
        let mut limits = Limits::DEFAULT;
        for (key, set) in LIMITS {
            if let Some(value) = self.number(key, None) {
                set(&mut limits, value);
            }
        }
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
