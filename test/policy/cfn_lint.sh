#!/usr/bin/env bash
# Runs cfn-lint over every template of the assemblies in the directories, each
# for the regions that its environment is deployed to, and the same one once. It
# fails on every finding that cfn-lint.yaml does not name, and on a directory
# that has no template: then nothing would have been checked.
set -euo pipefail
here=$(dirname "$0")

if [ $# -eq 0 ]; then
	echo "usage: $0 DIR..." >&2
	exit 2
fi

# listed prints regions, checksum and file of each template, with tabs between.
listed() {
	local dir regions template
	for dir in "$@"; do
		# cfn-lint's own choice would be us-east-1.
		regions=$(sed -n 's|.*"environment": "aws://[^/]*/\(.*\)".*|\1|p' "$dir/manifest.json" | sort -u | tr '\n' ' ')
		for template in "$dir"/*.template.json; do
			printf '%s\t%s\t%s\n' "$regions" "$(cksum < "$template")" "$template"
		done
	done
}

for dir in "$@"; do
	found=("$dir"/*.template.json)
	if [ ! -e "${found[0]}" ]; then
		echo "$dir: no template to check" >&2
		exit 1
	fi
done
templates=$(listed "$@")
different=$(sort -u -t "$(printf '\t')" -k 1,2 <<< "$templates")

python=$("$here/python.sh")
failed=0
while IFS= read -r regions; do
	files=()
	while IFS=$'\t' read -r its_regions _ file; do
		if [ "$its_regions" = "$regions" ]; then files+=("$file"); fi
	done <<< "$different"
	# shellcheck disable=SC2086 # one argument for each region
	"$python" -c 'import sys; from cfnlint.runner import main; sys.exit(main())' \
		--config-file "$here/cfn-lint.yaml" --regions $regions -- "${files[@]}" || failed=1
done < <(cut -f 1 <<< "$different" | sort -u)

if [ "$failed" = 1 ]; then
	echo "cfn-lint: findings in $# assemblies: fix them, or give the reason in test/policy/cfn-lint.yaml" >&2
	exit 1
fi
echo "cfn-lint: no finding in $(wc -l <<< "$templates" | tr -d ' ') templates of $# assemblies, $(wc -l <<< "$different" | tr -d ' ') of them different"
