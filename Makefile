# The environment: SUFFIX names it, FROM the one that a short-lived one starts
# from. Both are passed on as variables, never through a shell.
ifdef SUFFIX
export ENVIRONMENT_SUFFIX := $(SUFFIX)
endif
ifdef FROM
export ENVIRONMENT_FROM := $(FROM)
endif

# Nothing but AWS is contacted, and the banner of an old node is not repeated.
export CDK_DISABLE_VERSION_CHECK = 1
export CDK_DISABLE_CLI_TELEMETRY = true
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION ?= 20
export JSII_DEPRECATED = quiet

CDK        := npx --no-install cdk

# What the app takes without SUFFIX, once it has said so.
TAKEN      := ENVIRONMENT_SUFFIX="$${ENVIRONMENT_SUFFIX:-dev}"
APP        := .build/catalog-infra

# The assemblies that are checked, of the reference environments and of every
# file of the operator, and the one whose runbooks are drilled.
ASSEMBLIES := .build/assemblies/* .build/operator/*
DRILLED    := .build/assemblies/prod

# What is compiled in, with the directories, which change when a file is removed.
# Asking the compiler each time takes longer than all else before a synthesis.
SOURCES := $(shell find main.go go.mod go.sum cmd config constructs internal stacks)

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "SUFFIX=prod names the environment, one of: $(patsubst config/environments/%.yaml,%,$(wildcard config/environments/*.yaml))."
	@echo "SUFFIX=pr-17 FROM=dev is a short-lived one, which needs no file and starts from another."

.PHONY: synth
synth: setup ## Synthesize SUFFIX offline into cdk.out and show what it contains
	@$(APP) -check
	@$(TAKEN) $(CDK) synth --app $(APP) --quiet --ci > /dev/null
	@.build/catalog summary cdk.out

.PHONY: test
test: setup ## Run every Go test
	go test ./...

.PHONY: check
check: format lint test policy drill drill-checks drill-tests drill-mutations documents ## Run everything that CI runs

.PHONY: diff
diff: setup ## Compare SUFFIX with what is deployed (needs AWS credentials)
	@$(APP) -check
	@$(TAKEN) $(CDK) diff --app $(APP)

# What changes an environment takes none by itself.
.PHONY: named
named:
	@test -n "$$ENVIRONMENT_SUFFIX" || { echo "SUFFIX is missing: make $(MAKECMDGOALS) SUFFIX=dev, for example"; exit 1; }

.PHONY: deploy
# Named log groups and the repository stay when a retained environment is
# destroyed; the next deploy takes them over instead of failing on them.
deploy: named synth ## Deploy what synth has just shown (needs AWS credentials)
	@$(CDK) deploy --all --app cdk.out --import-existing-resources

.PHONY: destroy
destroy: named synth ## Destroy SUFFIX as far as its lifecycle allows (needs AWS credentials)
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

.PHONY: first-week
first-week: setup ## Edit a copy of the repository as operators do, and run its tests after each edit
	@test/policy/python.sh > /dev/null
	go test -tags firstweek -count=1 -v -timeout 30m ./test/firstweek

.PHONY: assemblies
assemblies: .build/assembled

$(DRILLED)/manifest.json: .build/assembled
	@:

# Anew only after a change of the app or of a file. A name may have a space.
FILES := $(shell find test/environments config/environments -name '[A-Za-z0-9_]*.yaml' | sed 's/ /\\ /g')

.build/assembled: .build/assemble test/environments config/environments $(FILES) | node_modules/.package-lock.json
	@.build/assemble
	@touch $@

.build/assemble: $(APP) $(shell find test/assemblies test/environments -name '*.go')
	@go build -o $@ ./test/assemblies
	@touch $@

.PHONY: bench
bench: setup ## Time synthesis against an empty app, and the tests
	@test/bench/bench.sh

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf .build .venv cdk.out node_modules

.PHONY: setup
setup: node_modules/.package-lock.json $(APP)

$(APP): $(SOURCES)
	@test -x $(APP) || echo "compiling, which takes some minutes the first time"
	@go build -o .build/ . ./cmd/catalog
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@for tool in go node npm; do command -v $$tool > /dev/null || { echo "$$tool is missing: see the README"; exit 1; }; done
	npm ci
	@touch $@
