#!/usr/bin/env bash
# Prints the Python that has what requirements.txt pins: python3 if it has it
# already, else the one in .venv, which is made if need be.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

# complete tells whether a Python has each package in the version that is pinned.
# pip would take ten times as long to say so.
complete() {
	"$1" - 2> /dev/null <<-'CHECK'
		import importlib.metadata, re, sys
		pinned = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", open("requirements.txt").read(), re.MULTILINE)
		sys.exit(any(importlib.metadata.version(name) != version for name, version in pinned) or not pinned)
	CHECK
}

needed="3.11 or newer is needed for cfn-lint and the drills of the runbooks"
version=$(python3 -c 'import platform; print(platform.python_version())' 2> /dev/null) ||
	{ echo "python3 is missing: $needed" >&2; exit 1; }

# The runbooks' scripts are run by the version that SSM has.
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is $version: $needed" >&2; exit 1; }

for python in python3 "$PWD/.venv/bin/python"; do
	if complete "$python"; then
		echo "$python"
		exit
	fi
done

echo "installing requirements.txt into .venv" >&2
python3 -m venv .venv >&2
.venv/bin/python -m pip install --quiet --requirement requirements.txt >&2
echo "$PWD/.venv/bin/python"
