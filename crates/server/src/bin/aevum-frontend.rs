//! The frontend role in a process of its own.
fn main() -> std::process::ExitCode {
    server::program::lone_role("frontend")
}
