//! Which search attributes a namespace has: system, predefined and its own.
//!
//! A plain value: whoever stores namespaces stores the custom part, and hands this type to filters and writes.

use std::collections::BTreeMap;

use model::visibility::SearchAttributeType;

use crate::attribute::{PREDEFINED, RESERVED, RESERVED_PREFIX, SystemAttribute, predefined};
use crate::filter::Column;

/// Custom attributes of one type that one namespace may have. Rows keep them in one document, so this bounds the size of
/// answers, not the number of columns.
pub const MAX_CUSTOM_PER_TYPE: usize = 100;

/// Bytes of a custom attribute's name.
pub const MAX_NAME_BYTES: usize = 255;

/// Why a custom attribute was not added or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The name is the system's.
    #[error("Search attribute {0} is reserved by system.")]
    Reserved(String),
    /// The name cannot be used.
    #[error(
        "search attribute name {0:?} is not usable: write 1 to {MAX_NAME_BYTES} bytes without control characters or backticks"
    )]
    BadName(String),
    /// It exists with another type.
    #[error("Search attribute {name} already exists with type {}, remove it first.", .ty.name())]
    OtherType {
        /// Whose.
        name: String,
        /// The type it has.
        ty: SearchAttributeType,
    },
    /// Enough of this type.
    #[error("Unable to create search attributes: cannot have more than {MAX_CUSTOM_PER_TYPE} search attribute of type {}.", .0.name())]
    TooMany(SearchAttributeType),
    /// The wire's number names no type.
    #[error("Unknown search attribute type: {0}.")]
    UnknownType(i32),
    /// System and predefined attributes stay.
    #[error("Unable to remove non-custom search attributes: {0}.")]
    NotCustom(String),
}

/// What may be done with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A column of every row; never set by callers.
    System,
    /// Known to every namespace.
    Predefined {
        /// Whether a caller's write may name it.
        user_may_set: bool,
    },
    /// Registered by users.
    Custom,
}

/// The search attributes of one namespace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchAttributes {
    custom: BTreeMap<String, SearchAttributeType>,
}

impl SearchAttributes {
    /// From what was stored; names were checked when they were added.
    pub fn from_custom(custom: impl IntoIterator<Item = (String, SearchAttributeType)>) -> Self {
        Self { custom: custom.into_iter().collect() }
    }

    /// The namespace's own attributes, to be stored and listed.
    pub const fn custom(&self) -> &BTreeMap<String, SearchAttributeType> {
        &self.custom
    }

    /// System and predefined attributes, as listed to users.
    pub fn system() -> BTreeMap<&'static str, SearchAttributeType> {
        let columns = SystemAttribute::ALL.into_iter().map(|attribute| (attribute.name(), attribute.ty()));
        columns.chain(PREDEFINED.into_iter().map(|attribute| (attribute.name, attribute.ty))).collect()
    }

    /// Registers an attribute. `false` when it is there already, of the same type: asking twice is no error.
    pub fn add(&mut self, name: &str, ty: SearchAttributeType) -> Result<bool, RegistryError> {
        if is_reserved(name) {
            return Err(RegistryError::Reserved(name.to_owned()));
        }
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(|c| c.is_control() || c == '`') {
            return Err(RegistryError::BadName(name.to_owned()));
        }
        match self.custom.get(name) {
            Some(existing) if *existing == ty => return Ok(false),
            Some(existing) => return Err(RegistryError::OtherType { name: name.to_owned(), ty: *existing }),
            None => {}
        }
        if self.custom.values().filter(|existing| **existing == ty).count() >= MAX_CUSTOM_PER_TYPE {
            return Err(RegistryError::TooMany(ty));
        }
        self.custom.insert(name.to_owned(), ty);
        Ok(true)
    }

    /// Removes an attribute. `false` when there is none of that name: asking twice is no error.
    pub fn remove(&mut self, name: &str) -> Result<bool, RegistryError> {
        if is_reserved(name) {
            return Err(RegistryError::NotCustom(format!("[{name}]")));
        }
        Ok(self.custom.remove(name).is_some())
    }

    /// The attribute of this exact name.
    pub fn find(&self, name: &str) -> Option<(SearchAttributeType, Class)> {
        if let Some(system) = SystemAttribute::from_name(name) {
            return Some((system.ty(), Class::System));
        }
        if let Some(known) = predefined(name) {
            return Some((known.ty, Class::Predefined { user_may_set: known.user_may_set }));
        }
        self.custom.get(name).map(|ty| (*ty, Class::Custom))
    }

    /// What a filter means by this name: exact names first, then `ScheduleId`, then with `Temporal` put before or taken away.
    pub fn resolve(&self, name: &str) -> Option<Column> {
        self.column(name).or_else(|| match name.strip_prefix(RESERVED_PREFIX) {
            Some("ScheduleId") => Some(Column::System(SystemAttribute::WorkflowId)),
            Some(short) => self.column(short),
            None if name == "ScheduleId" => Some(Column::System(SystemAttribute::WorkflowId)),
            None => self.column(&format!("{RESERVED_PREFIX}{name}")),
        })
    }

    fn column(&self, name: &str) -> Option<Column> {
        if let Some(system) = SystemAttribute::from_name(name) {
            return Some(Column::System(system));
        }
        self.find(name).map(|(ty, _)| Column::Custom { name: name.to_owned(), ty })
    }

    /// The known name nearest to one that is not known, for error texts.
    pub fn suggest<'a>(&'a self, name: &str) -> Option<&'a str> {
        let known = SystemAttribute::ALL
            .into_iter()
            .map(|attribute| -> &'a str { attribute.name() })
            .chain(PREDEFINED.into_iter().map(|attribute| attribute.name))
            .chain(self.custom.keys().map(String::as_str));
        known.map(|known| (distance(known, name), known)).min().filter(|(distance, _)| *distance <= 2).map(|(_, known)| known)
    }
}

fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED_PREFIX)
        || RESERVED.contains(&name)
        || SystemAttribute::from_name(name).is_some()
        || predefined(name).is_some()
}

/// Letters to change, add or drop, ignoring case; names longer than any known one are simply far away.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_system_are_refused() {
        let mut attributes = SearchAttributes::default();
        for name in ["WorkflowId", "BuildIds", "TemporalMine", "Memo", "NamespaceId"] {
            let error = attributes.add(name, SearchAttributeType::Keyword).unwrap_err();
            assert_eq!(error.to_string(), format!("Search attribute {name} is reserved by system."));
            let error = attributes.remove(name).unwrap_err();
            assert_eq!(error.to_string(), format!("Unable to remove non-custom search attributes: [{name}]."));
        }
    }

    #[test]
    fn adding_and_removing_twice_is_no_error_but_changing_a_type_is() {
        let mut attributes = SearchAttributes::default();
        assert_eq!(attributes.add("CustomOrderID", SearchAttributeType::Keyword), Ok(true));
        assert_eq!(attributes.add("CustomOrderID", SearchAttributeType::Keyword), Ok(false));
        assert!(matches!(attributes.add("CustomOrderID", SearchAttributeType::Int), Err(RegistryError::OtherType { .. })));
        assert_eq!(attributes.remove("CustomOrderID"), Ok(true));
        assert_eq!(attributes.remove("CustomOrderID"), Ok(false));
    }

    #[test]
    fn a_type_has_only_so_many_attributes() {
        let mut attributes = SearchAttributes::default();
        for index in 0..MAX_CUSTOM_PER_TYPE {
            assert_eq!(attributes.add(&format!("Custom{index}"), SearchAttributeType::Bool), Ok(true));
        }
        assert_eq!(attributes.add("OneMore", SearchAttributeType::Bool), Err(RegistryError::TooMany(SearchAttributeType::Bool)));
        assert_eq!(attributes.add("OneMore", SearchAttributeType::Int), Ok(true));
    }

    #[test]
    fn names_resolve_with_and_without_the_prefix() {
        let attributes = SearchAttributes::from_custom([("ScheduleName".to_owned(), SearchAttributeType::Keyword)]);
        let system = Column::System;
        for (name, expected) in [
            ("WorkflowId", Some(system(SystemAttribute::WorkflowId))),
            ("TemporalExecutionStatus", Some(system(SystemAttribute::ExecutionStatus))),
            ("ScheduleId", Some(system(SystemAttribute::WorkflowId))),
            ("TemporalScheduleId", Some(system(SystemAttribute::WorkflowId))),
            (
                "WorkerDeployment",
                Some(Column::Custom { name: "TemporalWorkerDeployment".into(), ty: SearchAttributeType::Keyword }),
            ),
            ("ScheduleName", Some(Column::Custom { name: "ScheduleName".into(), ty: SearchAttributeType::Keyword })),
            ("workflowid", None),
            ("Memo", None),
        ] {
            assert_eq!(attributes.resolve(name), expected, "{name}");
        }
        assert_eq!(attributes.suggest("WorkfowID"), Some("WorkflowId"));
        assert_eq!(attributes.suggest("Completely"), None);
    }
}
