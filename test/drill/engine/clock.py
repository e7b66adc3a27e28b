"""Virtual time: waiting costs nothing, and what happens meanwhile happens."""

import contextlib
import datetime
import itertools
import math
from collections.abc import Callable, Iterator

from .errors import ScenarioFailed


@contextlib.contextmanager
def asserting() -> Iterator[None]:
    """Runs a scenario's function in the midst of a runbook."""
    try:
        yield
    except AssertionError as error:
        raise ScenarioFailed from error


class Clock:
    """Seconds since the drill began, and what is due when."""

    def __init__(self) -> None:
        self.now = 0.0
        #: How many things happened when they were due.
        self.happened = 0
        self._start = datetime.datetime.now(datetime.timezone.utc)
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def datetime(self, seconds: float | None = None) -> datetime.datetime:
        """The present in UTC, or when so many seconds had passed."""
        return self._start + datetime.timedelta(seconds=self.now if seconds is None else seconds)

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Does something to the account when so many seconds have passed."""
        self._due.append((self.now + seconds, next(self._order), action))

    def until_due(self) -> float:
        """The seconds until something happens, infinite if nothing will."""
        return min(self._due)[0] - self.now if self._due else math.inf

    def sleep(self, seconds: float) -> None:
        """Lets time pass, and does what is due in its order."""
        end = self.now + seconds
        while self._due and min(self._due)[0] <= end:
            event = min(self._due)
            self._due.remove(event)
            self.now = max(self.now, event[0])
            with asserting():
                event[2]()
            self.happened += 1
        self.now = max(self.now, end)
