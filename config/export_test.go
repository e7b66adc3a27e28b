package config

// What the schema is generated from, beside the types.
var (
	Defaults      = defaults
	Regions       = regions
	EURegions     = euRegions
	Countries     = countries
	Endpoints     = endpoints
	RetentionDays = retentionDays
)

// LoadOne is Load without a comparison with other environments.
var LoadOne = loadOne

// CheckProject reports what Load would of a name of the project.
var CheckProject = checkProject

// Ending is the warning of Load about a version of Aurora at a time.
var Ending = ending
