//! Lists and counts of searchable rows, as queries of any dialect, and their answers.

use model::visibility::{ExecutionStatus, SearchAttributeType, SearchAttributeValue, VisibilityRow};
use model::{NamespaceId, RunId, Timestamp, WorkflowId};
use visibility::attribute::SystemAttribute;
use visibility::store::Filling;
use visibility::{Column, Count, Error, Filter, Group, PageKey};

use crate::attributes;
use crate::decode::{Columns, chain_key, run_id, workflow_id};
use crate::lower::{Dialect, Parameter, Sql, names_executions};

const COLUMNS: &str = "namespace, kind, workflow_id, run, version, workflow_type, task_queue, status, start_time, \
     execution_time, close_time, history_length, history_size_bytes, state_transition_count, parent_workflow_id, \
     parent_run, root_workflow_id, root_run, memo";

/// A query and its parameters.
pub(crate) struct Asked<D> {
    pub(crate) text: String,
    pub(crate) sql: Sql<D>,
}

/// Asks for so many rows behind a key.
pub(crate) fn page<D: Dialect>(
    namespace: NamespaceId,
    filter: &Filter,
    rows: usize,
    after: Option<PageKey>,
) -> Result<Asked<D>, Error> {
    let mut sql = Sql::<D>::default();
    let mut text = format!("SELECT {COLUMNS}, {} FROM visibility {}", D::ATTRIBUTES, wanted(&mut sql, namespace, filter)?);
    // Where few rows are named, a planner would rather walk the whole order than sort them.
    let named = names_executions(&filter.condition);
    let ordered = |column: &str| if named { D::unindexed(column) } else { column.to_owned() };
    let (closed, started) = (ordered("closed"), ordered("start_time"));
    if let Some(after) = after {
        // An index seeks the two that fall; the run, which rises, only decides between rows of the same moment.
        let moments = [after.close_time.unwrap_or(Timestamp::MAX), after.start_time].map(|time| Parameter::Int(time.as_nanos()));
        let [close, start] = moments.clone().map(|moment| sql.push(moment));
        let [same_close, same_start] = moments.map(|moment| sql.push(moment));
        let run = sql.push(Parameter::Id(*after.run_id.as_bytes()));
        let (plain_closed, plain_started) = (D::unindexed("closed"), D::unindexed("start_time"));
        text.push_str(&format!(
            " AND ({closed}, {started}) <= ({close}, {start}) \
             AND NOT ({plain_closed} = {same_close} AND {plain_started} = {same_start} AND run <= {run})"
        ));
    }
    let limit = sql.push(Parameter::Int(i64::try_from(rows).unwrap_or(i64::MAX)));
    text.push_str(&format!(" ORDER BY {closed} DESC, start_time DESC, run LIMIT {limit}"));
    Ok(Asked { text, sql })
}

/// Puts rows that were asked for into the page; whether it is done: full, or these were the last.
pub(crate) fn fill(page: &mut Filling, wanted: usize, found: &[impl Columns]) -> Result<bool, Error> {
    for found in found {
        if !page.take(row(found).map_err(list_error)?) {
            return Ok(true);
        }
    }
    Ok(found.len() < wanted)
}

/// Asks how many rows there are, in all or by the values of a column.
pub(crate) fn count<D: Dialect>(namespace: NamespaceId, filter: &Filter) -> Result<Asked<D>, Error> {
    let mut sql = Sql::<D>::default();
    let Some(column) = &filter.group_by else {
        let text = format!("SELECT count(*) FROM visibility {}", wanted(&mut sql, namespace, filter)?);
        return Ok(Asked { text, sql });
    };
    if column.ty() != SearchAttributeType::Keyword {
        return Err(Error::Unsupported("only columns with few exact values can be grouped".to_owned()));
    }
    let value = sql.column(column, false);
    let wanted = wanted(&mut sql, namespace, filter)?;
    let text = format!("SELECT {value} AS value, count(*) FROM visibility {wanted} GROUP BY 1 ORDER BY 1 NULLS LAST");
    Ok(Asked { text, sql })
}

/// The answer to [`count`].
pub(crate) fn counted<R: Columns>(filter: &Filter, rows: &[R]) -> Result<Count, persistence::Error> {
    let Some(column) = &filter.group_by else {
        let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
        return Ok(Count { total, groups: Vec::new() });
    };
    let status = *column == Column::System(SystemAttribute::ExecutionStatus);
    let groups = rows.iter().map(|row| group(row, status)).collect::<Result<Vec<_>, _>>()?;
    Ok(Count { total: groups.iter().map(|group| group.count).sum(), groups })
}

/// The condition on every row of a list.
fn wanted<D: Dialect>(sql: &mut Sql<D>, namespace: NamespaceId, filter: &Filter) -> Result<String, Error> {
    let namespace = sql.push(Parameter::Id(*namespace.as_bytes()));
    let kind = sql.push(Parameter::Int(i64::from(filter.kind.number())));
    Ok(format!("WHERE namespace = {namespace} AND kind = {kind} AND {}", filter.condition.lower(sql)?))
}

fn group(row: &impl Columns, status: bool) -> Result<Group, persistence::Error> {
    let value = if status { Some(execution_status(row)?.name()) } else { row.maybe_text(0)? };
    Ok(Group { value: value.map(|value| SearchAttributeValue::Keyword(value.to_owned())), count: row.int(1)? })
}

/// A row of a page.
pub(crate) fn row(row: &impl Columns) -> Result<VisibilityRow, persistence::Error> {
    let chain = chain_key(row, 0)?;
    let named =
        |id: &str, run: &[u8]| -> Result<(WorkflowId, RunId), persistence::Error> { Ok((workflow_id(id)?, run_id(run)?)) };
    let parent = match (row.maybe_text(14)?, row.maybe_id(15)?) {
        (Some(id), Some(run)) => Some(named(id, &run)?),
        _ => None,
    };
    Ok(VisibilityRow {
        namespace: chain.namespace,
        kind: chain.kind,
        workflow_id: chain.id,
        run_id: run_id(&row.id(3)?)?,
        version: row.int(4)?,
        workflow_type: row.text(5)?.to_owned(),
        task_queue: row.text(6)?.to_owned(),
        status: status(row.small(7)?)?,
        start_time: row.moment(8)?,
        execution_time: row.moment(9)?,
        close_time: row.maybe_int(10)?.map(Timestamp::from_nanos),
        history_length: row.maybe_int(11)?,
        history_size_bytes: row.maybe_int(12)?,
        state_transition_count: row.maybe_int(13)?,
        parent,
        root: named(row.text(16)?, &row.id(17)?)?,
        memo: row.bytes(18)?.to_vec(),
        search_attributes: attributes::decode(row.text(19)?)?,
    })
}

fn execution_status(row: &impl Columns) -> Result<ExecutionStatus, persistence::Error> {
    status(row.small(0)?)
}

fn status(number: i32) -> Result<ExecutionStatus, persistence::Error> {
    ExecutionStatus::from_number(number).ok_or_else(|| persistence::Error::Corrupt(format!("execution status {number}")))
}

/// The same error in the words of lists.
pub(crate) fn list_error(error: persistence::Error) -> Error {
    match error {
        persistence::Error::Corrupt(what) => Error::Corrupt(what),
        persistence::Error::Unavailable(source) => Error::Unavailable(source.to_string()),
        other => Error::Unavailable(other.to_string()),
    }
}
