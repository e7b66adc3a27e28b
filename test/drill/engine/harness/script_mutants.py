"""Mutants of the Python in the runbooks. Code that several steps or runbooks
have is changed in all of them at once, as it is one file."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .mutants import TWINS, Documents, Mutant

#: Where the scripts of several runbooks are.
SCRIPTS = Path(__file__).resolve().parents[4] / "stacks" / "response" / "runbooks" / "scripts"

#: Called by a mutant with what it cuts, to learn whether it was a list at all.
CUT = "__drill_cut__"

#: How much of the code is shown.
LONGEST = 110

Path_ = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Place:
    """Where a unit stands: the step's script, and its lines."""

    runbook: str
    step: str
    first: int
    last: int


@dataclass(frozen=True)
class Unit:
    """A function or another statement at the top of scripts."""

    text: str
    name: str
    places: tuple[Place, ...]


def units_of(documents: Documents) -> list[Unit]:
    """Every unit once, with all of its places."""
    places: dict[str, list[Place]] = {}
    for runbook, document in documents.items():
        for step in document["mainSteps"]:
            for text, first, last in _top_of(script_of(step)):
                places.setdefault(text, []).append(Place(runbook, step["name"], first, last))
    files = {text: path.name for path in sorted(SCRIPTS.glob("*.py")) for text, _, _ in _top_of(path.read_text())}
    return [Unit(text, _name(text, files, at[0]), tuple(at)) for text, at in places.items()]


def script_of(step: dict[str, Any]) -> str:
    """The step's script, nothing if it has none."""
    return step["inputs"]["Script"] if step["action"] == "aws:executeScript" else ""


def _top_of(script: str) -> Iterator[tuple[str, int, int]]:
    lines = script.splitlines()
    for node in ast.parse(script).body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_text(node):
            yield "\n".join(lines[node.lineno - 1:node.end_lineno]), node.lineno, node.end_lineno or node.lineno


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _name(text: str, files: dict[str, str], place: Place) -> str:
    node = ast.parse(text).body[0]
    name = node.name if isinstance(node, ast.FunctionDef) else ast.unparse(node).split(" ")[0]
    return f"{files.get(text) or f'{place.runbook} {place.step}'} {name}"


def instrumented(script: str, hit: str) -> str:
    """The script, which calls the function of that name with the unit and the
    line before every statement."""
    units = [ast.unparse(node) for node in ast.parse(script).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    for text, _, _ in _top_of(script):
        tree = ast.parse(text)
        _Instrument(text, hit).visit(tree)
        units.append(ast.unparse(ast.fix_missing_locations(tree)))
    return "\n".join(units)


class _Instrument(ast.NodeTransformer):
    def __init__(self, text: str, hit: str):
        self._text, self._hit = text, hit

    def visit(self, node: ast.AST) -> Any:
        self.generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list) and statements:
                setattr(node, field, [each for one in statements for each in (self._call(one.lineno), one)])
        return node

    def _call(self, line: int) -> ast.stmt:
        return ast.Expr(ast.Call(ast.Name(self._hit, ast.Load()), [ast.Constant(self._text), ast.Constant(line)], []))


def mutants_of(units: list[Unit]) -> Iterator[Mutant]:
    """Every change of every unit, but for those that give the same code."""
    for unit in units:
        seen = {ast.unparse(ast.parse(unit.text))}
        for change in _changes(unit.text):
            code = change.code(unit.text)
            if code not in seen:
                seen.add(code)
                yield _mutant(unit, change, code)


def _mutant(unit: Unit, change: "Change", code: str) -> Mutant:
    def apply(documents: Documents) -> None:
        for place in unit.places:
            for step in documents[place.runbook]["mainSteps"]:
                if step["name"] == place.step:
                    lines = step["inputs"]["Script"].splitlines()
                    # As long as before, so that the places below stay where they are.
                    new = code.splitlines()
                    span = place.last - place.first + 1
                    new = new if len(new) <= span else [*new[:span - 1], "\n".join(new[span - 1:])]
                    lines[place.first - 1:place.last] = new + [""] * (span - len(new))
                    step["inputs"]["Script"] = "\n".join(lines) + "\n"

    what = change.what if len(change.what) <= LONGEST else change.what[:LONGEST - 3] + "..."
    runbooks = frozenset(place.runbook for place in unit.places)
    return Mutant(unit.name, change.kind, what, runbooks, frozenset({(unit.text, change.line)}), apply)


# What is changed.

@dataclass(frozen=True)
class Change:
    """A change of the node at the path."""

    kind: str
    what: str
    path: Path_
    #: The line of the statement that the node is in.
    line: int
    make: Callable[[Any], ast.AST]

    def code(self, text: str) -> str:
        """The unit with the change."""
        tree = ast.parse(text)
        place: Any = tree
        for field, index in self.path[:-1]:
            place = _at(place, field, index)
        field, index = self.path[-1]
        new = self.make(_at(place, field, index))
        if index is None:
            setattr(place, field, new)
        else:
            getattr(place, field)[index] = new
        return ast.unparse(ast.fix_missing_locations(tree))


def _at(node: Any, field: str, index: int | None) -> Any:
    return getattr(node, field) if index is None else getattr(node, field)[index]


@dataclass(frozen=True)
class _Site:
    node: Any
    parents: tuple[ast.AST, ...]
    path: Path_

    @property
    def parent(self) -> Any:
        return self.parents[-1]

    @property
    def field(self) -> str:
        return self.path[-1][0]


def _sites(node: ast.AST, parents: tuple[ast.AST, ...] = (), path: Path_ = ()) -> Iterator[_Site]:
    if path:
        yield _Site(node, parents, path)
    # What a refusal says is no behaviour.
    if isinstance(node, ast.Raise) or _is_text(node):
        return
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from _sites(child, (*parents, node), (*path, (field, index)))


def _changes(text: str) -> Iterator[Change]:
    for site in _sites(ast.parse(text)):
        line = next((each.lineno for each in (site.node, *reversed(site.parents)) if isinstance(each, ast.stmt)), 0)
        for maker in _MAKERS:
            for kind, what, make in maker(site):
                yield Change(kind, what or ast.unparse(site.node).split("\n")[0], site.path, line, make)


Made = Iterator[tuple[str, str, Callable[[Any], ast.AST]]]


def _conditions(site: _Site) -> Made:
    node, parent = site.node, site.parent
    is_test = site.field == "test" and isinstance(parent, (ast.If, ast.While, ast.IfExp))
    is_part = site.field == "ifs" or isinstance(parent, (ast.BoolOp, ast.UnaryOp))
    composed = isinstance(node, (ast.BoolOp, ast.UnaryOp, ast.Constant))
    if isinstance(node, ast.Compare) or ((is_test or is_part) and isinstance(node, ast.expr) and not composed):
        yield "condition negated", "", lambda it: ast.UnaryOp(ast.Not(), it)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "condition negated", "", lambda it: it.operand
    if isinstance(node, ast.BoolOp):
        yield "and and or swapped", "", lambda it: _with(it, op=ast.Or() if isinstance(it.op, ast.And) else ast.And())
        for index, value in enumerate(node.values):
            yield "condition dropped", f"{ast.unparse(value)} of {ast.unparse(node)}", lambda it, index=index: _without_value(it, index)
    if isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield "filter dropped", f"{ast.unparse(node)}".strip(), lambda it, index=index: _without(it, index, "ifs")


def _without(node: Any, index: int, *fields: str) -> Any:
    """The node without the item of that index in the lists of these fields."""
    for field in fields:
        del getattr(node, field)[index]
    return node


def _without_value(node: ast.BoolOp, index: int) -> ast.expr:
    return node.values[1 - index] if len(node.values) == 2 else _without(node, index, "values")


def _branches(site: _Site) -> Made:
    node = site.node
    if isinstance(node, ast.If) and not all(isinstance(each, ast.Raise) for each in node.body):
        what = f"if {ast.unparse(node.test)}"
        yield "branch never taken", what, lambda it: _with(it, test=ast.Constant(False))
        yield "branch always taken", what, lambda it: _with(it, test=ast.Constant(True))
    if isinstance(node, ast.Raise):
        yield "refusal dropped", "", lambda it: ast.Pass()
    if isinstance(node, ast.ExceptHandler):
        what = f"except {ast.unparse(node.type) if node.type else ''}"
        if not (len(node.body) == 1 and isinstance(node.body[0], ast.Raise)):
            yield "failure not expected", what, lambda it: _with(it, body=[ast.Raise()])
    if isinstance(node, ast.Return) and site.parents[1:] and not isinstance(site.parent, ast.FunctionDef):
        yield "return dropped", "", lambda it: ast.Pass()
    if isinstance(node, ast.Continue):
        yield "loop ended early", "", lambda it: ast.Break()
        yield "continue dropped", "", lambda it: ast.Pass()
    if isinstance(node, ast.Break):
        yield "loop not ended", "", lambda it: ast.Pass()


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _effects(site: _Site) -> Made:
    node = site.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "call dropped", "", lambda it: ast.Pass()
    if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        yield "yield dropped", "", lambda it: ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    if isinstance(node, ast.AugAssign):
        yield "what was there forgotten", "", lambda it: ast.Assign([it.target], it.value)
        yield "addition dropped", "", lambda it: ast.Pass()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for index, keyword in enumerate(node.keywords):
            if keyword.arg:
                what = f"{keyword.arg} of {ast.unparse(node.func)}"
                yield "argument dropped", what, lambda it, index=index: _without(it, index, "keywords")
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        for index, key in enumerate(node.keys):
            if isinstance(key, ast.Constant):
                yield "entry dropped", f"{key.value} of {ast.unparse(node)}", lambda it, index=index: _without(it, index, "keys", "values")


def _lists(site: _Site) -> Made:
    node, parent = site.node, site.parent
    if site.field == "iter" and isinstance(parent, (ast.For, ast.comprehension)):
        page = "page" if "paginate" in ast.unparse(node) else "item"
        yield f"only the first {page}", f"in {ast.unparse(node)}", _first
    if isinstance(node, (ast.List, ast.Set, ast.Tuple)) and len(node.elts) > 1 and _is_listed(site):
        yield "list cut to its first", "", lambda it: _with(it, elts=it.elts[:1])
    if isinstance(parent, (ast.Return, ast.YieldFrom)) and site.field == "value" and _may_be_list(node):
        yield "result cut to its first", "", _cut
    if isinstance(parent, ast.Dict) and site.field == "values" and any(
        isinstance(each, ast.Return) for each in site.parents) and _may_be_list(node):
        yield "result cut to its first", "", _cut
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        if isinstance(node.slice, ast.Slice):
            yield "slice dropped", "", lambda it: it.value
        elif ast.unparse(node.slice) in ("0", "-1"):
            yield "another one chosen", "", lambda it: _with(it, slice=ast.Constant(0 if ast.unparse(it.slice) == "-1" else -1))


def _is_listed(site: _Site) -> bool:
    """A tuple may be several values rather than a list."""
    loaded = isinstance(getattr(site.node, "ctx", ast.Load()), ast.Load)
    return loaded and (not isinstance(site.node, ast.Tuple) or site.field in ("iter", "comparators"))


def _may_be_list(node: ast.AST) -> bool:
    return isinstance(node, (ast.Name, ast.ListComp, ast.Call, ast.BoolOp, ast.IfExp, ast.BinOp, ast.Subscript))


def _first(node: ast.expr) -> ast.expr:
    listed = ast.Call(ast.Name("list", ast.Load()), [node], [])
    return ast.Subscript(listed, ast.Slice(None, ast.Constant(1)), ast.Load())


def _cut(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(CUT, ast.Load()), [node], [])


_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


def _operations(site: _Site) -> Made:
    node = site.node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _SWAPPED:
            yield f"{node.func.id} swapped", "", lambda it: _with(it, func=ast.Name(_SWAPPED[it.func.id], ast.Load()))
        if node.func.id == "sorted":
            yield "order reversed", "", _reversed
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sort":
        yield "order reversed", "", _reversed
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub)):
        yield "left side alone", "", lambda it: it.left
        if not isinstance(node.op, ast.Sub):
            yield "right side alone", "", lambda it: it.right


def _reversed(node: ast.Call) -> ast.Call:
    others = [keyword for keyword in node.keywords if keyword.arg != "reverse"]
    added = [ast.keyword("reverse", ast.Constant(True))] if len(others) == len(node.keywords) else []
    return _with(node, keywords=others + added)


def _constants(site: _Site) -> Made:
    node = site.node
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        if not isinstance(site.parent, ast.While):
            yield "switch flipped", _around(site), lambda it: ast.Constant(not it.value)
    elif isinstance(node.value, (int, float)) and node.value > 1 and not isinstance(site.parent, ast.Subscript):
        yield "number scaled up", _around(site), lambda it: ast.Constant(it.value * 10)
        yield "number scaled down", _around(site), lambda it: ast.Constant(max(1, it.value // 10))


def _around(site: _Site) -> str:
    """The code around a constant, which alone says little."""
    call = site.parents[-2] if isinstance(site.parent, ast.keyword) else None
    if isinstance(call, ast.Call):
        return f"{ast.unparse(site.parent)} of {ast.unparse(call.func)}"
    return ast.unparse(next(each for each in reversed(site.parents) if not isinstance(
        each, (ast.keyword, ast.List, ast.Tuple, ast.Slice)))).split("\n")[0]


def _twins(site: _Site) -> Made:
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not isinstance(site.parent, (ast.JoinedStr, ast.Expr)):
        for twin in twins_of(node.value):
            yield "like name", f"{node.value}, {twin}", lambda it, twin=twin: ast.Constant(twin)
    if isinstance(node, ast.Attribute):
        for twin in twins_of(node.attr):
            yield "like name", f"{node.attr}, {twin}", lambda it, twin=twin: _with(it, attr=twin)
    if isinstance(node, ast.keyword) and node.arg:
        for twin in twins_of(node.arg):
            yield "like name", f"{node.arg}, {twin}", lambda it, twin=twin: _with(it, arg=twin)


def twins_of(name: str) -> Iterator[str]:
    """The names that differ by one word from the name."""
    if not re.fullmatch(r"[A-Za-z0-9_.$\[\]-]+", name):
        return
    for pair in TWINS:
        for one, other in (pair, pair[::-1]):
            pattern = rf"(?<![A-Z]){one}(?![a-z])" if one[0].isupper() else rf"(?<![a-z]){one}(?![a-z])"
            if re.search(pattern, name):
                yield re.sub(pattern, other, name, count=1)


_MAKERS = (_conditions, _branches, _effects, _lists, _operations, _constants, _twins)
