//! Every command of tctl and its state, written down apart from the program's own table, and held against what the parser
//! takes and what the program answers.

use std::collections::BTreeSet;
use std::ffi::OsString;

use super::row::{GROUPS, State, rows};
use super::words::{Found, command, find, plainly};
use super::*;

/// What a command does.
enum Expected {
    Works,
    /// Refused, with these words in the reason.
    Refused(&'static str),
}
use Expected::{Refused, Works};

/// All 77, each with a line of the flags that it is used with.
#[rustfmt::skip]
const TABLE: [(&str, Expected); 77] = [
    ("namespace register --description d --owner_email e --retention 3 --active_cluster a --clusters a b --global_namespace false --namespace_data k:v --has enabled --vas disabled --huri h --vuri v", Works),
    ("namespace update --desc d --oe e --rd 72h --ac a --cl a --dmd k:v --pn --add_bad_binary c --remove_bad_binary c --reason r", Works),
    ("namespace describe --namespace_id x", Works),
    ("namespace list", Works),
    ("workflow show -w id -r run --print_datetime --print_raw_time --output_filename f --print_full --print_event_version --event_id 1 --max_field_length 9 --reset_points_only", Works),
    ("workflow showid id run -pdt -prt -of f -pf -pev -eid 1 -maxl 9", Works),
    ("workflow start --taskqueue q --workflow_type T -w id --execution_timeout 1 --run-timeout 1 --workflow_task_timeout 1 --cron @daily --workflowidreusepolicy AllowDuplicate --input 1 --memo_key k --memo m --search_attr_key a --search_attr_value 1", Works),
    ("workflow run --tq q --wt T --wid id --et 1 --rt 1 --wtt 1 --wrp AllowDuplicate -i 1 -if f --memo_key k --memo_file f --show_detail --max_field_length 9", Works),
    ("workflow cancel -w id -r run --query q --reason r --yes", Works),
    ("workflow signal -w id -r run --name s --input 1 --input_file f --query q --reason r --yes", Works),
    ("workflow terminate -w id -r run --reason r --query q --yes", Works),
    ("workflow list --query q --open --earliest_time 1d --latest_time 1h --workflow_id w --workflow_type T --status c --pagesize 5 --more --print_memo --print_search_attr --print_full --print_json --print_raw_time --print_datetime", Works),
    ("workflow listall -q q -op -et 1d -lt 1h -w w -wt T -s c -pme -psa -pf -pjson -prt -pdt", Works),
    ("workflow listarchived --query q --pagesize 5 --all --print_json", Works),
    ("workflow scan --query q --pagesize 5 --print_full", Works),
    ("workflow count --query q", Works),
    ("workflow query -w id -r run --query_type t --input 1 --input_file f --query_reject_condition not_open", Works),
    ("workflow stack -w id -r run --input 1 -qrc not_open", Works),
    ("workflow describe -w id -r run --print_raw --reset_points_only", Works),
    ("workflow describeid id run -praw", Works),
    ("workflow observe -w id -r run --show_detail --max_field_length 9", Works),
    ("workflow observeid id -sd", Works),
    ("workflow reset -w id -r run --event_id 4 --reason r --reset_type LastWorkflowTask --reset_reapply_type None --reset_bad_binary_checksum c", Refused("terminate the workflow")),
    ("workflow reset-batch --input_file f --query q --exclude_file f --input_separator , --reason r --input_parallism 2 --skip_current_open --skip_base_is_not_current --only_non_deterministic --dry_run --reset_type BadBinary", Refused("terminate the workflow")),
    ("activity complete -w id -r run --activity_id 5 --result ok --identity me", Works),
    ("activity fail -w id -r run -aid 5 --reason r --detail d --identity me", Works),
    ("taskqueue describe --taskqueue q --taskqueuetype activity", Works),
    ("taskqueue list-partition -tq q", Works),
    ("schedule create --schedule_id s --overlap_policy Skip --calendar {} --cron @daily --interval 90m --start_time t --end_time t --jitter 1s --time_zone UTC --notes n --pause --remaining_actions 1 --catchup_window 1s --pause_on_failure --memo_key k --memo m -tq q -w id -wt T -i 1", Refused("--cron")),
    ("schedule update -s s --interval 90m -tq q -wt T", Refused("--cron")),
    ("schedule toggle -sid s --pause --unpause --reason r", Refused("--cron")),
    ("schedule trigger -s s --overlap_policy Skip", Refused("--cron")),
    ("schedule backfill -s s --start_time t --end_time t --overlap_policy Skip", Refused("--cron")),
    ("schedule describe -s s --print_raw", Refused("--cron")),
    ("schedule delete -s s", Refused("--cron")),
    ("schedule list", Refused("--cron")),
    ("batch start --query q --reason r --batch_type signal --signal_name s --input 1 --rps 5 --concurrency 2 --yes", Refused("call for each")),
    ("batch describe --job_id j", Refused("call for each")),
    ("batch list --pagesize 5", Refused("call for each")),
    ("batch terminate -jid j -re r", Refused("call for each")),
    ("batch-v2 describe --job_id j", Refused("call for each")),
    ("batch-v2 list", Refused("call for each")),
    ("batch-v2 terminate --job_id j --reason r", Refused("call for each")),
    ("cluster health", Works),
    ("cluster get-search-attributes", Works),
    ("dataconverter web --web_ui_url u --port 1", Refused("codec server")),
    ("config get version", Works),
    ("config set version current", Works),
    ("admin workflow show --namespace_id n -w id -r run --min_event_id 1 --max_event_id 2 --min_event_version 1 --max_event_version 2 --output_filename f", Refused("workflow show")),
    ("admin workflow describe -w id -r run", Refused("workflow describe --print_raw")),
    ("admin workflow refresh_tasks --namespace_id n -w id -r run", Refused("workflow describe")),
    ("admin workflow delete -w id -r run --yes", Works),
    ("admin shard describe --shard_id 1", Refused("cluster health")),
    ("admin shard describe_task --db_engine e --db_address a --db_port 1 --username u --password p --keyspace k --tls --tls_cert_path c --shard_id 1 --task_id 1 --task_type timer --task_timestamp 1", Refused("tables of its own")),
    ("admin shard list_tasks --shard_id 1 --task_type timer --min_task_id 1 --max_task_id 2 --min_visibility_ts 1 --max_visibility_ts 2 -pjson", Refused("cluster health")),
    ("admin shard close_shard --shard_id 1", Refused("cluster health")),
    ("admin shard remove_task --shard_id 1 --task_id 1 --task_type timer --task_timestamp 1", Refused("cluster health")),
    ("admin history_host describe -w id --history_address a --shard_id 1 --print_full", Refused("cluster health")),
    ("admin history_host get_shardid --namespace_id n -w id --number_of_shards 4", Refused("mislead")),
    ("admin taskqueue describe --taskqueue q --taskqueuetype workflow", Works),
    ("admin taskqueue list_tasks --taskqueue q --taskqueuetype activity --min_task_id 1 --max_task_id 2 --workflow_id w", Refused("taskqueue describe")),
    ("admin membership list_gossip --role history", Refused("cluster health")),
    ("admin membership list_db --heartbeated_within 15m --role all", Refused("cluster health")),
    ("admin cluster add-search-attributes --name A --type Keyword --index i --skip-schema-update", Works),
    ("admin cluster remove-search-attributes --name A", Works),
    ("admin cluster get-search-attributes --print_json true", Works),
    ("admin cluster describe --cluster c", Works),
    ("admin cluster list --pagesize 5", Refused("stands alone")),
    ("admin cluster upsert-remote-cluster --frontend_address a --enable_connection", Refused("stands alone")),
    ("admin cluster remove-remote-cluster --cluster c", Refused("stands alone")),
    ("admin dlq read --dlq_type history --cluster c --shard_id 1 --last_message_id 1 --max_message_count 1 --output_filename f", Refused("no dead letters")),
    ("admin dlq purge -dt history --cluster c -sid 1 --last_message_id 1", Refused("no dead letters")),
    ("admin dlq merge -dt history --cluster c -sid 1 --last_message_id 1", Refused("no dead letters")),
    ("admin db scan --db_engine e --lower_shard_bound 0 --upper_shard_bound 4 --rps 1 --concurrency 1 --pagesize 5", Refused("tables of its own")),
    ("admin db clean --db_engine e --input_directory d --lower_shard_bound 0 --upper_shard_bound 4 --rps 1 --concurrency 1", Refused("tables of its own")),
    ("admin decode proto --type T --hex_data 00 --hex_file f --binary_file f", Works),
    ("admin decode base64 --base64_data aGk= --base64_file f", Works),
];

fn parsed(line: &str) -> Found {
    let root = command("1".to_owned());
    let plain = plainly(line.split_whitespace().map(str::to_owned).collect(), &root).unwrap();
    let matches = root.try_get_matches_from(std::iter::once("tctl".to_owned()).chain(plain));
    find(matches.unwrap_or_else(|error| panic!("{line}: {error}"))).unwrap()
}

#[test]
fn every_command_takes_its_flags_and_works_or_is_refused_as_the_table_says() {
    let mut seen = BTreeSet::new();
    for (line, expected) in &TABLE {
        let Found::Row(row, _) = parsed(line) else { panic!("{line} names no command") };
        assert!(line.starts_with(row.path), "{line} is taken for {}", row.path);
        assert!(seen.insert(row.path), "{line} stands twice");
        match (expected, row.state) {
            (Works, State::Works(_)) => {}
            (Refused(words), State::Refused(why)) => assert!(why.contains(words), "{line}: {why}"),
            (Works, State::Refused(why)) => panic!("{line} is refused: {why}"),
            (Refused(_), State::Works(_)) => panic!("{line} works; say so in the table"),
        }
    }
    assert!(rows().all(|row| seen.contains(row.path)), "the program has a command that the table lacks");
}

#[tokio::test]
async fn what_is_refused_fails_with_one_sentence_and_never_connects() {
    for (line, expected) in &TABLE {
        let Refused(words) = expected else { continue };
        let nowhere = ["--address", "127.0.0.1:1"].into_iter().chain(line.split_whitespace()).map(OsString::from);
        let root = command("1".to_owned());
        let done = perform(parse(nowhere, &root).unwrap().unwrap(), root, &mut quiet()).await;
        let error = done.unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains('\n'), "{line}: {error}");
    }
}

#[tokio::test]
async fn what_works_asks_the_cluster_unless_it_needs_none() {
    for (line, expected) in &TABLE {
        let (Works, Found::Row(row, _)) = (expected, parsed(line)) else { continue };
        let State::Works(verb) = row.state else { panic!("{line}") };
        let nowhere = ["--address", "127.0.0.1:1"].into_iter().chain(line.split_whitespace()).map(OsString::from);
        let root = command("1".to_owned());
        let done = perform(parse(nowhere, &root).unwrap().unwrap(), root, &mut quiet()).await;
        let sought = done.err().is_some_and(|error| error.to_string().contains("cannot reach a server at 127.0.0.1:1"));
        assert_eq!(sought, !verb.is_local(), "{line}");
    }
}

fn quiet() -> Screen {
    let captured = crate::screen::tests::Captured::default();
    crate::screen::tests::screen(&captured, crate::args::Output::Table)
}

#[test]
fn aliases_lead_to_their_commands() {
    let table = [
        ("n re", "namespace register"),
        ("n up", "namespace update"),
        ("n u", "namespace update"),
        ("n desc", "namespace describe"),
        ("wf l", "workflow list"),
        ("wf la", "workflow listall"),
        ("wf sc", "workflow scan"),
        ("wf scanall", "workflow scan"),
        ("wf cnt", "workflow count"),
        ("wf c", "workflow cancel"),
        ("wf s", "workflow signal"),
        ("wf term", "workflow terminate"),
        ("wf desc", "workflow describe"),
        ("wf descid", "workflow describeid"),
        ("wf ob", "workflow observe"),
        ("wf obid", "workflow observeid"),
        ("wf rs", "workflow reset"),
        ("act comp", "activity complete"),
        ("tq desc", "taskqueue describe"),
        ("tq lp", "taskqueue list-partition"),
        ("cl h", "cluster health"),
        ("cl gsa", "cluster get-search-attributes"),
        ("dc web", "dataconverter web"),
        ("c get", "config get"),
        ("adm wf del", "admin workflow delete"),
        ("adm wf rt", "admin workflow refresh_tasks"),
        ("adm shar d", "admin shard describe"),
        ("adm hist gsh", "admin history_host get_shardid"),
        ("adm tq desc", "admin taskqueue describe"),
        ("adm cl asa", "admin cluster add-search-attributes"),
        ("adm cl rsa", "admin cluster remove-search-attributes"),
        ("adm cl urc", "admin cluster upsert-remote-cluster"),
        ("adm dlq m", "admin dlq merge"),
    ];
    for (line, path) in table {
        assert!(matches!(parsed(line), Found::Row(row, _) if row.path == path), "{line}");
    }
}

#[test]
fn every_group_leads_somewhere_and_no_flag_has_two_owners() {
    for group in GROUPS {
        assert!(rows().any(|row| row.path.starts_with(group.path)), "{}", group.path);
    }
    for row in rows() {
        let mut names = BTreeSet::new();
        for name in row.flags.iter().copied().flatten().flat_map(|flag| flag.names) {
            assert!(names.insert(name), "{} has --{name} twice", row.path);
        }
    }
}
