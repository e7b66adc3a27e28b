package test

import (
	"maps"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// Only the source, the time and the inherited properties differ. The restored
// cluster has its own network, logs, protection, password and fixed name, with
// which CloudFormation refuses to replace it.
func TestARestoredClusterDiffersInItsSourceAlone(t *testing.T) {
	for at, want := range map[string]props{
		"2026-11-24T10:00:00Z": {"SourceDBClusterIdentifier": config.Project + "-old", "RestoreToTime": "2026-11-24T10:00:00Z"},
		"latest":               {"SourceDBClusterIdentifier": config.Project + "-old", "UseLatestRestorableTime": true},
	} {
		t.Run(at, func(t *testing.T) {
			want := maps.Clone(want)
			maps.Copy(want, reference(t, "prod").stack(t, "data").one("AWS::RDS::DBCluster").Properties)
			for _, inherited := range []string{"DatabaseName", "MasterUsername", "StorageEncrypted"} {
				require.Contains(t, want, inherited)
				delete(want, inherited)
			}
			require.Equal(t, want, restoredProd(t, at).stack(t, "data").one("AWS::RDS::DBCluster").Properties)
		})
	}
}

func TestNoShippedEnvironmentIsRestored(t *testing.T) {
	for _, env := range append(allEnvironments(t), shortLived(t, "prod")) {
		env.stack(t, "data").hasNo("AWS::RDS::DBCluster", props{"SourceDBClusterIdentifier": assertions.Match_AnyValue()})
	}
}

func TestARestoreChangesNothingElse(t *testing.T) {
	prod, other := reference(t, "prod"), restoredProd(t, "latest")
	for id, template := range prod.templates {
		want, got := maps.Clone(template.resources), maps.Clone(other.stack(t, id).resources)
		if id == "data" {
			cluster := prod.stack(t, id).id("AWS::RDS::DBCluster")
			delete(want, cluster)
			require.Contains(t, got, cluster, "the same logical id")
			delete(got, cluster)
		}
		require.Equal(t, want, got, id)
	}
}
