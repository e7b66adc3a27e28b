package stacks

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/internal/environment"
)

// addApplication defines what the application needs beyond the platform: the
// permissions to pull its image and to read its secrets, those of its own, and its
// outbound rules. Their logical IDs contain a hash of their content. So CloudFormation
// creates the changed ones before it updates the service, which waits for what is
// returned, and deletes the former ones after the last task that needs them has stopped.
func (c *Compute) addApplication(app *App) []awscdk.CfnResource {
	settings := c.env.Config.Service
	needed := c.egress(app.SecurityGroups, settings.Egress)
	if repositories := otherRepositories(c.env); len(repositories) > 0 {
		needed = append(needed, c.newPolicy("ImageRepositories", "Repositories of images beside the environment's own",
			app.IAM.executionRoles(), []permissions.Statement{pullImages(repositories...)}, settings.Repositories()))
	}
	if len(settings.Secrets) > 0 {
		needed = append(needed, c.newPolicy("ApplicationSecrets", "Secrets of the application, which ECS reads when a task starts",
			app.IAM.executionRoles(), secretStatements(c.env), []any{settings.Secrets, settings.SecretKeys}))
	}
	if len(settings.Permissions) > 0 {
		needed = append(needed, c.newPolicy("ApplicationPermissions", "Permissions of the application of its own",
			[]awsiam.IRole{app.IAM.TaskRole}, applicationStatements(settings.Permissions), settings.Permissions))
	}
	return needed
}

func (c *Compute) newPolicy(id, description string, roles []awsiam.IRole, statements []permissions.Statement,
	content any,
) awscdk.CfnResource {
	policy := permissions.NewPolicy(c.Stack, id+hash(content), permissions.PolicyProps{
		Description: description, Roles: roles, Statements: statements,
	})
	return policy.Managed.Node().DefaultChild().(awscdk.CfnResource)
}

// hash returns eight hexadecimal digits, which differ for other content.
func hash(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // settings come from YAML, so they are JSON, too
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))[:8]
}

// otherRepositories returns the repositories whose images may run beside those of the
// environment's own: that of the configured image, and service.formerRepositories. ECS
// runs an earlier revision of the task definition when a deployment fails, after
// roll-back-service, and until a new revision is deployed.
func otherRepositories(env environment.Environment) []*string {
	own := env.ARN("ecr", "repository/"+env.Name)
	var arns []*string
	for _, repository := range env.Config.Service.Repositories() {
		owner := env
		owner.Account = repository.Account
		if arn := owner.ARNIn(repository.Region, "ecr", "repository/"+repository.Name); *arn != *own {
			arns = append(arns, arn)
		}
	}
	return arns
}

// applicationStatements returns a statement for each permission.
func applicationStatements(wanted []config.Permission) []permissions.Statement {
	statements := make([]permissions.Statement, len(wanted))
	for i, permission := range wanted {
		statements[i] = permissions.Allow(fmt.Sprintf("Application%d", i+1), permission.IAMActions()...).On(pointers(permission.Resources)...)
	}
	return statements
}

// secretStatements allows reading the application's secrets and parameters, and using
// the customer managed keys that encrypt them for nothing else.
func secretStatements(env environment.Environment) []permissions.Statement {
	var statements []permissions.Statement
	for _, kind := range []struct{ service, sid, action, context string }{
		{"secretsmanager", "Secrets", "secretsmanager:GetSecretValue", "kms:EncryptionContext:SecretARN"},
		{"ssm", "Parameters", "ssm:GetParameters", "kms:EncryptionContext:PARAMETER_ARN"},
	} {
		settings := env.Config.Service
		arns := settings.SecretARNs(kind.service == "ssm")
		if len(arns) == 0 {
			continue
		}
		statements = append(statements, permissions.Allow("ReadApplication"+kind.sid, kind.action).On(pointers(arns)...))
		if keys := settings.SecretKeys; len(keys) > 0 {
			statements = append(statements, permissions.Allow("DecryptApplication"+kind.sid, "kms:Decrypt").On(pointers(keys)...).
				If(map[string]any{"StringEquals": map[string]any{
					"kms:ViaService": fmt.Sprintf("%s.%s.amazonaws.com", kind.service, env.Config.Region),
					kind.context:     arns,
				}}))
		}
	}
	return statements
}

// secrets returns the environment variables that ECS reads when a task starts.
//
// The host of the database is not secret. It is in the secret so that it changes
// without a deployment when the runbook cut-over-database points to another cluster.
func (c *Compute) secrets(database awssecretsmanager.ISecret) map[string]awsecs.Secret {
	all := databaseSecrets(database)
	references := c.env.Config.Service.SecretReferences()
	for _, name := range slices.Sorted(maps.Keys(references)) {
		all[name] = c.secretVariable(name, references[name])
	}
	return all
}

// databaseSecrets returns the environment variables from a secret of the database.
func databaseSecrets(database awssecretsmanager.ISecret) map[string]awsecs.Secret {
	return map[string]awsecs.Secret{
		"DB_HOST":     awsecs.Secret_FromSecretsManager(database, jsii.String("host")),
		"DB_USERNAME": awsecs.Secret_FromSecretsManager(database, jsii.String("username")),
		"DB_PASSWORD": awsecs.Secret_FromSecretsManager(database, jsii.String("password")),
	}
}

// secretVariable returns an environment variable from an existing secret or parameter.
func (c *Compute) secretVariable(name string, reference config.SecretReference) awsecs.Secret {
	id := jsii.String("Variable" + name)
	if reference.Parameter {
		parameter := awsssm.StringParameter_FromSecureStringParameterAttributes(c.Stack, id, &awsssm.SecureStringParameterAttributes{
			ParameterName: jsii.String(reference.ParameterName()),
		})
		return awsecs.Secret_FromSsmParameter(parameter)
	}
	secret := awssecretsmanager.Secret_FromSecretCompleteArn(c.Stack, id, &reference.ARN)
	if reference.VersionStage == "" && reference.VersionID == "" {
		return awsecs.Secret_FromSecretsManager(secret, optional(reference.Key))
	}
	return awsecs.Secret_FromSecretsManagerVersion(secret, &awsecs.SecretVersionInfo{
		VersionId: optional(reference.VersionID), VersionStage: optional(reference.VersionStage),
	}, optional(reference.Key))
}

// egress defines the outbound rules of the tasks beyond those of the platform.
func (c *Compute) egress(groups *SecurityGroups, wanted []config.Egress) []awscdk.CfnResource {
	var rules []awscdk.CfnResource
	for _, egress := range wanted {
		props := &awsec2.CfnSecurityGroupEgressProps{
			GroupId: jsii.String(groups.id(groups.Tasks)), Description: &egress.Description,
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(egress.Port), ToPort: jsii.Number(egress.Port),
		}
		switch {
		case strings.HasPrefix(egress.To, "sg-"):
			props.DestinationSecurityGroupId = &egress.To
		case strings.HasPrefix(egress.To, "pl-"):
			props.DestinationPrefixListId = &egress.To
		default:
			props.CidrIp = &egress.To
		}
		groups.record(groups.Tasks, "out tcp", egress.Port, egress.Port, "to "+egress.To)
		rules = append(rules, awsec2.NewCfnSecurityGroupEgress(c.Stack, jsii.String("TasksEgress"+hash(egress)), props))
	}
	return rules
}

func pointers(values []string) []*string {
	all := make([]*string, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}

// optional returns nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
