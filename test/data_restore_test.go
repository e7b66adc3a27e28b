package test

import (
	"maps"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// The source, the time, and what is inherited from the source are all that is
// different: the restored cluster has its own network, logs and protection.
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

// Its backups come with the source's password. CloudFormation sets this one as
// soon as the cluster is restored, before an instance or the rotation is made.
func TestARestoredClusterIsGivenThePasswordOfItsOwnSecret(t *testing.T) {
	data := restoredProd(t, "latest").stack(t, "data")
	cluster := data.one("AWS::RDS::DBCluster")

	require.Equal(t, join("{{resolve:secretsmanager:", ref(data.id("AWS::SecretsManager::Secret")), ":SecretString:password::}}"),
		cluster.Properties["MasterUserPassword"])
}

// A cluster with a fixed name is never replaced: CloudFormation refuses to,
// whichever of the properties that count at creation only changes.
func TestARestoredClusterCannotBeReplacedByMistake(t *testing.T) {
	cluster := restoredProd(t, "latest").stack(t, "data").one("AWS::RDS::DBCluster")
	require.Equal(t, config.Project+"-prod", cluster.Properties["DBClusterIdentifier"])
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
