"""make policy: runs cfn-lint over every template of the assemblies in the
directories, for the regions that they are deployed to. It fails on every finding
that cfn-lint.yaml does not name, and on a directory that has no template: then
nothing would have been checked.

usage: cfn_lint.py DIR..."""

import gc
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

# A collection finds nothing and takes a sixth of the time.
gc.disable()

# Until stoppable takes over, an interrupt ends the process without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from cfnlint.config import ConfigMixIn
from cfnlint.formatters import Formatter
from cfnlint.runner import Runner
from cfnlint.runner.template import run_template_by_file_path

CONFIG = Path(__file__).with_name("cfn-lint.yaml")


class NothingToCheck(Exception):
    """A directory without a template."""


def templates_of(directory: Path) -> list[Path]:
    """The templates of an assembly, which must have some."""
    found = sorted(directory.glob("*.template.json"))
    if not found:
        raise NothingToCheck(f"{directory}: no template to check")
    return found


def regions_of(directories: Iterable[Path]) -> list[str]:
    """Where the assemblies are deployed to. cfn-lint's own choice would be
    us-east-1."""
    artifacts = [artifact for directory in directories
                 for artifact in json.loads((directory / "manifest.json").read_text())["artifacts"].values()]
    return sorted({each["environment"].rsplit("/", 1)[1] for each in artifacts if "environment" in each})


class Linter:
    """cfn-lint with its rules, loaded once for all templates."""

    def __init__(self, regions: list[str]):
        self._config = ConfigMixIn(["--config-file", str(CONFIG), "--regions", *regions])
        self._rules = Runner(self._config).rules

    def lint(self, template: Path) -> str:
        """The findings, as cfn-lint prints them."""
        found = run_template_by_file_path(str(template), self._config, self._rules, ignore_bad_template=False)
        matches = sorted(found, key=lambda match: (match.linenumber, match.rule.id))
        return Formatter().print_matches(matches, self._rules, config=self._config)


def findings(templates: list[Path], regions: list[str], processes: int) -> list[str]:
    """What cfn-lint says of each template that it says something of. The largest
    go first, so that no process has one of them left at the end."""
    linter = Linter(regions)
    if processes == 1:
        return list(filter(None, map(linter.lint, templates)))
    largest_first = sorted(templates, key=lambda each: each.stat().st_size, reverse=True)
    with multiprocessing.get_context("fork").Pool(processes, _begin, [linter]) as pool:
        found = dict(zip(largest_first, pool.map(_lint, largest_first, chunksize=1)))
    return [found[each] for each in templates if found[each]]


def _begin(linter: Linter) -> None:
    """In a process of the pool. An interrupt is for the parent, which ends it."""
    global _linter
    _linter = linter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _lint(template: Path) -> str:
    return _linter.lint(template)


def check(directories: list[Path], processes: int = os.cpu_count() or 1) -> int:
    """The exit status: 1 if there is anything to say of the assemblies."""
    try:
        templates = [template for directory in directories for template in templates_of(directory)]
    except NothingToCheck as error:
        print(error)
        return 1
    found = findings(templates, regions_of(directories), processes)
    if found:
        print("\n".join(found))
        print(f"cfn-lint: findings in {len(found)} of {len(templates)} templates: "
              "fix them, or give the reason in test/policy/cfn-lint.yaml")
        return 1
    print(f"cfn-lint: no finding in {len(templates)} templates")
    return 0


def stoppable(function: Callable[[], int]) -> int:
    """Runs a program: that somebody stops it ends its processes, and is one word."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        return function()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__.splitlines()[-1], file=sys.stderr)
        return 2
    return check([Path(each) for each in sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(stoppable(main))
