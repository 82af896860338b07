//! Requests that nobody should send, made from the descriptor of the request.

use acceptance::dice::Dice;
use bytes::Bytes;
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use super::{NAMESPACE, victim};

const DEEPEST: usize = 6;
const LARGE: usize = 10 << 20;

const QUERIES: &[&str] = &[
    "",
    "=",
    "((((((((((",
    "WorkflowId",
    "WorkflowId = ",
    "WorkflowId = 'a' AND",
    "WorkflowId = \"a' OR 1=1; DROP TABLE visibility; --",
    "NoSuchAttribute = 1",
    "StartTime > 'yesterday'",
    "StartTime BETWEEN '9999999999999999999' AND -1",
    "ExecutionStatus IN ()",
    "ExecutionStatus = 99",
    "GROUP BY GROUP BY",
    "GROUP BY WorkflowType",
    "WorkflowType STARTS_WITH NULL",
    "CloseTime IS NOT NOT NULL",
    "ExecutionDuration = '1000000000000h'",
    "NOT NOT NOT NOT WorkflowId = 'a'",
    "WorkflowId = 'a' ORDER BY RunId LIMIT 5",
    "\u{0}",
    "WorkflowId = '\u{1F980}\u{202e}'",
];

const CRONS: &[&str] =
    &["* * *", "61 * * * *", "@every -5s", "@every 1ns", "@every 99999999999h", "CRON_TZ=Nowhere/At_All * * * * *"];

/// Fields that are refused before the rest is looked at: set seldom, so that the rest is looked at.
const REFUSED: &[&str] = &[
    "api_mode",
    "completion_callbacks",
    "config",
    "delete_bad_binary",
    "deployment_options",
    "history_archival_state",
    "history_archival_uri",
    "messages",
    "page_number",
    "promote_namespace",
    "report_task_reachability",
    "task_queue_types",
    "time_skipping_config",
    "versioning_behavior",
    "versioning_override",
    "versions",
    "visibility_archival_state",
    "visibility_archival_uri",
    "worker_version_capabilities",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "default-not",
    "/_sys/queue/1",
    "__temporal_system",
    "temporal-sys-batch",
    "../../etc/passwd",
    "a\u{0}b",
    "\u{202e}\u{1F980}\u{0301}",
    "00000000-0000-0000-0000-000000000000",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "-1",
    "%s%n%x",
    "<script>",
    victim::WORKFLOW,
    "victim-2",
    victim::ACTIVITY,
    victim::QUEUE,
];

/// Makes inputs; the same dice, the same inputs.
pub(super) struct Nonsense {
    dice: Dice,
    tokens: Vec<Bytes>,
    /// A field is left out in one of so many cases.
    sparse: usize,
}

impl Nonsense {
    pub(super) fn new(dice: Dice, tokens: Vec<Bytes>) -> Self {
        Self { dice, tokens, sparse: 3 }
    }

    /// The body of this input. The first ones are no messages or broken ones; the last are too large.
    pub(super) fn input(&mut self, number: usize, request: &MessageDescriptor) -> Bytes {
        self.sparse = 1 + number % 6;
        match number {
            0 => Bytes::new(),
            1..=7 => {
                let length = self.dice.below(1 << (2 * number));
                self.dice.bytes(length).into()
            }
            8 => nested(200).into(),
            9 | 10 => self.broken(request),
            // Enough for every RPC to see one; more would only take time.
            11 => self.large(request),
            _ => self.message(request, 0).encode_to_vec().into(),
        }
    }

    /// A message cut off, or with a bit turned.
    fn broken(&mut self, request: &MessageDescriptor) -> Bytes {
        let mut body = self.message(request, 0).encode_to_vec();
        let at = self.dice.below(body.len());
        if self.dice.one_in(2) {
            body.truncate(at);
        } else if let Some(byte) = body.get_mut(at) {
            *byte ^= 1 << self.dice.below(8);
        }
        body.into()
    }

    /// 10 MB more than any field should have: in a field of the message where it has one, else in an unknown one.
    fn large(&mut self, request: &MessageDescriptor) -> Bytes {
        let mut message = self.message(request, 0);
        let text = request.fields().find(|field| matches!(field.kind(), Kind::String) && !field.is_list() && !field.is_map());
        if let Some(field) = text.filter(|_| self.dice.one_in(2)) {
            message.set_field(&field, Value::String("x".repeat(LARGE)));
            return message.encode_to_vec().into();
        }
        let mut body = message.encode_to_vec();
        prost::encoding::bytes::encode(15_000, &vec![0x5a_u8; LARGE], &mut body);
        body.into()
    }

    fn message(&mut self, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        match descriptor.full_name() {
            "google.protobuf.Duration" | "google.protobuf.Timestamp" => self.time(&mut message),
            _ => {
                for field in descriptor.fields() {
                    if !self.leaves_out(&field, depth) {
                        let value = self.field(&field, depth);
                        message.set_field(&field, value);
                    }
                }
            }
        }
        message
    }

    fn leaves_out(&mut self, field: &FieldDescriptor, depth: usize) -> bool {
        let deep = depth >= DEEPEST && matches!(field.kind(), Kind::Message(_));
        let names = field.name() == "namespace" && depth == 0;
        let refused = depth == 0 && REFUSED.contains(&field.name()) && !self.dice.one_in(8);
        deep || refused || (self.dice.one_in(self.sparse.max(2)) && !names) || (depth > 2 && self.dice.one_in(2))
    }

    fn field(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        let count = self.dice.below(4);
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else { return Value::Map(Default::default()) };
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            let pairs = (0..count).map(|_| {
                let key = match key.kind() {
                    Kind::String => MapKey::String(self.text("")),
                    Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => MapKey::I32(self.dice.number() as i32),
                    Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => MapKey::I64(self.dice.number() as i64),
                    Kind::Uint32 | Kind::Fixed32 => MapKey::U32(self.dice.number() as u32),
                    Kind::Uint64 | Kind::Fixed64 => MapKey::U64(self.dice.number()),
                    _ => MapKey::Bool(self.dice.one_in(2)),
                };
                (key, self.value(&value, depth))
            });
            return Value::Map(pairs.collect());
        }
        if field.is_list() {
            return Value::List((0..count).map(|_| self.value(field, depth)).collect());
        }
        self.value(field, depth)
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            Kind::Double => Value::F64(*self.dice.pick(&[0.0, -1.0, f64::NAN, f64::INFINITY, 1e308, 0.5]).unwrap_or(&0.0)),
            Kind::Float => Value::F32(*self.dice.pick(&[0.0, -1.0, f32::NAN, f32::INFINITY, 0.5]).unwrap_or(&0.0)),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.integer() as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.integer()),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.integer() as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.integer() as u64),
            Kind::Bool => Value::Bool(self.dice.one_in(2)),
            Kind::String => Value::String(self.text(field.name())),
            Kind::Bytes => Value::Bytes(self.token()),
            Kind::Enum(descriptor) => {
                let known = descriptor.values().count();
                let number = if self.dice.one_in(4) { self.integer() as i32 } else { self.dice.below(known + 1) as i32 };
                Value::EnumNumber(number)
            }
            Kind::Message(descriptor) => Value::Message(self.message(&descriptor, depth + 1)),
        }
    }

    fn integer(&mut self) -> i64 {
        *self.dice.pick(&[0, 1, -1, 2, 1000, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN]).unwrap_or(&0)
    }

    /// Seconds and nanoseconds.
    fn time(&mut self, message: &mut DynamicMessage) {
        let seconds = *self.dice.pick(&[0, 1, -1, 3600, 315_576_000_001, -315_576_000_001, i64::MAX, i64::MIN]).unwrap_or(&0);
        let nanos = *self.dice.pick(&[0, 0, 0, 1, -1, 999_999_999, 2_000_000_000, i32::MIN]).unwrap_or(&0);
        message.set_field_by_name("seconds", Value::I64(seconds));
        message.set_field_by_name("nanos", Value::I32(nanos));
    }

    fn text(&mut self, field: &str) -> String {
        let pool = match field {
            "namespace" if !self.dice.one_in(6) => return NAMESPACE.to_owned(),
            "workflow_id" | "name" if self.dice.one_in(2) => &TEXTS[TEXTS.len() - 4..],
            "query" => QUERIES,
            "cron_schedule" => CRONS,
            _ => TEXTS,
        };
        if self.dice.one_in(12) {
            return "x".repeat(1001 + self.dice.below(20_000));
        }
        // Never the canary's namespace.
        self.dice.pick(pool).map(|text| (*text).to_owned()).unwrap_or_default()
    }

    /// A real token, a broken one, or bytes.
    fn token(&mut self) -> Bytes {
        let token = self.dice.pick(&self.tokens).cloned().unwrap_or_default();
        match self.dice.below(5) {
            0 => token,
            1 => token.slice(..self.dice.below(token.len())),
            2 => {
                let mut bytes = token.to_vec();
                let at = self.dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.dice.below(8);
                }
                bytes.into()
            }
            _ => {
                let length = self.dice.below(300);
                self.dice.bytes(length).into()
            }
        }
    }
}

/// A message in a message in a message, in field 1.
fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| {
        let mut outer = Vec::new();
        prost::encoding::bytes::encode(1, &inner, &mut outer);
        outer
    })
}
