"""The mutants that no drill can notice, each with the reason. A reason whose
mutant a drill notices, or that is about none, fails make drill-mutations."""

import re
from dataclasses import dataclass

from engine.mutants import Mutant


@dataclass(frozen=True)
class Equivalent:
    """The mutants of a place and a kind that change what the text says, with *
    for anything, and why the account ends up the same."""

    place: str
    kind: str
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} | {self.kind} | {self.what}"

    def matches(self, mutant: Mutant) -> bool:
        return all(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) for pattern, text in (
            (self.place, mutant.place), (self.kind, mutant.kind), (self.what, mutant.what)))


EQUIVALENT: list[Equivalent] = []
