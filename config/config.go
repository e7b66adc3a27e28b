// Package config holds what an operator may choose for an environment: the fields,
// their defaults, and which values are refused.
//
// An environment is one YAML file under environments/. A file may start from
// another one (from: dev) and then holds only what differs. There is one Go file
// for each section of the YAML; all defaults are in defaults.go.
//
// What a field may hold is in its tags. A tag names a limit, or a format of
// formats.go, whose long lists are in choices.go. environments/schema.json is
// generated from them, for editors and for Load. rules.go has how fields go
// together.
package config

//go:generate go test . -run TestSchemaIsThatOfTheTypes -update

// Config is one environment, complete and valid: Load returns it.
type Config struct {
	// Environment is its name: "dev", "prod", "pr-17". It is part of every stack
	// name. It is the name of the file, and not written in it.
	Environment string `json:"-"`

	// ShortLived is an environment that has no file and was made from another one by
	// environmentFrom. It never creates an account-level service, since AWS takes
	// five trails in a region.
	ShortLived bool `json:"-"`

	// From is the base environment: fields that are not written here have its values.
	// Lists are replaced, tags are added. Default: none.
	From string `json:"from" format:"environment"`

	// Region is where every stack is deployed. Default: eu-north-1, as
	// guide 8.1 says.
	Region string `json:"region" format:"region"`

	// Residency is the set of regions in which data may live. "eu" allows AWS's
	// regions in the European Union, "none" allows all regions. Default: eu.
	Residency Residency `json:"residency" jsonschema:"enum=eu,enum=none"`

	// Account is the AWS account, twelve digits, in quotes. Without one the stacks go
	// to the account of the credentials at deploy time, and a wrong profile is not
	// noticed. Default: none.
	Account string `json:"account" format:"account"`

	// Lifecycle decides what destroying the environment does to its data.
	// Default: protected.
	Lifecycle Lifecycle `json:"lifecycle" jsonschema:"enum=protected,enum=retained,enum=disposable"`

	// Encryption decides whose keys encrypt data at rest: the database with its backups
	// and password, logs, images and the trail. With "customer-managed" each stack
	// that stores data has a KMS key, whose policy and use are in the account's hands;
	// AWS lists 1 USD for a key and month. With "aws-managed" the keys are those that
	// AWS has for each service, at no charge. The alarm topic has a key of its own in
	// any case. Choose before the first deploy: CloudFormation refuses a change, since
	// the database and the image repository would be replaced under the same name. A
	// short-lived environment has the encryption of its base environment: a pull
	// request may change permissions on keys. Default: customer-managed.
	Encryption Encryption `json:"encryption" jsonschema:"enum=aws-managed,enum=customer-managed"`

	// Tags are set on every resource that takes tags, beside project and environment.
	// There may be 45. Keys must differ in more than capitals, since Team and team are
	// the same to IAM. Default: none.
	Tags map[string]string `json:"tags" format:"tags"`

	Network          Network          `json:"network"`
	Database         Database         `json:"database"`
	Backup           Backup           `json:"backup"`
	Service          Service          `json:"service"`
	Edge             Edge             `json:"edge"`
	Logs             Logs             `json:"logs"`
	Audit            Audit            `json:"audit"`
	Alarms           Alarms           `json:"alarms"`
	SLO              SLO              `json:"slo"`
	IncidentResponse IncidentResponse `json:"incidentResponse"`
}

// Name returns the name of the environment in AWS, such as "catalog-api-prod". The
// database cluster has the same name.
func (c Config) Name() string { return Project + "-" + c.Environment }

// Residency is where data may live.
type Residency string

// The residencies.
const (
	ResidencyEU   Residency = "eu"
	ResidencyNone Residency = "none"
)

// Lifecycle decides what destroying an environment does to its data.
type Lifecycle string

// The lifecycles, from the most careful to the least.
const (
	// LifecycleProtected refuses to delete the stacks, the database and the load
	// balancer until their protection is removed. After that it is as
	// LifecycleRetained.
	LifecycleProtected Lifecycle = "protected"

	// LifecycleRetained allows deleting the stacks. The database leaves a final
	// snapshot; images and logs stay.
	LifecycleRetained Lifecycle = "retained"

	// LifecycleDisposable deletes everything but the audit trail's bucket.
	LifecycleDisposable Lifecycle = "disposable"
)

// Encryption decides whose keys encrypt data at rest.
type Encryption string

// The encryptions.
const (
	EncryptionAWSManaged      Encryption = "aws-managed"
	EncryptionCustomerManaged Encryption = "customer-managed"
)
