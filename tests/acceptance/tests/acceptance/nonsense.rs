//! Every public RPC under nonsense: codes as the table allows, no panic, and a canary workflow that runs as it did before.

mod canary;
mod generate;
mod table;
mod victim;

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance::dice::Dice;
use acceptance::raw;
use acceptance::server::{Server, Start, Storage};
use bytes::Bytes;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::Channel;

use generate::Nonsense;

const SEED: u64 = 20_261_124;
const INPUTS: usize = 52;
/// Calls of one RPC that are under way at once.
const AT_ONCE: usize = 13;
const DEADLINE: Duration = Duration::from_secs(5);
const POLL_DEADLINE: Duration = Duration::from_millis(250);
/// The namespace that nonsense is aimed at; the canary lives in another.
const NAMESPACE: &str = "nonsense";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_gets_the_codes_of_the_table_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let start = Start::on(Storage::Sqlite(folder.path().join("aevum.db"))).with(&[
        "--namespace",
        NAMESPACE,
        "--dynamic-config-value",
        "frontend.rps=1000000",
        "--dynamic-config-value",
        "frontend.namespaceRPS=1000000",
    ]);
    let mut server = Server::start(&start).await.unwrap();
    println!("bad-input seed {SEED}");
    let before = canary::run(&server.address).await.unwrap();
    let tokens = victim::tokens(&server.address, NAMESPACE).await.unwrap();

    let channel = server.channel().await.unwrap();
    let methods = methods();
    let mut tally = Tally::default();
    for method in &methods {
        fire(&channel, method, &tokens, &mut tally).await;
        let log = server.log_text();
        assert!(!log.contains("panicked"), "{} made the server panic:\n{log}", method.name());
    }
    println!("bad-input {} RPCs, {} inputs: {:?}", methods.len(), tally.inputs, tally.codes);

    let after = canary::run(&server.address).await.unwrap();
    assert!(tally.forbidden.is_empty(), "seed {SEED}: {:#?}", tally.forbidden);
    assert_eq!(after, before, "the canary's history changed");
    println!("bad-input: the canary completes as before ({} events)", after.len());
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[test]
fn the_table_has_every_public_rpc_once() {
    let mut known: Vec<String> = methods().iter().map(|method| method.name().to_owned()).collect();
    let mut listed: Vec<String> = table::names().map(str::to_owned).collect();
    known.sort();
    listed.sort();
    assert_eq!(listed, known);
    assert_eq!(known.len(), 135);
}

#[derive(Default)]
struct Tally {
    inputs: usize,
    codes: BTreeMap<String, usize>,
    forbidden: Vec<String>,
}

/// All methods of the two public services; those that may take the namespace away come last.
fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let services = ["temporal.api.workflowservice.v1.WorkflowService", "temporal.api.operatorservice.v1.OperatorService"];
    let mut methods: Vec<MethodDescriptor> =
        services.iter().flat_map(|name| pool.get_service_by_name(name).unwrap().methods().collect::<Vec<_>>()).collect();
    methods.sort_by_key(|method| method.name().contains("Namespace"));
    methods
}

/// Calls one RPC with all its inputs.
async fn fire(channel: &Channel, method: &MethodDescriptor, tokens: &[Bytes], tally: &mut Tally) {
    let (service, name) = (method.parent_service().full_name().to_owned(), method.name().to_owned());
    let allowed = table::allowed(&name);
    let deadline = if allowed.contains(&Code::DeadlineExceeded) { POLL_DEADLINE } else { DEADLINE };
    let seed = name.bytes().fold(SEED, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut nonsense = Nonsense::new(Dice::new(seed), tokens.to_vec());
    let mut calls = JoinSet::new();
    for number in 0..INPUTS {
        let body = nonsense.input(number, &method.input());
        let (channel, service, name) = (channel.clone(), service.clone(), name.clone());
        calls.spawn(async move { (number, raw::call(&channel, &service, &name, body, deadline).await) });
        if calls.len() >= AT_ONCE
            && let Some(done) = calls.join_next().await
        {
            tally.note(&name_of(method), allowed, done.unwrap());
        }
    }
    while let Some(done) = calls.join_next().await {
        tally.note(&name_of(method), allowed, done.unwrap());
    }
}

fn name_of(method: &MethodDescriptor) -> String {
    method.name().to_owned()
}

impl Tally {
    fn note(&mut self, name: &str, allowed: &[Code], (number, answer): (usize, Result<Bytes, tonic::Status>)) {
        self.inputs += 1;
        let (code, text) =
            answer.map_or_else(|status| (status.code(), status.message().to_owned()), |_| (Code::Ok, String::new()));
        // Where the client's own clock was faster than the server's answer, the call is CANCELLED.
        let code = if code == Code::Cancelled && text.contains("Timeout expired") { Code::DeadlineExceeded } else { code };
        *self.codes.entry(format!("{code:?}")).or_default() += 1;
        if !allowed.contains(&code) {
            self.forbidden.push(format!("{name}, input {number}: {code:?} {text:.200}"));
        }
    }
}
