//! Tables of command lines: what they mean, and which are refused.

use clap::{CommandFactory as _, Parser};

use super::operator::{AttributeType, ClusterVerb, NamespaceVerb, OperatorArea, SearchAttributeVerb};
use super::start::{ConflictPolicy, ReusePolicy, StartArgs};
use super::workflow::{WorkflowArgs, WorkflowVerb};
use super::*;

/// As a binary would have it, with a verb of its own whose flags have the same names as ours.
#[derive(Debug, Parser)]
#[command(name = "aevum")]
struct Cli {
    #[command(flatten)]
    globals: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Server {
        #[arg(long, short)]
        namespace: Vec<String>,
    },
    #[command(flatten)]
    Client(ClientCommand),
}

fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("aevum").chain(line.iter().copied()))
}

fn words(line: &str) -> Result<Cli, clap::Error> {
    parse(&line.split_whitespace().collect::<Vec<_>>())
}

fn workflow(line: &str) -> WorkflowArgs {
    match words(line).unwrap().command {
        Command::Client(ClientCommand::Workflow(args)) => *args,
        other => panic!("{other:?}"),
    }
}

fn start(line: &[&str]) -> StartArgs {
    let base = ["workflow", "start", "--type", "Order", "-t", "orders"];
    match parse(&[&base, line].concat()).unwrap().command {
        Command::Client(ClientCommand::Workflow(args)) => match args.verb {
            WorkflowVerb::Start(args) => *args,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_words_flatten_into_a_bigger_command() {
    Cli::command().debug_assert();
    match words("server -n a --namespace b").unwrap().command {
        Command::Server { namespace } => assert_eq!(namespace, ["a", "b"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_verb_is_known_by_its_official_words() {
    let accepted = [
        "workflow start --type T --task-queue q",
        "workflow start --name T -t q -w id -i 1 --input 2",
        "workflow start --type T -t q --input-file f --input-meta encoding=json/plain --input-base64",
        "workflow execute --type T -t q --detailed --cron @daily",
        "workflow list -q A=1 --limit 5 --page-size 2",
        "workflow count --query A=1",
        "workflow describe -w id -r run --raw",
        "workflow describe -w id --reset-points",
        "workflow show -w id -f",
        "workflow show -w id --reverse --detailed -o json",
        "workflow result -w id",
        "workflow signal -w id --name s -i 1",
        "workflow signal --query A=1 --type s --reason r -y --rps 2",
        "workflow query -w id --type q -i 1 --reject-condition not_open",
        "workflow cancel -w id",
        "workflow terminate -w id --reason enough",
        "workflow delete -w id -y",
        "workflow stack -w id --reject-condition not_completed_cleanly",
        "activity complete -a 5 -w id --result 1",
        "activity complete --activity-id 5 --workflow-id id --run-id r --result -1",
        "activity fail -a 5 -w id --detail 1 --reason r",
        "operator namespace create orders --retention 7d --data a=b",
        "operator namespace create -n orders --description d --email e --global --cluster a --active-cluster a",
        "operator namespace describe",
        "operator namespace describe --namespace-id x",
        "operator namespace list",
        "operator namespace update -n orders --retention 1d --history-archival-state enabled --history-uri u",
        "operator namespace update orders --replication-state handover",
        "operator search-attribute create --name A --type Keyword --name B --type Int",
        "operator search-attribute list",
        "operator search-attribute remove --name A -y",
        "operator cluster health",
        "operator cluster system",
        "operator cluster describe --detail",
        "completion bash",
        "completion zsh",
        "completion fish",
        "workflow list -o jsonl --color never --time-format iso --no-json-shorthand-payloads",
        "workflow list --command-timeout 5s --client-connect-timeout 1s --identity me --grpc-meta a=b --api-key k",
    ];
    for line in accepted {
        assert!(words(line).is_ok(), "{line}: {}", words(line).unwrap_err());
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let refused = [
        ("workflow start -t q", "--type"),
        ("workflow start --type T", "--task-queue"),
        ("workflow start --type T -t q --run-timeout 30", "number and a unit"),
        ("workflow start --type T -t q --search-attribute nothing", "KEY=VALUE"),
        ("workflow start --type T -t q --memo a=bare", "not JSON"),
        ("workflow start --type T -t q -i 1 --input-file f", "cannot be used"),
        ("workflow start --type T -t q --cron @daily --start-delay 1s", "cannot be used"),
        ("workflow start --type T -t q --id-reuse-policy Sometimes", "AllowDuplicateFailedOnly"),
        ("workflow list --limit 0", "0 is not in"),
        ("workflow show", "--workflow-id"),
        ("workflow show -w id --follow --reverse", "cannot be used"),
        ("workflow cancel", "--workflow-id"),
        ("workflow cancel -w id -q A=1", "cannot be used"),
        ("workflow cancel -w id --rps 1", "cannot be used"),
        ("workflow signal -w id", "--name"),
        ("workflow list -o yaml", "jsonl"),
        ("workflow dance", "unrecognized subcommand"),
        ("workflow lst", "list"),
        ("operator search-attribute create --name A", "--type"),
        ("operator search-attribute create --name A --type Blob", "KeywordList"),
        ("operator namespace describe a --namespace-id b", "cannot be used"),
        ("completion tcsh", "fish"),
    ];
    for (line, hint) in refused {
        let error = words(line).unwrap_err().to_string();
        assert!(error.contains(hint), "{line}: {error}");
    }
}

#[test]
fn global_flags_stand_anywhere() {
    for line in ["-o json workflow list", "workflow -o json list", "workflow list --output JSON"] {
        assert_eq!(words(line).unwrap().globals.output, Output::Json, "{line}");
    }
    assert_eq!(words("workflow list -o text").unwrap().globals.output, Output::Table);
    for line in ["workflow -n orders list", "workflow list --namespace orders"] {
        assert_eq!(workflow(line).connection.namespace.as_deref(), Some("orders"), "{line}");
    }
    let early = words("-n orders --address h:1 workflow list").unwrap().globals;
    assert_eq!((early.early_namespace.as_deref(), early.early_address.as_deref()), (Some("orders"), Some("h:1")));
}

#[test]
fn starting_takes_typed_values() {
    let args = start(&[
        "--execution-timeout",
        "7d",
        "--start-delay",
        "1h30m",
        "--id-reuse-policy",
        "rejectduplicate",
        "--id-conflict-policy",
        "UseExisting",
        "--search-attribute",
        "CustomOrderStatus=FAILED",
        "--search-attribute",
        "Count=3",
        "--memo",
        "note={\"a\":1}",
        "-i",
        "{\"id\": 1}",
        "-i",
        "-5",
    ]);
    assert_eq!(args.execution_timeout, Some(Duration::from_secs(604_800)));
    assert_eq!(args.start_delay, Some(Duration::from_secs(5_400)));
    assert_eq!(args.task_timeout, Duration::from_secs(10));
    assert_eq!(args.id_reuse_policy, Some(ReusePolicy::RejectDuplicate));
    assert_eq!(args.id_conflict_policy, Some(ConflictPolicy::UseExisting));
    assert_eq!(args.search_attribute[0].value, serde_json::json!("FAILED"));
    assert_eq!(args.search_attribute[1].value, serde_json::json!(3));
    assert_eq!(args.memo[0].value, serde_json::json!({"a": 1}));
    assert_eq!(args.payload.input, ["{\"id\": 1}", "-5"]);
}

#[test]
fn operators_words_reach_their_verbs() {
    let area = |line| match words(line).unwrap().command {
        Command::Client(ClientCommand::Operator(args)) => args.area,
        other => panic!("{other:?}"),
    };
    assert!(matches!(area("operator cluster system"), OperatorArea::Cluster(ClusterVerb::System)));
    match area("operator search-attribute create --name A --type keywordlist") {
        OperatorArea::SearchAttribute(SearchAttributeVerb::Create(args)) => {
            assert_eq!(args.types, [AttributeType::KeywordList]);
        }
        other => panic!("{other:?}"),
    }
    match area("operator namespace create orders") {
        OperatorArea::Namespace(NamespaceVerb::Create(args)) => {
            assert_eq!((args.name.as_deref(), args.retention), (Some("orders"), Duration::from_secs(259_200)));
        }
        other => panic!("{other:?}"),
    }
}
