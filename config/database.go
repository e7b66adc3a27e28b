package config

// Database is the Aurora PostgreSQL cluster.
type Database struct {
	// EngineVersion is the Aurora PostgreSQL version, one that AWS still creates
	// and supports; of newer ones cfn-lint must know first. It is a floor: after
	// the end of its support, of which there is a warning 90 days ahead, AWS
	// upgrades it by force. Default: 16.8, a long-term support version.
	EngineVersion string `json:"engineVersion" format:"engine-version"`

	// Name is the database created in the cluster. It can never be changed: the
	// cluster would be replaced. Default: catalog.
	Name string `json:"name" format:"postgres-name"`

	// Username is the master user. It can never be changed: the cluster would be
	// replaced. Default: catalog_admin.
	Username string `json:"username" format:"postgres-name"`

	// MinCapacity bounds each instance from below, in Aurora capacity units
	// (about 2 GiB of memory each) in steps of 0.5, from 0.5 to 256. A small
	// minimum is cheap and slow to grow. Default: 0.5.
	MinCapacity float64 `json:"minCapacity" jsonschema:"minimum=0.5,maximum=256,multipleOf=0.5"`

	// MaxCapacity is the upper bound, at least 1 and the minimum.
	// Default: 2.
	MaxCapacity float64 `json:"maxCapacity" jsonschema:"minimum=1,maximum=256,multipleOf=0.5"`

	// Readers is how many instances stand by in other zones, 0 to 15. One makes
	// a failover take seconds instead of minutes. Default: 1.
	Readers int `json:"readers" jsonschema:"minimum=0,maximum=15"`

	// BackupRetentionDays is how far back the cluster can be restored, 1 to 35
	// days. Default: 35.
	BackupRetentionDays int `json:"backupRetentionDays" jsonschema:"minimum=1,maximum=35"`

	// MaintenanceWindow is when the half hour of the week begins in which AWS may
	// patch the database, in UTC: the day's first three letters and the time. The
	// daily backup is made in the half hour that begins an hour before. Default:
	// tue:03:30, night in Europe before a working day, and not that of the restore
	// test.
	MaintenanceWindow string `json:"maintenanceWindow" format:"maintenance-window"`

	// RotationDays is how often the password is rotated, 1 to 90 days. A change
	// rotates at once, as any other rotation: for some minutes, until the tasks are
	// replaced, new connections are refused.
	// Default: 90, as guide 5.5 says.
	RotationDays int `json:"rotationDays" jsonschema:"minimum=1,maximum=90"`

	RestoreFrom RestoreFrom `json:"restoreFrom"`
}

// RestoreFrom is another cluster whose data this environment's starts with,
// restored from that one's own backups. Engine version, name and username must
// be those it has, and it must be encrypted. It counts when the cluster is
// created and then stays written: changed or removed, CloudFormation would have
// to replace the cluster, and refuses. No environment inherits it.
type RestoreFrom struct {
	// Cluster is the identifier of a cluster in the environment's account and
	// region: no other can be restored to a point in time. Default: none, which
	// starts with an empty database.
	Cluster string `json:"cluster" format:"cluster"`

	// Time is a point in time that has passed, in RFC 3339 and UTC, or "latest".
	// Whether the source can be restored to it is known to RDS alone, at deploy
	// time: its backups reach back as many days as they are kept, and up to
	// minutes ago. Default: none, since latest may hold the mistake to be undone.
	Time string `json:"time" format:"restore-time"`
}

// Backup is a backup plan of AWS Backup beside the cluster's own backups, which are
// deleted with the cluster.
type Backup struct {
	// Enabled has AWS Backup store recovery points of the cluster in a vault that
	// is locked against early deletion, and restore one each week as a test. Both
	// are billed. A disposable environment keeps nothing, so it must not have them;
	// a short-lived one has none. Default: true.
	Enabled bool `json:"enabled"`

	// EveryHours is how many hours are between two backup jobs. Default: 24.
	EveryHours int `json:"everyHours" jsonschema:"enum=4,enum=6,enum=8,enum=12,enum=24"`

	// RetentionDays is how long a vault keeps a recovery point, 1 to 3653 days. It
	// is no less than database.backupRetentionDays and no less than rpoHours: else
	// there would be times without a recovery point. While a deploy raises it, a
	// copy job to copyToRegion may fail, which an alarm reports.
	// Default: 35.
	RetentionDays int `json:"retentionDays" jsonschema:"minimum=1,maximum=3653"`

	// CopyToRegion is a second region. Each recovery point is copied into a vault
	// there, which is locked like the first one. The copies outlive the loss of a
	// region; storage and transfer are billed a second time. Bootstrap that region
	// before the first deploy. Default: none.
	CopyToRegion string `json:"copyToRegion" format:"second-region"`

	// RPOHours is the recovery point objective if the cluster is lost with its own
	// backups: how many hours of changes may be lost, 8 to 168. It is no less than
	// everyHours and the 4 hours that a backup job may take to start and to finish.
	// As long as the cluster exists, the objective is minutes, by a restore to a
	// point in time. Copies in copyToRegion are older by the time of the copy job,
	// which AWS does not limit. Default: 28.
	RPOHours int `json:"rpoHours" jsonschema:"minimum=8,maximum=168"`

	// RTOHours is the recovery time objective, 1 to 72 hours. It is a tag of the
	// weekly restore test, to be compared with the duration of the test. AWS does
	// not enforce it. Default: 4.
	RTOHours int `json:"rtoHours" jsonschema:"minimum=1,maximum=72"`
}
