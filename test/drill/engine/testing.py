"""Runs the functions test_* of a module, and says how many passed."""

import time
import traceback
from typing import Any


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
