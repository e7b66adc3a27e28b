#!/usr/bin/env bash
# Runs cfn-lint over every template of the assemblies in the directories, for
# the regions that they are deployed to. It fails on every finding that
# cfn-lint.yaml does not name, and on a directory that has no template: then
# nothing would have been checked.
set -euo pipefail
here=$(dirname "$0")

if [ $# -eq 0 ]; then
	echo "usage: $0 DIR..." >&2
	exit 2
fi

templates=()
for dir in "$@"; do
	found=("$dir"/*.template.json)
	if [ ! -e "${found[0]}" ]; then
		echo "$dir: no template to check" >&2
		exit 1
	fi
	templates+=("${found[@]}")
done

# cfn-lint's own choice would be us-east-1.
regions=$(sed -n 's|.*"environment": "aws://[^/]*/\(.*\)".*|\1|p' "${@/%//manifest.json}" | sort -u)

python=$("$here/python.sh")
# shellcheck disable=SC2086 # one argument for each region
if ! "$python" -c 'import sys; from cfnlint.runner import main; sys.exit(main())' \
	--config-file "$here/cfn-lint.yaml" --regions $regions -- "${templates[@]}"; then
	echo "cfn-lint: findings in ${#templates[@]} templates: fix them, or give the reason in test/policy/cfn-lint.yaml" >&2
	exit 1
fi
echo "cfn-lint: no finding in ${#templates[@]} templates"
