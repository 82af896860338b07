//! Every public RPC is called over a connection and compared with the table.

use std::collections::BTreeSet;

use bytes::Bytes;
use prost_reflect::DescriptorPool;
use tonic::Code;

use super::raw;
use super::world::world;
use crate::table::{self, OPERATOR_SERVICE, State, WORKFLOW_SERVICE};

#[test]
fn the_table_names_every_public_rpc_and_nothing_else() {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let mut published = BTreeSet::new();
    for service in [WORKFLOW_SERVICE, OPERATOR_SERVICE] {
        let descriptor = pool.get_service_by_name(service).unwrap();
        published.extend(descriptor.methods().map(|method| (service, method.name().to_owned())));
    }
    let listed: BTreeSet<_> = table::all().map(|(service, rpc)| (service, rpc.name.to_owned())).collect();
    assert_eq!(listed, published);
    assert_eq!(table::all().count(), 135);
}

#[tokio::test]
async fn every_public_rpc_answers_as_the_table_says() {
    let world = world().await;
    let mut called = 0;
    for (service, rpc) in table::all() {
        let answer = raw::call(&world.channel, service, rpc.name, Bytes::new()).await;
        match rpc.state {
            State::NotBuilt(sentence) => {
                let status = answer.expect_err(rpc.name);
                assert_eq!(status.code(), Code::Unimplemented, "{}", rpc.name);
                let text = format!("unknown method {} for service {service}: {sentence}", rpc.name);
                assert_eq!(status.message(), text);
            }
            State::Built => {
                let code = answer.err().map_or(Code::Ok, |status| status.code());
                assert!(matches!(code, Code::Ok | Code::InvalidArgument), "{} answers {code:?}", rpc.name);
            }
        }
        called += 1;
    }
    assert_eq!(called, 135);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_words_that_sdks_look_for() {
    let world = world().await;
    for (service, method, text) in [
        (WORKFLOW_SERVICE, "Nonsense", format!("unknown method Nonsense for service {WORKFLOW_SERVICE}")),
        ("some.Service", "Nonsense", "unknown service some.Service".to_owned()),
    ] {
        let status = raw::call(&world.channel, service, method, Bytes::new()).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Unimplemented, text.as_str()));
    }
}
