//! What a process costs, as the kernel counts it.

use std::time::Duration;

use anyhow::Context;

/// Clock ticks per second; fixed on Linux, whatever the kernel ticks by.
const TICKS_PER_S: u64 = 100;

/// Resident memory in bytes.
///
/// # Errors
/// Where there is no such process.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

/// CPU time so far, user and system.
///
/// # Errors
/// Where there is no such process.
pub fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold spaces.
    let (_, fields) = stat.rsplit_once(')').context("odd stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_S))
}

/// CPU time used while `window` passes.
///
/// # Errors
/// Where the process ends.
pub async fn cpu_until(pid: u32, window: Duration) -> anyhow::Result<Duration> {
    let before = cpu_time(pid)?;
    tokio::time::sleep(window).await;
    Ok(cpu_time(pid)? - before)
}
