"""Virtual time: waiting costs nothing, and what happens meanwhile happens."""

import datetime
import itertools
from collections.abc import Callable


class Clock:
    """Seconds since the drill began, and what is due when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._start = datetime.datetime.now(datetime.timezone.utc)
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def datetime(self, seconds: float | None = None) -> datetime.datetime:
        """The present in UTC, or when so many seconds had passed."""
        return self._start + datetime.timedelta(seconds=self.now if seconds is None else seconds)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Does something to the account when so many seconds have passed."""
        self._due.append((self.now + seconds, next(self._order), action))

    def sleep(self, seconds: float) -> None:
        """Lets time pass, and does what is due in its order."""
        end = self.now + seconds
        while self._due and min(self._due)[0] <= end:
            event = min(self._due)
            self._due.remove(event)
            self.now = max(self.now, event[0])
            event[2]()
        self.now = max(self.now, end)
