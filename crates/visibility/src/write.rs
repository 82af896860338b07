//! Whether search attributes that a caller or a workflow sets may be set: names, types and sizes.

use std::collections::BTreeMap;

use model::limits::Limits;
use model::visibility::{SearchAttributeType, SearchAttributeValue};
use prost::Message;
use proto::temporal::api::common::v1::SearchAttributes as Fields;

use crate::attribute::RESERVED_PREFIX;
use crate::payload;
use crate::registry::{Class, SearchAttributes};

/// Why search attributes are refused. The texts are those of the public API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Too many at once.
    #[error("number of search attributes {count} exceeds limit {limit}")]
    TooMany {
        /// How many came.
        count: usize,
        /// How many may.
        limit: usize,
    },
    /// Only the system sets it.
    #[error("{0} attribute can't be set in SearchAttributes")]
    NotSettable(String),
    /// Nobody registered it.
    #[error("Namespace {namespace} has no mapping defined for search attribute {name}")]
    Unknown {
        /// The namespace's name.
        namespace: String,
        /// The attribute's.
        name: String,
    },
    /// A name of the system's that does not exist.
    #[error("search attribute {0} is not defined")]
    Undefined(String),
    /// Not of the registered type.
    #[error("invalid value for search attribute {name} of type {}: {value}", .ty.name())]
    WrongType {
        /// The attribute's name.
        name: String,
        /// Its type.
        ty: SearchAttributeType,
        /// What came.
        value: String,
    },
    /// A text that no database takes.
    #[error("search attribute {0} contains a NUL byte, which cannot be stored; leave it out.")]
    Nul(String),
    /// One value too large.
    #[error("search attribute {name} value size {bytes} exceeds size limit {limit}")]
    ValueTooLarge {
        /// The attribute's name.
        name: String,
        /// What came.
        bytes: usize,
        /// What may.
        limit: usize,
    },
    /// All together too large.
    #[error("total size of search attributes {bytes} exceeds size limit {limit}")]
    TotalTooLarge {
        /// What came.
        bytes: usize,
        /// What may.
        limit: usize,
    },
}

/// Checks what a start, continue-as-new, child, upsert or schedule wants to set, and reads the values; `None` removes one.
pub fn validate(
    attributes: &SearchAttributes,
    namespace: &str,
    fields: &Fields,
    limits: &Limits,
) -> Result<BTreeMap<String, Option<SearchAttributeValue>>, WriteError> {
    let count = fields.indexed_fields.len();
    if count > limits.search_attribute_keys {
        return Err(WriteError::TooMany { count, limit: limits.search_attribute_keys });
    }
    let mut values = BTreeMap::new();
    for (name, payload) in &fields.indexed_fields {
        let ty = settable_type(attributes, namespace, name)?;
        let value = payload::decode(payload, Some(ty)).map_err(|_| WriteError::WrongType {
            name: name.clone(),
            ty,
            value: payload::show(payload),
        })?;
        if value.as_ref().is_some_and(has_nul) {
            return Err(WriteError::Nul(name.clone()));
        }
        values.insert(name.clone(), value);
    }
    check_size(fields, limits)?;
    Ok(values)
}

fn has_nul(value: &SearchAttributeValue) -> bool {
    use SearchAttributeValue as V;
    match value {
        V::Text(text) | V::Keyword(text) => text.contains('\0'),
        V::KeywordList(texts) => texts.iter().any(|text| text.contains('\0')),
        V::Int(_) | V::Double(_) | V::Bool(_) | V::Datetime(_) => false,
    }
}

/// Writes each value's registered type beside it, as readers expect it: SDKs with typed search attributes skip values without.
pub fn tag(attributes: &SearchAttributes, fields: &mut Fields) {
    for (name, payload) in &mut fields.indexed_fields {
        if let Some((ty, _)) = attributes.find(name) {
            payload.metadata.insert(payload::TYPE.to_owned(), ty.name().into());
        }
    }
}

/// Checks sizes alone: of what is set now, or of what a run has after a merge.
pub fn check_size(fields: &Fields, limits: &Limits) -> Result<(), WriteError> {
    let limit = limits.search_attribute_value_bytes;
    for (name, payload) in &fields.indexed_fields {
        if payload.data.len() > limit {
            return Err(WriteError::ValueTooLarge { name: name.clone(), bytes: payload.data.len(), limit });
        }
    }
    let (bytes, limit) = (fields.encoded_len(), limits.search_attribute_total_bytes);
    if bytes > limit { Err(WriteError::TotalTooLarge { bytes, limit }) } else { Ok(()) }
}

fn settable_type(attributes: &SearchAttributes, namespace: &str, name: &str) -> Result<SearchAttributeType, WriteError> {
    match attributes.find(name) {
        Some((_, Class::System | Class::Predefined { user_may_set: false })) => Err(WriteError::NotSettable(name.to_owned())),
        Some((ty, Class::Custom | Class::Predefined { user_may_set: true })) => Ok(ty),
        None if name.starts_with(RESERVED_PREFIX) => Err(WriteError::Undefined(name.to_owned())),
        None => Err(WriteError::Unknown { namespace: namespace.to_owned(), name: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::Payload;

    use super::*;

    fn attributes() -> SearchAttributes {
        let custom = [("CustomOrderID", SearchAttributeType::Keyword), ("CustomCount", SearchAttributeType::Int)];
        SearchAttributes::from_custom(custom.map(|(name, ty)| (name.to_owned(), ty)))
    }

    fn keyword(text: &str) -> Payload {
        payload::encode(&SearchAttributeValue::Keyword(text.to_owned()))
    }

    fn fields(fields: impl IntoIterator<Item = (&'static str, Payload)>) -> Fields {
        Fields { indexed_fields: fields.into_iter().map(|(name, payload)| (name.to_owned(), payload)).collect() }
    }

    fn refusal(fields: &Fields) -> String {
        validate(&attributes(), "shop", fields, &Limits::DEFAULT).unwrap_err().to_string()
    }

    #[test]
    fn registered_and_settable_predefined_attributes_pass() {
        let list = payload::encode(&SearchAttributeValue::KeywordList(vec!["change-1".into()]));
        let fields = fields([("CustomOrderID", keyword("o-1")), ("TemporalChangeVersion", list)]);
        let values = validate(&attributes(), "shop", &fields, &Limits::DEFAULT).unwrap();
        assert_eq!(values.len(), 2);
        assert_eq!(values["CustomOrderID"], Some(SearchAttributeValue::Keyword("o-1".into())));
    }

    #[test]
    fn values_are_told_apart_by_their_registered_type() {
        let untyped = Payload { data: "\"o-1\"".into(), ..keyword("o-1") };
        let untyped = Payload { metadata: [("encoding".to_owned(), "json/plain".into())].into(), ..untyped };
        let mut fields = fields([("CustomOrderID", untyped)]);
        tag(&attributes(), &mut fields);
        assert_eq!(fields.indexed_fields["CustomOrderID"].metadata["type"], "Keyword");
    }

    #[test]
    fn names_that_may_not_be_set_are_refused_in_the_apis_words() {
        for (name, text) in [
            ("ExecutionStatus", "ExecutionStatus attribute can't be set in SearchAttributes"),
            ("TemporalWorkerDeployment", "TemporalWorkerDeployment attribute can't be set in SearchAttributes"),
            ("CustomOther", "Namespace shop has no mapping defined for search attribute CustomOther"),
            ("TemporalNothing", "search attribute TemporalNothing is not defined"),
        ] {
            assert_eq!(refusal(&fields([(name, keyword("x"))])), text);
        }
    }

    #[test]
    fn values_of_another_type_are_refused_in_the_apis_words() {
        assert_eq!(
            refusal(&fields([("CustomCount", keyword("many"))])),
            "invalid value for search attribute CustomCount of type Int: many"
        );
        let list = payload::encode(&SearchAttributeValue::KeywordList(vec!["a".into(), "b".into()]));
        assert_eq!(
            refusal(&fields([("CustomOrderID", list)])),
            "invalid value for search attribute CustomOrderID of type Keyword: [a b]"
        );
    }

    #[test]
    fn texts_that_no_database_takes_are_refused() {
        let text = "search attribute CustomOrderID contains a NUL byte, which cannot be stored; leave it out.";
        assert_eq!(refusal(&fields([("CustomOrderID", keyword("a\0b"))])), text);
    }

    #[test]
    fn number_and_sizes_are_limited_in_the_apis_words() {
        let many = (0..101).map(|index| (format!("Custom{index}"), keyword("x")));
        let many = Fields { indexed_fields: many.collect() };
        assert_eq!(refusal(&many), "number of search attributes 101 exceeds limit 100");

        let large = fields([("CustomOrderID", keyword(&"x".repeat(2047)))]);
        assert_eq!(refusal(&large), "search attribute CustomOrderID value size 2049 exceeds size limit 2048");
        let fits = fields([("CustomOrderID", keyword(&"x".repeat(2046)))]);
        assert!(validate(&attributes(), "shop", &fits, &Limits::DEFAULT).is_ok());

        let names: Vec<String> = (0..21).map(|index| format!("Custom{index}")).collect();
        let attributes = SearchAttributes::from_custom(names.iter().map(|name| (name.clone(), SearchAttributeType::Keyword)));
        let total = Fields { indexed_fields: names.into_iter().map(|name| (name, keyword(&"x".repeat(2000)))).collect() };
        let error = validate(&attributes, "shop", &total, &Limits::DEFAULT).unwrap_err();
        assert!(matches!(error, WriteError::TotalTooLarge { limit: 40_960, .. }), "{error}");
    }
}
