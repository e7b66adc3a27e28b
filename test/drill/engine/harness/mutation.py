"""Single places of a document, changed by hand for a test."""

import copy
from dataclasses import dataclass
from typing import Any

from ..errors import DrillError


class _Removed:
    def __repr__(self) -> str:
        return "REMOVED"


#: As new: takes the value out of the document.
REMOVED = _Removed()


@dataclass(frozen=True)
class Mutation:
    """A change of one place of a document.

    at is the path: keys, numbers, and in mainSteps the names of steps, with
    dots between them, such as "mainSteps.Save.inputs.Script". If the value
    there is text, old is the part of it that new takes the place of, which
    must be there once; otherwise old is the whole value. To remove what is
    there whatever it is, old is None and new is REMOVED; to add a key, old is
    None."""

    runbook: str
    breaks: str
    at: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.runbook}: {self.breaks}"

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """A copy of the document with the change."""
        mutant = copy.deepcopy(document)
        *path, last = self.at.split(".")
        place = mutant
        for key in path:
            place = place[self._index(place, key)]
        if isinstance(place, dict) and last not in place and self.old is None and self.new is not REMOVED:
            place[last] = self.new
            return mutant
        index = self._index(place, last)
        if self.new is REMOVED:
            self._expect(self.old is None or place[index] == self.old, place[index])
            del place[index]
        else:
            place[index] = self._replaced(place[index])
        return mutant

    def _index(self, place: Any, key: str) -> Any:
        if isinstance(place, dict) and key in place:
            return key
        if isinstance(place, list):
            for index, item in enumerate(place):
                if key == str(index) or (isinstance(item, dict) and key in (item.get("name"), item.get("Name"))):
                    return index
        raise DrillError(f"mutation {self}: no {key!r} in {self.at}")

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str) and isinstance(self.old, str) and isinstance(self.new, str):
            self._expect(value.count(self.old) == 1, value)
            return value.replace(self.old, self.new)
        self._expect(value == self.old, value)
        return self.new

    def _expect(self, holds: bool, value: Any) -> None:
        if not holds:
            raise DrillError(f"mutation {self}: {self.at} is {value!r}, which does not have {self.old!r} once")
