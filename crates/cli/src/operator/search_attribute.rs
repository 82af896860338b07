//! `operator search-attribute ...`.

use std::collections::BTreeMap;

use anyhow::bail;
use proto::temporal::api::enums::v1::IndexedValueType;
use proto::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest, ListSearchAttributesResponse, RemoveSearchAttributesRequest,
};

use crate::args::operator::{CreateSearchAttributeArgs, RemoveSearchAttributeArgs, SearchAttributeVerb};
use crate::failure::{Answer as _, CallFailed};
use crate::prompt;
use crate::render::style::Ink;
use crate::render::{names, namespace};
use crate::session::Session;

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, verb: SearchAttributeVerb) -> anyhow::Result<()> {
    match verb {
        SearchAttributeVerb::Create(args) => create(session, args).await,
        SearchAttributeVerb::List => {
            let answer = registered(session).await?;
            session.screen.message(&answer, namespace::search_attributes)
        }
        SearchAttributeVerb::Remove(args) => remove(session, args).await,
    }
}

/// What the namespace knows.
pub(crate) async fn registered(session: &Session<'_>) -> Result<ListSearchAttributesResponse, CallFailed> {
    let request = ListSearchAttributesRequest { namespace: session.namespace() };
    let answer = session.connection.operators().list_search_attributes(session.connection.ask(request)).await;
    answer.or_cannot("list search attributes")
}

async fn create(session: &mut Session<'_>, args: CreateSearchAttributeArgs) -> anyhow::Result<()> {
    let wanted = wanted(&args)?;
    // Registering the same twice is fine; the same name with another type is a mistake that deserves a clear word.
    let registered = registered(session).await?.custom_attributes;
    for (name, kind) in &wanted {
        if let Some(existing) = registered.get(name).filter(|existing| *existing != kind) {
            let existing = IndexedValueType::try_from(*existing).unwrap_or_default();
            let existing = names::camel(existing.as_str_name(), "INDEXED_VALUE_TYPE_");
            bail!("search attribute {name:?} exists already, as {existing}");
        }
    }
    add(session, wanted).await?;
    session.screen.say(Ink::Good, "Search attributes have been added")
}

/// Registers them.
pub(crate) async fn add(session: &Session<'_>, search_attributes: BTreeMap<String, i32>) -> Result<(), CallFailed> {
    let request = AddSearchAttributesRequest { search_attributes, namespace: session.namespace() };
    let answer = session.connection.operators().add_search_attributes(session.connection.ask(request)).await;
    answer.or_cannot("add search attributes").map(|_| ())
}

/// Forgets them.
pub(crate) async fn forget(session: &Session<'_>, search_attributes: Vec<String>) -> Result<(), CallFailed> {
    let request = RemoveSearchAttributesRequest { search_attributes, namespace: session.namespace() };
    let answer = session.connection.operators().remove_search_attributes(session.connection.ask(request)).await;
    answer.or_cannot("remove search attributes").map(|_| ())
}

/// Names and types, paired in their order.
fn wanted(args: &CreateSearchAttributeArgs) -> anyhow::Result<BTreeMap<String, i32>> {
    if args.name.len() != args.types.len() {
        bail!("give as many --type as --name: there are {} and {}", args.types.len(), args.name.len());
    }
    let pairs = args.name.iter().zip(&args.types);
    Ok(pairs.map(|(name, kind)| (name.clone(), IndexedValueType::from(*kind).into())).collect())
}

async fn remove(session: &mut Session<'_>, args: RemoveSearchAttributeArgs) -> anyhow::Result<()> {
    let names = args.name.join(", ");
    prompt::confirm(&format!("Remove the search attributes {names}?"), args.yes)?;
    forget(session, args.name).await?;
    session.screen.say(Ink::Good, "Search attributes have been removed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::operator::AttributeType;

    #[test]
    fn each_name_needs_its_type() {
        let args = |types: &[AttributeType]| CreateSearchAttributeArgs {
            name: vec!["A".to_owned(), "B".to_owned()],
            types: types.to_vec(),
        };
        let pairs = wanted(&args(&[AttributeType::Keyword, AttributeType::Int])).unwrap();
        assert_eq!(pairs, BTreeMap::from([("A".to_owned(), 2), ("B".to_owned(), 3)]));
        assert!(wanted(&args(&[AttributeType::Int])).unwrap_err().to_string().contains("as many --type as --name"));
    }
}
