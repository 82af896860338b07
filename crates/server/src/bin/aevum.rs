//! The one binary: server, every role, and the command line.

/// Less than half the instructions of the C library's for what a call allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::program::main()
}
