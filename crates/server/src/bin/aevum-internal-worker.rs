//! The internal-worker role in a process of its own.

/// Less than half the instructions of the C library's for what a call allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::program::lone_role("aevum-internal-worker", server::args::RoleName::Worker)
}
