"""make policy: runs cfn-lint over every template of the assemblies in the
directories, each for the regions that its environment is deployed to, and the
same one once. It fails on every finding that the register of accepted findings
does not explain, on what the register explains and nothing has, and on a directory
that has no template: then nothing would have been checked.

usage: cfn_lint.py DIR..."""

import gc
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

# A collection finds nothing and takes a sixth of the time.
gc.disable()

# Until stoppable takes over, an interrupt ends the process without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import yaml
from cfnlint.config import ConfigMixIn
from cfnlint.formatters import Formatter
from cfnlint.runner import Runner
from cfnlint.runner.template import run_template_by_file_path

CONFIG = Path(__file__).with_name("cfn-lint.yaml")
REGISTER = Path(__file__).resolve().parents[2] / "internal/exceptions/exceptions.yaml"


def accepted(without: str = "") -> frozenset[str]:
    """The rules of cfn-lint whose findings the register explains, but for entries
    that have a certain field."""
    entries = yaml.safe_load(REGISTER.read_text())
    return frozenset(rule for entry in entries if without not in entry for rule in entry.get("found", {}).get("cfn-lint", []))


class NothingToCheck(Exception):
    """A directory without a template."""


def templates_of(directory: Path) -> list[Path]:
    """The templates of an assembly, which must have some."""
    found = sorted(directory.glob("*.template.json"))
    if not found:
        raise NothingToCheck(f"{directory}: no template to check")
    return found


def regions_of(directory: Path) -> tuple[str, ...]:
    """Where the assembly is deployed to. cfn-lint's own choice would be us-east-1."""
    artifacts = json.loads((directory / "manifest.json").read_text())["artifacts"].values()
    return tuple(sorted({each["environment"].rsplit("/", 1)[1] for each in artifacts if "environment" in each}))


def different(directories: Iterable[Path]) -> tuple[int, list["Job"]]:
    """How many templates there are, and those that are to be checked: of the same
    text for the same regions the first."""
    count, jobs = 0, {}
    for directory in directories:
        templates = templates_of(directory)
        regions = regions_of(directory)
        for template in templates:
            count += 1
            jobs.setdefault((regions, template.read_bytes()), Job(template, regions))
    return count, list(jobs.values())


class Job(NamedTuple):
    """A template, and the regions that it is for."""

    template: Path
    regions: tuple[str, ...]


class Findings(NamedTuple):
    """The findings in a template, as cfn-lint prints them, and the rules whose
    findings are accepted."""

    text: str
    accepted: frozenset[str]


class Linter:
    """cfn-lint with its rules, loaded once for all templates."""

    def __init__(self, regions: Iterable[tuple[str, ...]]):
        self._configs = {each: ConfigMixIn(["--config-file", str(CONFIG), "--regions", *each]) for each in regions}
        self._rules = Runner(next(iter(self._configs.values()))).rules
        self._accepted = accepted()

    def lint(self, job: Job) -> Findings:
        """Returns the findings in one template."""
        config = self._configs[job.regions]
        found = run_template_by_file_path(str(job.template), config, self._rules, ignore_bad_template=False)
        matches = sorted(found, key=lambda match: (match.linenumber, match.rule.id))
        explained = frozenset(match.rule.id for match in matches) & self._accepted
        matches = [match for match in matches if match.rule.id not in explained]
        return Findings(Formatter().print_matches(matches, self._rules, config=config) or "", explained)


def findings(jobs: list[Job], processes: int) -> list[Findings]:
    """Returns the findings in each template. The largest go first, so that no process
    has one of them left at the end."""
    linter = Linter({each.regions for each in jobs})
    if processes == 1:
        return list(map(linter.lint, jobs))
    largest_first = sorted(jobs, key=lambda each: each.template.stat().st_size, reverse=True)
    with multiprocessing.get_context("fork").Pool(processes, _begin, [linter]) as pool:
        found = dict(zip(largest_first, pool.map(_lint, largest_first, chunksize=1)))
    return [found[each] for each in jobs]


def _begin(linter: Linter) -> None:
    """In a process of the pool. An interrupt is for the parent, which ends it."""
    global _linter
    _linter = linter
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _lint(job: Job) -> Findings:
    return _linter.lint(job)


def check(directories: list[Path], processes: int = os.cpu_count() or 1, explained: frozenset[str] = frozenset()) -> int:
    """The exit status: 1 if there is anything to say of the assemblies, or if they
    have no finding of a rule that is explained."""
    try:
        count, jobs = different(directories)
    except NothingToCheck as error:
        print(error)
        return 1
    all_findings = findings(jobs, processes)
    found = [each.text for each in all_findings if each.text]
    if found:
        print("\n".join(found))
        print(f"cfn-lint: findings in {len(found)} of {len(jobs)} templates: "
              "fix them, or give the reason in internal/exceptions/exceptions.yaml")
        return 1
    if unused := explained.difference(*(each.accepted for each in all_findings)):
        print(f"cfn-lint: nothing is found any more by {', '.join(sorted(unused))}: "
              "take it out of internal/exceptions/exceptions.yaml")
        return 1
    print(f"cfn-lint: no finding in {count} templates of {len(directories)} assemblies, {len(jobs)} of them different")
    return 0


def stoppable(function: Callable[[], Any]) -> Any:
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
        print((__doc__ or "").splitlines()[-1], file=sys.stderr)
        return 2
    return check([Path(each) for each in sys.argv[1:]], explained=accepted(without="needs"))


if __name__ == "__main__":
    sys.exit(stoppable(main))
