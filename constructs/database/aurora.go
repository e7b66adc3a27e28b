package database

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/postgresql"
	"catalog-infra/constructs/required"
)

// Port is the port of PostgreSQL. It is a constant instead of the cluster's
// Endpoint.Port, so that the stack of a security group with it need not depend on the
// stack of the cluster (pitfall A6).
const Port = 5432

// AuroraProps configures an Aurora.
type AuroraProps struct {
	// Identifier is the cluster's name. It is fixed, since the name of the log group,
	// LogGroupName(Identifier), contains it.
	Identifier string `required:"true"`

	// EngineVersion is the version of Aurora PostgreSQL, such as "16.8".
	EngineVersion string `required:"true"`

	// DatabaseName is the database that is created in the cluster, Username its master
	// user. Changing either replaces the cluster.
	DatabaseName string `required:"true"`
	Username     string `required:"true"`

	// RestoreFrom is a cluster of the same version, database and user whose data this
	// one starts with. It can never be changed. The zero value means an empty
	// database.
	RestoreFrom RestoreSource

	// Vpc and Subnets say where the cluster is, SecurityGroup who may connect.
	Vpc           awsec2.IVpc             `required:"true"`
	Subnets       *awsec2.SubnetSelection `required:"true"`
	SecurityGroup awsec2.ISecurityGroup   `required:"true"`

	// LogGroup is the group to which the cluster exports its log. If it did not exist
	// before the cluster, RDS would create one that never expires.
	LogGroup awslogs.ILogGroup `required:"true"`

	// Key encrypts storage, backups, Performance Insights and the credentials; nil
	// means AWS managed keys. Changing the key replaces the cluster.
	Key awskms.IKey

	// MinCapacity and MaxCapacity are the limits of each instance, in Aurora capacity
	// units.
	MinCapacity float64 `required:"true"`
	MaxCapacity float64 `required:"true"`

	// Readers is how many instances stand by in other zones.
	Readers int

	// BackupRetentionDays is how far back the cluster can be restored, at most 35.
	BackupRetentionDays int `required:"true"`

	// MaintenanceStart is when the half hour begins in which AWS may patch, in UTC:
	// "tue:03:30". BackupStart is when the half hour of the daily backup begins, "22:15".
	// Default: an hour before.
	MaintenanceStart string `required:"true"`
	BackupStart      string

	// Parameters are set beside those of package postgresql, which win. They need no
	// restart.
	Parameters map[string]float64

	// AllowDeletion turns deletion protection off.
	AllowDeletion bool

	// Disposable deletes the data with the stack, which needs AllowDeletion. Otherwise
	// a final snapshot and the automated backups stay. A disposable cluster has no
	// Enhanced Monitoring, and no Extended Support: AWS refuses to create it with a
	// version that would be billed for it.
	Disposable bool
}

// Aurora is an encrypted serverless PostgreSQL cluster with generated credentials.
// It accepts connections by TLS only.
type Aurora struct {
	Cluster awsrds.DatabaseCluster

	// Secret holds username, password, engine, host, port and dbname.
	Secret awssecretsmanager.ISecret

	// ParameterGroupName is the name of the cluster's parameter group. It contains the
	// major version, since another one needs another group. A reference would be an
	// export that CloudFormation refuses to change.
	ParameterGroupName string

	// secretARN is the ARN of Secret without its attachment to the cluster.
	secretARN *string
}

// NewAurora defines an Aurora.
func NewAurora(scope constructs.Construct, id string, props AuroraProps) *Aurora {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	engine := engine(props.EngineVersion)
	parameters := parameterGroupName(props)
	secret := newSecret(this, credentials{
		username: props.Username, description: "Credentials of the catalog database", key: props.Key, disposable: props.Disposable,
	})
	maintenance, backup := postgresql.Windows(props.MaintenanceStart, props.BackupStart)
	settings := &awsrds.DatabaseClusterProps{
		ClusterIdentifier:       &props.Identifier,
		Engine:                  engine,
		DefaultDatabaseName:     &props.DatabaseName,
		Credentials:             awsrds.Credentials_FromSecret(secret, &props.Username),
		Port:                    jsii.Number(Port),
		Vpc:                     props.Vpc,
		VpcSubnets:              props.Subnets,
		SecurityGroups:          &[]awsec2.ISecurityGroup{props.SecurityGroup},
		ParameterGroup:          newParameterGroup(this, parameters, engine, props.Parameters),
		Writer:                  instance("Writer", &maintenance, props.Key),
		Readers:                 readers(props.Readers, &maintenance, props.Key),
		ServerlessV2MinCapacity: &props.MinCapacity,
		ServerlessV2MaxCapacity: &props.MaxCapacity,
		StorageEncrypted:        jsii.Bool(true),
		StorageEncryptionKey:    props.Key,
		IamAuthentication:       jsii.Bool(true),
		CloudwatchLogsExports:   jsii.Strings("postgresql"),
		CopyTagsToSnapshot:      jsii.Bool(true),
		Backup: &awsrds.BackupProps{
			Retention:       awscdk.Duration_Days(jsii.Number(props.BackupRetentionDays)),
			PreferredWindow: &backup,
		},
		PreferredMaintenanceWindow: &maintenance,
		EngineLifecycleSupport:     lifecycleSupport(props.Disposable),
		DeleteAutomatedBackups:     &props.Disposable,
		DeletionProtection:         jsii.Bool(!props.AllowDeletion),
		RemovalPolicy:              removal(props.Disposable),
	}
	needed := []constructs.IDependable{props.LogGroup}
	if !props.Disposable {
		needed = append(needed, monitored(this, settings))
	}
	cluster := awsrds.NewDatabaseCluster(this, jsii.String("Cluster"), settings)
	cluster.Node().AddDependency(needed...)
	restore(cluster, props.RestoreFrom)
	return &Aurora{cluster, cluster.Secret(), parameters, secret.SecretArn()}
}

// LogGroupName returns the name that RDS gives the log group of a cluster.
func LogGroupName(identifier string) string {
	return "/aws/rds/cluster/" + identifier + "/postgresql"
}

// engine takes the version as text, since CDK has no constants for the newest
// versions (pitfall A1).
func engine(version string) awsrds.IClusterEngine {
	major, _, _ := strings.Cut(version, ".")
	return awsrds.DatabaseClusterEngine_AuroraPostgres(&awsrds.AuroraPostgresClusterEngineProps{
		Version: awsrds.AuroraPostgresEngineVersion_Of(&version, &major, nil),
	})
}

func parameterGroupName(props AuroraProps) string {
	major, _, _ := strings.Cut(props.EngineVersion, ".")
	return props.Identifier + "-postgresql" + major
}

// newParameterGroup defines the parameters of package postgresql and others.
func newParameterGroup(scope constructs.Construct, name string, engine awsrds.IClusterEngine,
	others map[string]float64,
) awsrds.ParameterGroup {
	values := map[string]*string{}
	for name, value := range others {
		values[name] = jsii.String(strconv.FormatFloat(value, 'f', -1, 64))
	}
	for name, value := range postgresql.Parameters {
		values[name] = &value
	}
	return awsrds.NewParameterGroup(scope, jsii.String("Parameters"), &awsrds.ParameterGroupProps{
		Name:        &name,
		Engine:      engine,
		Description: jsii.String("Forces TLS, logs connections and schema changes"),
		Parameters:  &values,
	})
}

// instance turns automatic minor upgrades off: they would leave the template
// behind the cluster, and the next deploy would try to downgrade (pitfall A3).
func instance(id string, maintenance *string, key awskms.IKey) awsrds.IClusterInstance {
	return awsrds.ClusterInstance_ServerlessV2(&id, &awsrds.ServerlessV2ClusterInstanceProps{
		AutoMinorVersionUpgrade:         jsii.Bool(false),
		PreferredMaintenanceWindow:      maintenance,
		PubliclyAccessible:              jsii.Bool(false),
		EnablePerformanceInsights:       jsii.Bool(true),
		PerformanceInsightEncryptionKey: key,
		ScaleWithWriter:                 jsii.Bool(id != "Writer"),
	})
}

func readers(n int, maintenance *string, key awskms.IKey) *[]awsrds.IClusterInstance {
	instances := make([]awsrds.IClusterInstance, n)
	for i := range instances {
		instances[i] = instance(*jsii.Sprintf("Reader%d", i+1), maintenance, key)
	}
	return &instances
}

// lifecycleSupport returns whether the cluster gets Extended Support, which is
// billed, once its major version is no longer supported. Without it, AWS upgrades the
// cluster to the next major version at any time, and the template, with the old
// version, can no longer be deployed. The choice counts when the cluster is created.
func lifecycleSupport(disposable bool) awsrds.EngineLifecycleSupport {
	if disposable {
		return awsrds.EngineLifecycleSupport_OPEN_SOURCE_RDS_EXTENDED_SUPPORT_DISABLED
	}
	return awsrds.EngineLifecycleSupport_OPEN_SOURCE_RDS_EXTENDED_SUPPORT
}

func removal(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_SNAPSHOT
}
