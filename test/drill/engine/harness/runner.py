"""Finds the drills and runs each in a fork of the seeded account: it starts
from the same state as every other, and two run at a time."""

import importlib.util
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..account.account import Account
from ..account.resolve import Stack
from ..automation.execution import Call
from ..errors import DrillError
from . import names

#: Seconds of real time after which a drill hangs.
LONGEST_SECONDS = 60

DRILLS_DIRECTORY = Path(__file__).resolve().parents[2] / "drills"


@dataclass(frozen=True)
class Drill:
    """A scenario: what happens to an account, and what must be so after it."""

    runbook: str
    name: str
    function: Callable[[Account], object]

    def __str__(self) -> str:
        return f"{self.runbook}: {self.name}"


DRILLS: list[Drill] = []


def drill(runbook: str, name: str) -> Callable[[Callable[[Account], None]], Callable[[Account], None]]:
    """Registers a function as a drill of the runbook. The name is a sentence
    that says what must hold."""
    def register(function: Callable[[Account], None]) -> Callable[[Account], None]:
        if any((each.runbook, each.name) == (runbook, name) for each in DRILLS):
            raise DrillError(f"two drills are {runbook}: {name}")
        DRILLS.append(Drill(runbook, name, function))
        return function
    return register


def discover(stacks: list[Stack]) -> None:
    """Loads every file of scenarios, which are then about the stacks."""
    names.use(stacks)
    for path in sorted(DRILLS_DIRECTORY.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"drills.{path.stem}", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


@dataclass
class Result:
    """What became of a drill. verdict is passed, failed (an assertion), or
    broken (anything else)."""

    verdict: str
    message: str = ""
    seconds: float = 0
    #: The steps that did what they are for, as (runbook, step).
    steps: set[tuple[str, str]] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """A drill to run."""

    drill: Drill


def run_all(account: Account, jobs: Iterable[Job], processes: int = 0) -> Iterator[tuple[Job, Result]]:
    """Runs the jobs, several at a time, and gives each result when it comes.
    The account's server must be closed: every fork opens its own."""
    waiting, running = list(jobs), {}
    limit = processes or os.cpu_count() or 1
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                job = waiting.pop(0)
                worker = _Worker(account, job)
                running[worker.pipe] = worker
            for pipe in multiprocessing.connection.wait(list(running), timeout=1):
                worker = running.pop(pipe)
                yield worker.job, worker.result()
            for pipe, worker in list(running.items()):
                if worker.seconds > LONGEST_SECONDS:
                    del running[pipe]
                    yield worker.job, worker.kill()
    finally:  # nothing outlives an interrupt
        for worker in running.values():
            worker.kill()


class _Worker:
    """A fork that runs one job."""

    def __init__(self, account: Account, job: Job):
        context = multiprocessing.get_context("fork")
        self.job = job
        self.pipe, theirs = context.Pipe(duplex=False)
        self._began = time.monotonic()
        sys.stdout.flush()
        self._process = context.Process(target=_work, args=(account, job, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def result(self) -> Result:
        try:
            return self.pipe.recv()
        except EOFError:
            return Result("broken", "the process ended without a result", self.seconds)
        finally:
            self._process.join()

    def kill(self) -> Result:
        self._process.kill()
        self._process.join()
        return Result("broken", f"no end after {LONGEST_SECONDS} s", self.seconds)


def _work(account: Account, job: Job, pipe: Any) -> None:
    """In the fork: runs the drill and sends the result. An interrupt is for the
    parent, which kills its forks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.send(perform(account, job))
    pipe.close()


def perform(account: Account, job: Job) -> Result:
    """Runs the job on this process's account, which is used up then."""
    began = time.monotonic()
    try:
        account.reopen()
        job.drill.function(account)
        result = Result("passed")
    except AssertionError as error:
        result = Result("failed", _located(error))
    except BaseException as error:  # a DrillError is none of Exception
        result = Result("broken", _located(error))
    for execution in account.executions:
        result.steps |= {(execution.runbook, step.name) for step in execution.steps if step.status == "Success"}
    # A parent's calls include its children's.
    result.calls = list({id(call): call for execution in account.executions for call in execution.calls}.values())
    for call in result.calls:
        call.parameters = _sendable(call.parameters)
    result.seconds = time.monotonic() - began
    return result


def _located(error: BaseException) -> str:
    """The message, after the place in the scenario that it comes from."""
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).parent == DRILLS_DIRECTORY:
            place = f"{Path(frame.filename).name}:{frame.lineno}: "
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    text = str(error) or traceback.extract_tb(error.__traceback__)[-1].line or ""
    return f"{place}{kind}{text}"


def _sendable(value: Any) -> Any:
    """Parameters without what no process can send to another."""
    if isinstance(value, dict):
        return {key: _sendable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sendable(item) for item in value]
    if isinstance(value, (str, int, float, bytes, bool, type(None))):
        return value
    return str(value)
