"""make drill-mutations: breaks every safety step in the tables once, and sees
the drill fail that the table names.

usage: mutants.py [--only RUNBOOK] [ASSEMBLY]"""

import sys
import time

from engine import emulator, harness, testing
from engine.account import Account
from engine.errors import DrillError
from engine.mutation import Mutation
from engine.resolve import read_assembly


def job_of(mutation: Mutation, account: Account) -> harness.Job:
    """The job that must fail, a drill of the runbook itself or of another that
    starts it. A mutation of something that is not there, or for a drill that is
    not, is an error."""
    mutation.apply(account.document(mutation.runbook))
    for drill in sorted(harness.DRILLS, key=lambda each: each.runbook != mutation.runbook):
        if drill.name == mutation.drill:
            return harness.Job(drill, mutation)
    raise DrillError(f"mutation {mutation}: no drill is {mutation.drill!r}")


def judge(job: harness.Job, result: harness.Result) -> str:
    """What is wrong with the result, nothing if the mutant was caught. A drill
    that breaks has not noticed what the mutant does to the account."""
    if result.verdict == "passed":
        return f"{job.mutation}: survives, {job.drill} passes"
    if result.verdict == "broken":
        return f"{job.mutation}: {job.drill} breaks instead of failing: {result.message}"
    return ""


def main() -> int:
    options, began = testing.arguments(__doc__), time.monotonic()
    emulator.isolate()
    stacks = read_assembly(options.assembly)
    harness.discover(stacks)
    account = Account(stacks, served=False)
    account.close()
    testing.refuse_unknown([options.only] if options.only else [], account.documents)
    mutations = [each for each in harness.MUTATIONS if not options.only or each.runbook == options.only]
    survivors = [f"{name}: no mutation of it is in the MUTATIONS of {testing.file_of(name)}"
                 for name in ([options.only] if options.only else sorted(account.documents))
                 if name not in {each.runbook for each in mutations}]
    caught = 0
    for job, result in harness.run_all(account, [job_of(each, account) for each in mutations]):
        problem = judge(job, result)
        print(f"  {'survived' if problem else 'caught':<9}{result.seconds:5.1f} s  {job.mutation}", flush=True)
        survivors += [problem] if problem else []
        caught += not problem
    print()
    for problem in survivors:
        print(problem)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{caught} passed, {len(survivors)} failed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(testing.main(main))
