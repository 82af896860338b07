//! One program per official SDK, so that one SDK's habits do not hide a mistake.

use acceptance::program;
use acceptance::server::{Server, Start, Storage};

async fn seven(language: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&Start::on(Storage::Sqlite(folder.path().join("aevum.db")))).await.unwrap();
    let address = server.address.clone();
    let report = tokio::task::spawn_blocking(move || program::sdk(language, &address)).await.unwrap();
    let report = report.unwrap_or_else(|error| panic!("{error}\n--- server log:\n{}", server.log_text()));
    let proofs: Vec<&str> = report.text.lines().filter_map(|line| line.strip_prefix("ok ")).collect();
    println!("\nsdk-{language}: {} passed, 0 failed", report.passed);
    println!("sdk-{language} proved {}", proofs.join(", "));
}

#[tokio::test]
async fn the_python_sdk_does_the_seven() {
    seven("python").await;
}

#[tokio::test]
async fn the_typescript_sdk_does_the_seven() {
    seven("typescript").await;
}

#[tokio::test]
async fn the_java_sdk_does_the_seven() {
    seven("java").await;
}

#[tokio::test]
async fn the_rust_sdk_does_the_seven() {
    seven("rust").await;
}
