"""make drill-checks: checks the runbooks of every assembly statically.

usage: check.py ASSEMBLY [ASSEMBLY...]"""

import argparse
import sys
from pathlib import Path

from engine.account.resolve import documents_of, read_assembly
from engine.automation.document import problems_of_all
from engine.errors import DrillError
from engine.harness import programs


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assemblies", metavar="ASSEMBLY", nargs="+", type=Path)
    return parser.parse_args()


def different(directories: list[Path]) -> list[Path]:
    """The assemblies without those that have the stacks of an earlier one, and
    so the same problems."""
    by_stacks: dict[str, Path] = {}
    for directory in directories:
        stacks = repr(read_assembly(directory))
        if stacks in by_stacks:
            print(f"{directory}: as {by_stacks[stacks]}")
        by_stacks.setdefault(stacks, directory)
    return list(by_stacks.values())


def check(directory: Path) -> list[str]:
    """The problems of the runbooks of an assembly, which must have some."""
    documents = documents_of(read_assembly(directory))
    if not documents:
        raise DrillError(f"{directory}: no runbook in the assembly")
    problems = problems_of_all(documents)
    print("\n".join([*problems, f"{directory}: {len(documents)} runbooks, {len(problems)} problems"]))
    return problems


def main() -> int:
    return 1 if sum(len(check(directory)) for directory in different(arguments().assemblies)) else 0


if __name__ == "__main__":
    sys.exit(programs.main(main))
