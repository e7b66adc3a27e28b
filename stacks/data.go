package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
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

// NewData defines the data stack.
func NewData(env environment, net *Network, groups *SecurityGroups) *Data {
	stack := env.newStack("data", "Database, its credentials and their rotation, and the log buckets of the Product Catalog API")
	key := env.newKey(stack, storage.KeyProps{
		Description: "Database of " + env.name + ": storage, backups, credentials and log",
		Disposable:  env.lifecycle.disposable,
		LogGroups:   true,
	})
	data := &Data{
		Stack:        stack,
		Key:          key,
		DatabaseLogs: env.newLogGroup(stack, "DatabaseLogs", database.LogGroupName(env.name), key),
		RotationLogs: env.newLogGroup(stack, "RotationLogs", database.RotationLogGroupName(env.rotationFunctionName()), key),
		LogBucket:    newLogBucket(env, stack, "LogBucket", false),
	}
	data.Database = newDatabase(env, data, net, groups)
	// Destroying goes the other way round: while the cluster is deleted, which
	// takes minutes, the last log files arrive; only then are the buckets
	// emptied (pitfall C5).
	data.Database.Cluster.Node().AddDependency(data.LogBucket)
	if env.Edge.AccessLogs {
		data.EdgeLogBucket = newLogBucket(env, stack, "EdgeLogBucket", true)
		data.Database.Cluster.Node().AddDependency(data.EdgeLogBucket)
	}
	return data
}

// newLogBucket defines a log bucket. That of the load balancer also takes the
// access logs of the buckets of later stacks, where those have any.
func newLogBucket(env environment, stack awscdk.Stack, id string, acceptACLs bool) awss3.Bucket {
	props := storage.LogBucketProps{
		ExpirationDays: env.Logs.AccessLogRetentionDays,
		AcceptACLs:     acceptACLs,
		Disposable:     env.lifecycle.disposable,
	}
	if !acceptACLs && !env.lifecycle.disposable {
		props.Buckets = env.name
	}
	return storage.NewLogBucket(stack, id, props)
}

// accessLogs is where the buckets of later stacks log who reads and deletes. It
// is nil where the environment is disposable: the trail's bucket outlives the
// log bucket, and a log that arrives after that one was emptied would keep it
// from being deleted. The trail has the same reads and deletions there.
func (d *Data) accessLogs(env environment) awss3.IBucket {
	if env.lifecycle.disposable {
		return nil
	}
	return d.LogBucket
}

// newDatabase defines the database, its copies and the rotation of its secret.
func newDatabase(env environment, data *Data, net *Network, groups *SecurityGroups) *database.Aurora {
	aurora := database.NewAurora(data.Stack, "Database", database.AuroraProps{
		Identifier:       env.name,
		EngineVersion:    env.Database.EngineVersion,
		DatabaseName:     env.Database.Name,
		Username:         env.Database.Username,
		RestoreFrom:      database.RestoreSource(env.Database.RestoreFrom),
		Vpc:              net.Vpc.Vpc,
		Subnets:          network.Data(),
		SecurityGroup:    groups.Database,
		LogGroup:         data.DatabaseLogs,
		Key:              data.Key,
		MinCapacity:      env.Database.MinCapacity,
		MaxCapacity:      env.Database.MaxCapacity,
		Readers:          env.Database.Readers,
		BackupDays:       env.Database.BackupRetentionDays,
		MaintenanceStart: env.Database.MaintenanceWindow,
		AllowDeletion:    !env.lifecycle.protected,
		Disposable:       env.lifecycle.disposable,
	})
	if env.Backup.Enabled {
		newBackup(env, data, aurora)
	}
	database.NewRotation(data.Stack, "Rotation", database.RotationProps{
		Database:              aurora,
		Days:                  env.Database.RotationDays,
		FunctionName:          env.rotationFunctionName(),
		LogGroup:              data.RotationLogs,
		Vpc:                   net.Vpc.Vpc,
		Subnets:               network.Private(),
		FunctionSecurityGroup: groups.Rotation,
		DatabaseSecurityGroup: groups.Database,
	})
	return aurora
}

func newBackup(env environment, data *Data, aurora *database.Aurora) {
	database.NewBackup(data.Stack, "Backup", database.BackupProps{
		Name:          env.name,
		Cluster:       aurora.Cluster,
		Key:           data.Key,
		RetentionDays: env.Backup.RetentionDays,
		EveryHours:    env.Backup.EveryHours,
		RestoreHours:  env.Backup.RTOHours,
		CopyRegion:    env.Backup.CopyToRegion,
	})
}
