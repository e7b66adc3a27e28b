#!/usr/bin/env bash
# Prints the Python that has what requirements.txt pins: python3 if it has it
# already, else the one in .venv, which is made if need be.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Without an index and anybody's settings, which may name a directory to
# install from, pip can only agree with what is installed.
complete() {
	PIP_CONFIG_FILE=/dev/null "$1" -m pip --isolated install --quiet --dry-run --no-deps --no-index \
		--requirement requirements.txt > /dev/null 2>&1
}

# The runbooks' scripts are run by the version that SSM has.
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "python3 is older than 3.11" >&2; exit 1; }

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
