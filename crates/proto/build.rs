//! Generates Rust from the public `.proto` files that the pinned `temporalio-protos` crate ships, and from our own in
//! `proto/`. No `protoc`: protox compiles. Why not that crate itself: it would bring 19 more crates and loses the HTTP
//! annotations that the gateway and reflection need.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

/// The files whose closure is the public API.
const PUBLIC_ROOTS: &[&str] = &[
    "temporal/api/workflowservice/v1/service.proto",
    "temporal/api/operatorservice/v1/service.proto",
    "temporal/api/errordetails/v1/message.proto",
    "temporal/api/sdk/v1/workflow_metadata.proto",
    "google/rpc/status.proto",
];

/// Large and rare, inside of what is moved a lot: on the heap. An event is 1,928 bytes otherwise, a run's state 5,296.
const BOXED: &[&str] = &[
    ".temporal.api.history.v1.HistoryEvent.attributes.workflow_execution_started_event_attributes",
    ".temporal.api.history.v1.HistoryEvent.attributes.workflow_execution_continued_as_new_event_attributes",
    ".temporal.api.history.v1.HistoryEvent.attributes.start_child_workflow_execution_initiated_event_attributes",
    ".aevum.persistence.v1.RunState.started_event",
    ".aevum.persistence.v1.RunState.close_event",
    ".aevum.persistence.v1.Activity.scheduled_event",
    ".aevum.persistence.v1.Child.initiated_event",
    ".aevum.persistence.v1.ExternalSignal.initiated_event",
    ".aevum.persistence.v1.ExternalCancel.initiated_event",
    ".aevum.persistence.v1.EventBuffered.event",
];

/// Our own services, below `proto/`: between the processes of a cluster, so no public port describes them.
const SERVICE_ROOTS: &[&str] = &["aevum/history/v1/service.proto", "aevum/matching/v1/service.proto"];

/// Our own messages, below `proto/`.
const INTERNAL_ROOTS: &[&str] = &["aevum/persistence/v1/record.proto", "aevum/token/v1/token.proto"];

fn main() {
    if let Err(error) = generate() {
        println!("cargo::error={error}; if the .proto files are missing, run `cargo fetch --locked` while online");
        std::process::exit(1);
    }
}

fn generate() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.toml");
    println!("cargo::rerun-if-env-changed=TEMPORAL_API_PROTOS");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let internal = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", internal.display());
    let public = public_protos()?;
    let includes = [public.join("api_upstream"), public.join("grpc"), public, internal];
    let mut compiler = protox::Compiler::new(includes.iter().filter(|dir| dir.is_dir()))?;
    compiler.include_imports(true).include_source_info(false);
    for root in PUBLIC_ROOTS.iter().chain(INTERNAL_ROOTS) {
        compiler.open_file(root)?;
    }
    // The encoded form keeps extensions such as google.api.http, which the decoded one loses.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    for root in SERVICE_ROOTS {
        compiler.open_file(root)?;
    }
    let set = compiler.file_descriptor_set();
    let mut prost = tonic_prost_build::Config::new();
    prost.enable_type_names();
    for path in BOXED {
        prost.boxed(path);
    }
    let grpc = env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .build_client(grpc)
        .build_server(grpc)
        .build_transport(false)
        .generate_default_stubs(true)
        .bytes(".")
        .btree_map(".")
        .include_file("mod.rs")
        .compile_fds_with_config(set, prost)?;
    Ok(())
}

/// The folder of public `.proto` files: `TEMPORAL_API_PROTOS`, or the source of the pinned crate as cargo unpacked it.
fn public_protos() -> Result<PathBuf, Failure> {
    if let Some(dir) = env::var_os("TEMPORAL_API_PROTOS") {
        return Ok(PathBuf::from(dir));
    }
    // A plain build does not download crates for `cfg(any())`, so the offline question may fail on a fresh machine.
    let metadata = cargo_metadata(&["--offline"]).or_else(|_| cargo_metadata(&[]))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "temporalio-protos")
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("the temporalio-protos crate is not in Cargo.lock")?;
    let protos = Path::new(manifest).parent().ok_or("odd manifest path")?.join("protos");
    if protos.is_dir() { Ok(protos) } else { Err(format!("{} is missing", protos.display()).into()) }
}

fn cargo_metadata(extra: &[&str]) -> Result<serde_json::Value, Failure> {
    let manifest = format!("{}/Cargo.toml", env::var("CARGO_MANIFEST_DIR")?);
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--locked", "--format-version=1", "--manifest-path", &manifest])
        .args(extra)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let value: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let present = value["packages"].as_array().into_iter().flatten().any(|package| {
        package["name"] == "temporalio-protos" && package["manifest_path"].as_str().is_some_and(|path| Path::new(path).exists())
    });
    if present { Ok(value) } else { Err("temporalio-protos is not unpacked yet".into()) }
}
