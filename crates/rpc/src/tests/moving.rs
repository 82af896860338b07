//! Owners that change, refuse, fall silent and die.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use membership::{Member, Role, Sight, View};
use model::MemberId;
use proto::temporal::api::enums::v1::ResourceExhaustedCause;
use proto::temporal::api::workflowservice::v1 as api;
use tokio::time::Instant;
use uuid::Uuid;

use super::fakes::Fake;
use super::filled::filled;
use super::world::{Host, chain, context, namespace};
use crate::clients::HistoryClient;
use crate::remote::{RemoteHistory, channel};
use crate::services::History;
use crate::{Context, Error};

fn id(n: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(n))
}

fn member(n: u128, address: &str, draining: bool) -> Member {
    Member { id: id(n), services: BTreeMap::from([(Role::History, address.to_owned())]), draining }
}

/// A client in a process without a history service, and its view.
fn client(members: Vec<Member>) -> (HistoryClient, Arc<View>) {
    let view = Arc::new(View::joining(id(99)));
    view.replace(Sight::of(members, 1, Instant::now()));
    (HistoryClient::new(view.clone()), view)
}

#[tokio::test]
async fn a_call_follows_its_chain_to_the_new_owner() {
    let (old, new) = (Host::serve(Fake::new(), 100).await, Host::serve(Fake::new(), 100).await);
    *old.fake.error.lock() = Some(Error::Moved(Some(id(2))));
    let members = vec![member(1, &old.address.to_string(), false), member(2, &new.address.to_string(), true)];
    let (client, _) = client(members);
    let owner = client.owner(&chain()).unwrap();
    owner.workflow_task_completed(&context(), &namespace(), filled()).await.unwrap();
    assert_eq!((old.fake.take().len(), new.fake.take().len()), (1, 1));
}

#[tokio::test]
async fn a_call_waits_for_an_owner_and_goes_to_it_as_soon_as_it_is_seen() {
    let (client, view) = client(Vec::new());
    let (context, about) = (context(), namespace());
    let owner = client.owner(&chain()).unwrap();
    let call = owner.describe_workflow(&context, &about, api::DescribeWorkflowExecutionRequest::default());
    let come = async {
        tokio::task::yield_now().await;
        let host = Host::serve(Fake::new(), 100).await;
        view.replace(Sight::of([member(1, &host.address.to_string(), false)], 1, Instant::now()));
        host
    };
    let (answer, host) = tokio::join!(call, come);
    answer.unwrap();
    assert_eq!(host.fake.take().len(), 1);
}

#[tokio::test]
async fn a_dead_owner_is_suspected_and_calls_that_never_left_go_to_its_heir() {
    let heir = Host::serve(Fake::new(), 100).await;
    // Nobody else listens on this address, whichever ports other tests get.
    let dead = tokio::net::TcpListener::bind("127.91.0.1:0").await.unwrap();
    let address = dead.local_addr().unwrap().to_string();
    let (client, view) = client(vec![member(1, &address, false)]);
    drop(dead);
    let (context, about) = (context(), namespace());
    let owner = client.owner(&chain()).unwrap();
    let call = owner.workflow_task_completed(&context, &about, filled());
    let inherit = async {
        while view.take_suspects().is_empty() {
            tokio::task::yield_now().await;
        }
        view.replace(Sight::of([member(2, &heir.address.to_string(), false)], 1, Instant::now()));
    };
    let both = async { tokio::join!(call, inherit) };
    let (answer, ()) = tokio::time::timeout(Duration::from_secs(60), both).await.expect("nobody was suspected");
    answer.unwrap();
    assert_eq!(heir.fake.take().len(), 1);
}

#[tokio::test]
async fn a_call_whose_host_dies_is_of_unknown_outcome() {
    let host = Host::serve(Arc::new(Fake { asleep: true, ..Fake::default() }), 100).await;
    let remote = RemoteHistory::new(channel(&host.address.to_string()).unwrap());
    let (context, about) = (context(), namespace());
    let fake = host.fake.clone();
    let call = remote.terminate_workflow(&context, &about, filled(), None);
    let die = async {
        while fake.known.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(host);
    };
    let (answer, ()) = tokio::join!(call, die);
    assert!(matches!(answer, Err(Error::Lost(_))), "{answer:?}");
}

#[tokio::test]
async fn a_call_ends_with_its_time() {
    let host = Host::serve(Arc::new(Fake { asleep: true, ..Fake::default() }), 100).await;
    let remote = RemoteHistory::new(channel(&host.address.to_string()).unwrap());
    let short = Context::within(Duration::from_millis(50));
    let answer = remote.describe_workflow(&short, &namespace(), filled()).await;
    assert!(matches!(answer, Err(Error::DeadlineExceeded(_))), "{answer:?}");
}

#[tokio::test]
async fn a_host_with_too_many_calls_refuses_more_but_not_polls() {
    let host = Host::serve(Fake::new(), 0).await;
    let remote = RemoteHistory::new(channel(&host.address.to_string()).unwrap());
    let answer = remote.describe_workflow(&context(), &namespace(), filled()).await;
    let Err(Error::ResourceExhausted { cause, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(cause, ResourceExhaustedCause::SystemOverloaded);
    remote.get_history(&context(), &namespace(), filled()).await.unwrap();
}
