// Package database defines where the catalog keeps its records.
package database

import (
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
)

// Port is the port PostgreSQL listens on. It is a constant, not the cluster's
// Endpoint.Port, so that a security group can name it without depending on
// the stack of the cluster (pitfall A6).
const Port = 5432

// AuroraProps configures an Aurora.
type AuroraProps struct {
	// Identifier is the cluster's name. It is fixed because the log group that
	// the cluster writes to, LogGroupName(Identifier), is named after it.
	Identifier string

	// EngineVersion is the Aurora PostgreSQL version, e.g. "16.8".
	EngineVersion string

	// DatabaseName is the database created in the cluster, Username its master
	// user. Changing either replaces the cluster.
	DatabaseName, Username string

	// RestoreFrom is another cluster, of the same version, database and user,
	// whose data this one starts with. It can never be changed. Default: none.
	RestoreFrom RestoreSource

	// Vpc and Subnets say where the cluster is, SecurityGroup who may connect.
	Vpc           awsec2.IVpc
	Subnets       *awsec2.SubnetSelection
	SecurityGroup awsec2.ISecurityGroup

	// LogGroup is the group the cluster's log is exported to. It must exist
	// before the cluster: else RDS makes one that keeps logs for ever.
	LogGroup awslogs.ILogGroup

	// Key encrypts the storage with its backups, Performance Insights and the
	// credentials. Another key is another cluster. Default: those that RDS and
	// Secrets Manager have in the account.
	Key awskms.IKey

	// MinCapacity and MaxCapacity bound each instance, in Aurora capacity
	// units. Default: 0.5 and 2.
	MinCapacity, MaxCapacity float64

	// Readers is how many instances stand by in other zones. Default: none.
	Readers int

	// BackupDays is how far back the cluster can be restored. Default: 35, the
	// most there is.
	BackupDays int

	// MaintenanceStart is when the half hour begins in which AWS may patch, in UTC:
	// "tue:03:30". The backup is made in the half hour that begins an hour before.
	// Default: AWS draws both by lot.
	MaintenanceStart string

	// AllowDeletion turns deletion protection off.
	AllowDeletion bool

	// Disposable deletes the data with the stack. By default deleting the
	// cluster leaves a final snapshot, and its automated backups until they
	// expire. It needs AllowDeletion. What is disposable has no monitoring of the
	// operating system, and no Extended Support: it is not created with a version
	// that would be billed for it.
	Disposable bool
}

// Aurora is an encrypted serverless PostgreSQL cluster with generated
// credentials, which accepts connections by TLS only.
type Aurora struct {
	constructs.Construct

	Cluster awsrds.DatabaseCluster

	// Secret holds username, password, engine, host, port and dbname.
	Secret awssecretsmanager.ISecret
}

// NewAurora defines an Aurora.
func NewAurora(scope constructs.Construct, id string, props AuroraProps) *Aurora {
	props = props.withDefaults()
	this := constructs.NewConstruct(scope, &id)
	engine := engine(props.EngineVersion)
	secret := newSecret(this, props)
	maintenance, backup := postgresql.Windows(props.MaintenanceStart)
	settings := &awsrds.DatabaseClusterProps{
		ClusterIdentifier:       &props.Identifier,
		Engine:                  engine,
		DefaultDatabaseName:     &props.DatabaseName,
		Credentials:             awsrds.Credentials_FromSecret(secret, &props.Username),
		Port:                    jsii.Number(Port),
		Vpc:                     props.Vpc,
		VpcSubnets:              props.Subnets,
		SecurityGroups:          &[]awsec2.ISecurityGroup{props.SecurityGroup},
		ParameterGroup:          newParameterGroup(this, engine),
		Writer:                  instance("Writer", optional(maintenance), props.Key),
		Readers:                 readers(props.Readers, optional(maintenance), props.Key),
		ServerlessV2MinCapacity: &props.MinCapacity,
		ServerlessV2MaxCapacity: &props.MaxCapacity,
		StorageEncrypted:        jsii.Bool(true),
		StorageEncryptionKey:    props.Key,
		IamAuthentication:       jsii.Bool(true),
		CloudwatchLogsExports:   jsii.Strings("postgresql"),
		CopyTagsToSnapshot:      jsii.Bool(true),
		Backup: &awsrds.BackupProps{
			Retention:       awscdk.Duration_Days(jsii.Number(props.BackupDays)),
			PreferredWindow: optional(backup),
		},
		PreferredMaintenanceWindow: optional(maintenance),
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
	return &Aurora{this, cluster, cluster.Secret()}
}

// LogGroupName is the name of the log group that a cluster's PostgreSQL log is
// exported to. RDS decides it.
func LogGroupName(identifier string) string {
	return "/aws/rds/cluster/" + identifier + "/postgresql"
}

func (p AuroraProps) withDefaults() AuroraProps {
	if p.MinCapacity == 0 {
		p.MinCapacity = 0.5
	}
	if p.MaxCapacity == 0 {
		p.MaxCapacity = 2
	}
	if p.BackupDays == 0 {
		p.BackupDays = 35
	}
	return p
}

// engine names the version as text, since CDK's constants end before the
// versions that AWS offers do (pitfall A1).
func engine(version string) awsrds.IClusterEngine {
	major, _, _ := strings.Cut(version, ".")
	return awsrds.DatabaseClusterEngine_AuroraPostgres(&awsrds.AuroraPostgresClusterEngineProps{
		Version: awsrds.AuroraPostgresEngineVersion_Of(&version, &major, &awsrds.AuroraPostgresEngineFeatures{
			S3Import: jsii.Bool(true),
			S3Export: jsii.Bool(true),
		}),
	})
}

// newParameterGroup refuses connections without TLS and logs who connects and
// what changes the schema.
func newParameterGroup(scope constructs.Construct, engine awsrds.IClusterEngine) awsrds.ParameterGroup {
	values := map[string]*string{}
	for name, value := range postgresql.Parameters {
		values[name] = &value
	}
	return awsrds.NewParameterGroup(scope, jsii.String("Parameters"), &awsrds.ParameterGroupProps{
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

// lifecycleSupport says what becomes of a cluster whose major version is no longer
// supported: with Extended Support, which is billed, it goes on and is patched;
// without, AWS upgrades it to the next major version when it likes, and the
// template, which names the old one, can no longer be deployed. It counts when
// the cluster is created.
func lifecycleSupport(disposable bool) awsrds.EngineLifecycleSupport {
	if disposable {
		return awsrds.EngineLifecycleSupport_OPEN_SOURCE_RDS_EXTENDED_SUPPORT_DISABLED
	}
	return awsrds.EngineLifecycleSupport_OPEN_SOURCE_RDS_EXTENDED_SUPPORT
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func removal(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_SNAPSHOT
}
