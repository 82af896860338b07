"""Turns a run's numbers into the Markdown of bench/README.md."""

import statistics

BEGIN, END = "<!-- numbers: begin -->", "<!-- numbers: end -->"


def at_most(bound, unit=""):
    return (f"at most {bound}{unit}", lambda ours, theirs: ours <= bound)


def of_theirs(text, bound):
    return (text, lambda ours, theirs: None if theirs is None else ours <= theirs * bound)


def times_theirs(bound):
    return (f"at least {bound} x", lambda ours, theirs: None if theirs is None else ours >= theirs * bound)


# Label, path into a visit, decimals, target. Targets are the project's own, against Temporal in the same mode.
ROWS = [
    ("**Go SDK, alone (1 at a time), 1 activity**",),
    ("start p50, ms", "loads.go-alone.start_p50_ms", 1),
    ("start p99, ms", "loads.go-alone.start_p99_ms", 1),
    ("end to end p50, ms", "loads.go-alone.e2e_p50_ms", 1, at_most(8)),
    ("end to end p99, ms", "loads.go-alone.e2e_p99_ms", 1, at_most(30)),
    ("**Go SDK, 50 at once, 1 activity**",),
    ("workflows per second", "loads.go-1.workflows_per_s", 0),
    ("start p50, ms", "loads.go-1.start_p50_ms", 1),
    ("start p99, ms", "loads.go-1.start_p99_ms", 1),
    ("end to end p50, ms", "loads.go-1.e2e_p50_ms", 1),
    ("end to end p99, ms", "loads.go-1.e2e_p99_ms", 1),
    ("server CPU s per 1,000", "loads.go-1.server_cpu_s_per_1000", 2, of_theirs("at most 1/20", 1 / 20)),
    ("client CPU s per 1,000", "loads.go-1.client_cpu_s_per_1000", 2),
    ("**Go SDK, 50 at once, 10 activities**",),
    ("workflows per second", "loads.go-10.workflows_per_s", 1),
    ("end to end p50, ms", "loads.go-10.e2e_p50_ms", 1),
    ("end to end p99, ms", "loads.go-10.e2e_p99_ms", 1),
    ("server CPU s per 1,000", "loads.go-10.server_cpu_s_per_1000", 2, of_theirs("at most 1/20", 1 / 20)),
    ("**Raw client, alone (1 at a time), 1 activity**",),
    ("start p50, ms", "loads.raw-alone.start_p50_ms", 2),
    ("start p99, ms", "loads.raw-alone.start_p99_ms", 2),
    ("end to end p50, ms", "loads.raw-alone.e2e_p50_ms", 2),
    ("end to end p99, ms", "loads.raw-alone.e2e_p99_ms", 2),
    ("**Raw client, 50 at once, 1 activity**",),
    ("workflows per second", "loads.raw-1.workflows_per_s", 0, times_theirs(10)),
    ("start p50, ms", "loads.raw-1.start_p50_ms", 1),
    ("start p99, ms", "loads.raw-1.start_p99_ms", 1),
    ("end to end p50, ms", "loads.raw-1.e2e_p50_ms", 1, of_theirs("at most 1/4", 1 / 4)),
    ("end to end p99, ms", "loads.raw-1.e2e_p99_ms", 1, of_theirs("at most 1/4", 1 / 4)),
    ("server CPU s per 1,000", "loads.raw-1.server_cpu_s_per_1000", 2),
    ("client CPU s per 1,000", "loads.raw-1.client_cpu_s_per_1000", 2),
    ("**Raw client, 50 at once, 10 activities**",),
    ("workflows per second", "loads.raw-10.workflows_per_s", 1),
    ("end to end p50, ms", "loads.raw-10.e2e_p50_ms", 1),
    ("end to end p99, ms", "loads.raw-10.e2e_p99_ms", 1),
    ("server CPU s per 1,000", "loads.raw-10.server_cpu_s_per_1000", 2),
    ("**The server itself**",),
    ("most memory under the Go SDK's loads, MiB", "go_peak_mib", 0, of_theirs("at most 1/5", 1 / 5)),
    ("most memory after the raw loads too, MiB", "peak_mib", 0),
    ("idle memory, MiB", "idle_mib", 1, at_most(50)),
    ("idle CPU, % of one core", "idle_cpu_percent", 2, at_most(1)),
    ("start to first answer, ms", "answers_ms", 0, at_most(200)),
    ("start to first workflow taken, ms", "accepts_ms", 0),
    ("binary, MB", "binary_mb", 1, at_most(50)),
]


def render(results):
    """The whole report of one run."""
    lines = [head(results), ""]
    for mode in ("memory", "file"):
        visits = [visit for visit in results["visits"] if visit["mode"] == mode]
        if visits:
            lines += mode_table(results, mode, visits)
    if results["open"]:
        lines += open_table(results["open"])
    failed = errors(results)
    if failed:
        lines += [f"**{failed} workflows failed in this run.**", ""]
    return "\n".join(lines).rstrip() + "\n"


def head(results):
    machine = results["machine"]
    versions = ", ".join(f"{results['titles'][side]} {version}" for side, version in sorted(results["versions"].items()))
    load = f"{machine['load_before']} before and {machine.get('load_after', '?')} after"
    kind = "A **quick** run (few workflows, little weight)" if results["quick"] else "A full run"
    return (
        f"{kind} of {results['date']} on {machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB,"
        f" Linux {machine['kernel']}; load average {load}. {versions}. Median, and the range in brackets when there"
        " is more than one pair."
    )


def mode_table(results, mode, visits):
    sides = [side for side in ("aevum", "temporal") if any(visit["side"] == side for visit in visits)]
    both = len(sides) == 2
    pairs = len({visit["pair"] for visit in visits})
    what = "Memory against memory" if mode == "memory" else "File against file"
    if mode == "file":
        told = ", ".join(f"{results['titles'][side]} `synchronous` {results['synchronous'][side]}" for side in sides)
        what += f" (SQLite, WAL; {told})"
    lines = [f"### {what}, {pairs} pair{'s' if pairs > 1 else ''}", ""]
    lines.append("| | " + " | ".join(results["titles"][side] for side in sides) + (" | quotient | target |" if both else " |"))
    lines.append("|---|" + "---:|" * len(sides) + ("---:|---|" if both else ""))
    pending = None
    for row in ROWS:
        if len(row) == 1:
            pending = f"| {row[0]} |" + " |" * (len(sides) + (2 if both else 0))
            continue
        values = {side: samples(visits, side, row[1]) for side in sides}
        if not any(values.values()):
            continue
        if pending:
            lines.append(pending)
            pending = None
        cells = [spread(values[side], row[2]) for side in sides]
        if both:
            cells += verdict(values, row[3] if len(row) > 3 else None)
        lines.append(f"| {row[0]} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def samples(visits, side, path):
    """A measure's values over the pairs; empty when its load was not run."""
    found = []
    for visit in visits:
        value = visit if visit["side"] == side else None
        for key in path.split("."):
            value = value.get(key) if value is not None else None
        if value is not None:
            found.append(value)
    return found


def spread(values, decimals):
    if not values:
        return "-"
    shown = f"{statistics.median(values):,.{decimals}f}"
    if len(values) > 1:
        shown += f" ({min(values):,.{decimals}f} to {max(values):,.{decimals}f})"
    return shown


def verdict(values, target):
    ours = statistics.median(values["aevum"]) if values["aevum"] else None
    theirs = statistics.median(values["temporal"]) if values["temporal"] else None
    quotient = f"{ours / theirs:.3g}" if ours is not None and theirs else "-"
    if target is None:
        return [quotient, ""]
    text, holds = target
    met = None if ours is None else holds(ours, theirs)
    return [quotient, text if met is None else f"{text}: {'met' if met else '**missed**'}"]


def open_table(steps):
    lines = ["### What a workflow costs while others are open (raw client, 50 at once, 1 activity)", ""]
    lines.append("| open | memory each, KiB | workflows per second | end to end p50, ms | p99, ms | server CPU s per 1,000 |")
    lines.append("|---:|---:|---:|---:|---:|---:|")
    for step in steps:
        load = step["load"]
        # Of a few, what the server gave back after the load before weighs more than they do.
        each = f"{step['kib_each']:.2f}" if step["open"] >= 10_000 else "-"
        lines.append(
            f"| {step['open']:,} | {each} | {load['workflows_per_s']:,.0f} | {load['e2e_p50_ms']:.1f} |"
            f" {load['e2e_p99_ms']:.1f} | {load['server_cpu_s_per_1000']:.2f} |"
        )
    return [*lines, ""]


def errors(results):
    """Workflows that failed, over all loads."""
    loads = [load for visit in results["visits"] for load in visit["loads"].values()]
    loads += [step["load"] for step in results["open"]]
    return sum(load["errors"] for load in loads)


def place(readme, text):
    """Puts the report between the marks of the README."""
    whole = readme.read_text()
    before, rest = whole.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    readme.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
