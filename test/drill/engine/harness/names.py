"""The name of the environment that is drilled, which the names in its
scenarios begin with."""

import os

from ..account.resolve import Stack
from ..errors import DrillError

_environment = ""


def use(stacks: list[Stack]) -> None:
    """Selects the environment of the stacks for the scenarios. Those read the
    name when they are loaded."""
    global _environment
    _environment = os.path.commonprefix([stack.name for stack in stacks]).rpartition("-")[0]


def environment_name() -> str:
    """Returns the environment's full name: the project and the environment name."""
    if not _environment:
        raise DrillError("no environment is drilled yet")
    return _environment
