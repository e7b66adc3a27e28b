package bill

const (
	rds     = "Amazon RDS"
	s3      = "Amazon S3"
	backup  = "AWS Backup"
	kms     = "AWS KMS"
	secrets = "AWS Secrets Manager"
)

// aurora is the engine whose products the price list has apart.
const aurora = "Aurora PostgreSQL"

// dataCharges are those of what holds data, keys and secrets.
//
// https://aws.amazon.com/rds/aurora/pricing/
// https://aws.amazon.com/s3/pricing/
// https://aws.amazon.com/backup/pricing/
// https://aws.amazon.com/kms/pricing/
// https://aws.amazon.com/secrets-manager/pricing/
var dataCharges = []charge{
	{resource: "AWS::RDS::DBInstance", service: rds, one: "Aurora capacity unit", many: "Aurora capacity units", basis: ByHour,
		unit:     "ACU-hours",
		product:  Product{Service: "AmazonRDS", UsageType: "Aurora:ServerlessV2Usage", Engine: aurora, PerHour: true},
		quantity: capacity},
	{resource: "AWS::RDS::DBCluster", service: rds, one: "GB of database", many: "GB of database", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonRDS", UsageType: "Aurora:StorageUsage"},
		quantity: standard(func(a Assumptions) float64 { return a.DatabaseGB }), once: true},
	{resource: "AWS::RDS::DBCluster", service: rds, one: "database I/O request", many: "database I/O requests", basis: ByRequest,
		unit:     "requests",
		product:  Product{Service: "AmazonRDS", UsageType: "Aurora:StorageIOUsage"},
		quantity: standard(func(a Assumptions) float64 { return a.DatabaseRequests }), once: true},
	backupStorage("AWS::RDS::DBCluster"), backupStorage("AWS::Backup::BackupVault"),
	{resource: "AWS::Backup::BackupPlan", quantity: backupCopies},
	{resource: "AWS::Backup::RestoreTestingPlan", service: backup, one: "restore test", many: "restore tests", basis: ByRequest, unit: "tests",
		quantity: assume(func(a Assumptions) float64 { return a.RestoreTests })},
	{resource: "AWS::S3::Bucket", service: s3, one: "GB in buckets", many: "GB in buckets", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonS3", UsageType: "TimedStorage-ByteHrs"},
		quantity: assume(func(a Assumptions) float64 { return a.BucketGB }), once: true},
	{resource: "AWS::S3::Bucket", service: s3, one: "write to buckets", many: "writes to buckets", basis: ByRequest, unit: "requests",
		product:  Product{Service: "AmazonS3", UsageType: "Requests-Tier1"},
		quantity: assume(func(a Assumptions) float64 { return a.BucketWrites }), once: true},
	{resource: "AWS::S3::Bucket", service: s3, one: "read from buckets", many: "reads from buckets", basis: ByRequest, unit: "requests",
		product:  Product{Service: "AmazonS3", UsageType: "Requests-Tier2"},
		quantity: assume(func(a Assumptions) float64 { return a.BucketReads }), once: true},
	{resource: "AWS::KMS::Key", service: kms, one: "encryption key", many: "encryption keys", basis: ByHour, unit: "a month",
		product: Product{Service: "awskms", UsageType: "KMS-Keys"}, quantity: one},
	{resource: "AWS::KMS::Key", service: kms, one: "former version of a key", many: "former versions of keys", basis: ByHour, unit: "a month",
		product: Product{Service: "awskms", UsageType: "KMS-Keys"}, quantity: formerVersions},
	{resource: "AWS::KMS::Key", service: kms, one: "request to keys", many: "requests to keys", basis: ByRequest, unit: "requests",
		product:  Product{Service: "awskms", UsageType: "KMS-Requests"},
		quantity: assume(func(a Assumptions) float64 { return a.KeyRequests }), once: true},
	{resource: "AWS::SecretsManager::Secret", service: secrets, one: "secret", many: "secrets", basis: ByHour, unit: "a month",
		product: Product{Service: "AWSSecretsManager", UsageType: "AWSSecretsManager-Secrets"}, quantity: one},
	{resource: "AWS::SecretsManager::Secret", service: secrets, one: "request to secrets", many: "requests to secrets",
		basis: ByRequest, unit: "requests", product: Product{Service: "AWSSecretsManager", UsageType: "AWSSecretsManagerAPIRequest"},
		quantity: assume(func(a Assumptions) float64 { return a.SecretRequests }), once: true},
}

// backupStorage is that of the cluster's own backups and of recovery points in a
// vault, for which AWS charges alike.
func backupStorage(resource string) charge {
	return charge{resource: resource, service: rds, one: "GB of database backups", many: "GB of database backups", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AmazonRDS", UsageType: "Aurora:BackupUsage", Engine: aurora},
		quantity: assume(func(a Assumptions) float64 { return a.BackupGB }), once: true}
}

// backupCopies counts nothing: what a plan stores, its vault is charged for.
func backupCopies(plan site) Range {
	for _, rule := range plan.Properties.Objects("BackupPlan", "BackupPlanRule") {
		if len(rule.List("CopyActions")) > 0 {
			plan.refuse("copies in another vault, and the traffic to another region")
		}
	}
	return Range{}
}

// capacity returns the limits of a serverless instance, which its cluster has.
func capacity(instance site) Range {
	if class := instance.text("DBInstanceClass"); class != "db.serverless" {
		instance.refuse("only serverless instances are counted")
		return Range{}
	}
	cluster, found := instance.at(instance.Properties.At("DBClusterIdentifier"))
	if !found {
		instance.refuse("its cluster is not in the assembly")
		return Range{}
	}
	if !cluster.isStandard() {
		return Range{}
	}
	if instance.number(7, "PerformanceInsightsRetentionPeriod") > 7 {
		instance.refuse("Performance Insights of more than seven days")
	}
	const scaling = "ServerlessV2ScalingConfiguration"
	return Range{cluster.number(0, scaling, "MinCapacity"), cluster.number(0, scaling, "MaxCapacity")}
}

// isStandard reports whether the cluster is at Aurora's standard prices, and not at
// those that include I/O.
func (s site) isStandard() bool {
	if s.text("StorageType") != "aurora-iopt1" {
		return true
	}
	s.refuse("only Aurora Standard is counted, not I/O-Optimized")
	return false
}

func standard(of func(Assumptions) float64) func(site) Range {
	return func(cluster site) Range {
		if !cluster.isStandard() {
			return Range{}
		}
		return exactly(of(cluster.assumed))
	}
}

// formerVersions of a key that is rotated are charged like keys, the first two.
func formerVersions(key site) Range {
	if key.Properties.At("EnableKeyRotation") != true {
		return Range{}
	}
	return Range{0, 2}
}
