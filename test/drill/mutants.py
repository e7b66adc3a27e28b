"""make drill-mutations: changes every step, parameter and line of the runbooks
in the ways of step_mutants.py and script_mutants.py of engine/harness, one at a
time, and sees a drill notice each, but for those in equivalent.py.

usage: mutants.py [--only RUNBOOK] [ASSEMBLY]"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from moto.core.base_backend import BackendDict

from engine.account import emulator
from engine.account.account import Account
from engine.account.resolve import read_assembly
from engine.harness import programs, runner, script_mutants, step_mutants
from engine.harness.mutants import Documents, Mutant, numbered
from engine.harness.trials import Trial, Trials, coverage_of
from equivalent import EQUIVALENT, Equivalent
from run import users

#: Seconds between two lines that say how far it is.
PROGRESS_SECONDS = 10


def mutants_of(documents: Documents, only: str = "") -> list[Mutant]:
    """Every mutant of the documents, or those that change one of them."""
    units = script_mutants.units_of(documents)
    found = numbered([*step_mutants.mutants_of(documents), *script_mutants.mutants_of(units)])
    return [each for each in found if not only or only in each.runbooks]


class Report:
    """The results of the mutants, and the reasons that were needed."""

    def __init__(self, reasons: list[Equivalent], total: int):
        self._reasons, self._total, self._began = reasons, total, time.monotonic()
        self._said = self._began
        self._kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self._verdicts: Counter[str] = Counter()
        self._used: set[Equivalent] = set()
        self._runs = 0
        self.problems: list[str] = []

    def add(self, trial: Trial) -> None:
        self._runs += trial.runs
        reasons = [each for each in self._reasons if each.matches(trial.mutant)]
        self._used |= set(reasons)
        verdict = trial.verdict
        if not trial.noticed and verdict != "no list":
            if reasons:
                verdict = "equivalent"
            else:
                why = "no drill executes it" if verdict == "not executed" else f"{trial.runs} drills pass"
                self._problem(f"survived: {trial.mutant} ({why})")
                verdict = "survived"
        elif trial.noticed:
            for reason in reasons:
                self._problem(f"noticed, although equivalent.py says {reason.reason!r}: {trial.mutant} ({trial.by or trial.message})")
        self._verdicts[verdict] += 1
        if verdict != "no list":
            self._kinds[trial.mutant.kind]["equivalent" if verdict == "equivalent" else "noticed" if trial.noticed else "survived"] += 1
        self._say()

    def _problem(self, problem: str) -> None:
        self.problems.append(problem)
        print(problem, flush=True)

    def _say(self) -> None:
        done, now = sum(self._verdicts.values()), time.monotonic()
        if now - self._said >= PROGRESS_SECONDS or done == self._total:
            self._said = now
            print(f"  {done} of {self._total}, {len(self.problems)} problems, {now - self._began:.0f} s", flush=True)

    def judge_reasons(self) -> None:
        """A reason that no mutant needs is a problem."""
        for reason in self._reasons:
            if reason not in self._used:
                self._problem(f"no such mutant, although equivalent.py has it: {reason}")

    def print(self) -> None:
        """The counts, by the kind of mutants."""
        print()
        for kind, counts in sorted(self._kinds.items()):
            print(f"  {kind:<28}{counts['noticed']:5} noticed{counts['equivalent']:5} equivalent{counts['survived']:5} survived")
        noticed = sum(counts["noticed"] for counts in self._kinds.values())
        print(f"\n{noticed} noticed ({self._verdicts['static']} by the static checks) in {self._runs} runs of drills, "
              f"{self._verdicts['equivalent']} equivalent")


def prepared(assembly: Path, only: str) -> tuple[list[Mutant], Trials]:
    """The mutants of an environment, and the drills of it to try them with."""
    began, stacks = time.monotonic(), read_assembly(assembly)
    runner.DRILLS.clear()
    runner.discover(stacks)
    BackendDict.reset()  # moto has one account for the whole process
    account = Account(stacks, served=False)
    account.close()
    programs.refuse_unknown([only] if only else [], account.documents)
    mutants = mutants_of(account.documents, only)
    coverage = coverage_of(account, [each for each in runner.DRILLS if each.user == users(account)])
    print(f"{assembly.name}: {len(mutants)} mutants, {len(coverage)} drills that pass in {time.monotonic() - began:.0f} s", flush=True)
    return mutants, Trials(account, coverage, excused=excused)


def excused(mutant: Mutant) -> bool:
    """Whether equivalent.py has a reason for it."""
    return any(each.matches(mutant) for each in EQUIVALENT)


def trials_of(assembly: Path, only: str) -> tuple[int, Iterator[Trial]]:
    """How many mutants there are, and the trials of them. One that survives without
    a reason is tried in the environment with a database user, too."""
    mutants, trials = prepared(assembly, only)
    return len(mutants), _tried_twice(trials.run(mutants), assembly.with_name(assembly.name + "-database-user"), only)


def _tried_twice(trials: Iterator[Trial], other: Path, only: str) -> Iterator[Trial]:
    missed: dict[str, Trial] = {}
    for trial in trials:
        if trial.noticed or trial.verdict == "no list" or excused(trial.mutant):
            yield trial
        else:
            missed[str(trial.mutant)] = trial
    if missed:
        mutants, again = prepared(other, only)
        for trial in again.run([each for each in mutants if str(each) in missed]):
            if trial.noticed:
                missed[str(trial.mutant)] = trial
    yield from missed.values()


def main() -> int:
    options, began = programs.arguments(__doc__), time.monotonic()
    emulator.isolate()
    total, trials = trials_of(options.assembly, options.only)
    report = Report(EQUIVALENT, total)
    for trial in trials:
        report.add(trial)
    if not options.only:
        report.judge_reasons()
    report.print()
    print(f"{time.monotonic() - began:.0f} s")
    failed = len(report.problems)
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(programs.main(main))
