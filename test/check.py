"""make check: runs its parts, two at a time, and ends with a table of them. After
one that fails no other is started. What each said is in .build/check; what one
that fails said is shown.

usage: check.py MAKE PART[,PART...]...

Parts with a comma between them run one after the other."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

#: More would only wait for each other: most parts use all processors for a while.
AT_A_TIME = 2

LOGS = Path(".build") / "check"


@dataclass
class Result:
    """The result of a part, with its wall-clock and CPU seconds."""

    part: str
    verdict: str
    seconds: float
    cpu_seconds: float


class Check:
    """A run of all parts."""

    def __init__(self, make: str):
        self._make = make
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self._stopped = self.interrupted = False
        self.results: list[Result] = []

    def run(self, parts: list[str]) -> None:
        """Runs parts one after the other, until one fails anywhere."""
        for part in parts:
            began = time.monotonic()
            process = self._start(part)
            if process is None:
                return
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self._end(process, Result(
                part, "failed" if status else "passed", time.monotonic() - began, usage.ru_utime + usage.ru_stime))

    def _start(self, part: str) -> subprocess.Popen | None:
        """The part in a process group of its own, so that all that it starts can
        be ended with it. None if nothing is to be started any more."""
        with self._lock, _log(part).open("w") as log:
            if self._stopped:
                return None
            process = subprocess.Popen(
                [self._make, "--no-print-directory", part], env=_environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            self._running.add(process.pid)
            print(f"running  {part}", flush=True)
        return process

    def _end(self, process: subprocess.Popen, result: Result) -> None:
        with self._lock:
            self._running.remove(process.pid)
            if self.interrupted:
                return
            self._stopped |= result.verdict == "failed"
            self.results.append(result)
            said = _log(result.part).read_text(errors="replace").rstrip()
            if result.verdict == "failed":
                print(f"\nFAILED   {result.part}\n{said}\n", flush=True)
            else:
                print(f"passed   {result.part}: {(said.splitlines() or ['nothing to say'])[-1]}", flush=True)

    def interrupt(self) -> None:
        """Ends what runs, and starts nothing more."""
        with self._lock:
            self._stopped = self.interrupted = True
            for group in self._running:
                os.killpg(group, signal.SIGTERM)

    def rows(self, parts: list[str]) -> list[list[str]]:
        """The table, which has the parts that were not run, too."""
        results = {each.part: each for each in self.results}
        rows = [["part", "seconds", "CPU seconds", "result"]]
        for part in parts:
            result = results.get(part, Result(part, "not run", 0, 0))
            rows.append([part, f"{result.seconds:.1f}", f"{result.cpu_seconds:.1f}", result.verdict])
        return rows


def _log(part: str) -> Path:
    return LOGS / f"{part}.log"


def _environment() -> dict[str, str]:
    """That of this process, without what is for the recipes of one make alone."""
    flags = re.sub(r"(^| )(-j\d*|--jobserver\S*)", "", os.environ.get("MAKEFLAGS", ""))
    return {**os.environ, "MAKEFLAGS": flags}


def print_table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for part, *figures, verdict in rows:
        cells = [part.ljust(widths[0]), *(figure.rjust(width) for figure, width in zip(figures, widths[1:])), verdict]
        print("  ".join(cells))


def main() -> int:
    make, *chains = sys.argv[1:]
    LOGS.mkdir(parents=True, exist_ok=True)
    check, began = Check(make), time.monotonic()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        running = [pool.submit(check.run, chain.split(",")) for chain in chains]
        try:
            for each in running:
                each.result()
        except KeyboardInterrupt:
            check.interrupt()
    if check.interrupted:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    print()
    print_table(check.rows([part for chain in chains for part in chain.split(",")]))
    print(f"\n{time.monotonic() - began:.0f} s")
    failed = [each.part for each in check.results if each.verdict == "failed"]
    if failed:
        print(f"failed: {', '.join(failed)}. Run make {failed[0]} alone for it; what it said is in {_log(failed[0])}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
