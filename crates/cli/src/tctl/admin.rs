//! `tctl admin ...`, as far as the public API does the same.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use proto::temporal::api::enums::v1::IndexedValueType;

use super::flag::admin::{ATTRIBUTE_NAME, ATTRIBUTE_TYPE, INDEX, PRINT_JSON_TEXT, REMOTE, SKIP_SCHEMA};
use super::flag::workflow::YES;
use super::render::search_attributes::{self, Registered, type_name};
use super::words::{Words, is_true};
use super::workflow::execution;
use crate::operator::{cluster, search_attribute};
use crate::prompt;
use crate::render::json::{self, PayloadForm};
use crate::session::Session;
use crate::workflow::steer;

/// Goes on only after a yes.
pub(super) fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    ensure!(yes || prompt::agreed(question)?, "not confirmed, nothing was done");
    Ok(())
}

/// `workflow delete`.
pub(super) async fn delete_workflow(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let execution = execution(words)?;
    let question = format!(
        "Delete workflow {:?} (run {:?}) of namespace {:?}?",
        execution.workflow_id,
        execution.run_id,
        session.namespace()
    );
    confirm(&question, words.on(&YES))?;
    steer::delete_one(session, execution).await.context("Unable to DeleteWorkflowExecution.")?;
    session.screen.text("Workflow execution deleted.\n")
}

/// `cluster add-search-attributes`.
pub(super) async fn add_search_attributes(session: &mut Session<'_>, words: &Words, yes: bool) -> anyhow::Result<()> {
    ensure!(!words.on(&SKIP_SCHEMA), "--skip-schema-update: there is no schema beside the attributes; leave it out");
    refuse_index(words)?;
    let (names, types) = (words.texts(&ATTRIBUTE_NAME), words.texts(&ATTRIBUTE_TYPE));
    ensure!(!names.is_empty(), "option name is required");
    ensure!(names.len() == types.len(), "there are {} --name and {} --type: give as many", names.len(), types.len());
    let known = search_attribute::registered(session).await?.custom_attributes;
    let mut wanted = BTreeMap::new();
    for (name, kind) in names.into_iter().zip(&types) {
        let kind = attribute_type(kind)?;
        match known.get(&name) {
            None => {
                wanted.insert(name, kind);
            }
            Some(existing) if *existing == kind => {}
            Some(existing) => bail!("search attribute {name:?} exists already, as {}", type_name(*existing)),
        }
    }
    if wanted.is_empty() {
        return session.screen.text("Search attributes already exist.\n");
    }
    let list: Vec<_> = wanted.iter().map(|(name, kind)| format!("{name}:{}", type_name(*kind))).collect();
    confirm(&format!("Add the search attributes {}?", list.join(", ")), yes)?;
    search_attribute::add(session, wanted).await.context("Unable to add search attributes.")?;
    session.screen.text("Search attributes have been added successfully.\n")
}

/// A type by its name, short or as the API has it; `String` is Text's old name.
fn attribute_type(text: &str) -> anyhow::Result<i32> {
    let wanted = if text.eq_ignore_ascii_case("string") { "Text" } else { text };
    let known = (1..=7).filter_map(|number| IndexedValueType::try_from(number).ok());
    let found = known
        .into_iter()
        .find(|kind| type_name((*kind).into()).eq_ignore_ascii_case(wanted) || kind.as_str_name().eq_ignore_ascii_case(wanted));
    found
        .map(i32::from)
        .with_context(|| format!("{text:?} is no type; there are Text, Keyword, Int, Double, Bool, Datetime and KeywordList"))
}

fn refuse_index(words: &Words) -> anyhow::Result<()> {
    ensure!(words.text(&INDEX).is_none(), "--index: search attributes belong to a namespace here; leave it out");
    Ok(())
}

/// `cluster remove-search-attributes`.
pub(super) async fn remove_search_attributes(session: &mut Session<'_>, words: &Words, yes: bool) -> anyhow::Result<()> {
    refuse_index(words)?;
    let names = words.texts(&ATTRIBUTE_NAME);
    ensure!(!names.is_empty(), "option name is required");
    confirm(&format!("Remove the search attributes {}?", names.join(", ")), yes)?;
    search_attribute::forget(session, names).await.context("Unable to remove search attributes.")?;
    session.screen.text("Search attributes have been removed successfully.\n")
}

/// `cluster get-search-attributes`.
pub(super) async fn get_search_attributes(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    refuse_index(words)?;
    let answer = search_attribute::registered(session).await.context("Unable to get search attributes.")?;
    if words.text(&PRINT_JSON_TEXT).is_some_and(|text| is_true(&text)) {
        let text = serde_json::to_string_pretty(&Registered::of(answer))?;
        return session.screen.text(&(text + "\n"));
    }
    let text = search_attributes::all(&answer, &session.screen.style);
    session.screen.text(&text)
}

/// `cluster describe`: what the public API tells of this cluster.
pub(super) async fn describe_cluster(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    ensure!(words.text(&REMOTE).is_none(), "--cluster: several clusters are not built yet; this cluster stands alone");
    let answer = cluster::info(session).await.context("Operation DescribeCluster failed.")?;
    let text = serde_json::to_string_pretty(&json::of(&answer, PayloadForm::Tctl)?)?;
    session.screen.text(&(text + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_go_by_all_their_names() {
        for (text, number) in [("keyword", 2), ("KeywordList", 7), ("String", 1), ("INDEXED_VALUE_TYPE_INT", 3)] {
            assert_eq!(attribute_type(text).unwrap(), number, "{text}");
        }
        assert!(attribute_type("Blob").unwrap_err().to_string().contains("KeywordList"));
    }
}
