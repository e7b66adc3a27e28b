package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

// judge returns the step that a change is.
func judge(d deployment, found change) Step {
	step := Step{Stack: d.after.ID, Resource: found.id, Verdict: Fine, Properties: found.properties}
	switch {
	case found.before == nil:
		judgeCreation(d, found, &step)
	case found.after == nil:
		judgeDeletion(found.before, len(d.formerEmptiers[found.id]) > 0, deletionPolicy(*found.before), &step)
		d.judgeSuccessor(found, &step)
	case found.replacement == resourcespec.Never:
		judgeUpdate(d, found, &step)
	default:
		judgeReplacement(d, found, &step)
	}
	return step
}

func judgeCreation(d deployment, found change, step *Step) {
	step.Type, step.Action = found.after.Type, Create
	holder, isTaken := d.holder(found)
	switch {
	case !isTaken:
	case holder.left && importable(*found.after):
		step.Action = Import
		step.Why = "it is there already, and CloudFormation takes it over as it is"
	default:
		step.refuse("%s", conflict(*found.after, holder))
	}
}

func (s *Step) refuse(format string, args ...any) {
	s.Verdict, s.Why = Refused, fmt.Sprintf(format, args...)
}

// judgeReplacement judges what is made anew before the old one is deleted.
func judgeReplacement(d deployment, found change, step *Step) {
	step.Type, step.Action, step.Verdict = found.after.Type, Replace, Replaced
	if _, known := resourcespec.Lookup(found.after.Type); !known {
		step.Action, step.Verdict = Update, Fine
		return
	}
	if found.before.Type != found.after.Type {
		step.refuse("it was of type %s, and CloudFormation does not change the type of a logical id", found.before.Type)
		return
	}
	step.Why = explain(found)
	if d.keepsIdentity(found) {
		step.refuse("%s, under the same %s: CloudFormation cannot replace a resource with a fixed name", explain(found), nameFor(*found.after))
		return
	}
	if holder, isTaken := d.holder(found); isTaken {
		step.refuse("%s, and %s", explain(found), conflict(*found.after, holder))
		return
	}
	old := Step{Verdict: Replaced}
	judgeDeletion(found.before, len(d.formerEmptiers[found.id]) > 0, found.before.UpdateReplacePolicy, &old)
	if Worse(old.Verdict, Replaced) < 0 {
		step.Verdict = old.Verdict
	}
	step.Why += "; the old one: " + old.Why
	if old.Verdict == Left && holdsData(*found.before) {
		step.Verdict = DataLost
		step.Why += "; the new one is empty"
	}
}

// judgeSuccessor finds what takes the place of data that stays behind, such as the same
// resource under another logical id.
func (d deployment) judgeSuccessor(gone change, step *Step) {
	if step.Verdict != Left || !holdsData(*gone.before) {
		return
	}
	for _, found := range d.changes {
		if found.before == nil && found.after.Type == gone.before.Type {
			step.Verdict = DataLost
			step.Why += fmt.Sprintf("; %s, of the same type, is new and empty", found.id)
			return
		}
	}
}

// explain says why a resource is replaced.
func explain(found change) string {
	word := "is"
	if found.replacement == resourcespec.Sometimes {
		word = "may be"
	}
	if found.because != "" {
		return fmt.Sprintf("it %s replaced with %s, which it refers to by %s", word, found.because, strings.Join(found.causes(), ", "))
	}
	return fmt.Sprintf("it %s replaced, since %s cannot change", word, strings.Join(found.causes(), ", "))
}

// irreversible are properties whose former value AWS does not take back. After * is
// whatever is below the property.
var irreversible = map[string][]string{
	// "You can't downgrade a DB cluster": https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.PostgreSQL.html
	"AWS::RDS::DBCluster": {"EngineVersion"},
	// "Once enabled, it can't be disabled", but the default retention changes at any
	// time: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	"AWS::S3::Bucket": {"ObjectLockConfiguration"},
	// The password that was generated before is not known any more:
	// https://github.com/aws/aws-cdk/issues/7518
	"AWS::SecretsManager::Secret": {"GenerateSecretString", "GenerateSecretString*"},
}

// judgeUpdate judges what changes in place.
func judgeUpdate(d deployment, found change, step *Step) {
	step.Type, step.Action = found.after.Type, Update
	if holder, isTaken := d.holder(found); isTaken && !d.keepsIdentity(found) {
		step.refuse("%s", conflict(*found.after, holder))
		return
	}
	if d.isOriginInUse(found) {
		step.refuse("AWS changes no VPC origin that a distribution uses")
		return
	}
	judgeWayBack(found, step)
}

// judgeWayBack judges whether AWS takes the former properties back.
func judgeWayBack(found change, step *Step) {
	judgeLock(found, step)
	for _, path := range found.properties {
		if property, ok := takenBackNever(found.after.Type, path); ok {
			step.Verdict, step.Why = Irreversible, fmt.Sprintf("AWS does not take the former %s back", property)
		}
	}
}

// takenBackNever returns the property at or above the path whose change AWS does not
// take back.
func takenBackNever(resource, path string) (property string, ok bool) {
	for _, pattern := range irreversible[resource] {
		property, below := strings.CutSuffix(pattern, "*")
		if path == property || below && strings.HasPrefix(path, property+".") {
			return property, true
		}
	}
	return "", false
}

// judgeLock judges a change of a vault's lock. With ChangeableForDays nobody changes or
// deletes it after so many days:
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
func judgeLock(found change, step *Step) {
	locks := func(resource assembly.Resource) any {
		return resource.Properties.At("LockConfiguration", "ChangeableForDays")
	}
	isChanged := slices.ContainsFunc(found.properties, func(path string) bool { return strings.HasPrefix(path, "LockConfiguration") })
	switch {
	case found.after.Type != "AWS::Backup::BackupVault" || !isChanged:
	case locks(*found.before) != nil:
		step.refuse("its lock cannot be changed %v days after it was made", locks(*found.before))
	case locks(*found.after) != nil:
		step.Verdict, step.Why = Irreversible, fmt.Sprintf("after %v days AWS does not take the lock back", locks(*found.after))
	}
}

// isOriginInUse reports whether a distribution uses a VPC origin as it is deployed:
// https://github.com/aws/aws-cdk/issues/35765
func (d deployment) isOriginInUse(found change) bool {
	if found.after.Type != "AWS::CloudFront::VpcOrigin" {
		return false
	}
	distributions := d.before.Template.OfType("AWS::CloudFront::Distribution")
	return slices.ContainsFunc(distributions, func(distribution assembly.Resource) bool {
		return references(map[string]any(distribution.Properties))[found.id]
	})
}
