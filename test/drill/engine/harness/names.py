"""The name of the environment that is drilled, which the names in its
scenarios begin with."""

import os

from ..account.resolve import Stack
from ..errors import DrillError

_environment = ""


def use(stacks: list[Stack]) -> None:
    """Has the scenarios be about the environment of the stacks. Those read the
    name when they are loaded."""
    global _environment
    _environment = os.path.commonprefix([stack.name for stack in stacks]).rpartition("-")[0]


def environment_name() -> str:
    """What the names of all its stacks begin with: the project and the suffix."""
    if not _environment:
        raise DrillError("no environment is drilled yet")
    return _environment
