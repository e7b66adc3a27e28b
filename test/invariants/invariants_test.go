package invariants_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/test/invariants"
)

type object = invariants.Object

// broken are, by invariant, what an environment has in which it does not hold. An
// invariant about the resources of a type is broken where there are none, and by
// one without properties.
var broken = map[string]invariants.Stack{
	"data outlives its stack unless the environment is disposable":                                with("AWS::S3::Bucket", "Delete", nil),
	"a disposable environment leaves nothing but what the account relies on":                      with("AWS::S3::Bucket", "Retain", nil),
	"what stays needs nothing that goes":                                                          kept,
	"a function that runs at deployment empties a disposable environment's bucket or runs a task": with("Custom::Lookup", "", nil),
	"only a protected environment refuses to be deleted":                                          data(assembly.Stack{Protected: true}),
	"a stack is in a region that the file names":                                                  data(assembly.Stack{Region: "us-east-1"}),
	"a stack fits into CloudFormation's limits":                                                   {Text: strings.Repeat(" ", 1_000_001)},
	"nothing is open that the platform does not need":                                             with("AWS::EC2::SecurityGroupIngress", "", object{"CidrIp": "0.0.0.0/0", "FromPort": 22.0, "ToPort": 22.0}),
	"behind CloudFront the listener or a web ACL asks for the origin header":                      with("AWS::ElasticLoadBalancingV2::ListenerRule", "", object{"Conditions": []any{object{"Field": "path-pattern"}}}),
	"no stack has a warning or a notice":                                                          {Notes: map[string][]invariants.Note{"/data": {{Type: "aws:cdk:warning", Data: "old"}}}},
	"synthesis needs no access to AWS":                                                            {Text: `"AvailabilityZone": "dummy1a"`},
	"no template has an unresolved value":                                                         {Text: `"${Token[AWS.Region.4]}"`},
	"whatever has tags has those of every resource and the file's":                                with("AWS::S3::Bucket", "", object{"Tags": []any{object{"Key": "project", "Value": config.Project}}}),
	"a name is as long as AWS takes it":                                                           with("AWS::RDS::DBCluster", "", object{"DBClusterIdentifier": strings.Repeat("dev", 30)}),
	"a name is the environment's own, and taken once":                                             data(assembly.Stack{Name: "shared"}),
	"stacks depend on earlier ones only, by references that are strong":                           data(assembly.Stack{Dependencies: []string{"compute"}}),
	"stacks depend on earlier ones only, by references that are strong, by import":                {Text: `{"Fn::ImportValue": "of-nobody"}`},
	"stacks depend on earlier ones only, by references that are strong, when weak":                {Text: `{"Fn::GetStackOutput": {}}`},
	"a web ACL blocks first what did not come from the environment's own distribution":            with("AWS::WAFv2::WebACL", "", object{"Rules": []any{object{"Priority": 0.0, "Action": object{"Count": object{}}}}}),
}

// kept is a policy that stays, of a role that goes.
var kept = data(assembly.Stack{Template: assembly.Template{Resources: map[string]assembly.Resource{
	"It": {
		ID: "It", Type: "AWS::IAM::ManagedPolicy", DeletionPolicy: "Retain",
		Properties: object{"Roles": []any{object{"Ref": "Role"}}},
	},
	"Role": {ID: "Role", Type: "AWS::IAM::Role"},
}}})

func with(kind, deletion string, properties object) invariants.Stack {
	return data(assembly.Stack{Template: assembly.Template{Resources: map[string]assembly.Resource{
		"It": {ID: "It", Type: kind, DeletionPolicy: deletion, Properties: properties},
	}}})
}

func data(stack assembly.Stack) invariants.Stack { return invariants.Stack{Stack: stack} }

func TestEveryInvariantCanBeBroken(t *testing.T) {
	for _, invariant := range invariants.All {
		empty := environment(invariants.Stack{})
		if lines := invariant.Broken(empty); len(lines) > 0 && !strings.HasPrefix(invariant.Name, "data outlives") {
			kind, found := strings.CutSuffix(strings.TrimPrefix(lines[0], "no "), ": a mistyped type would pass")
			require.True(t, found, "%s: %s", invariant.Name, lines[0])
			require.NotEmpty(t, invariant.Broken(environment(with(kind, "", nil))), invariant.Name)
			continue
		}
		cases := 0
		for name, stack := range broken {
			if strings.HasPrefix(name, invariant.Name) {
				cases++
				require.NotEmpty(t, invariant.Broken(environment(stack)), name)
			}
		}
		require.Positive(t, cases, "%s: what breaks it?", invariant.Name)
	}
	require.True(t, slices.ContainsFunc(invariants.All, func(each invariants.Invariant) bool {
		return each.Name == invariants.DataOutlivesItsStack.Name
	}))
}

// environment returns a disposable environment with the one stack.
func environment(stack invariants.Stack) *invariants.Environment {
	cfg := config.Config{Environment: "dev", Region: "eu-north-1", Lifecycle: config.LifecycleDisposable}
	stack.ID = "data"
	if stack.Name == "" {
		stack.Name = "dev-data"
	}
	if stack.Region == "" {
		stack.Region = cfg.Region
	}
	return &invariants.Environment{Config: cfg, Stacks: []invariants.Stack{stack}}
}
