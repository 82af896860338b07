//! The article's programs, in Go, on every storage.

use acceptance::program;
use acceptance::server::{Server, Start, Storage};

async fn on(storage: Storage) {
    let mut server = Server::start(&Start::on(storage)).await.unwrap();
    let address = server.address.clone();
    let report = tokio::task::spawn_blocking(move || program::go_tests(&address, None)).await.unwrap();
    let report = report.unwrap_or_else(|error| panic!("{error}\n--- server log:\n{}", server.log_text()));
    println!("\nprograms: {} passed, 0 failed", report.passed);
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn the_articles_programs_run_in_memory() {
    on(Storage::Memory).await;
}

#[tokio::test]
async fn the_articles_programs_run_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    on(Storage::Sqlite(folder.path().join("aevum.db"))).await;
}
