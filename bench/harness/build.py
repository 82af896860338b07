"""Builds the servers and the load generators, outside the checkout."""

import hashlib
import os
import pathlib
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent


class Failure(Exception):
    """A build that failed."""


def cache():
    """Where binaries, numbers and scratch databases go."""
    chosen = os.environ.get("AEVUM_BENCH_CACHE")
    if chosen:
        return pathlib.Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "aevum-bench"


def programs(sides, aevum):
    """Paths of everything that a run needs, built where it is missing."""
    found = {"go": go("go-load"), "raw": cargo(BENCH / "raw-load", "release", "raw-load")}
    if "temporal" in sides:
        found["temporal"] = go("temporal")
    if "aevum" in sides:
        found["aevum"] = (aevum or cargo(ROOT, "dist", "aevum")).resolve()
        if not found["aevum"].is_file():
            raise Failure(f"there is no binary at {found['aevum']}")
    return found


def go(module):
    """A Go main, named by the hash of its sources, so that a change builds anew and nothing else does."""
    folder = BENCH / module
    digest = hashlib.sha256()
    for source in sorted([*folder.glob("*.go"), folder / "go.mod", folder / "go.sum"]):
        digest.update(source.read_bytes())
    target = cache() / "bin" / f"{module}-{digest.hexdigest()[:12]}"
    if not target.is_file():
        command = ["go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", target, "."]
        checked(command, folder, dict(os.environ, GOFLAGS="-mod=readonly"))
    return target


def cargo(folder, profile, name):
    """A Rust binary; cargo knows whether it is up to date."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or cache() / "cargo").resolve()
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    # The public .proto files come with a crate that is fetched, but never compiled.
    checked(["cargo", "fetch", "--locked", "--quiet"], folder, environment)
    checked(["cargo", "build", "--locked", "--quiet", "--profile", profile, "--bin", name], folder, environment)
    return target / profile / name


def checked(command, folder, environment):
    print(f"bench: {' '.join(map(str, command))} (in {folder.relative_to(ROOT)})", file=sys.stderr)
    try:
        status = subprocess.run(command, cwd=folder, env=environment).returncode
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed") from None
    if status != 0:
        raise Failure(f"{command[0]} failed with exit code {status}")


def versions(found):
    """What each server calls itself."""
    told = {}
    if "temporal" in found:
        for line in (BENCH / "temporal" / "go.mod").read_text().splitlines():
            if "go.temporal.io/server " in line:
                told["temporal"] = line.split()[-1]
    if "aevum" in found:
        answer = subprocess.run([found["aevum"], "--version"], capture_output=True, text=True)
        told["aevum"] = (answer.stdout.splitlines() or ["unknown"])[0].removeprefix("aevum ")
    return told
