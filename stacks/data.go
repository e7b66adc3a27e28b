package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// Data is the stack of the database, its secret and the buckets for access logs.
type Data struct {
	awscdk.Stack

	Database *database.Aurora

	// User has the credentials of database.applicationUser, and is nil without one.
	User *database.ApplicationUser

	// Key encrypts the database and its secret. It is nil for AWS managed keys.
	Key awskms.IKey

	// DatabaseLogs has the log of PostgreSQL, RotationLogs the log of the function
	// that rotates the password.
	DatabaseLogs, RotationLogs awslogs.ILogGroup

	// LogBucket receives the access logs of the load balancer.
	LogBucket awss3.IBucket

	// EdgeLogBucket receives the access logs of CloudFront. It is there without
	// edge.accessLogs, too: files of before expire in it.
	EdgeLogBucket awss3.IBucket
}

func newData(env environment.Environment, net *Network, groups *SecurityGroups) *Data {
	stack := env.NewStack("data", "Database, its credentials and their rotation, and the log buckets of the Product Catalog API")
	key := env.NewKey(stack, storage.KeyProps{
		Description: "Database of " + env.Name + ": storage, backups, credentials and log",
		Disposable:  env.Disposable,
	})
	data := &Data{
		Stack:        stack,
		Key:          key,
		DatabaseLogs: env.NewLogGroup(stack, "DatabaseLogs", database.LogGroupName(env.Name), key),
		RotationLogs: env.NewLogGroup(stack, "RotationLogs", database.RotationLogGroupName(env.RotationFunctionName()), key),
		LogBucket:    newLogBucket(env, stack, "LogBucket", false),

		EdgeLogBucket: newLogBucket(env, stack, "EdgeLogBucket", true),
	}
	// CloudFormation refuses to remove an export that another stack uses, so this one
	// stays when edge.accessLogs is turned off.
	stack.ExportValue(data.EdgeLogBucket.BucketRegionalDomainName(), nil)
	data.Database = newDatabase(env, data, net, groups)
	if username := env.Config.Database.ApplicationUser; username != "" {
		data.User = database.NewApplicationUser(stack, "DatabaseUser", database.ApplicationUserProps{
			Database: data.Database, Username: username, Key: key, Disposable: env.Disposable,
		})
	}
	// CloudFormation deletes in the opposite order: the last log files arrive while
	// the cluster is deleted, which takes minutes, and then the buckets are emptied
	// (pitfall C5).
	data.Database.Cluster.Node().AddDependency(data.LogBucket, data.EdgeLogBucket)
	return data
}

// secret returns the secret of the user as whom the application connects.
func (d *Data) secret() awssecretsmanager.ISecret {
	if d.User != nil {
		return d.User.Secret
	}
	return d.Database.Secret
}

// secrets returns the ARNs of the secrets of all database users.
func (d *Data) secrets() []*string {
	if d.User != nil {
		return []*string{d.Database.Secret.SecretArn(), d.User.Secret.SecretArn()}
	}
	return []*string{d.Database.Secret.SecretArn()}
}

// newLogBucket defines a bucket for access logs. Load balancers deliver without
// ACLs, CloudFront only with them. The load balancer's bucket also takes the access
// logs of the buckets in later stacks, unless the environment is disposable.
func newLogBucket(env environment.Environment, stack awscdk.Stack, id string, acceptACLs bool) awss3.Bucket {
	bucket := storage.NewBucket(stack, id, storage.BucketProps{
		RuleID:         "delete-old-logs",
		RetentionDays:  env.Config.Logs.AccessLogRetentionDays,
		NoncurrentDays: 1,
		AcceptACLs:     acceptACLs,
		Disposable:     env.Disposable,
	})
	if !acceptACLs && !env.Disposable {
		bucket.AllowAccessLogs(env.Name)
	}
	return bucket.S3
}

// accessLogs returns the bucket for the access logs of buckets in later stacks. It
// is nil in a disposable environment: the trail's bucket is retained, and a log
// that it delivers after the log bucket was emptied would prevent the log bucket's
// deletion. The trail records the same reads and deletions.
func (d *Data) accessLogs(env environment.Environment) awss3.IBucket {
	if env.Disposable {
		return nil
	}
	return d.LogBucket
}

// newDatabase defines the database, its backups and the rotation of its secret.
func newDatabase(env environment.Environment, data *Data, net *Network, groups *SecurityGroups) *database.Aurora {
	aurora := database.NewAurora(data.Stack, "Database", database.AuroraProps{
		Identifier:          env.Name,
		EngineVersion:       env.Config.Database.EngineVersion,
		DatabaseName:        env.Config.Database.Name,
		Username:            env.Config.Database.Username,
		RestoreFrom:         database.RestoreSource(env.Config.Database.RestoreFrom),
		Vpc:                 net.VPC,
		Subnets:             network.Data(),
		SecurityGroup:       groups.Database,
		LogGroup:            data.DatabaseLogs,
		Key:                 data.Key,
		MinCapacity:         env.Config.Database.MinCapacity,
		MaxCapacity:         env.Config.Database.MaxCapacity,
		Readers:             env.Config.Database.Readers,
		BackupRetentionDays: env.Config.Database.BackupRetentionDays,
		MaintenanceStart:    env.Config.Database.MaintenanceWindow,
		BackupStart:         env.Config.Database.BackupWindow,
		Parameters:          env.Config.Database.Parameters,
		AllowDeletion:       !env.Protected,
		Disposable:          env.Disposable,
	})
	if env.Config.Backup.Enabled {
		newBackup(env, data, aurora)
	}
	database.NewRotation(data.Stack, "Rotation", database.RotationProps{
		Database:              aurora,
		Days:                  env.Config.Database.RotationDays,
		FunctionName:          env.RotationFunctionName(),
		LogGroup:              data.RotationLogs,
		Vpc:                   net.VPC,
		Subnets:               network.Private(),
		FunctionSecurityGroup: groups.Rotation,
		DatabaseSecurityGroup: groups.Database,
	})
	return aurora
}

func newBackup(env environment.Environment, data *Data, aurora *database.Aurora) {
	database.NewBackup(data.Stack, "Backup", database.BackupProps{
		Name:          env.Name,
		Cluster:       aurora.Cluster,
		Key:           data.Key,
		RetentionDays: env.Config.Backup.RetentionDays,
		EveryHours:    env.Config.Backup.EveryHours,
		RTOHours:      env.Config.Backup.RTOHours,
		CopyToRegion:  env.Config.Backup.CopyToRegion,
	})
}
