# The environment: SUFFIX names it, FROM the one that a short-lived one starts
# from. Both are passed on as variables, never through a shell, and also when
# they are empty: that is a slip, and the default would be another environment.
ifneq ($(origin SUFFIX),undefined)
export ENVIRONMENT_SUFFIX := $(SUFFIX)
endif
ifneq ($(origin FROM),undefined)
export ENVIRONMENT_FROM := $(FROM)
endif

# A misspelt variable or target is refused before anything runs.
VARIABLES := SUFFIX FROM RUNBOOK BASE ACCEPT IMAGE FORMAT
unknown := $(filter-out $(VARIABLES),$(foreach given,$(subst \ ,,$(MAKEOVERRIDES)),$(firstword $(subst =, ,$(given)))))
ifneq ($(unknown),)
$(error got the variable $(unknown), want one of $(VARIABLES))
endif
unknown := $(filter-out .build/% $(shell sed -n 's/^\.PHONY: //p' Makefile),$(MAKECMDGOALS))
ifneq ($(unknown),)
$(error got the target $(unknown), want one that make lists, and SUFFIX=NAME for an environment)
endif

# Nothing but AWS is contacted.
export CDK_DISABLE_VERSION_CHECK = 1

CDK := npx --no-install cdk
APP := .build/catalog-infra
DEPLOY := $(CDK) deploy --app cdk.out --import-existing-resources --require-approval any-change

# The assemblies that are checked, of the reference environments and of every
# file of the operator, and the one whose runbooks are drilled.
ASSEMBLIES := .build/assemblies/* .build/operator/*
DRILLED    := .build/assemblies/prod

# Runs a file by the Python that has what requirements.txt pins, in place of the
# shell: a signal for make ends it, too.
PYTHON := python=$$(test/policy/python.sh) && exec "$$python"

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "SUFFIX=prod names the environment, one of: $(patsubst config/environments/%.yaml,%,$(wildcard config/environments/*.yaml))."
	@echo "SUFFIX=pr-17 FROM=dev is a short-lived one, which needs no file and starts from another."

.PHONY: synth
synth: setup ## Synthesize SUFFIX offline into cdk.out and show what it contains
	@CDK_OUTDIR=cdk.out $(APP)
	@.build/envtool summary cdk.out

.PHONY: test
# The longest package goes first, or it would begin when the others are through.
test: setup ## Run every Go test
	go test ./test ./...

# The versions that the README asks for, wherever the one in the path is from.
NODES := 22.23.3 24.21.0

.PHONY: nodes
nodes: $(NODES:%=.build/nodes/%/node_modules/node/bin/node) ## Install the versions of Node.js that the tests compare
.build/nodes/%/node_modules/node/bin/node:
	npm install --silent --no-save --prefix .build/nodes/$* node@$*

# What make check runs, those of a line one after the other. The longest go first.
PARTS := format,lint \
	test,documents \
	drill \
	policy,example \
	drill-tests,drill-checks,check-tests

# Not as $(MAKE), which would run the parts in a dry run, too.
THIS_MAKE = $(MAKE)

.PHONY: check
check: setup assemblies ## Run everything that CI runs, two parts at a time
	@$(PYTHON) test/check.py $(THIS_MAKE) $(PARTS)

.PHONY: check-tests
check-tests: ## Test that make check stops at a failure, and the comment with a review
	@$(PYTHON) test/check_test.py
	@$(PYTHON) test/review_comment_test.py

# Before minutes are spent on a synthesis whose deployment could not begin.
.PHONY: preflight
preflight: setup ## Check the AWS credentials against SUFFIX
	@.build/envtool preflight

.PHONY: diff
diff: preflight synth ## Compare SUFFIX with what is deployed (needs AWS credentials)
	@$(CDK) diff --app cdk.out --ci

# What changes an environment takes none by default.
.PHONY: named
named:
	@test -n "$$ENVIRONMENT_SUFFIX" || { echo "SUFFIX is missing: make $(MAKECMDGOALS) SUFFIX=dev, for example"; exit 1; }

.PHONY: deploy
# It asks before each stack that changes at all, not only where permissions widen.
# Named log groups and the repository stay when a retained environment is
# destroyed; the next deploy takes them over instead of failing on them.
# What the rehearsal says is refused, loses data or cuts the service is deployed
# only where ACCEPT names the verdict. Stacks that stop importing something go first.
deploy: export ACCEPT := $(ACCEPT)
deploy: named preflight synth ## Rehearse what synth has just shown, and deploy it (needs AWS credentials)
	@.build/envtool rehearse --deployed --head cdk.out --way .build/way $${ACCEPT:+--accept "$$ACCEPT"}; status=$$?; \
		test $$status -ne 3 || echo "Not deployed. ACCEPT='VERDICT' accepts a verdict and deploys."; \
		test $$status -eq 0 || test $$status -eq 2
	@for stack in $$(cat .build/way); do $(DEPLOY) --exclusively "$$stack" || exit 1; done
	@$(DEPLOY) --all

.PHONY: release
release: export IMAGE := $(IMAGE)
release: named preflight ## Check IMAGE in Amazon ECR, write it into the file of SUFFIX, and deploy (needs AWS credentials)
	@.build/envtool release "$$IMAGE"
	@$(THIS_MAKE) --no-print-directory deploy

.PHONY: destroy
destroy: named preflight synth ## Destroy SUFFIX as far as its lifecycle allows (needs AWS credentials)
	@$(CDK) destroy --all --app cdk.out

.PHONY: rehearse
rehearse: export BASE := $(BASE)
rehearse: export ACCEPT := $(ACCEPT)
rehearse: setup ## Rehearse the deployment of SUFFIX, or of every environment, where BASE, a commit, is deployed
	@tools/rehearse.sh

.PHONY: review
review: export BASE := $(BASE)
review: export FORMAT := $(FORMAT)
review: setup ## Review what the changes since BASE do to SUFFIX, or to every environment (FORMAT=text, markdown or json)
	@tools/rehearse.sh review

.PHONY: review-file
review-file: export BASE := $(BASE)
review-file: setup ## Write the review of the changes since BASE into .build/review.md
	@FORMAT=markdown tools/rehearse.sh review > .build/review.md || test $$? -ge 2

.PHONY: review-comment
review-comment: ## In CI alone: post .build/review.md as a comment on its pull request
	@python3 tools/review_comment.py

.PHONY: run
run: export IMAGE := $(IMAGE)
run: named setup ## Run IMAGE on this machine as Fargate would in SUFFIX, and check the contract of the image (needs Docker or Podman)
	@mkdir -p .build/run
	@CDK_OUTDIR=.build/run/assembly $(APP)
	@.build/envtool run --files .build/run $${IMAGE:+--image "$$IMAGE"} .build/run/assembly

.PHONY: bill
bill: setup ## Count what AWS charges for SUFFIX in a month, from its templates and config/assumptions.yaml
	@CDK_OUTDIR=cdk.out $(APP)
	@.build/envtool bill cdk.out

# Of the operator's environments, which may use other things than the reference ones.
.PHONY: prices
prices: setup assemblies ## Fetch the prices of what the environments use into config/prices.json (needs AWS credentials)
	@.build/envtool prices .build/operator/*

.PHONY: format
format: ## Check the formatting of the Go files
	@files=$$(find . \( -name node_modules -o -name cdk.out -o -name '.?*' \) -prune -o -name '*.go' -exec gofmt -l {} +) || exit 1; \
		test -z "$$files" || { echo "run gofmt -w on:"; echo "$$files"; exit 1; }

.PHONY: lint
lint: node_modules/.package-lock.json ## Run golangci-lint, which includes go vet, pyright over the Python files, shellcheck and actionlint
	go tool -modfile=tools/go.mod golangci-lint run ./...
	go tool -modfile=tools/actionlint/go.mod actionlint $(wildcard .github/workflows/*.yml)
	cd examples/catalog && go tool -modfile=../../tools/go.mod golangci-lint run ./...
	@python=$$(test/policy/python.sh) && npx --no-install pyright --pythonpath "$$(command -v "$$python")"
	@if command -v shellcheck > /dev/null; then shellcheck $(wildcard .ci/run test/*/*.sh tools/*.sh); \
		else echo "shellcheck is not installed: the shell files were not checked"; fi

.PHONY: example
example: ## Test the example application on a PostgreSQL server of its own
	cd examples/catalog && go test ./...
	@ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1 || \
		echo "PostgreSQL is not installed (Debian: postgresql): what needs it was not tested"

.PHONY: diagrams
diagrams: setup $(DRILLED)/manifest.json ## Draw the pictures of the documents from the templates of prod
	@.build/envtool diagram --output docs/images $(DRILLED)

REFERENCES := $(addprefix .build/assemblies/,prod staging dev pr-17-from-dev)

.PHONY: controls
controls: setup assemblies ## Say how the reference environments answer to the security guide, SOC 2, ISO 27001, CIS and Security Hub
	@.build/envtool controls --output docs/controls.md $(REFERENCES)
	@.build/envtool controls --format oscal --output docs/controls.oscal.json $(DRILLED)

.PHONY: policy
policy: assemblies ## Run cfn-lint over every template of every environment
	@$(PYTHON) test/policy/requirements_test.py
	@$(PYTHON) config/published/renew.py --check
	@$(PYTHON) test/policy/cfn_lint_test.py
	@$(PYTHON) test/policy/cfn_lint.py $(ASSEMBLIES)

.PHONY: published
published: ## Take from cfn-lint and botocore anew what AWS offers in which region, and until when
	@$(PYTHON) config/published/renew.py

.PHONY: drill
drill: $(DRILLED)/manifest.json ## Run every runbook, or RUNBOOK alone, against an emulator of the AWS APIs
	@$(PYTHON) test/drill/run.py $${RUNBOOK:+--only "$$RUNBOOK"} $(DRILLED)
	@$(PYTHON) test/drill/run.py $${RUNBOOK:+--only "$$RUNBOOK"} $(DRILLED)-database-user

.PHONY: drill-checks
drill-checks: assemblies ## Check the runbooks of every environment statically
	@$(PYTHON) test/drill/check.py $(ASSEMBLIES)

.PHONY: drill-tests
drill-tests: ## Test the drills' static checks, interpreter, emulator, mutants and documents
	@$(PYTHON) -W ignore::PendingDeprecationWarning -m unittest discover -s test/drill/tests -t test/drill -p '*_test.py'

.PHONY: drill-mutations
drill-mutations: $(DRILLED)/manifest.json ## Change every step and line of the runbooks, or of RUNBOOK alone, and see a drill notice each change
	@$(PYTHON) test/drill/mutants.py $${RUNBOOK:+--only "$$RUNBOOK"} $(DRILLED)

.PHONY: go-mutations
go-mutations: node_modules/.package-lock.json ## Change every number, switch and dependency of the stacks once, and see a test fail
	@go run ./test/mutations

.PHONY: documents
documents: setup ## Run the commands of the documents, as far as they go without AWS
	@test/docs/commands.sh

.PHONY: first-week
first-week: setup ## Edit a copy of the repository as operators do, and run its tests after each edit
	@test/policy/python.sh > /dev/null
	go test -tags firstweek -count=1 -v -timeout 30m ./test/firstweek

.PHONY: transitions
transitions: node_modules/.package-lock.json ## Change every field of the reference environments and back, and rehearse each deployment
	go test -tags transitions -count=1 -v -timeout 20m ./test/transitions

.PHONY: assemblies
assemblies: .build/assembled

$(DRILLED)/manifest.json: .build/assembled
	@:

# Anew only after a change of the app or of a file. A name may have a space.
FILES := $(shell find test/environments config/environments -name '[A-Za-z0-9_]*.yaml' | sed 's/ /\\ /g')

.build/assembled: .build/assemble test/environments config/environments $(FILES) | node_modules/.package-lock.json
	@.build/assemble
	@touch $@

.build/assemble: $(APP) $(shell find test/assemblies test/environments test/synthesis -name '*.go')
	@go build -o $@ ./test/assemblies
	@touch $@

.PHONY: bench
bench: setup ## Time synthesis, tests and check beside an older commit
	@go run ./test/bench

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf .build .venv cdk.out node_modules

.PHONY: setup
setup: node_modules/.package-lock.json $(APP) ## Install the CDK CLI and compile, which the other targets do by themselves

# Compiled only after a change: asking the compiler takes longer than all else
# before a synthesis. Directories change when a file is removed. The names are
# find's alone, since make knows none with a space, and editors' files are left
# out. Without what a debugger wants the linker takes a quarter less, and with
# rarer garbage collections again a third; not the first time, when everything is
# compiled and memory counts.
$(APP): always
	@if ! test -x $@; then echo "compiling, which takes some minutes the first time" >&2; \
		elif test -z "$$(find main.go go.mod go.sum cmd config constructs internal stacks \
			! -name '.*' ! -name '*~' ! -name '*_test.go' -newer $@ -print | head -n 1)"; then exit; fi; \
		if test -x $@; then export GOGC=400; fi; go build -ldflags='-s -w' -o .build/ . ./cmd/envtool && touch $@

.PHONY: always
always:

node_modules/.package-lock.json: package.json package-lock.json
	@for tool in go node npm; do command -v $$tool > /dev/null || { echo "$$tool is missing: see the README"; exit 1; }; done
	npm ci
	@touch $@
