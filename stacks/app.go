package stacks

import (
	_ "embed"
	"encoding/json"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	_ "catalog-infra/internal/jsiienv" // before any app is defined, also by tests
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

	// Audit is nil if the environment creates no account-level service.
	Audit awscdk.Stack

	// SecondVault is nil if backups are not copied to another region.
	SecondVault awscdk.Stack
}

// NewApp defines the stacks in the order in which they depend on each other: a
// stack refers to earlier ones only. The assembly is written to outdir or, if that
// is empty, to the directory that the CDK CLI asks for.
func NewApp(cfg config.Config, outdir string) *App {
	app := &App{App: awscdk.NewApp(appProps(cfg, outdir))}
	env := environment.New(app.App, cfg)
	app.Network = newNetwork(env)
	app.SecurityGroups = newSecurityGroups(env, app.Network)
	app.Data = newData(env, app.Network, app.SecurityGroups)
	app.IAM = newIAM(env, app.Data)
	app.Compute = newCompute(env, app)
	app.Monitoring = monitoring.New(env, monitoring.Props{
		LoadBalancer:    app.Compute.LoadBalancer,
		Service:         app.Compute.Service,
		DeploymentAlarm: app.Compute.DeploymentAlarm,
		ApplicationLogs: app.Compute.Logs,
		DatabaseLogs:    app.Data.DatabaseLogs,
		WebACLLogs:      app.Compute.WebACLLogs,
	})
	app.Response = newResponse(env, app)
	if cfg.Audit.Owns() {
		app.Audit = newAudit(env, app.Data, app.Monitoring.Topic)
	}
	if cfg.Backup.CopyToRegion != "" {
		app.SecondVault = newSecondVault(env)
		// CDK cannot infer the order: a reference cannot cross regions.
		app.Data.AddStackDependency(app.SecondVault, jsii.String("backups are copied to its vault"))
	}
	return app
}

// Stacks returns the stacks in the order of deployment.
func (a *App) Stacks() []awscdk.Stack {
	stacks := []awscdk.Stack{
		a.Network.Stack, a.SecurityGroups.Stack, a.Data.Stack, a.IAM.Stack, a.Compute.Stack, a.Monitoring.Stack, a.Response,
	}
	if a.Audit != nil {
		stacks = append(stacks, a.Audit)
	}
	if a.SecondVault != nil {
		stacks = slices.Insert(stacks, 0, a.SecondVault)
	}
	return stacks
}

// featureFlags has the values that CDK recommends, except for four flags:
//   - restrictDefaultSecurityGroup empties the default security group through a
//     Lambda function (pitfall F5);
//   - enableAdditionalMetadataCollection collects metadata;
//   - target-partitions adds China, where nothing is deployed;
//   - defaultCrossStackReferences stays strong. The value of a weak reference
//     (Fn::GetStackOutput) is unknown until a change set is executed. If a property
//     that cannot be updated refers to it, CloudFormation plans a replacement, also
//     of a database (https://github.com/aws/aws-cdk/issues/38829).
//
// The flags are embedded. Only the CLI reads cdk.json, so tests would check
// templates that are never deployed (pitfall G3).
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
	// Each of these took a tenth of a synthesis. The first is the construct path of
	// each logical ID, which the CLI prints beside the ID. The second is a stack trace
	// of each resource, with lines of CDK's own process only.
	context["aws:cdk:disable-logicalId-metadata"] = true
	context["aws:cdk:disable-creation-stack-traces"] = true
	props := &awscdk.AppProps{
		Context:            &context,
		AnalyticsReporting: jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false), // nothing reads tree.json
		// CDK's validator takes three quarters of a synthesis, and finds nothing that
		// cfn-lint in make policy does not find.
		BuiltinCloudFormationValidation: jsii.Bool(false),
	}
	if outdir != "" {
		props.Outdir = &outdir
	}
	return props
}
