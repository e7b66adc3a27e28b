module catalog-infra

// What everything here was tried with; the ignore block needs 1.25.
go 1.26

require (
	// Writes assemblies of schema 48, which the pinned CLI in package.json reads.
	github.com/aws/aws-cdk-go/awscdk/v2 v2.212.0
	// The version that awscdk v2.212.0 is built against.
	github.com/aws/constructs-go/constructs/v10 v10.4.2
	// The version that the awscdk bindings were generated for.
	github.com/aws/jsii-runtime-go v1.113.0
	// Keeps positions, which the messages about mistakes name.
	github.com/goccy/go-yaml v1.19.2
	// Writes the schema file in tests; another version may write it otherwise.
	github.com/invopop/jsonschema v0.14.0
	// Its error kinds are what the messages are made from.
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	// The command line; any newer 1.x should do.
	github.com/spf13/cobra v1.10.2
	// Assertions; any newer 1.x should do.
	github.com/stretchr/testify v1.11.1
)

require (
	github.com/Masterminds/semver/v3 v3.4.0 // indirect
	github.com/bahlo/generic-list-go v0.2.0 // indirect
	github.com/buger/jsonparser v1.1.2 // indirect
	github.com/cdklabs/awscdk-asset-awscli-go/awscliv1/v2 v2.2.242 // indirect
	github.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v2 v2.1.0 // indirect
	github.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v48 v48.3.0 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/fatih/color v1.18.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/pb33f/ordered-map/v2 v2.3.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/yuin/goldmark v1.4.13 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.2 // indirect
	golang.org/x/lint v0.0.0-20210508222113-6edffad5e616 // indirect
	golang.org/x/mod v0.26.0 // indirect
	golang.org/x/sync v0.16.0 // indirect
	golang.org/x/sys v0.34.0 // indirect
	golang.org/x/text v0.14.0 // indirect
	golang.org/x/tools v0.35.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

ignore (
	./.build
	./cdk.out
	./node_modules
)
