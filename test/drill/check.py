"""make drill-checks: checks the runbooks of every assembly statically.

usage: check.py ASSEMBLY [ASSEMBLY...]"""

import argparse
import hashlib
import sys
from pathlib import Path

from engine import testing
from engine.document import problems_of_all
from engine.errors import DrillError
from engine.resolve import documents_of, read_assembly


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assemblies", metavar="ASSEMBLY", nargs="+", type=Path)
    return parser.parse_args()


def check(directory: Path, checked: set[str]) -> list[str]:
    """The problems of the runbooks of an assembly, which must have some. One
    with the templates of an assembly that was checked has the same."""
    templates = hashlib.sha256()
    for template in sorted(directory.glob("*.template.json")):
        templates.update(template.read_bytes())
    if templates.hexdigest() in checked:
        print(f"{directory}: the same as another")
        return []
    checked.add(templates.hexdigest())
    documents = documents_of(read_assembly(directory))
    if not documents:
        raise DrillError(f"{directory}: no runbook in the assembly")
    problems = problems_of_all(documents)
    print("\n".join([*problems, f"{directory}: {len(documents)} runbooks, {len(problems)} problems"]))
    return problems


def main() -> int:
    checked: set[str] = set()
    return 1 if sum(len(check(directory, checked)) for directory in arguments().assemblies) else 0


if __name__ == "__main__":
    sys.exit(testing.main(main))
