//! The lists against the descriptors: no field is missing or named twice, and what is refused really is.

use bytes::Bytes;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, MethodDescriptor, Value};
use proto::aevum::token::v1::{ActivityTaskToken, QueryTaskToken, WorkflowTaskToken};

use super::{ALL, COMMANDS, Fields, Treatment};
use crate::table::{self, OPERATOR_SERVICE, State, WORKFLOW_SERVICE};
use crate::tests::raw;
use crate::tests::world::{World, world};

fn method(pool: &DescriptorPool, operation: &str) -> (&'static str, MethodDescriptor) {
    let find = |service: &'static str| {
        let descriptor = pool.get_service_by_name(service)?;
        descriptor.methods().find(|method| method.name() == operation).map(|method| (service, method))
    };
    find(WORKFLOW_SERVICE).or_else(|| find(OPERATOR_SERVICE)).expect(operation)
}

#[test]
fn every_field_of_every_built_request_is_in_exactly_one_list() {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let built: Vec<_> = table::all().filter(|(_, rpc)| rpc.state == State::Built).map(|(_, rpc)| rpc.name).collect();
    let mut wrong = Vec::new();
    for operation in &built {
        let rows: Vec<_> = ALL.iter().filter(|fields| fields.operation == *operation).collect();
        let [fields] = rows[..] else {
            wrong.push(format!("{operation} has {} rows", rows.len()));
            continue;
        };
        wrong.extend(offences(fields, &method(&pool, operation).1.input()));
    }
    assert_eq!(ALL.len(), built.len());
    assert_eq!(wrong, Vec::<String>::new());
}

/// What is wrong with a row, by its message's descriptor.
fn offences(fields: &Fields, message: &MessageDescriptor) -> Vec<String> {
    let operation = fields.operation;
    let names: Vec<String> = message.fields().map(|field| field.name().to_owned()).collect();
    let several = names.iter().map(|name| (name, fields.treatments(name).len())).filter(|(_, lists)| *lists != 1);
    let ignored = fields.ignored.iter().map(|(names, _)| *names);
    let listed = fields.refused.iter().map(|(name, _)| *name).chain(ignored).chain([fields.built]);
    let unknown = listed.flat_map(str::split_whitespace).filter(|name| !names.iter().any(|known| known == name));
    several
        .map(|(name, lists)| format!("{operation}.{name} is in {lists} lists"))
        .chain(unknown.map(|name| format!("{operation} has no field {name}")))
        .collect()
}

#[test]
fn every_field_of_every_built_command_is_in_exactly_one_list() {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let find = |name: &str| pool.get_message_by_name(&format!("temporal.api.command.v1.{name}")).expect(name);
    let wrong: Vec<String> = COMMANDS.iter().flat_map(|fields| offences(fields, &find(fields.operation))).collect();
    assert_eq!(wrong, Vec::<String>::new());
    // A command is built where `Command` says so, and then it has a row.
    let command = COMMANDS.iter().find(|fields| fields.operation == "Command").unwrap();
    let whole = find("Command");
    let attributes = whole.fields().filter(|field| field.name().ends_with("_attributes")).filter_map(|field| {
        let built = command.treatments(field.name()) == [Treatment::Built];
        let Kind::Message(message) = field.kind() else { return None };
        built.then(|| message.name().to_owned())
    });
    let rowless: Vec<String> = attributes.filter(|name| !COMMANDS.iter().any(|fields| fields.operation == name)).collect();
    assert_eq!(rowless, Vec::<String>::new());
}

#[tokio::test]
async fn every_refused_field_is_refused_with_its_sentence() {
    let world = world().await;
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let mut refused = 0;
    for fields in ALL {
        let (service, method) = method(&pool, fields.operation);
        for (name, sentence) in fields.refused {
            let field = method.input().get_field_by_name(name).expect(name);
            let mut request = base(&world, &method.input());
            request.set_field(&field, fullest(&field, 3));
            let body = Bytes::from(request.encode_to_vec());
            let status = raw::call(&world.channel, service, fields.operation, body).await.expect_err(fields.operation);
            assert!(status.message().contains(sentence), "{}.{name}: {status:?}", fields.operation);
            assert_eq!(fields.treatments(name), [Treatment::Refused(sentence)]);
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
}

/// A request that gets as far as its fields: a namespace, and a token where it needs one.
fn base(world: &World, descriptor: &MessageDescriptor) -> DynamicMessage {
    let namespace = world.namespaces.by_name("shop").unwrap().reference.id.to_string();
    let mut request = DynamicMessage::new(descriptor.clone());
    request.set_field_by_name("namespace", Value::String("shop".to_owned()));
    let name = descriptor.name();
    if descriptor.get_field_by_name("task_token").is_some() {
        let token = if name.contains("WorkflowTask") {
            WorkflowTaskToken { format: 1, namespace_id: namespace, ..Default::default() }.encode_to_vec()
        } else if name.contains("Query") {
            QueryTaskToken { format: 1, namespace_id: namespace, ..Default::default() }.encode_to_vec()
        } else {
            ActivityTaskToken { format: 1, namespace_id: namespace, ..Default::default() }.encode_to_vec()
        };
        request.set_field_by_name("task_token", Value::Bytes(token.into()));
    }
    request
}

/// A value that is not the default anywhere it can be seen: every bool true, every enum its last value.
fn fullest(field: &FieldDescriptor, depth: usize) -> Value {
    if field.is_map() {
        return Value::Map([(MapKey::String("x".to_owned()), Value::String("x".to_owned()))].into());
    }
    let one = match field.kind() {
        Kind::Bool => Value::Bool(true),
        Kind::String => Value::String("x".to_owned()),
        Kind::Bytes => Value::Bytes(Bytes::from_static(b"x")),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(1),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(1),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(1),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(1),
        Kind::Float => Value::F32(1.0),
        Kind::Double => Value::F64(1.0),
        Kind::Enum(values) => Value::EnumNumber(values.values().map(|value| value.number()).max().unwrap_or_default()),
        Kind::Message(descriptor) => {
            let mut message = DynamicMessage::new(descriptor.clone());
            if depth > 0 {
                for inner in descriptor.fields().filter(|inner| !inner.is_map()) {
                    message.set_field(&inner, fullest(&inner, depth - 1));
                }
            }
            Value::Message(message)
        }
    };
    if field.is_list() { Value::List(vec![one]) } else { one }
}
