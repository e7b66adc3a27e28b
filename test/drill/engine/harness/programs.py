"""The arguments and the exit of the drills' programs."""

import argparse
import gc
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

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
