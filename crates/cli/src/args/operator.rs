//! `operator ...`: namespaces, search attributes, the cluster.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use proto::temporal::api::enums::v1::{ArchivalState, IndexedValueType, ReplicationState};

use super::connection::ConnectionArgs;
use super::duration;
use super::pairs::{Text, text};

/// The group `operator`.
#[derive(Debug, Args)]
pub struct OperatorArgs {
    /// What to look after
    #[command(subcommand)]
    pub area: OperatorArea,
    /// Where
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What an operator looks after.
#[derive(Debug, Subcommand)]
pub enum OperatorArea {
    /// Namespaces
    #[command(subcommand)]
    Namespace(NamespaceVerb),
    /// Custom search attributes
    #[command(subcommand)]
    SearchAttribute(SearchAttributeVerb),
    /// The cluster itself
    #[command(subcommand)]
    Cluster(ClusterVerb),
}

/// The verbs of `operator namespace`.
#[derive(Debug, Subcommand)]
pub enum NamespaceVerb {
    /// Register a namespace
    Create(Box<CreateNamespaceArgs>),
    /// Show a namespace
    Describe(DescribeNamespaceArgs),
    /// List the namespaces
    List,
    /// Change a namespace; what is not given stays
    Update(Box<UpdateNamespaceArgs>),
}

/// Where archives are on and where they lie; shared by create and update.
#[derive(Debug, Clone, Default, Args)]
pub struct ArchivalArgs {
    /// Whether closed histories are archived
    #[arg(long, value_enum, value_name = "STATE")]
    pub history_archival_state: Option<OnOff>,
    /// Where to
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URI")]
    pub history_uri: String,
    /// Whether visibility rows of closed executions are archived
    #[arg(long, value_enum, value_name = "STATE")]
    pub visibility_archival_state: Option<OnOff>,
    /// Where to
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URI")]
    pub visibility_uri: String,
}

/// Arguments of `operator namespace create`.
#[derive(Debug, Clone, Default, Args)]
pub struct CreateNamespaceArgs {
    /// Its name, instead of --namespace
    pub name: Option<String>,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub description: String,
    /// Whom to write to about it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ADDRESS")]
    pub email: String,
    /// How long closed executions are kept
    #[arg(long, value_parser = duration::parse, default_value = "72h", value_name = "DURATION")]
    pub retention: Duration,
    /// A word of your own about it (repeatable)
    #[arg(long, value_parser = text, value_name = "KEY=VALUE")]
    pub data: Vec<Text>,
    /// Replicate it to other clusters
    #[arg(long)]
    pub global: bool,
    /// A cluster it lives in (repeatable)
    #[arg(long, value_name = "NAME")]
    pub cluster: Vec<String>,
    /// The cluster where it is active
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub active_cluster: String,
    /// Archives
    #[command(flatten)]
    pub archival: ArchivalArgs,
}

/// Arguments of `operator namespace describe`.
#[derive(Debug, Clone, Args)]
pub struct DescribeNamespaceArgs {
    /// Its name, instead of --namespace
    #[arg(conflicts_with = "namespace_id")]
    pub name: Option<String>,
    /// Its id, instead of a name
    #[arg(long, value_name = "ID")]
    pub namespace_id: Option<String>,
}

/// Arguments of `operator namespace update`.
#[derive(Debug, Clone, Default, Args)]
pub struct UpdateNamespaceArgs {
    /// Its name, instead of --namespace
    pub name: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Whom to write to about it
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// How long closed executions are kept
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    pub retention: Option<Duration>,
    /// A word of your own about it (repeatable)
    #[arg(long, value_parser = text, value_name = "KEY=VALUE")]
    pub data: Vec<Text>,
    /// Make it active in this cluster; nothing else changes
    #[arg(long, value_name = "NAME", conflicts_with = "promote_global")]
    pub active_cluster: Option<String>,
    /// A cluster it lives in (repeatable)
    #[arg(long, value_name = "NAME")]
    pub cluster: Vec<String>,
    /// Make a local namespace global; nothing else changes
    #[arg(long)]
    pub promote_global: bool,
    /// State of its replication
    #[arg(long, value_enum, value_name = "STATE")]
    pub replication_state: Option<Replication>,
    /// Archives
    #[command(flatten)]
    pub archival: ArchivalArgs,
}

/// Whether something is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// On
    Enabled,
    /// Off
    Disabled,
}

impl From<OnOff> for ArchivalState {
    fn from(state: OnOff) -> Self {
        match state {
            OnOff::Enabled => Self::Enabled,
            OnOff::Disabled => Self::Disabled,
        }
    }
}

/// State of a namespace's replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Replication {
    /// As usual
    Normal,
    /// About to move to another cluster
    Handover,
}

impl From<Replication> for ReplicationState {
    fn from(state: Replication) -> Self {
        match state {
            Replication::Normal => Self::Normal,
            Replication::Handover => Self::Handover,
        }
    }
}

/// The verbs of `operator search-attribute`.
#[derive(Debug, Subcommand)]
pub enum SearchAttributeVerb {
    /// Register search attributes: as many --type as --name, in the same order
    Create(CreateSearchAttributeArgs),
    /// List system and custom search attributes
    List,
    /// Remove custom search attributes
    Remove(RemoveSearchAttributeArgs),
}

/// Arguments of `operator search-attribute create`.
#[derive(Debug, Clone, Args)]
pub struct CreateSearchAttributeArgs {
    /// Its name (repeatable)
    #[arg(long, required = true, value_name = "NAME")]
    pub name: Vec<String>,
    /// Its type (repeatable)
    #[arg(long = "type", required = true, value_enum, ignore_case = true, value_name = "TYPE")]
    pub types: Vec<AttributeType>,
}

/// Arguments of `operator search-attribute remove`.
#[derive(Debug, Clone, Args)]
pub struct RemoveSearchAttributeArgs {
    /// Its name (repeatable)
    #[arg(long, required = true, value_name = "NAME")]
    pub name: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// Types of search attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum AttributeType {
    /// Words to search in
    Text,
    /// An exact string
    Keyword,
    /// A whole number
    Int,
    /// A number
    Double,
    /// True or false
    Bool,
    /// A moment
    Datetime,
    /// Several exact strings
    KeywordList,
}

impl From<AttributeType> for IndexedValueType {
    fn from(kind: AttributeType) -> Self {
        match kind {
            AttributeType::Text => Self::Text,
            AttributeType::Keyword => Self::Keyword,
            AttributeType::Int => Self::Int,
            AttributeType::Double => Self::Double,
            AttributeType::Bool => Self::Bool,
            AttributeType::Datetime => Self::Datetime,
            AttributeType::KeywordList => Self::KeywordList,
        }
    }
}

/// The verbs of `operator cluster`.
#[derive(Debug, Subcommand)]
pub enum ClusterVerb {
    /// Ask whether the cluster serves
    Health,
    /// Show the server's version and what it can do
    System,
    /// Show the cluster's name, stores and size
    Describe(DescribeClusterArgs),
}

/// Arguments of `operator cluster describe`.
#[derive(Debug, Clone, Args)]
pub struct DescribeClusterArgs {
    /// Also show shards and versions
    #[arg(long)]
    pub detail: bool,
}
