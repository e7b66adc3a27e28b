package config

// Database is the Aurora PostgreSQL cluster.
type Database struct {
	// EngineVersion is the Aurora PostgreSQL version. AWS must still create and
	// support it, and cfn-lint must know it. After the end of its support AWS
	// upgrades the cluster by force; Load warns 90 days ahead. Default: 16.8, a
	// long-term support version.
	EngineVersion string `json:"engineVersion" format:"engine-version"`

	// Name is the database created in the cluster. It can never be changed: the
	// cluster would be replaced. Default: catalog.
	Name string `json:"name" format:"postgres-name"`

	// Username is the master user. It can never be changed: the cluster would be
	// replaced. Default: catalog_admin.
	Username string `json:"username" format:"postgres-name"`

	// ApplicationUser is the user as whom the application connects: it reads and writes
	// rows, and owns nothing. Its password alternates with that of a second user, named
	// the same with _clone behind, so that the former one stays valid until the next
	// rotation. Only service.migration connects as the master user. Default: none, so the
	// application is the master user.
	ApplicationUser string `json:"applicationUser" format:"application-user"`

	// MinCapacity is the least capacity of each instance, in Aurora capacity units
	// (about 2 GiB of memory each) in steps of 0.5, from 0.5 to 256. A small minimum is
	// cheap, and slow to grow from. Default: 0.5.
	MinCapacity float64 `json:"minCapacity" jsonschema:"minimum=0.5,maximum=256,multipleOf=0.5"`

	// MaxCapacity is the most capacity of each instance, at least 1 and minCapacity.
	// Default: 2.
	MaxCapacity float64 `json:"maxCapacity" jsonschema:"minimum=1,maximum=256,multipleOf=0.5"`

	// Readers is how many reader instances there are in other zones, 0 to 15. With one,
	// a failover takes seconds instead of minutes. Default: 1.
	Readers int `json:"readers" jsonschema:"minimum=0,maximum=15"`

	// BackupRetentionDays is how far back the cluster can be restored, 1 to 35
	// days. Default: 35.
	BackupRetentionDays int `json:"backupRetentionDays" jsonschema:"minimum=1,maximum=35"`

	// MaintenanceWindow is when the weekly half hour begins in which AWS may patch the
	// database, in UTC: the first three letters of the day, and the time. Default:
	// tue:03:30, night in Europe before a working day, and not the night of the restore
	// test.
	MaintenanceWindow string `json:"maintenanceWindow" format:"maintenance-window"`

	// BackupWindow is when the half hour begins in which the cluster's own daily backup
	// is made, in UTC: 22:15. It must not overlap with the maintenance on any day. The
	// backup interrupts nothing. Default: none, which is an hour before the maintenance.
	BackupWindow string `json:"backupWindow" format:"backup-window"`

	// Parameters are parameters of PostgreSQL, by their names and in PostgreSQL's own
	// units: times in milliseconds, memory in kB, switches 0 or 1. A change applies to
	// the running database, without a restart, and to every user. Those that decide
	// about TLS and the log cannot be set. Default: none, so each is as AWS has it.
	Parameters map[string]float64 `json:"parameters" format:"database-parameters"`

	// RotationDays is how often the password is rotated, 1 to 90 days. A change of
	// this number rotates at once. After each rotation new connections are refused
	// until the tasks are replaced, some minutes, unless there is an applicationUser.
	// Default: 90, as guide 5.5 says.
	RotationDays int `json:"rotationDays" jsonschema:"minimum=1,maximum=90"`

	RestoreFrom RestoreFrom `json:"restoreFrom"`
}

// RestoreFrom is another cluster, from whose own backups this environment's is
// created. Engine version, name and username must be those of that cluster, and it
// must be encrypted. The field counts when the cluster is created. It must stay
// written afterwards: CloudFormation refuses a change, since the cluster would be
// replaced. No environment inherits it.
type RestoreFrom struct {
	// Cluster is the identifier of a cluster in the environment's account and region,
	// to which a restore to a point in time is limited. Default: none, which starts
	// with an empty database.
	Cluster string `json:"cluster" format:"cluster"`

	// Time is a point in time that has passed, in RFC 3339 and UTC, or "latest". Only
	// RDS knows at deploy time whether it can be restored: backups reach back for
	// their retention, and up to some minutes ago. Default: none, since latest may
	// include the mistake to undo.
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
