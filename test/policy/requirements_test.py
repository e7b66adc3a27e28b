"""Tests that requirements.txt pins each package that the pinned ones bring."""

import importlib.metadata
import re
import sys
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"

#: What every Python has, in a version of its own.
OF_PYTHON = {"setuptools"}


def normal(name: str) -> str:
    """A name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, set[str]]:
    """The extras of each package in the file, which names an exact version."""
    found: dict[str, set[str]] = {}
    for line in REQUIREMENTS.read_text().splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), f"{line}: want an exact version"
            found[normal(requirement.name)] = requirement.extras
    return found


def brought(name: str, extras: set[str]) -> set[str]:
    """Returns the dependencies of a package here, with its extras."""
    needed = (Requirement(each) for each in importlib.metadata.requires(name) or [])
    return {normal(each.name) for each in needed
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras or {""})}


def main() -> int:
    packages = pinned()
    missing = sorted({f"{each}, which {name} needs" for name, extras in packages.items()
                      for each in brought(name, extras) - packages.keys() - OF_PYTHON})
    for each in missing:
        print(f"requirements.txt does not pin {each}: add it in the version that is installed")
    print(f"requirements.txt: {len(packages)} packages, {len(missing)} missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
