"""Finds the drills and runs each in a fork of the deployed account: it starts
from the same state as every other, and two run at a time."""

import importlib.util
import signal
import time
import traceback
import unittest
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..account.account import Account
from ..account.resolve import Stack
from ..automation.execution import Call
from ..errors import DrillError
from . import forks, names

#: Seconds of real time after which a drill hangs.
LONGEST_SECONDS = 60

DRILLS_DIRECTORY = Path(__file__).resolve().parents[2] / "drills"


@dataclass(frozen=True)
class Drill:
    """A scenario: what happens to an account, and what must be so after it."""

    runbook: str
    name: str
    function: Callable[[Account], object]
    #: How all that is different at its end begins. None: anything may be.
    changes: tuple[str, ...] | None = None
    #: Whether it is about an environment where the application has a database user of its own.
    user: bool = False

    def __str__(self) -> str:
        return f"{self.runbook}: {self.name}"


DRILLS: list[Drill] = []


def drill(runbook: str, name: str, changes: Iterable[str] | None = None, user: bool = False,
          after: Callable[[Account], object] = lambda _: None) -> Callable[[Callable[[Account], None]], Callable[[Account], None]]:
    """Registers a function as a drill of the runbook. The name is a sentence
    that says what must hold. changes are how all that is different at its end
    begins. Default: anything may be. user: where the application has a database
    user of its own. after is what happens before it."""
    def register(function: Callable[[Account], None]) -> Callable[[Account], None]:
        if any((each.runbook, each.name) == (runbook, name) for each in DRILLS):
            raise DrillError(f"two drills are {runbook}: {name}")
        DRILLS.append(Drill(runbook, name, lambda account: (after(account), function(account)),
                            None if changes is None else tuple(changes), user))
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
    """The result of a drill. verdict is passed, failed (an assertion), or
    broken (anything else)."""

    verdict: str
    message: str = ""
    seconds: float = 0
    #: The steps that did what they are for, as (runbook, step).
    steps: set[tuple[str, str]] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)


class DrillTest(unittest.TestCase):
    """A drill as unittest reports it."""

    def __init__(self, drill: Drill, seconds: float):
        super().__init__()
        self._description = f"{seconds:4.1f} s  {drill}"

    def __str__(self) -> str:
        return self._description

    def shortDescription(self) -> None:
        return None


class Drills(unittest.TestSuite):
    """The drills of an account, each in a fork of it. The account's server must
    be closed: every fork opens its own."""

    def __init__(self, account: Account, drills: Iterable[Drill]):
        super().__init__()
        self._account, self._drills = account, list(drills)
        self.results: dict[Drill, Result] = {}

    def countTestCases(self) -> int:
        return len(self._drills)

    def run(self, result: unittest.TestResult, debug: bool = False) -> unittest.TestResult:
        jobs: Iterator[forks.Job] = ((drill, partial(perform, self._account, drill)) for drill in self._drills)
        for drill, outcome in forks.run(lambda: None if result.shouldStop else next(jobs, None), _limit):
            self.results[drill] = outcome or Result("broken", f"no end after {LONGEST_SECONDS} s", LONGEST_SECONDS)
            self._report(DrillTest(drill, self.results[drill].seconds), self.results[drill], result)
        return result

    def _report(self, test: DrillTest, outcome: Result, result: unittest.TestResult) -> None:
        result.startTest(test)
        error: Any = AssertionError if outcome.verdict == "failed" else DrillError
        failure: Any = error, error(outcome.message), None  # the message has the place
        if outcome.verdict == "passed":
            result.addSuccess(test)
        elif outcome.verdict == "failed":
            result.addFailure(test, failure)
        else:
            result.addError(test, failure)
        result.stopTest(test)


def _limit() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LONGEST_SECONDS)


def perform(account: Account, drill: Drill) -> Result:
    """Runs the drill on this process's account, which is used up then."""
    began = time.monotonic()
    try:
        account.reopen()
        before = None if drill.changes is None else account.snapshot()
        drill.function(account)
        if before is not None:
            account.unchanged(before, but=drill.changes or ())
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
