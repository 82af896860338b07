"""Command line of bench/run."""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time
import tomllib

from harness import build, machine, sessions, table

BENCH = pathlib.Path(__file__).resolve().parent.parent
README = BENCH / "README.md"


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Runs Aevum and the real Temporal server side by side and prints a Markdown table.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        default="all",
        choices=["all", "build", "pairs", "open", "report"],
        help="build: only build. pairs: both servers in turn. open: our cost with open workflows. all: pairs and open. "
        "report: the table of an earlier run (--results)",
    )
    parser.add_argument("--quick", action="store_true", help="one pair and few workflows: minutes, not an hour")
    parser.add_argument("--pairs", type=int, help="pairs of runs, the order alternating (default: config.toml)")
    parser.add_argument("--mode", choices=["memory", "file", "both"], default="both", help="where the servers keep their state")
    parser.add_argument("--only", choices=["aevum", "temporal"], help="run one server alone")
    parser.add_argument("--aevum", type=pathlib.Path, help="our binary (default: built from this checkout with profile dist)")
    parser.add_argument("--loads", help="comma-separated names of loads (default: all of config.toml)")
    parser.add_argument("--results", type=pathlib.Path, help="JSON file of the numbers: written by a run, read by report")
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    return parser.parse_args()


def configuration(args):
    """config.toml with the quick values laid over it."""
    with open(BENCH / "config.toml", "rb") as file:
        config = tomllib.load(file)
    for part in [config["pairs"], config["open"], *config["loads"]]:
        quick = part.pop("quick", {})
        if args.quick:
            part.update(quick)
    if args.pairs is not None:
        config["pairs"]["count"] = args.pairs
    if args.loads:
        names = args.loads.split(",")
        unknown = set(names) - {load["name"] for load in config["loads"]}
        if unknown:
            raise sessions.Failure(f"config.toml has no load named {', '.join(sorted(unknown))}")
        config["loads"] = [load for load in config["loads"] if load["name"] in names]
    return config


def run(args):
    config = configuration(args)
    sides = [args.only] if args.only else ["aevum", "temporal"]
    if args.what == "open":
        sides = ["aevum"]
    programs = build.programs(sides, args.aevum)
    if args.what == "build":
        for name, path in programs.items():
            print(f"{name}: {path}")
        return 0
    modes = ["memory", "file"] if args.mode == "both" else [args.mode]
    results = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": machine.describe(),
        "quick": args.quick,
        "versions": build.versions(programs),
        "synchronous": {side: config["servers"][side]["synchronous"] for side in sides},
        "titles": {side: config["servers"][side]["title"] for side in sides},
        "visits": [],
        "open": [],
    }
    target = args.results or build.cache() / "results" / time.strftime("%Y%m%d-%H%M%S.json", time.gmtime())
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = build.cache() / "state"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        session = sessions.Session(config, programs, pathlib.Path(scratch))
        steps = []
        if args.what in ("all", "pairs"):
            steps += [("visits", visit) for visit in session.pairs(sides, modes)]
        if args.what in ("all", "open") and "aevum" in sides:
            steps += [("open", step) for step in session.open_steps()]
        for kind, step in steps:
            results[kind] += step()
            target.write_text(json.dumps(results, indent=1) + "\n")
    results["machine"]["load_after"] = machine.load_average()
    target.write_text(json.dumps(results, indent=1) + "\n")
    print(f"bench: numbers in {target}", file=sys.stderr)
    return report(results, args.write)


def report(results, write):
    text = table.render(results)
    print(text)
    if write:
        table.place(README, text)
    return 1 if table.errors(results) else 0


def main():
    args = arguments()
    os.environ.pop("TEMPORAL_ADDRESS", None)
    try:
        if args.what == "report":
            if not args.results:
                raise sessions.Failure("report needs --results FILE")
            return report(json.loads(args.results.read_text()), args.write)
        return run(args)
    except (sessions.Failure, build.Failure) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
