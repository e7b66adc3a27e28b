package invariants

import (
	"fmt"

	"catalog-infra/config"
)

// DataOutlivesItsStack is true unless the environment is disposable.
var DataOutlivesItsStack = Invariant{"data outlives its stack unless the environment is disposable", "Give it the RemovalPolicy of env.lifecycle, " +
	"as stacks/data.go does, or where it may differ, name it in test/invariants/data.go beside staysWithTheTrail", func(env *Environment) (broken []string) {
	for kind, kept := range holdingData {
		found := env.Resources(kind)
		if len(found) == 0 {
			broken = append(broken, "no "+kind+": a mistyped type would pass")
		}
		for _, r := range found {
			want := kept
			if env.Lifecycle == config.LifecycleDisposable && !staysWithTheTrail(r) {
				want = "Delete"
			}
			if !isOriginSecret(r) && (r.DeletionPolicy != want || r.UpdateReplacePolicy != want) {
				broken = append(broken, fmt.Sprintf("%s: %q and %q, want %s", r, r.DeletionPolicy, r.UpdateReplacePolicy, want))
			}
		}
	}
	return broken
}}

// holdingData is what becomes of that which holds data, and of logs, keys and
// passwords, when it is deleted or replaced in an environment that is not
// disposable. An instance holds nothing that its cluster does not.
var holdingData = map[string]string{
	"AWS::ECR::Repository":        "Retain",
	"AWS::KMS::Key":               "Retain",
	"AWS::Logs::LogGroup":         "Retain",
	"AWS::RDS::DBCluster":         "Snapshot",
	"AWS::S3::Bucket":             "Retain",
	"AWS::SecretsManager::Secret": "Retain",
}

// isOriginSecret reports whether r is a secret of the origin header. Each rotation
// deletes the one before: one that stayed
// would be an old value that somebody has to clean up.
func isOriginSecret(r Resource) bool {
	return r.Stack == "compute" && r.Type == "AWS::SecretsManager::Secret"
}

// staysWithTheTrail reports whether r has files of the trail or of Config, or is the
// key that they are read with.
func staysWithTheTrail(r Resource) bool {
	return r.Stack == "audit" && (r.Type == "AWS::S3::Bucket" || r.Type == "AWS::KMS::Key")
}
