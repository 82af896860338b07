//! The filters of the older list calls, as conditions of the filter language.

use model::Timestamp;
use model::ids::ChainKind;
use model::visibility::ExecutionStatus;
use proto::temporal::api::filter::v1::StartTimeFilter;
use rpc::Error;
use visibility::attribute::SystemAttribute;
use visibility::{Column, Comparison, Condition, Filter, Predicate, Test, Value};

use crate::gate::validate::wrong;

/// Collects conditions, and the text by which a page token is tied to them.
pub(super) struct Conditions {
    tests: Vec<Condition>,
    question: String,
}

impl Conditions {
    /// Executions that are no internal ones, and that have the status or not.
    pub(super) fn new(comparison: Comparison, status: ExecutionStatus) -> Self {
        let undivided = Predicate { column: Column::division(), test: Test::IsNull { negated: false } };
        let mut conditions = Self { tests: vec![Condition::Test(undivided)], question: String::new() };
        conditions.compare(SystemAttribute::ExecutionStatus, comparison, Value::Status(status));
        conditions
    }

    /// One more comparison.
    pub(super) fn compare(&mut self, attribute: SystemAttribute, comparison: Comparison, value: Value) {
        self.question.push_str(&format!("{} {} {value:?};", attribute.name(), comparison.symbol()));
        let test = Test::Compare(comparison, value);
        self.tests.push(Condition::Test(Predicate { column: Column::System(attribute), test }));
    }

    /// Started, or for closed executions ended, within these times.
    pub(super) fn between(&mut self, attribute: SystemAttribute, times: Option<&StartTimeFilter>) -> Result<(), Error> {
        let time = |of: &Option<prost_types::Timestamp>| of.map(|at| Timestamp::from_parts(at.seconds, at.nanos));
        let (earliest, latest) = times.map_or((None, None), |times| (time(&times.earliest_time), time(&times.latest_time)));
        if let (Some(earliest), Some(latest)) = (earliest, latest)
            && earliest > latest
        {
            return Err(wrong("EarliestTime in StartTimeFilter should not be larger than LatestTime."));
        }
        if let Some(earliest) = earliest {
            self.compare(attribute, Comparison::GreaterOrEqual, Value::Datetime(earliest));
        }
        if let Some(latest) = latest {
            self.compare(attribute, Comparison::LessOrEqual, Value::Datetime(latest));
        }
        Ok(())
    }

    /// An exact text; an empty one is no condition.
    pub(super) fn text(&mut self, attribute: SystemAttribute, text: String) {
        if !text.is_empty() {
            self.compare(attribute, Comparison::Equal, Value::Text(text));
        }
    }

    /// The filter and its question.
    pub(super) fn finish(self) -> (Filter, String) {
        (Filter { kind: ChainKind::Workflow, condition: Condition::And(self.tests), group_by: None }, self.question)
    }
}
