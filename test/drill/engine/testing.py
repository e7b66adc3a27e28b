"""Runs programs of the drills, and the functions test_* of a module."""

import gc
import time
import traceback
from collections.abc import Callable
from typing import Any

from .errors import DrillError


def main(function: Callable[[], int]) -> int:
    """Runs a program of the drills: that they cannot go on is one message. The
    collection at its end would find nothing in two seconds."""
    try:
        return function()
    except DrillError as error:
        print(f"{error}\n0 passed, 1 failed")
        return 1
    finally:
        gc.freeze()


def run(module: dict[str, Any]) -> int:
    """The exit status: 1 if one failed."""
    began, passed, failed = time.monotonic(), 0, 0
    for name, function in list(module.items()):
        if name.startswith("test_"):
            try:
                function()
                passed += 1
            except BaseException:  # a DrillError is none of Exception
                failed += 1
                print(f"{name}\n{traceback.format_exc()}")
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
