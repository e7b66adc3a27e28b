#!/usr/bin/env bash
# Measures make synth beside the same on an app with one empty stack, and the
# tests, each with everything built. Prints the median of five runs, the most
# memory of any process, and the ratio that the project keeps to.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=5
empty=$PWD/.build/bench

command -v /usr/bin/time > /dev/null || { echo "GNU time is missing"; exit 1; }

# The empty app has our versions, our CLI and our cdk.json.
make_empty() {
  mkdir -p "$empty"
  cp cdk.json "$empty"
  sed 's/^module .*/module empty/' go.mod > "$empty/go.mod"
  cp go.sum "$empty"
  ln -sfn "$PWD/node_modules" "$empty/node_modules"
  cat > "$empty/main.go" << 'GO'
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	awscdk.NewStack(app, jsii.String("empty"), nil)
	app.Synth(nil)
}
GO
  (cd "$empty" && go build -o app .)
}

# median prints seconds and MiB of a command: it runs once unmeasured.
median() {
  "$@" > /dev/null 2>&1
  for _ in $(seq "$runs"); do
    /usr/bin/time -o .build/bench.time -f '%e %M' "$@" > /dev/null 2>&1
    tail -n 1 .build/bench.time
  done | sort -n | awk '{ s[NR] = $1; if ($2 > m) m = $2 } END { printf "%.2f %d\n", s[int((NR + 1) / 2)], m / 1024 }'
}

synth_empty() { (cd "$empty" && npx --no-install cdk synth --app ./app --quiet --ci); }
export -f synth_empty
export empty

make_empty
read -r base base_memory < <(median bash -c synth_empty)
read -r prod prod_memory < <(median make synth SUFFIX=prod)
go test ./... > /dev/null
read -r tests tests_memory < <(runs=1 median go test -count=1 ./...)

printf '%-28s %9s %9s %7s\n' "WARM" "SECONDS" "PEAK MiB" "RATIO"
printf '%-28s %9s %9s\n' "one empty stack" "$base" "$base_memory"
printf '%-28s %9s %9s %7s\n' "make synth SUFFIX=prod" "$prod" "$prod_memory" "$(awk "BEGIN { printf \"%.2f\", $prod / $base }")"
printf '%-28s %9s %9s\n' "go test ./..." "$tests" "$tests_memory"
awk "BEGIN { exit !($prod / $base <= 1.9 && $prod_memory < 600 && $tests < 60) }" ||
  { echo "over the limits: ratio 1.9, 600 MiB, 60 seconds of tests"; exit 1; }
