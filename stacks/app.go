// Package stacks groups the constructs into what is deployed together.
package stacks

import (
	_ "embed"
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	_ "catalog-infra/internal/jsiienv" // for whoever defines an app, tests among them
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// App is every stack of one environment.
type App struct {
	awscdk.App

	Network        *Network
	SecurityGroups *SecurityGroups
	Data           *Data
	IAM            *IAM
	Compute        *Compute
	Monitoring     *monitoring.Stack
	Response       awscdk.Stack

	// Audit is nil where the environment owns no account-level service.
	Audit *Audit

	// SecondVault is nil where the copies stay in the environment's region.
	SecondVault *SecondVault
}

// NewApp defines the stacks in the order they depend on each other. References
// go one way only: a stack is given what earlier ones made. The assembly is
// written to outdir; where that is empty, to where the CDK CLI asks for it.
func NewApp(cfg config.Config, outdir string) *App {
	app := awscdk.NewApp(appProps(cfg, outdir))
	env := environment.New(app, cfg)
	network := newNetwork(env)
	groups := newSecurityGroups(env, network)
	data := newData(env, network, groups)
	iam := newIAM(env, data)
	compute := newCompute(env, computeProps{Network: network, SecurityGroups: groups, Data: data, IAM: iam})
	monitored := monitoring.New(env, monitoring.Props{
		LoadBalancer: compute.LoadBalancer, Service: compute.Service, DeploymentAlarm: compute.DeploymentAlarm,
		ApplicationLogs: compute.Logs, DatabaseLogs: data.DatabaseLogs, WebACLLogs: compute.WebACLLogs,
	})
	this := &App{app, network, groups, data, iam, compute, monitored, nil, nil, nil}
	this.Response = newResponse(env, this)
	if cfg.Audit.Owns() {
		this.Audit = newAudit(env, data, monitored.Topic)
	}
	if cfg.Backup.CopyToRegion != "" {
		this.SecondVault = newSecondVault(env)
		// A reference cannot cross regions: the order must be told.
		data.AddStackDependency(this.SecondVault.Stack, jsii.String("copies are copied on to its vault"))
	}
	return this
}

// Stacks are the stacks in the order they are deployed.
func (a *App) Stacks() []awscdk.Stack {
	stacks := []awscdk.Stack{
		a.Network.Stack, a.SecurityGroups.Stack, a.Data.Stack, a.IAM.Stack, a.Compute.Stack, a.Monitoring.Stack, a.Response,
	}
	if a.Audit != nil {
		stacks = append(stacks, a.Audit.Stack)
	}
	if a.SecondVault != nil {
		stacks = slices.Insert(stacks, 0, a.SecondVault.Stack)
	}
	return stacks
}

// featureFlags are the flags that CDK recommends, but for four:
//   - restrictDefaultSecurityGroup empties the default security group through a
//     Lambda function (pitfall F5);
//   - enableAdditionalMetadataCollection collects metadata;
//   - target-partitions adds China, where nothing here is deployed;
//   - defaultCrossStackReferences stays strong. A weak reference
//     (Fn::GetStackOutput) has a value only while a change set is executed, so
//     CloudFormation plans to replace what refers by a property that cannot be
//     updated, a database among it (https://github.com/aws/aws-cdk/issues/38829).
//
// They are embedded, not in cdk.json, since only the CLI reads that file: tests
// would check templates that are never deployed (pitfall G3).
//
//go:embed feature_flags.json
var featureFlags []byte

func appProps(cfg config.Config, outdir string) *awscdk.AppProps {
	var context map[string]any
	if err := json.Unmarshal(featureFlags, &context); err != nil {
		panic(err)
	}
	if cfg.Account != "" {
		// Without this entry CDK asks AWS for the zones (pitfall G1).
		key := jsii.Sprintf("availability-zones:account=%s:region=%s", cfg.Account, cfg.Region)
		context[*key] = environment.ZoneNames(cfg)
	}
	// A tenth of a synthesis went into the name of the construct behind each
	// logical id, which the CLI would print beside the id that says the same.
	context["aws:cdk:disable-logicalId-metadata"] = true
	// So did the stack trace behind each resource, of which all lines are in CDK's
	// own process.
	context["aws:cdk:disable-creation-stack-traces"] = true
	props := &awscdk.AppProps{
		Context:            &context,
		AnalyticsReporting: jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false), // nothing reads tree.json
		// CDK's own validator takes three quarters of a synthesis and finds nothing
		// that cfn-lint in make policy does not.
		BuiltinCloudFormationValidation: jsii.Bool(false),
	}
	if outdir != "" {
		props.Outdir = &outdir
	}
	return props
}
