package config

// What the schema is generated from, beside the types.
var (
	Defaults      = defaults
	Regions       = regions
	Countries     = countries
	Endpoints     = endpoints
	RetentionDays = retentionDays
)

// LoadAmong is Load over other files.
var LoadAmong = loadAmong
