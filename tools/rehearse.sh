#!/bin/sh
# Rehearses the deployment of the working tree where what a commit makes is
# deployed. BASE names the commit, ENVIRONMENT_SUFFIX the environment.
set -eu

dir=.build/rehearsal
base=${BASE:-origin/main}
if ! git rev-parse --verify --quiet "$base^{commit}" > /dev/null; then
	echo "BASE: got $base, want a commit, such as origin/main or HEAD~1" >&2
	exit 1
fi
rm -rf "$dir"
mkdir -p "$dir/source"
git archive "$base" | tar -x -C "$dir/source"
echo "compiling $base" >&2
(cd "$dir/source" && go build -o ../catalog-infra .)
CDK_OUTDIR=$dir/base "$dir/catalog-infra"
CDK_OUTDIR=$dir/head .build/catalog-infra
status=0
.build/envtool rehearse --base "$dir/base" --head "$dir/head" || status=$?
test "$status" -eq 0 || test "$status" -eq 2
