"""Writes engine/automation/oldest_boto3.json: what the oldest boto3 that scripts may meet knows of
the operations that the scripts of an assembly use.

usage: oldest_boto3.py BOTOCORE [ASSEMBLY]

BOTOCORE is a checkout of https://github.com/boto/botocore at the tag 1.30.1,
whose service models are the source. An operation that it does not know is null,
and make drill-checks refuses it in a script."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from engine.account.resolve import documents_of, read_assembly
from engine.automation import oldest_boto3
from engine.automation.check_script import operations_of
from engine.errors import DrillError
from engine.harness import programs

#: The tag, and the day of its release.
VERSION, DATE = "1.30.1", "2023-07-05"


def names_below(shapes: dict[str, Any], name: str, seen: frozenset[str] = frozenset()) -> oldest_boto3.Names:
    """Returns the members below a shape; a recursive shape has none."""
    shape = shapes[name]
    if name in seen or shape["type"] not in ("structure", "list", "map"):
        return None
    seen |= {name}
    if shape["type"] == "list":
        return names_below(shapes, shape["member"]["shape"], seen)
    if shape["type"] == "map":
        return {"*": names_below(shapes, shape["value"]["shape"], seen)}
    return {member: names_below(shapes, each["shape"], seen) for member, each in shape["members"].items()}


def described(data: Path, service: str, wanted: set[str]) -> dict[str, Any]:
    """Returns the operations as the service's model describes them."""
    newest = max(path for path in (data / service).iterdir() if path.is_dir())
    model = json.loads((newest / "service-2.json").read_text())
    pages = newest / "paginators-1.json"
    paged = json.loads(pages.read_text())["pagination"] if pages.exists() else {}
    operations = {
        name: {"paged": name in paged, **{
            which: names_below(model["shapes"], each[which]["shape"]) if which in each else {} for which in ("input", "output")}}
        for name, each in model["operations"].items() if name in wanted}
    operations |= {name: None for name in wanted - set(operations)}
    errors = sorted(name for name, shape in model["shapes"].items() if shape.get("exception"))
    return {"operations": operations, "errors": errors}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("botocore", metavar="BOTOCORE", type=Path)
    parser.add_argument("assembly", metavar="ASSEMBLY", nargs="?", type=Path, default=programs.DEFAULT_ASSEMBLY)
    arguments = parser.parse_args()
    if f"'{VERSION}'" not in (arguments.botocore / "botocore" / "__init__.py").read_text():
        raise DrillError(f"{arguments.botocore} is no checkout of botocore {VERSION}")
    data, wanted = arguments.botocore / "botocore" / "data", operations_of(documents_of(read_assembly(arguments.assembly)).values())
    table = {"botocore": VERSION, "date": DATE, "services": {
        service: described(data, service, names) for service, names in sorted(wanted.items())}}
    oldest_boto3.TABLE_FILE.write_text(json.dumps(table, separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(programs.main(main))
