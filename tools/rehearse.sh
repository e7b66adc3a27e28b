#!/bin/sh
# Rehearses the deployment of the working tree where what a commit makes is deployed:
# of the environment ENVIRONMENT_SUFFIX or, without one, of every file and of a
# short-lived environment from each. BASE names the commit. By default it is the one on
# origin/main, and the one before if that is what is checked out.
# "rehearse.sh review" reviews them all instead, in the FORMAT text, markdown or json.
# ACCEPT, or lines Rehearsal-Accept: in the messages of the commits since, name
# verdicts, such as "data lost", that do not fail.
set -eu

command=${1:-rehearse}
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
	mkdir -p "$dir/source" "$dir/base" "$dir/head"
	git archive "$base" | tar -x -C "$dir/source"
	echo "compiling $(git log -1 --format='%h %s' "$base")" >&2
	(cd "$dir/source" && go build -o ../catalog-infra .)
	mv "$dir/source/$files" "$dir/files"
	rm -rf "$dir/source"
}

# synthesize NAME FILE writes the assemblies of the environment that the variables name.
# FILE is its own, or the one that it starts from. Without it at one of both commits the
# environment is new, or removed.
synthesize() {
	if test -e "$files/$2.yaml" || ! test -e "$dir/files/$2.yaml"; then CDK_OUTDIR=$dir/head/$1 .build/catalog-infra; fi
	if test -e "$dir/files/$2.yaml"; then CDK_OUTDIR=$dir/base/$1 "$dir/catalog-infra"; fi
}

# rehearse NAME FILE rehearses an environment.
rehearse() {
	echo "$1:"
	synthesize "$1" "$2"
	name=$1 file=$2
	set -- --head "$dir/head/$1" --way "$dir/way" ${accept:+--accept "$accept"}
	if test -e "$dir/files/$file.yaml"; then set -- "$@" --base "$dir/base/$name"; fi
	status=0
	.build/envtool rehearse "$@" || status=$?
	case $status in
	0 | 2) ;;
	3) refused="$refused $name" ;;
	*) exit "$status" ;;
	esac
}

# each COMMAND runs the command with the name and the file of each environment.
each() {
	if test -n "${ENVIRONMENT_SUFFIX:-}"; then
		"$1" "$ENVIRONMENT_SUFFIX" "${ENVIRONMENT_FROM:-$ENVIRONMENT_SUFFIX}"
		return
	fi
	for file in "$files"/*.yaml "$dir/files"/*.yaml; do
		from=$(basename "$file" .yaml)
		if ! test -e "$file"; then continue; fi
		if test "$file" != "$files/$from.yaml" && { test -e "$files/$from.yaml" || test "$1" = rehearse; }; then continue; fi
		unset ENVIRONMENT_FROM
		export ENVIRONMENT_SUFFIX="$from"
		"$1" "$from" "$from"
		export ENVIRONMENT_SUFFIX=pr-17 ENVIRONMENT_FROM="$from"
		"$1" "pr-17-from-$from" "$from"
	done
}

base=$(find_base)
if test -z "$base"; then
	echo "Nothing to compare with: git has no commit before this one. A shallow clone lacks it: git fetch --deepen=1" >&2
	exit 0
fi
accept=$(git log --format='%(trailers:key=Rehearsal-Accept,valueonly,separator=%x2C)' "$base..HEAD" | sed '/^$/d' | paste -s -d , -)
accept=${ACCEPT:-}${ACCEPT:+${accept:+,}}$accept
build_base
if test "$command" = review; then
	each synthesize
	exec .build/envtool review --base "$dir/base" --head "$dir/head" --format "${FORMAT:-text}"
fi
refused=
each rehearse
if test -n "$refused"; then
	echo "Not to be deployed so:$refused. A line \"Rehearsal-Accept: VERDICT\" at the end of the commit's message accepts a verdict." >&2
	exit 3
fi
