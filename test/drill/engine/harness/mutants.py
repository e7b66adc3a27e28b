"""Changes of the runbooks, each of one place, that a drill must notice: what
they have in common, and the list of all of them."""

import copy
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

Documents = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Mutant:
    """One change. The three texts tell it from every other and do not change
    with the lines around it."""

    #: A step as "RUNBOOK STEP", a parameter as "RUNBOOK parameter NAME", or code
    #: as "FILE FUNCTION".
    place: str
    #: What was done, such as "step dropped".
    kind: str
    #: To which part of the place.
    what: str
    #: The runbooks that are changed.
    runbooks: frozenset[str]
    #: What a drill must have executed to be able to notice: one of these.
    needs: frozenset[Hashable]
    #: Changes copies of the documents.
    change: Callable[[Documents], None]

    def __str__(self) -> str:
        return f"{self.place} | {self.kind} | {self.what}"

    def documents(self, documents: Documents) -> Documents:
        """The changed runbooks alone."""
        mutants = {name: copy.deepcopy(documents[name]) for name in self.runbooks}
        self.change(mutants)
        return mutants


def numbered(mutants: Iterable[Mutant]) -> list[Mutant]:
    """The mutants, with a number after each but the first of those that would
    have one name."""
    seen: Counter[str] = Counter()
    found = []
    for each in mutants:
        seen[str(each)] += 1
        found.append(each if seen[str(each)] == 1 else replace(each, what=f"{each.what} #{seen[str(each)]}"))
    return found


#: Names that are easily taken for one another, as they stand in names.
TWINS = (
    ("In", "Out"), ("ingress", "egress"), ("Ingress", "Egress"), ("IPv4", "IPv6"), ("Ipv4", "Ipv6"), ("From", "To"),
    ("enable", "disable"), ("min", "max"), ("Min", "Max"), ("AWSPENDING", "AWSCURRENT"), ("before", "after"),
    ("ACTIVE", "INACTIVE"), ("ALARM", "OK"), ("Earliest", "Latest"), ("first", "last"), ("access_key_1", "access_key_2"),
    ("running", "desired"), ("running", "pending"), ("createdAt", "startedAt"), ("Start", "End"), ("start", "end"),
    ("add", "remove"), ("heightened", "normal"), ("Enable", "Disable"),
)
