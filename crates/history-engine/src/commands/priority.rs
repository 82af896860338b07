//! The priority that a command may carry.

use proto::temporal::api::common::v1::Priority;

/// Bytes of a fairness key.
const MAX_FAIRNESS_KEY: usize = 64;

/// Why a priority cannot be used.
pub(crate) fn check(of: Option<&Priority>) -> Result<(), &'static str> {
    let Some(of) = of else { return Ok(()) };
    if of.priority_key < 0 {
        return Err("priority key can't be negative");
    }
    if of.fairness_key.len() > MAX_FAIRNESS_KEY {
        return Err("fairness key length exceeds limit");
    }
    if of.fairness_weight.is_nan() || of.fairness_weight < 0.0 {
        return Err("must be greater than zero");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_that_cannot_be_used_is_refused_with_the_reason() {
        let table = [
            (Priority { priority_key: -1, ..Priority::default() }, "priority key can't be negative"),
            (Priority { fairness_key: "x".repeat(65), ..Priority::default() }, "fairness key length exceeds limit"),
            (Priority { fairness_weight: -0.5, ..Priority::default() }, "must be greater than zero"),
        ];
        for (priority, why) in table {
            assert_eq!(check(Some(&priority)), Err(why));
        }
        assert_eq!(check(Some(&Priority::default())), Ok(()));
        assert_eq!(check(None), Ok(()));
    }
}
