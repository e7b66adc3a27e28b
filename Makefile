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
VARIABLES := SUFFIX FROM RUNBOOK
unknown := $(filter-out $(VARIABLES),$(foreach given,$(MAKEOVERRIDES),$(firstword $(subst =, ,$(given)))))
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

# The environments that are checked, and the one whose runbooks are drilled.
CHECKED    := dev staging prod pr-17
ASSEMBLIES := $(CHECKED:%=.build/assemblies/%)
DRILLED    := .build/assemblies/prod

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
	@.build/catalog summary cdk.out

.PHONY: test
test: setup ## Run every Go test
	go test ./...

# The versions that the README asks for, wherever the one in the path is from.
NODES := 22.23.3 24.21.0

.PHONY: nodes
nodes: $(NODES:%=.build/nodes/%/node_modules/node/bin/node) ## Install the versions of Node.js that the tests compare
.build/nodes/%/node_modules/node/bin/node:
	npm install --silent --no-save --prefix .build/nodes/$* node@$*

.PHONY: check
check: format lint test policy drill drill-checks drill-tests drill-mutations documents ## Run everything that CI runs

# Before minutes are spent on a synthesis whose deployment could not begin.
.PHONY: preflight
preflight: setup ## Check the AWS credentials against SUFFIX
	@.build/catalog preflight

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
deploy: named preflight synth ## Deploy what synth has just shown (needs AWS credentials)
	@$(CDK) deploy --all --app cdk.out --import-existing-resources --require-approval any-change

.PHONY: destroy
destroy: named preflight synth ## Destroy SUFFIX as far as its lifecycle allows (needs AWS credentials)
	@$(CDK) destroy --all --app cdk.out

.PHONY: rotate-origin-header
rotate-origin-header: named setup ## Raise the version of SUFFIX's secret header in its file
	@.build/catalog rotate-origin-header "$$ENVIRONMENT_SUFFIX"

.PHONY: format
format: ## Check the formatting of the Go files
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "run gofmt -w on:"; echo "$$files"; exit 1; }

.PHONY: lint
lint: ## Run go vet, golangci-lint, and compile the Python files
	go vet ./...
	go tool -modfile=tools/go.mod golangci-lint run ./...
	@python3 -m compileall -q test/drill

.PHONY: policy
policy: assemblies ## Run cfn-lint over every template of every environment
	@test/policy/python.sh > /dev/null
	go test -tags policy ./test/policy
	test/policy/cfn_lint.sh $(ASSEMBLIES)

.PHONY: drill
drill: $(DRILLED)/manifest.json ## Run every runbook, or RUNBOOK alone, against an emulator of the AWS APIs
	@python=$$(test/policy/python.sh) && $$python test/drill/run.py $${RUNBOOK:+--only "$$RUNBOOK"} $(DRILLED)

.PHONY: drill-checks
drill-checks: assemblies ## Check the runbooks of every environment statically
	@python=$$(test/policy/python.sh) && $$python test/drill/check.py $(ASSEMBLIES)

.PHONY: drill-tests
drill-tests: ## Test the drills' static checks, interpreter, emulator and documents
	@python=$$(test/policy/python.sh) && for tests in checks engine documents; do $$python test/drill/$${tests}_test.py || exit 1; done

.PHONY: drill-mutations
drill-mutations: $(DRILLED)/manifest.json ## Break every safety step of the runbooks once, and see a drill fail
	@python=$$(test/policy/python.sh) && $$python test/drill/mutants.py $(DRILLED)

.PHONY: documents
documents: setup ## Run the commands of the documents, as far as they go without AWS
	@test/docs/commands.sh

.PHONY: assemblies
assemblies: $(ASSEMBLIES:%=%/manifest.json)

# Straight from the app, which is what the CLI would run, and anew only after a change.
.build/assemblies/%/manifest.json: $(APP) | node_modules/.package-lock.json
	@echo "synthesizing $*"
	@rm -rf $(@D)
	@from=; test -f config/environments/$*.yaml || from=dev; \
		env ENVIRONMENT_SUFFIX=$* $${from:+ENVIRONMENT_FROM=$$from} CDK_OUTDIR=$(@D) $(APP)

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
# out. Without what a debugger wants the linker takes a quarter less.
$(APP): always
	@if ! test -x $@; then echo "compiling, which takes some minutes the first time"; \
		elif test -z "$$(find main.go go.mod go.sum cmd config constructs internal stacks \
			! -name '.*' ! -name '*~' ! -name '*_test.go' -newer $@ -print | head -n 1)"; then exit; fi; \
		go build -ldflags='-s -w' -o .build/ . ./cmd/catalog && touch $@

.PHONY: always
always:

node_modules/.package-lock.json: package.json package-lock.json
	@for tool in go node npm; do command -v $$tool > /dev/null || { echo "$$tool is missing: see the README"; exit 1; }; done
	npm ci
	@touch $@
