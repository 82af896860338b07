//! The internal-worker role in a process of its own.
fn main() -> std::process::ExitCode {
    server::program::lone_role("internal-worker")
}
