package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"
)

// RestoreSource says where the data of a new cluster comes from.
type RestoreSource struct {
	// Cluster is the identifier of the source, in the same account and region.
	Cluster string

	// Time is what the source held then, in RFC 3339 and UTC, or Latest.
	Time string
}

// Latest is as close to now as the source can be restored, minutes ago.
const Latest = "latest"

// notRestored are inherited from the source; CloudFormation refuses them or
// does nothing with them. MasterUserPassword stays although its documentation
// says the same: the open source of the resource type shows that it is set as
// soon as the cluster is restored, and without it the password would be the
// source's, which the secret does not know.
// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds
var notRestored = []string{"DatabaseName", "MasterUsername", "StorageEncrypted"}

// restore makes the cluster one that is created from another's backups, if
// there is a source. All of it counts at creation only.
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
	for _, property := range notRestored {
		restored.AddPropertyDeletionOverride(&property)
	}
}
