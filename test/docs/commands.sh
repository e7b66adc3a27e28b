#!/usr/bin/env bash
# Runs every command of the documents' sh blocks: as written where it works
# offline, and otherwise as far as that goes without AWS. Fails on the first
# that fails, and on one that changes a checked-in file. It says of each what was
# done: run, a dry run, its options looked up, its syntax checked, or nothing.
# It does so in a copy of the repository with the reference environments: what the
# documents are about is not what an operator has made of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CDK_DISABLE_VERSION_CHECK=1
unset SUFFIX FROM ENVIRONMENT_SUFFIX ENVIRONMENT_FROM MAKEFLAGS MAKELEVEL

# checked runs a command in a mode that needs no AWS, quietly unless it fails.
checked() {
  local how=$1
  shift
  printf '%-9s %s\n' "$how" "$command"
  "$@" > .build/documents.log 2>&1 < /dev/null || { cat .build/documents.log; echo "failed: $command"; exit 1; }
}

# knows_options checks the options of a cdk command against its help, for which
# the CLI is asked once.
knows_options() {
  local help=$helps/$1 word
  test -s "$help" || npx cdk "$1" --help > "$help"
  for word in $command; do
    case $word in --*) grep -q -- "$word" "$help" || { echo "cdk $1 does not know $word"; return 1; } ;; esac
  done
}

# in_git reports whether this is a clone, and not a copy of its files.
in_git() { git rev-parse --git-dir > /dev/null 2>&1; }

# files lists the files that git knows or would add, each with a NUL at its end.
files() {
  if in_git; then git ls-files -z --cached --others --exclude-standard
  else find . -name node_modules -prune -o -path './.*/*' -prune -o -type f -print0; fi
}

# changes shows how the checked-in files differ from the last commit.
changes() { git status --porcelain; git diff; }

copy=.build/documents
rm -rf "$copy"
mkdir -p "$copy/.build"
# shellcheck disable=SC2016 # the inner shell expands it
files | xargs -0 sh -c 'for file; do if [ -e "$file" ]; then printf "%s\0" "$file"; fi; done' sh |
  tar --null -T - -c -f - | tar -x -C "$copy" -f -
ln -s "$PWD/node_modules" "$copy"
if [ -d .venv ]; then ln -s "$PWD/.venv" "$copy"; fi
# What is built already holds where the operator's files are the reference ones.
same=$(for file in test/environments/*.yaml; do cmp -s "$file" "config/environments/${file##*/}" || echo no; done)
# shellcheck disable=SC2012 # the names are of environments
if [ -z "$same" ] && [ "$(ls test/environments/*.yaml | wc -l)" = "$(ls config/environments/*.yaml | wc -l)" ]; then
  for built in envtool catalog-infra assemble assemblies operator assembled; do
    if [ -e ".build/$built" ]; then cp -a ".build/$built" "$copy/.build"; fi
  done
fi
cd "$copy"
rm config/environments/*.yaml
cp -p test/environments/*.yaml config/environments
touch -r test/environments/dev.yaml config/environments
git init --quiet
git add --all
git -c user.name=documents -c user.email=documents@example.com -c commit.gpgSign=false commit --quiet --no-verify --message copy

helps=$(mktemp -d)
trap 'rm -rf "$helps"' EXIT
before=$(changes)
ran=0
while IFS= read -r command; do
  ran=$((ran + 1))
  case $command in
    "make test" | "make check" | "make bench" | "make drill" | "make drill-mutations" | "make drill-tests") checked "dry run" bash -c "$command --dry-run" ;; # too long, or this itself
    "go test -tags rival"*) checked "compiled" go vet -tags rival ./internal/review ;; # half a minute, after an update of the CLI
    "go test -tags transitions"*) checked "compiled" go vet -tags transitions ./test/transitions ;; # minutes, which CI spends once
    "make deploy"* | "make release"* | "make destroy"* | "make diff"* | "make run"* | "make prices") checked "dry run" bash -c "$command --dry-run" ;;
    "npx cdk deploy"* | "npx cdk bootstrap"* | "npx cdk destroy"* | "npx cdk rollback"*) checked "options" knows_options "$(cut -d' ' -f3 <<< "$command")" ;;
    "npx cdk diff"*" -c "*) checked "options" knows_options diff ;;
    "aws "* | "use "*) checked "syntax" bash -n -c "$command" ;; # drills/documented.py checks more
    "docker "* | "git revert "*) printf '%-9s %s\n' "not run" "$command" ;;
    "git log "*) if in_git; then checked "run" bash -c "$command"; else printf '%-9s %s\n' "not run" "$command"; fi ;;
    *) checked "run" bash -c "$command" ;;
  esac
done < <(awk '/^ *```sh$/ { on = 1; next } /^ *```/ { on = 0 } on && NF { sub(/^ +/, ""); sub(/ +# .*/, ""); print }' README.md CONTRIBUTING.md docs/*.md test/drill/README.md)

# What is documented of one stack holds for each.
compare() { npx cdk diff "$1" --exclusively --app cdk.out --template "cdk.out/$1.template.json"; }
export -f compare
command="npx cdk diff STACK --exclusively, for each stack" checked "run" bash -c '
  ls cdk.out/*.template.json | sed "s|cdk.out/||; s|.template.json||" | xargs -P 2 -I STACK bash -c "compare STACK"'

# What changes an environment takes none by itself.
for target in deploy destroy; do
  command="make $target without SUFFIX"
  checked "refused" grep -q "SUFFIX is missing" <(make --dry-run "$target")
done
command="make named" checked "refused" bash -c '! make named'

test "$ran" -gt 0 || { echo "no command found"; exit 1; }
test "$before" = "$(changes)" || { echo "a command changed checked-in files"; git status --short; exit 1; }
echo "$ran commands"
