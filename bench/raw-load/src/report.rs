//! What a run prints (the same fields as go-load's), and where its numbers come from.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// Clock ticks of `/proc` in a second; fixed on Linux.
const TICKS_PER_S: f64 = 100.0;

/// One run's numbers.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) client: &'static str,
    pub(crate) activities: u32,
    pub(crate) concurrency: u64,
    /// Completed.
    pub(crate) workflows: u64,
    pub(crate) errors: u64,
    /// Calls of the worker half that failed; the server's retries may still have completed the workflow.
    pub(crate) worker_errors: u64,
    pub(crate) elapsed_s: f64,
    pub(crate) workflows_per_s: f64,
    pub(crate) start_p50_ms: f64,
    pub(crate) start_p99_ms: f64,
    pub(crate) e2e_p50_ms: f64,
    pub(crate) e2e_p99_ms: f64,
    pub(crate) server_cpu_s_per_1000: f64,
    pub(crate) client_cpu_s_per_1000: f64,
}

/// What parking printed.
#[derive(Serialize)]
pub(crate) struct Parked {
    pub(crate) parked: u64,
    pub(crate) elapsed_s: f64,
    pub(crate) parked_per_s: f64,
}

/// Percentile by nearest rank, in milliseconds; sorts the samples.
pub(crate) fn percentile(samples: &mut [Duration], percent: usize) -> f64 {
    samples.sort_unstable();
    let rank = (samples.len() * percent).div_ceil(100).max(1);
    samples.get(rank - 1).map_or(0.0, |sample| sample.as_secs_f64() * 1e3)
}

/// User and system seconds that a process has used; none for no process.
pub(crate) fn cpu_seconds(process: Option<u32>) -> Result<f64> {
    process.map_or(Ok(0.0), |pid| cpu_of(&pid.to_string()))
}

/// User and system seconds of this process.
pub(crate) fn own_cpu_seconds() -> Result<f64> {
    cpu_of("self")
}

fn cpu_of(process: &str) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    // The command, in parentheses, may hold spaces; what follows it may not. utime and stime are fields 14 and 15.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>().with_context(|| format!("{path} holds no CPU time"))? / TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_by_nearest_rank() {
        let mut samples: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut samples, 50), 100.0);
        assert_eq!(percentile(&mut samples, 99), 198.0);
        assert_eq!(percentile(&mut samples[..1], 99), 1.0);
        assert_eq!(percentile(&mut [], 50), 0.0);
    }

    #[test]
    fn own_cpu_time_is_read_and_grows() {
        let before = own_cpu_seconds().unwrap();
        let mut n = 0_u64;
        while own_cpu_seconds().unwrap() <= before {
            n = n.wrapping_add(1);
        }
        assert!(n > 0);
    }
}
