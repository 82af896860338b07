"""What is done with a running server, and in which order."""

import functools
import json
import subprocess
import sys
import time

from harness.server import Failure, Server

__all__ = ["Failure", "Session"]

LOAD_TIMEOUT_S = 900


class Session:
    """Servers and loads of one configuration."""

    def __init__(self, config, programs, scratch):
        self.config = config
        self.programs = programs
        self.scratch = scratch
        self._servers = 0

    def pairs(self, sides, modes):
        """A step per visit: every pair visits both servers in both modes, the order alternating."""
        for pair in range(self.config["pairs"]["count"]):
            for mode in modes:
                for side in sides if pair % 2 == 0 else reversed(sides):
                    yield functools.partial(self._visit, pair, mode, side)

    def open_steps(self):
        """One step: our cost per workflow while more and more others are open."""
        yield self._open

    def _server(self, side, mode):
        self._servers += 1
        folder = self.scratch / str(self._servers)
        folder.mkdir()
        arguments = [text.replace("{file}", str(folder / "state.db")) for text in self.config["servers"][side][mode]]
        return Server(self.programs[side], arguments, self.programs["raw"], folder / "log")

    def _visit(self, pair, mode, side):
        timing = self.config["pairs"]
        tell(f"pair {pair + 1} of {timing['count']}, {mode}, {side}")
        with self._server(side, mode) as server:
            visit = {"pair": pair, "mode": mode, "side": side}
            visit["answers_ms"], visit["accepts_ms"] = server.answers_ms, server.accepts_ms
            visit["binary_mb"] = self.programs[side].stat().st_size / 1e6
            time.sleep(timing["settle_s"])
            visit["idle_cpu_percent"] = server.idle_cpu_percent(timing["idle_s"])
            visit["idle_mib"] = server.rss_mib()
            visit["loads"] = {}
            for load in self.config["loads"]:
                visit["loads"][load["name"]] = self._load(server, load)
                # Loads of the Go SDK come first and are the same work for both; the raw ones run by time.
                if load["client"] == "go":
                    visit["go_peak_mib"] = server.peak_mib()
            visit["peak_mib"] = server.peak_mib()
        return [visit]

    def _load(self, server, load):
        tell(f"  {load['name']}")
        common = ["--address", server.address, "--server-pid", str(server.pid), "--workflows", str(load["workflows"])]
        common += ["--activities", str(load["activities"]), "--warmup", str(load["warmup"])]
        common += ["--seconds", str(load.get("seconds", 0))]
        if load["client"] == "go":
            command = [self.programs["go"], *common, "--concurrency", str(load["concurrency"])]
        else:
            command = [self.programs["raw"], "run", *common, "--in-flight", str(load["concurrency"]), *self._raw_options()]
        answer = self._client(command, server)
        tell(
            f"    {answer['workflows_per_s']:.1f}/s, end to end p50 {answer['e2e_p50_ms']:.1f} ms, p99"
            f" {answer['e2e_p99_ms']:.1f} ms, server CPU {answer['server_cpu_s_per_1000']:.2f} s per 1,000,"
            f" errors {answer['errors']}"
        )
        return answer

    def _raw_options(self):
        raw = self.config["raw"]
        options = ["--connections", str(raw["connections"]), "--pollers", str(raw["pollers"])]
        return options + (["--gzip"] if raw["gzip"] else [])

    def _client(self, command, server):
        """Runs a load generator; its numbers, also when some workflows failed."""
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=LOAD_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise Failure(f"a load did not end within {LOAD_TIMEOUT_S} s: {' '.join(map(str, command))}") from None
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Failure(f"a load failed; the server's last words:\n{server.last_words()}") from None

    def _open(self):
        plan = self.config["open"]
        load = next((load for load in self.config["loads"] if load["name"] == plan["load"]), None)
        if load is None:
            raise Failure(f"the open steps need the load {plan['load']}")
        steps = []
        with self._server("aevum", plan["mode"]) as server:
            self._load(server, load)  # warms caches and pools, so that the first step pays for no more than the others
            parked = 0
            for wanted in plan["steps"]:
                tell(f"open: {wanted}")
                before = server.rss_mib()
                command = [self.programs["raw"], "park", "--address", server.address, *self._raw_options()]
                self._client([*command, "--workflows", str(wanted - parked)], server)
                server.settle()
                grown = (server.rss_mib() - before) * 1024 / (wanted - parked)
                parked = wanted
                steps.append({"open": parked, "kib_each": grown, "load": self._load(server, load)})
        return steps


def tell(text):
    print(f"bench: {text}", file=sys.stderr)
