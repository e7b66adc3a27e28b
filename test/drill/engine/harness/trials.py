"""Runs drills against mutants: the drills that execute what a mutant changes,
one after the other, until one notices."""

import builtins
import functools
import resource
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from ..account.account import Account
from ..automation import document, interpreter, run_script
from ..errors import DrillError
from . import forks, runner, script_mutants
from .mutants import Mutant
from .runner import Drill

#: Seconds of computing after which a drill hangs, and the memory that it may have.
LONGEST_SECONDS = 20
MOST_BYTES = 8 << 30

#: Drills alike that an excused mutant is tried with.
MOST_ALIKE = 3

#: What the instrumented scripts call.
_HIT = "__drill_hit__"


@dataclass
class Coverage:
    """The coverage of a drill: runbooks, steps as (runbook, step), and statements
    as (code, line). And how long that takes."""

    drill: Drill
    executed: set[Hashable]
    seconds: float


@dataclass
class Trial:
    """The result of a mutant."""

    mutant: Mutant
    #: "static", "failed" or "broken" if it was noticed; else "survived", "not
    #: executed", or "no list" where a cut was made and nothing was a list.
    verdict: str
    #: The drill that noticed.
    by: str = ""
    runs: int = 0
    message: str = ""

    @property
    def noticed(self) -> bool:
        return self.verdict in ("static", "failed", "broken")


def _limit() -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)  # of computing: others may use the machine, too
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


# What the drills execute.

def coverage_of(account: Account, drills: list[Drill]) -> list[Coverage]:
    """Runs every drill on the runbooks as they are. One that fails is an error."""
    found, jobs = [], iter([(drill, functools.partial(_cover, account, drill)) for drill in drills])
    for drill, result in forks.run(lambda: next(jobs, None), _limit):
        verdict, message, executed, seconds = result or ("broken", "no end", set(), 0)
        if verdict != "passed":
            raise DrillError(f"{drill} does not pass before anything is broken: {message}")
        found.append(Coverage(drill, executed, seconds))
    return found


def _cover(account: Account, drill: Drill) -> tuple[str, str, set[Hashable], float]:
    hits: set[Hashable] = set()
    plain = run_script.compiled

    def compiled(text: str, handler: str) -> Any:
        return plain(script_mutants.instrumented(text, _HIT), handler)

    setattr(builtins, _HIT, lambda *where: hits.add(where))
    began = time.process_time()
    run_script.compiled = functools.cache(compiled)
    plain_step = interpreter.Interpreter._run_step

    def run_step(self: interpreter.Interpreter, step: dict[str, Any]) -> str | None:
        hits.add((self.execution.runbook, step["name"]))
        return plain_step(self, step)

    interpreter.Interpreter._run_step = run_step
    result = runner.perform(account, drill)
    hits |= {drill.runbook, *(where[0] for where in hits if isinstance(where, tuple))}
    return result.verdict, result.message, hits, time.process_time() - began


# Mutants.

class Trials:
    """Tries mutants, and learns meanwhile which drills notice most."""

    def __init__(self, account: Account, coverage: list[Coverage], excused: Callable[[Mutant], bool] = lambda _: False):
        self._account, self._excused = account, excused
        self._by_need: dict[Hashable, list[Coverage]] = defaultdict(list)
        for each in coverage:
            for what in each.executed:
                self._by_need[what].append(each)
        self._named = {account.full_name(name): name for name in account.documents}
        self._known = {name: set(self._problems(name, account.documents)) for name in account.documents}
        self._tried: Counter[Drill] = Counter()
        self._noticed: Counter[Drill] = Counter()
        self._last: dict[Hashable, Drill] = {}
        self._ways: dict[tuple[Drill, Hashable], Hashable] = {}

    def run(self, mutants: list[Mutant]) -> Iterator[Trial]:
        """Tries each, and yields the result when it is known."""
        waiting, going = list(reversed(mutants)), []

        def next_job() -> forks.Job | None:
            if not going and waiting:
                going.append(_Going(waiting.pop(), self._account, self))
            if not going:
                return None
            one = going.pop()
            return one, one.next_run()

        for one, result in forks.run(next_job, _limit):
            trial = one.learn(result)
            if trial is None:
                going.append(one)
            else:
                yield trial

    def candidates(self, mutant: Mutant) -> list[Coverage]:
        """The drills that execute what the mutant changes. For one that is
        excused, a few of those that go the same way through its place."""
        found = [each for need in mutant.needs for each in self._by_need[need]]
        if not self._excused(mutant):
            return found
        ways: dict[Hashable, list[Coverage]] = defaultdict(list)
        for each in sorted(found, key=lambda each: each.seconds):
            ways[self._way(each, mutant)].append(each)
        return [each for drills in ways.values() for each in drills[:MOST_ALIKE]]

    def _way(self, coverage: Coverage, mutant: Mutant) -> Hashable:
        """The lines, or the steps, around the mutant that the drill executes."""
        place = next(iter(mutant.needs))
        if not isinstance(place, tuple):
            return None
        if (coverage.drill, place[0]) not in self._ways:
            self._ways[coverage.drill, place[0]] = frozenset(
                each[1] for each in coverage.executed if isinstance(each, tuple) and each[0] == place[0])
        return self._ways[coverage.drill, place[0]]

    def best(self, mutant: Mutant, candidates: list[Coverage]) -> Coverage:
        """The one that will notice soonest, as far as one can tell: what noticed
        the mutant before it at this place, or one of its kind in the same
        runbooks, or much in little time."""
        return min(candidates, key=lambda each: (
            each.drill not in (self._last.get(mutant.place), self._last.get(_likes(mutant))),
            (each.seconds + 0.02) * (self._tried[each.drill] + 1) / (self._noticed[each.drill] + 0.5)))

    def count(self, mutant: Mutant, drill: Drill, noticed: bool) -> None:
        """Remembers whether the drill noticed the mutant."""
        self._tried[drill] += 1
        self._noticed[drill] += noticed
        if noticed:
            self._last[mutant.place] = self._last[_likes(mutant)] = drill

    def static_problem(self, documents: dict[str, dict[str, Any]]) -> str:
        """Returns the first new problem that the static checks find in the changed
        runbooks, empty if there is none."""
        for name in documents:
            for problem in self._problems(name, {**self._account.documents, **documents}):
                if problem not in self._known[name]:
                    return problem
        return ""

    def _problems(self, name: str, documents: dict[str, dict[str, Any]]) -> list[str]:
        others = {full: documents[short] for full, short in self._named.items()}
        return document.problems_of(name, documents[name], others)


def _likes(mutant: Mutant) -> Hashable:
    return mutant.kind, mutant.runbooks


@dataclass
class _Going:
    """A mutant between two drills."""

    mutant: Mutant
    account: Account
    trials: Trials
    candidates: list[Coverage] | None = None
    drill: Drill | None = None
    runs: int = 0
    lists: bool = False

    def next_run(self) -> Callable[[], Any]:
        """Returns the next run: the static checks first, then the best drill left."""
        first = self.candidates is None
        if self.candidates is None:
            self.candidates = self.trials.candidates(self.mutant)
        if not self.candidates:
            return lambda: ("not executed", "", False)
        coverage = self.trials.best(self.mutant, self.candidates)
        self.candidates.remove(coverage)
        drill = self.drill = coverage.drill
        return lambda: self._run(drill, first)

    def _run(self, drill: Drill, first: bool) -> tuple[str, str, bool]:
        documents = self.mutant.documents(self.account.documents)
        if first and (problem := self.trials.static_problem(documents)):
            return "static", problem, False
        cut: list[Any] = []
        setattr(builtins, script_mutants.CUT, lambda value: cut.append(value) or value[:1] if isinstance(value, list) else value)
        self.account.documents.update(documents)
        result = runner.perform(self.account, drill)
        return result.verdict, result.message, bool(cut)

    def learn(self, result: Any) -> Trial | None:
        """Returns the result, or None while more drills may notice the mutant."""
        verdict, message, cut = result or ("broken", f"no end within {LONGEST_SECONDS} s", False)
        self.runs += 1
        self.lists = self.lists or cut
        if self.drill and verdict != "static":
            self.trials.count(self.mutant, self.drill, verdict != "passed")
        if verdict == "passed":
            if self.candidates:
                return None
            verdict = "survived" if self.lists or self.mutant.kind != "result cut to its first" else "no list"
        by = str(self.drill) if verdict in ("failed", "broken") else ""
        return Trial(self.mutant, verdict, by, self.runs, message)
