"""Runs functions in forks of this process, several at a time, each from the
same state."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

Job = tuple[Any, Callable[[], Any]]


class _Fork:
    """A process that calls the function and sends what it returns."""

    def __init__(self, function: Callable[[], Any], limit: Callable[[], None]):
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe(duplex=False)
        sys.stdout.flush()
        self._process = context.Process(target=_work, args=(function, limit, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def result(self) -> Any:
        """Returns what the function returned, None if a limit ended it."""
        try:
            return self.pipe.recv()
        except EOFError:
            return None
        finally:
            self.pipe.close()
            self._process.join()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def _work(function: Callable[[], Any], limit: Callable[[], None], pipe: Any) -> None:
    """In the fork. An interrupt is for the parent, which kills its forks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    limit()
    pipe.send(function())
    pipe.close()


def run(next_job: Callable[[], Job | None], limit: Callable[[], None]) -> Iterator[tuple[Any, Any]]:
    """Runs the jobs that next_job returns until it returns None and nothing runs
    any more. Yields the key and the result of each. limit is called first in
    each fork, and may end it later by a signal."""
    running: dict[Any, tuple[Any, _Fork]] = {}
    try:
        while True:
            while len(running) < (os.cpu_count() or 1) and (job := next_job()) is not None:
                fork = _Fork(job[1], limit)
                running[fork.pipe] = job[0], fork
            if not running:
                return
            for pipe in multiprocessing.connection.wait(list(running)):
                key, fork = running.pop(pipe)
                yield key, fork.result()
    finally:  # nothing outlives an interrupt
        for _, fork in running.values():
            fork.kill()
