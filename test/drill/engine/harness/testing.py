"""Runs programs of the drills, and the functions test_* of a module."""

import argparse
import gc
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..errors import DrillError

DEFAULT_ASSEMBLY = Path(__file__).resolve().parents[4] / ".build" / "assemblies" / "prod"


def arguments(description: str | None) -> argparse.Namespace:
    """The runbook and the assembly that a program is about."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="RUNBOOK", help="this runbook alone")
    parser.add_argument("assembly", metavar="ASSEMBLY", nargs="?", type=Path, default=DEFAULT_ASSEMBLY)
    return parser.parse_args()


def file_of(runbook: str) -> str:
    """Where the drills of a runbook are that has a file of its own."""
    return f"test/drill/drills/{runbook.replace('-', '_')}.py"


def refuse_unknown(runbooks: Iterable[str], known: Iterable[str]) -> None:
    """A runbook that no template has is an error."""
    if unknown := sorted(set(runbooks) - set(known)):
        raise DrillError(f"no such runbook: {', '.join(unknown)}; the files in stacks/ add {', '.join(sorted(known))}")


#: The exit status of a program that an interrupt ended.
INTERRUPTED = 128 + signal.SIGINT


def main(function: Callable[[], int]) -> int:
    """Runs a program of the drills: that they cannot go on is one message, and
    that somebody stops them is one, too. The collection at its end would find
    nothing in two seconds."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        return function()
    except DrillError as error:
        print(f"{error}\n0 passed, 1 failed")
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
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
            except KeyboardInterrupt:
                raise
            except BaseException:  # a DrillError is none of Exception
                failed += 1
                print(f"{name}\n{traceback.format_exc()}")
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
