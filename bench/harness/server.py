"""One running server: started, timed until it is ready, watched, stopped."""

import contextlib
import signal
import socket
import subprocess
import time

from harness import machine

READY_S = 60
STOP_S = 30
SETTLE_S = 120
QUIET_PERCENT = 2


class Failure(Exception):
    """A server or a load that did not do what it should."""


class Server:
    """A server process on a port of its own."""

    def __init__(self, program, arguments, probe, log):
        self.port = free_ports(4)
        self.address = f"127.0.0.1:{self.port}"
        self.log = log
        self._command = [program, *(argument.replace("{port}", str(self.port)) for argument in arguments)]
        self._probe = probe
        self.answers_ms = self.accepts_ms = None

    def __enter__(self):
        began = time.monotonic()
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._await_ready(began)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _await_ready(self, began):
        """Times the first answer and the first workflow taken, counted from the process's start."""
        command = [self._probe, "ready", "--connections", "1", "--address", self.address, "--timeout", str(READY_S)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as probe:
            seen = {line.strip(): (time.monotonic() - began) * 1000 for line in probe.stdout}
        if probe.returncode != 0 or self._process.poll() is not None:
            raise Failure(f"{self._command[0]} did not become ready; its last words:\n{self.last_words()}")
        self.answers_ms, self.accepts_ms = seen["answers"], seen["accepts"]

    @property
    def pid(self):
        return self._process.pid

    def rss_mib(self):
        return machine.memory_mib(self.pid, "VmRSS")

    def peak_mib(self):
        return machine.memory_mib(self.pid, "VmHWM")

    def idle_cpu_percent(self, seconds):
        """Share of one core that the server uses when nobody asks it anything."""
        before, began = machine.cpu_seconds(self.pid), time.monotonic()
        time.sleep(seconds)
        return (machine.cpu_seconds(self.pid) - before) / (time.monotonic() - began) * 100

    def settle(self):
        """Waits for deferred work: until the server uses next to nothing, or for so long that it is not going to."""
        until = time.monotonic() + SETTLE_S
        while self.idle_cpu_percent(2) > QUIET_PERCENT and time.monotonic() < until:
            pass

    def last_words(self):
        return self.log.read_text(errors="replace")[-2000:]


def free_ports(count):
    """The first of so many neighbouring ports that are free on the loopback interface."""
    for first in range(17233, 27233, count):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    listener = held.enter_context(socket.socket())
                    listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise Failure(f"no {count} neighbouring ports are free")
