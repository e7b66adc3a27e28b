package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// Data is the stack of what must survive a redeployment.
type Data struct {
	awscdk.Stack

	Database *database.Aurora

	// Key encrypts the database and its secret; nil where AWS's keys do.
	Key awskms.IKey

	// DatabaseLogs is the database's own log and RotationLogs that of the function
	// that rotates its password. LogBucket takes the access logs of the load
	// balancer and EdgeLogBucket those of CloudFront: it is nil where there are
	// none.
	DatabaseLogs  awslogs.ILogGroup
	RotationLogs  awslogs.ILogGroup
	LogBucket     awss3.IBucket
	EdgeLogBucket awss3.IBucket
}

// newData defines the data stack.
func newData(env environment.Environment, net *Network, groups *SecurityGroups) *Data {
	stack := env.NewStack("data", "Database, its credentials and their rotation, and the log buckets of the Product Catalog API")
	key := env.NewKey(stack, storage.KeyProps{
		Description: "Database of " + env.Name + ": storage, backups, credentials and log",
		Disposable:  env.Lifecycle.Disposable,
		LogGroups:   true,
	})
	data := &Data{
		Stack:        stack,
		Key:          key,
		DatabaseLogs: env.NewLogGroup(stack, "DatabaseLogs", database.LogGroupName(env.Name), key),
		RotationLogs: env.NewLogGroup(stack, "RotationLogs", database.RotationLogGroupName(env.RotationFunctionName()), key),
		LogBucket:    newLogBucket(env, stack, "LogBucket", false),
	}
	data.Database = newDatabase(env, data, net, groups)
	// Destroying goes the other way round: while the cluster is deleted, which
	// takes minutes, the last log files arrive; only then are the buckets
	// emptied (pitfall C5).
	data.Database.Cluster.Node().AddDependency(data.LogBucket)
	if env.Config.Edge.AccessLogs {
		data.EdgeLogBucket = newLogBucket(env, stack, "EdgeLogBucket", true)
		data.Database.Cluster.Node().AddDependency(data.EdgeLogBucket)
	}
	return data
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
		Disposable:     env.Lifecycle.Disposable,
	})
	if !acceptACLs && !env.Lifecycle.Disposable {
		bucket.AllowAccessLogs(env.Name)
	}
	return bucket.S3
}

// accessLogs is where the buckets of later stacks log who reads and deletes. It
// is nil where the environment is disposable: the trail's bucket outlives the
// log bucket, and a log that arrives after that one was emptied would keep it
// from being deleted. The trail has the same reads and deletions there.
func (d *Data) accessLogs(env environment.Environment) awss3.IBucket {
	if env.Lifecycle.Disposable {
		return nil
	}
	return d.LogBucket
}

// newDatabase defines the database, its copies and the rotation of its secret.
func newDatabase(env environment.Environment, data *Data, net *Network, groups *SecurityGroups) *database.Aurora {
	aurora := database.NewAurora(data.Stack, "Database", database.AuroraProps{
		Identifier:       env.Name,
		EngineVersion:    env.Config.Database.EngineVersion,
		DatabaseName:     env.Config.Database.Name,
		Username:         env.Config.Database.Username,
		RestoreFrom:      database.RestoreSource(env.Config.Database.RestoreFrom),
		Vpc:              net.VPC,
		Subnets:          network.Data(),
		SecurityGroup:    groups.Database,
		LogGroup:         data.DatabaseLogs,
		Key:              data.Key,
		MinCapacity:      env.Config.Database.MinCapacity,
		MaxCapacity:      env.Config.Database.MaxCapacity,
		Readers:          env.Config.Database.Readers,
		BackupDays:       env.Config.Database.BackupRetentionDays,
		MaintenanceStart: env.Config.Database.MaintenanceWindow,
		AllowDeletion:    !env.Lifecycle.Protected,
		Disposable:       env.Lifecycle.Disposable,
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
