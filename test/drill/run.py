"""make drill: checks and drills the runbooks of an assembly, compares their
calls with their roles, and prints a table.

usage: run.py [--only RUNBOOK] [ASSEMBLY]"""

import sys
import unittest
from collections import Counter
from collections.abc import Callable

from engine.account import emulator
from engine.account.account import Account
from engine.account.resolve import documents_of, read_assembly
from engine.automation.document import problems_of_all
from engine.harness import programs, runner
from engine.permissions import roles


class Problems(unittest.FunctionTestCase):
    """A check that fails with all problems that it finds."""

    def __init__(self, name: str, problems_of: Callable[[], list[str]]):
        super().__init__(self._check)
        self._name, self._problems_of = name, problems_of

    def _check(self) -> None:
        if problems := self._problems_of():
            self.fail("\n".join(problems))

    def __str__(self) -> str:
        return self._name


def users(account: Account) -> bool:
    """Whether the application has a database user of its own."""
    return len(account.all("AWS::SecretsManager::SecretTargetAttachment")) > 1


class Runbooks:
    """The runbooks that are drilled, and what their drills executed."""

    def __init__(self, account: Account, names: list[str]):
        self._account, self.names, self.users = account, names, users(account)
        self.drills = runner.Drills(account, [each for each in runner.DRILLS if each.runbook in names and each.user == self.users])

    def problems(self) -> list[str]:
        """A runbook without a drill, or a step that succeeds in none."""
        return [problem for name in self.names for problem in self._problems_of(name)]

    def _problems_of(self, name: str) -> list[str]:
        succeeded, drills = self._succeeded(), self._counts()[name]
        idle = [step for step in self._steps(name) if (name, step) not in succeeded and not self.users]
        if not drills:
            return [f"{name}: no drill: write one in {programs.file_of(name)}"]
        return [f"{name}: in no drill succeeds {', '.join(idle)}"] if idle else []

    def permissions(self) -> list[str]:
        problems = roles.missing if self.users else roles.problems
        return problems(self._account, [call for each in self.drills.results.values() for call in each.calls])

    def rows(self) -> list[list[str]]:
        """Returns a table with what the drills of each runbook came to."""
        counts, succeeded = self._counts(), self._succeeded()
        calls = Counter(call.runbook for each in self.drills.results.values() for call in each.calls)
        failing = {drill.runbook for drill, each in self.drills.results.items() if each.verdict != "passed"}
        return [["runbook", "drills", "steps", "calls", "result"], *(
            [name, str(counts[name]), f"{sum((name, step) in succeeded for step in self._steps(name))} of {len(self._steps(name))}",
             str(calls[name]), "failed" if name in failing or self._problems_of(name) else "passed"] for name in self.names)]

    def _steps(self, name: str) -> list[str]:
        return [step["name"] for step in self._account.document(name)["mainSteps"]]

    def _succeeded(self) -> set[tuple[str, str]]:
        return {step for each in self.drills.results.values() for step in each.steps}

    def _counts(self) -> Counter[str]:
        return Counter(each.runbook for each in self.drills.results)


def print_table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main() -> int:
    options = programs.arguments(__doc__)
    emulator.isolate()
    stacks = read_assembly(options.assembly)
    runner.discover(stacks)
    account = Account(stacks)
    account.close()
    known = sorted(account.documents)
    programs.refuse_unknown({each.runbook for each in runner.DRILLS}, known)
    programs.refuse_unknown([options.only] if options.only else [], known)

    if users(account):
        known = sorted({each.runbook for each in runner.DRILLS if each.user})
    runbooks = Runbooks(account, [each for each in known if options.only in (None, each)])
    suite = unittest.TestSuite([
        Problems("the static checks find nothing", lambda: problems_of_all(documents_of(stacks))),
        runbooks.drills,
        Problems("every step succeeds in a drill", runbooks.problems),
    ])
    if not options.only:
        suite.addTest(Problems("each role allows what is called, and nothing else", runbooks.permissions))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    print_table(runbooks.rows())
    if options.only:
        print("\nwhat its role allows is compared with its calls by make drill without RUNBOOK")
    failed = len(result.failures) + len(result.errors)
    print(f"\n{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(programs.main(main))
