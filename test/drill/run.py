"""make drill: checks and drills the runbooks of an assembly, compares their
calls with their roles, and prints a table.

usage: run.py [--only RUNBOOK] [ASSEMBLY]"""

import sys
import time
from collections import defaultdict

from engine.account import emulator
from engine.account.account import Account
from engine.account.resolve import documents_of, read_assembly
from engine.automation.document import problems_of_all
from engine.automation.execution import Call
from engine.harness import programs, runner
from engine.permissions import roles

class Report:
    """What the drills of every runbook came to."""

    def __init__(self, account: Account):
        self._account = account
        self.problems: list[str] = []
        self.passed = self.failed = 0
        self._drills: dict[str, int] = defaultdict(int)
        self._steps: set[tuple[str, str]] = set()
        self._failing: set[str] = set()
        self.calls: list[Call] = []

    def add(self, job: runner.Job, result: runner.Result) -> None:
        self._drills[job.drill.runbook] += 1
        self._steps |= result.steps
        self.calls += result.calls
        if result.verdict == "passed":
            self.passed += 1
        else:
            self.failed += 1
            self._failing.add(job.drill.runbook)
            self.problems.append(f"{job.drill}\n    " + result.message.replace("\n", "\n    "))
        print(f"  {result.verdict:<7}{result.seconds:5.1f} s  {job.drill}", flush=True)

    def judge(self, runbooks: list[str]) -> None:
        """A runbook without a drill, or a step that succeeds in none, is a failure."""
        for runbook in runbooks:
            names = [step["name"] for step in self._account.document(runbook)["mainSteps"]]
            idle = [name for name in names if (runbook, name) not in self._steps]
            if not self._drills[runbook]:
                self._fail(runbook, f"no drill: write one in {programs.file_of(runbook)}")
            elif idle:
                self._fail(runbook, f"in no drill succeeds {', '.join(idle)}")

    def _fail(self, runbook: str, problem: str) -> None:
        self.failed += 1
        self._failing.add(runbook)
        self.problems.append(f"{runbook}: {problem}")

    def refuse(self, what: str, problems: list[str]) -> None:
        """Counts problems that no drill shows."""
        self.failed += len(problems)
        self.problems += [f"{what}: {problem}" for problem in problems]

    def rows(self, runbooks: list[str]) -> list[list[str]]:
        rows = [["runbook", "drills", "steps", "calls", "result"]]
        for runbook in runbooks:
            steps = [step["name"] for step in self._account.document(runbook)["mainSteps"]]
            ran = sum((runbook, name) in self._steps for name in steps)
            calls = sum(call.runbook == runbook for call in self.calls)
            rows.append([runbook, str(self._drills[runbook]), f"{ran} of {len(steps)}", str(calls),
                         "failed" if runbook in self._failing else "passed"])
        return rows


def print_table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main() -> int:
    options, began = programs.arguments(__doc__), time.monotonic()
    emulator.isolate()
    stacks = read_assembly(options.assembly)
    runner.discover(stacks)
    account = Account(stacks)
    account.close()
    known = sorted(account.documents)
    runbooks = [options.only] if options.only else known
    unknown = sorted({each.runbook for each in runner.DRILLS} - set(known))
    programs.refuse_unknown(unknown or runbooks, known)

    report = Report(account)
    report.refuse("static", problems_of_all(documents_of(stacks)))
    jobs = [runner.Job(each) for each in runner.DRILLS if each.runbook in runbooks]
    for job, result in runner.run_all(account, jobs):
        report.add(job, result)
    report.judge(runbooks)
    if not options.only:
        report.refuse("permissions", roles.problems(account, report.calls))

    print()
    print_table(report.rows(runbooks))
    for problem in report.problems:
        print(f"\n{problem}")
    print(f"\n{time.monotonic() - began:.0f} s")
    if options.only:
        print("what its role allows is compared with its calls by make drill without RUNBOOK")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(programs.main(main))
