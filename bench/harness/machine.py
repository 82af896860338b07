"""What the numbers were taken on, and what the kernel says about a process."""

import os
import pathlib

MIB = 1024 * 1024


def describe():
    """Processor, cores, memory and how busy the machine already was; no names."""
    models = [
        line.split(":", 1)[1].strip()
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": models[0] if models else os.uname().machine,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / MIB / 1024, 1),
        "kernel": os.uname().release.split("-")[0],
        "load_before": load_average(),
    }


def load_average():
    return round(os.getloadavg()[0], 2)


def cpu_seconds(pid):
    """User and system time that a process has used so far."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 1 :].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid, field):
    """VmRSS (now) or VmHWM (the most so far) of a process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc/{pid}/status has no {field}")
