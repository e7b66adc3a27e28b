#!/bin/sh
# Rehearses the deployment of the working tree where what a commit makes is deployed:
# of the environment ENVIRONMENT_SUFFIX or, without one, of every file and of a
# short-lived environment from each. BASE names the commit. By default it is the one on
# origin/main, and the one before if that is what is checked out.
# ACCEPT, or lines Rehearsal-Accept: in the messages of the commits since, name
# verdicts, such as "data lost", that do not fail.
set -eu

dir=.build/rehearsal
files=config/environments

commit() { git rev-parse --verify --quiet "$1^{commit}"; }

find_base() {
	if test -n "${BASE:-}"; then
		commit "$BASE" || { echo "BASE: got $BASE, want a commit, such as origin/main or HEAD~1" >&2; exit 1; }
		return
	fi
	base=$(git merge-base origin/main HEAD 2> /dev/null || commit HEAD || true)
	if test "$base" = "$(commit HEAD)" && git diff --quiet HEAD; then
		base=$(commit HEAD~1 || true)
	fi
	echo "$base"
}

build_base() {
	rm -rf "$dir"
	mkdir -p "$dir/source"
	git archive "$base" | tar -x -C "$dir/source"
	echo "compiling $(git log -1 --format='%h %s' "$base")" >&2
	(cd "$dir/source" && go build -o ../catalog-infra .)
	rm -rf "$dir/source"
}

# rehearse NAME FILE rehearses the environment that the variables name. FILE is its own,
# or the one that it starts from. Without it at the base this is a first deployment.
rehearse() {
	echo "$1:"
	rm -rf "$dir/base" "$dir/head"
	CDK_OUTDIR=$dir/head .build/catalog-infra
	name=$1 file=$2
	set -- --head "$dir/head" --way "$dir/way" ${accept:+--accept "$accept"}
	if git cat-file -e "$base:$files/$file.yaml" 2> /dev/null; then
		CDK_OUTDIR=$dir/base "$dir/catalog-infra"
		set -- "$@" --base "$dir/base"
	fi
	status=0
	.build/envtool rehearse "$@" || status=$?
	case $status in
	0 | 2) ;;
	3) refused="$refused $name" ;;
	*) exit "$status" ;;
	esac
}

base=$(find_base)
if test -z "$base"; then
	echo "Not rehearsed: git has no commit before this one. A shallow clone lacks it: git fetch --deepen=1" >&2
	exit 0
fi
accept=$(git log --format='%(trailers:key=Rehearsal-Accept,valueonly,separator=%x2C)' "$base..HEAD" | sed '/^$/d' | paste -s -d , -)
accept=${ACCEPT:-}${ACCEPT:+${accept:+,}}$accept
build_base
refused=
if test -n "${ENVIRONMENT_SUFFIX:-}"; then
	rehearse "$ENVIRONMENT_SUFFIX" "${ENVIRONMENT_FROM:-$ENVIRONMENT_SUFFIX}"
else
	for file in "$files"/*.yaml; do
		from=$(basename "$file" .yaml)
		unset ENVIRONMENT_FROM
		export ENVIRONMENT_SUFFIX="$from"
		rehearse "$from" "$from"
		export ENVIRONMENT_SUFFIX=pr-17 ENVIRONMENT_FROM="$from"
		rehearse "pr-17-from-$from" "$from"
	done
fi
if test -n "$refused"; then
	echo "Not to be deployed so:$refused. A line \"Rehearsal-Accept: VERDICT\" at the end of the commit's message accepts a verdict." >&2
	exit 3
fi
