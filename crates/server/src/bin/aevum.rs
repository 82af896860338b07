//! The one binary: server, every role, and the command line.
fn main() -> std::process::ExitCode {
    server::program::main()
}
