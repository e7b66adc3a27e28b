package config

// What the schema is generated from, beside the types.
var (
	Defaults      = defaults
	Regions       = regions
	Endpoints     = endpoints
	RetentionDays = retentionDays
)

// LoadAmong is Load over other files.
var LoadAmong = loadAmong
