package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"
)

// RestoreSource is where the data of a new cluster comes from.
type RestoreSource struct {
	// Cluster is the identifier of the source, in the same account and region.
	Cluster string

	// Time is the point in time to restore, in RFC 3339 and UTC, or Latest.
	Time string
}

// Latest is the latest point in time that can be restored, minutes ago.
const Latest = "latest"

// inheritedProperties come from the source: CloudFormation refuses or ignores them.
// MasterUserPassword stays although its documentation says the same. The open source
// of the resource type sets it as soon as the cluster is restored; without it the
// password would be the source's, which the secret does not have.
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds
var inheritedProperties = []string{"DatabaseName", "MasterUsername", "StorageEncrypted"}

// restore creates the cluster from a source, if there is one. It counts at creation
// only.
func restore(cluster awsrds.DatabaseCluster, from RestoreSource) {
	if from.Cluster == "" {
		return
	}
	restored := cluster.Node().DefaultChild().(awsrds.CfnDBCluster)
	restored.SetSourceDbClusterIdentifier(&from.Cluster)
	if from.Time == Latest {
		restored.SetUseLatestRestorableTime(jsii.Bool(true))
	} else {
		restored.SetRestoreToTime(&from.Time)
	}
	for _, property := range inheritedProperties {
		restored.AddPropertyDeletionOverride(&property)
	}
}
