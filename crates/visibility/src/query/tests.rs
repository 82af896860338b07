//! The filter language: what it accepts, what it refuses and how, and that printing and parsing are inverse.

use model::Timestamp;
use model::ids::ChainKind;
use model::visibility::{ExecutionStatus, SearchAttributeType};
use proptest::prelude::*;

use super::{MAX_DEPTH, MAX_QUERY_BYTES, MAX_VALUES, parse_count, parse_list};
use crate::attribute::{NAMESPACE_DIVISION, PREDEFINED, SystemAttribute};
use crate::filter::{Column, Comparison, Condition, Filter, Predicate, Test, Value};
use crate::registry::SearchAttributes;

fn attributes() -> SearchAttributes {
    use SearchAttributeType as Type;
    let custom = [
        ("CustomOrderStatus", Type::Keyword),
        ("CustomCustomerID", Type::Keyword),
        ("CustomNote", Type::Text),
        ("CustomCount", Type::Int),
        ("CustomPrice", Type::Double),
        ("CustomPaid", Type::Bool),
        ("CustomDue", Type::Datetime),
        ("CustomTags", Type::KeywordList),
        ("odd-name", Type::Keyword),
        ("order", Type::Keyword),
        ("tick`ed name", Type::Keyword),
    ];
    SearchAttributes::from_custom(custom.map(|(name, ty)| (name.to_owned(), ty)))
}

/// The condition without the implicit one about divisions.
fn own(text: &str) -> Condition {
    match parse_list(text, &attributes()).unwrap_or_else(|error| panic!("{error}")).condition {
        Condition::And(mut parts) => parts.pop().expect("the query's own condition"),
        other => other,
    }
}

fn test(text: &str) -> Predicate {
    match own(text) {
        Condition::Test(predicate) => predicate,
        other => panic!("{text}: {other:?}"),
    }
}

fn refusal(text: &str) -> String {
    match parse_list(text, &attributes()) {
        Ok(filter) => panic!("{text} is accepted: {filter:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_articles_queries_are_understood() {
    for text in [
        "CustomOrderStatus='FAILED' AND CustomCustomerID='cust-123'",
        "CustomOrderStatus=\"FAILED\"",
        "ExecutionStatus = 'Running' and WorkflowType = 'OrderWorkflow'",
    ] {
        assert!(parse_list(text, &attributes()).is_ok(), "{text}");
    }
}

#[test]
fn every_operator_has_its_meaning() {
    let text = |text: &str| Value::Text(text.to_owned());
    for (query, expected) in [
        ("WorkflowId = 'a'", Test::Compare(Comparison::Equal, text("a"))),
        ("WorkflowId != 'a'", Test::Compare(Comparison::NotEqual, text("a"))),
        ("WorkflowId <> 'a'", Test::Compare(Comparison::NotEqual, text("a"))),
        ("WorkflowId < 'a'", Test::Compare(Comparison::Less, text("a"))),
        ("WorkflowId <= 'a'", Test::Compare(Comparison::LessOrEqual, text("a"))),
        ("WorkflowId > 'a'", Test::Compare(Comparison::Greater, text("a"))),
        ("WorkflowId>='a'", Test::Compare(Comparison::GreaterOrEqual, text("a"))),
        ("WorkflowId in ('a',\"b\")", Test::In { negated: false, values: vec![text("a"), text("b")] }),
        ("WorkflowId NOT IN ('a')", Test::In { negated: true, values: vec![text("a")] }),
        ("WorkflowId BETWEEN 'a' AND 'b'", Test::Between { negated: false, low: text("a"), high: text("b") }),
        ("WorkflowId not between 'a' and 'b'", Test::Between { negated: true, low: text("a"), high: text("b") }),
        ("WorkflowId STARTS_WITH 'a'", Test::StartsWith { negated: false, prefix: "a".into() }),
        ("WorkflowId NOT starts_with 'a'", Test::StartsWith { negated: true, prefix: "a".into() }),
        ("WorkflowId IS NULL", Test::IsNull { negated: false }),
        ("WorkflowId is not null", Test::IsNull { negated: true }),
    ] {
        let predicate = test(query);
        assert_eq!(predicate.column, Column::System(SystemAttribute::WorkflowId));
        assert_eq!(predicate.test, expected, "{query}");
    }
}

#[test]
fn texts_and_names_are_quoted_as_in_mysql() {
    for (query, value) in [
        ("WorkflowId = 'it''s'", "it's"),
        ("WorkflowId = 'it\\'s'", "it's"),
        ("WorkflowId = \"say \"\"hi\"\"\"", "say \"hi\""),
        ("WorkflowId = \"it's\"", "it's"),
        ("WorkflowId = 'a\\nb\\\\c\\q'", "a\nb\\cq"),
        ("WorkflowId = ''", ""),
        ("WorkflowId = 'ünï 日本'", "ünï 日本"),
    ] {
        assert_eq!(test(query).test, Test::Compare(Comparison::Equal, Value::Text(value.into())), "{query}");
    }
    for (query, name) in [
        ("`odd-name` = 'x'", "odd-name"),
        ("`order` = 'x'", "order"),
        ("`tick``ed name` = 'x'", "tick`ed name"),
        ("`WorkflowId` = 'x'", "WorkflowId"),
    ] {
        assert_eq!(test(query).column.name(), name);
    }
}

#[test]
fn values_take_the_columns_type() {
    let at = |nanos| Value::Datetime(Timestamp::from_nanos(nanos));
    for (query, value) in [
        ("CustomCount = 5", Value::Int(5)),
        ("CustomCount = -5", Value::Int(-5)),
        ("CustomCount = 5.5", Value::Double(5.5)),
        ("CustomPrice = 5", Value::Double(5.0)),
        ("CustomPrice = .5e1", Value::Double(5.0)),
        ("CustomPaid = TRUE", Value::Bool(true)),
        ("CustomDue = '1970-01-01T00:00:01.5Z'", at(1_500_000_000)),
        ("CustomDue = '1970-01-01T01:00:00+01:00'", at(0)),
        ("StartTime = 1500000000", at(1_500_000_000)),
        ("StartTime = '0001-01-01T00:00:00Z'", at(i64::MIN)),
        ("CloseTime = '9999-12-31T00:00:00Z'", at(i64::MAX)),
        ("ExecutionStatus = 'Running'", Value::Status(ExecutionStatus::Running)),
        ("ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW'", Value::Status(ExecutionStatus::ContinuedAsNew)),
        ("ExecutionStatus = 3", Value::Status(ExecutionStatus::Failed)),
        ("ExecutionDuration = '1h30m'", Value::Int(5_400_000_000_000)),
        ("ExecutionDuration = '2d'", Value::Int(172_800_000_000_000)),
        ("ExecutionDuration = '00:00:01'", Value::Int(1_000_000_000)),
        ("ExecutionDuration = '15'", Value::Int(15)),
        ("ExecutionDuration = 15", Value::Int(15)),
        ("CustomTags = 'a'", Value::Text("a".into())),
        ("CustomNote = 'a b'", Value::Text("a b".into())),
    ] {
        assert_eq!(test(query).test, Test::Compare(Comparison::Equal, value), "{query}");
    }
}

#[test]
fn or_binds_looser_than_and_which_binds_looser_than_not() {
    let shown = |text: &str| {
        let filter = parse_list(text, &attributes()).unwrap();
        filter.to_string().strip_prefix("TemporalNamespaceDivision IS NULL AND ").unwrap().to_owned()
    };
    for (query, expected) in [
        ("RunId = 'a' OR RunId = 'b' AND NOT RunId = 'c'", "(RunId = 'a' OR (RunId = 'b' AND NOT RunId = 'c'))"),
        ("(RunId = 'a' OR RunId = 'b') AND RunId = 'c'", "((RunId = 'a' OR RunId = 'b') AND RunId = 'c')"),
        ("RunId = 'a' && RunId = 'b' || RunId = 'c'", "((RunId = 'a' AND RunId = 'b') OR RunId = 'c')"),
        ("NOT (RunId = 'a' OR RunId = 'b')", "NOT (RunId = 'a' OR RunId = 'b')"),
        ("((RunId BETWEEN 'a' AND 'b'))", "RunId BETWEEN 'a' AND 'b'"),
    ] {
        assert_eq!(shown(query), expected);
    }
}

#[test]
fn only_rows_without_a_division_are_meant_unless_the_query_mentions_it() {
    for query in ["", "   ", "\n"] {
        let filter = parse_list(query, &attributes()).unwrap();
        assert_eq!(filter.to_string(), "TemporalNamespaceDivision IS NULL");
    }
    for query in ["TemporalNamespaceDivision = 'TemporalScheduler'", "NamespaceDivision IS NOT NULL"] {
        assert!(matches!(parse_list(query, &attributes()).unwrap().condition, Condition::Test(_)), "{query}");
    }
    let grouped = parse_count("GROUP BY TemporalNamespaceDivision", &attributes()).unwrap();
    assert_eq!(grouped.condition, Filter::everything(ChainKind::Workflow).condition);
}

#[test]
fn counts_may_group_and_lists_may_not() {
    let filter = parse_count("WorkflowType = 'x' group by ExecutionStatus", &attributes()).unwrap();
    assert_eq!(filter.group_by, Some(Column::System(SystemAttribute::ExecutionStatus)));
    assert!(parse_count("GROUP BY ExecutionStatus", &attributes()).unwrap().group_by.is_some());
    let error = parse_count("GROUP BY WorkflowType", &attributes()).unwrap_err().to_string();
    assert!(error.contains("'GROUP BY' clause is not supported for search attribute WorkflowType"), "{error}");
    let error = parse_count("GROUP BY ExecutionStatus, RunId", &attributes()).unwrap_err().to_string();
    assert!(error.contains("supports only a single field"), "{error}");
    assert!(refusal("GROUP BY ExecutionStatus").contains("operation is not supported: 'GROUP BY' clause"));
}

#[test]
fn refusals_say_what_was_expected() {
    for (query, part) in [
        (
            "WorkflowId = ",
            "malformed SQL query: expected a value (a quoted text, a number, true or false), found the end of the query",
        ),
        ("WorkflowId", "invalid expression: incomplete expression, expected an operator"),
        ("WorkflowId = 'a' AND", "expected a search attribute, found the end of the query"),
        ("WorkflowId = 'a' RunId = 'b'", "expected AND, OR, GROUP BY or the end of the query, found RunId"),
        ("(WorkflowId = 'a'", "expected AND, OR or ), found the end of the query"),
        ("WorkflowId = 'a')", "expected AND, OR, GROUP BY or the end of the query, found )"),
        ("WorkflowId IN 'a'", "expected ( and a list of values, found 'a'"),
        ("WorkflowId IN ()", "expected a value"),
        ("WorkflowId IN ('a' 'b')", "expected , or ), found 'b'"),
        ("WorkflowId BETWEEN 'a' OR 'b'", "expected AND and the greater value, found OR"),
        ("WorkflowId IS 'a'", "expected NULL, found 'a'"),
        ("WorkflowId = order_1", "column name on the right side of comparison expression (did you forget to quote \"order_1\"?)"),
        ("WorkflowId = NULL", "use IS NULL"),
        ("WorkflowId == 'a'", "expected = instead of =="),
        ("WorkflowId LIKE 'a%'", "operation is not supported: operator 'LIKE', use STARTS_WITH"),
        ("lower(WorkflowId) = 'a'", "operation is not supported: function expression"),
        ("StartTime > now()", "operation is not supported: nested func"),
        ("'a' = WorkflowId", "write the name on the left"),
        ("order = 'a'", "malformed SQL query: order is a word of the language, write `order` if it is a search attribute"),
        ("limit 5", "operation is not supported: 'LIMIT' clause"),
        ("ORDER BY StartTime", "operation is not supported: 'ORDER BY' clause"),
        ("RunId = 'a' ORDER BY StartTime DESC", "operation is not supported: 'ORDER BY' clause"),
        ("WorkfowId = 'a'", "column name 'WorkfowId' is not a valid search attribute (did you mean WorkflowId?)"),
        ("Memo = 'a'", "column name 'Memo' is not a valid search attribute"),
        ("StartTime > 'yesterday'", "unable to parse datetime 'yesterday'"),
        ("StartTime > true", "invalid value type for search attribute StartTime of type Datetime: true"),
        ("CustomCount = 'five'", "invalid value type for search attribute CustomCount of type Int: 'five' (expected a number)"),
        ("CustomPaid = 1", "expected true or false"),
        ("WorkflowId = 5", "expected a quoted text"),
        ("ExecutionStatus = 'Finished'", "invalid ExecutionStatus value 'Finished' (expected one of Running, Completed,"),
        ("ExecutionStatus = 9", "invalid ExecutionStatus value 9"),
        ("ExecutionDuration > 'long'", "invalid duration value for search attribute ExecutionDuration: 'long'"),
        ("CustomTags < 'a'", "operator '<' not supported for KeywordList type search attribute 'CustomTags'"),
        ("CustomTags BETWEEN 'a' AND 'b'", "cannot do range condition on search attribute 'CustomTags' of type KeywordList"),
        ("CustomNote STARTS_WITH 'a'", "operator 'STARTS_WITH' not supported for Text type search attribute 'CustomNote'"),
        ("CustomNote IN ('a')", "operator 'IN' not supported for Text"),
        ("CustomCount STARTS_WITH '5'", "operator 'STARTS_WITH' not supported for Int"),
        ("WorkflowId STARTS_WITH 5", "right-hand side of STARTS_WITH must be a literal string"),
        ("WorkflowId = 'a", "text is not closed, expected another '"),
        ("WorkflowId = 'a\\'", "text is not closed"),
        ("`WorkflowId = 'a'", "name is not closed"),
        ("`` = 'a'", "name is empty"),
        ("WorkflowId = 7days", "7days is not a number, quote it if it is a text"),
        ("CustomCount = 99999999999999999999", "number 99999999999999999999 is out of range"),
        ("CustomPrice = 1e999", "number 1e999 is out of range"),
        ("WorkflowId = 'a'; DROP TABLE x", "expected AND, OR, GROUP BY or the end of the query, found ;"),
        ("WorkflowId § 'a'", "unexpected character '§'"),
    ] {
        let error = refusal(query);
        assert!(error.starts_with("invalid query: "), "{error}");
        assert!(error.contains(part), "{query}\n{error}");
    }
}

#[test]
fn refusals_point_at_the_place() {
    assert_eq!(
        refusal("WorkflowId = 'ä' AND Statu = 'x'"),
        "invalid query: invalid expression: column name 'Statu' is not a valid search attribute (at column 22)\n  \
         WorkflowId = 'ä' AND Statu = 'x'\n                       ^^^^^"
    );
    let error = parse_list("RunId = ", &attributes()).unwrap_err();
    assert_eq!((error.span().clone(), error.column()), (7..7, 8));
    let long = format!("RunId = '{}' AND Statu = 'x'", "x".repeat(1000));
    let error = refusal(&long);
    assert!(error.contains("\n  ...xxxx") && error.len() < 400, "{error}");
}

#[test]
fn length_depth_and_number_of_values_are_limited() {
    let deep = |depth: usize| format!("{}RunId = 'a'{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse_list(&deep(MAX_DEPTH - 1), &attributes()).is_ok());
    assert!(refusal(&deep(MAX_DEPTH)).contains("nests deeper than 50 levels"));
    assert!(refusal(&"(".repeat(60_000)).contains("nests deeper"));
    assert!(refusal(&"NOT ".repeat(10_000)).contains("nests deeper"));
    let wide = vec!["RunId = 'a'"; MAX_VALUES].join(" OR ");
    assert!(parse_list(&wide, &attributes()).is_ok());
    assert!(refusal(&format!("{wide} OR RunId = 'b'")).contains("holds more than 2000 values"));
    let long = format!("RunId = '{}'", "x".repeat(MAX_QUERY_BYTES));
    assert!(refusal(&long).contains("at most 65536 are allowed"));
}

fn columns() -> Vec<Column> {
    let custom =
        attributes().custom().iter().map(|(name, ty)| Column::Custom { name: name.clone(), ty: *ty }).collect::<Vec<_>>();
    let predefined = PREDEFINED.into_iter().map(|known| Column::Custom { name: known.name.into(), ty: known.ty });
    SystemAttribute::ALL.into_iter().map(Column::System).chain(predefined).chain(custom).collect()
}

fn value(column: &Column) -> BoxedStrategy<Value> {
    use SearchAttributeType as Type;
    match (column, column.ty()) {
        (Column::System(SystemAttribute::ExecutionStatus), _) => {
            prop::sample::select(ExecutionStatus::ALL.to_vec()).prop_map(Value::Status).boxed()
        }
        (Column::System(SystemAttribute::ExecutionDuration), _) => any::<i64>().prop_map(Value::Int).boxed(),
        (_, Type::Keyword | Type::KeywordList | Type::Text) => "\\PC{0,8}|[a'\"\\\\`\n\t%]{0,8}".prop_map(Value::Text).boxed(),
        (_, Type::Int) => prop_oneof![any::<i64>().prop_map(Value::Int), prop::num::f64::NORMAL.prop_map(Value::Double)].boxed(),
        (_, Type::Double) => prop::num::f64::NORMAL.prop_map(Value::Double).boxed(),
        (_, Type::Bool) => any::<bool>().prop_map(Value::Bool).boxed(),
        (_, Type::Datetime) => any::<i64>().prop_map(|nanos| Value::Datetime(Timestamp::from_nanos(nanos))).boxed(),
    }
}

fn predicate() -> impl Strategy<Value = Predicate> {
    prop::sample::select(columns()).prop_flat_map(|column| {
        use SearchAttributeType as Type;
        let ty = column.ty();
        let status = column == Column::System(SystemAttribute::ExecutionStatus);
        let equality = prop::sample::select(vec![Comparison::Equal, Comparison::NotEqual]);
        let mut tests = vec![
            any::<bool>().prop_map(|negated| Test::IsNull { negated }).boxed(),
            (equality, value(&column)).prop_map(|(comparison, value)| Test::Compare(comparison, value)).boxed(),
        ];
        if ty != Type::Text {
            let values = prop::collection::vec(value(&column), 1..4);
            tests.push((any::<bool>(), values).prop_map(|(negated, values)| Test::In { negated, values }).boxed());
        }
        if matches!(ty, Type::Keyword | Type::Int | Type::Double | Type::Datetime) {
            use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
            let order = prop::sample::select(vec![Less, LessOrEqual, Greater, GreaterOrEqual]);
            tests.push((order, value(&column)).prop_map(|(comparison, value)| Test::Compare(comparison, value)).boxed());
            let range = (any::<bool>(), value(&column), value(&column));
            tests.push(range.prop_map(|(negated, low, high)| Test::Between { negated, low, high }).boxed());
        }
        if ty == Type::Keyword && !status {
            let starts = (any::<bool>(), "[a-c%_'\\\\]{0,4}");
            tests.push(starts.prop_map(|(negated, prefix)| Test::StartsWith { negated, prefix }).boxed());
        }
        prop::strategy::Union::new(tests).prop_map(move |test| Predicate { column: column.clone(), test })
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    predicate().prop_map(Condition::Test).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Or),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_filter_parses_to_itself(condition in condition(), grouped in any::<bool>()) {
        let division = Predicate { column: Column::division(), test: Test::IsNull { negated: false } };
        let filter = Filter {
            kind: ChainKind::Workflow,
            condition: Condition::And(vec![Condition::Test(division), condition]),
            group_by: grouped.then_some(Column::System(SystemAttribute::ExecutionStatus)),
        };
        let text = filter.to_string();
        prop_assert!(text.contains(NAMESPACE_DIVISION));
        let parsed = parse_count(&text, &attributes());
        prop_assert_eq!(parsed.as_ref(), Ok(&filter), "{}", text);
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        let _ = parse_count(&text, &attributes()).map_err(|error| error.to_string());
    }

    #[test]
    fn any_sequence_of_words_is_answered(words in prop::collection::vec(prop::sample::select(vec![
        "WorkflowId", "StartTime", "=", "!=", "<", "IN", "NOT", "BETWEEN", "AND", "OR", "(", ")", ",", "'a'", "\"b", "5", "-.5", "1e",
        "IS", "NULL", "STARTS_WITH", "GROUP", "BY", "ORDER", "ExecutionStatus", "`", "\\", "'", "😀", "true",
    ]), 0..14), spaced in any::<bool>()) {
        let text = words.join(if spaced { " " } else { "" });
        let _ = parse_count(&text, &attributes()).map_err(|error| error.to_string());
    }
}
