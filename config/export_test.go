package config

// What the schema is generated from, beside the types.
var (
	Defaults  = defaults
	Formats   = formats
	Regions   = regions
	EURegions = euRegions
	Endpoints = endpoints
)

// LoadOne is Load without a comparison with other environments.
var LoadOne = loadOne

// CheckProject reports what Load would of a name of the project.
var CheckProject = checkProject

// Ending is the warning of Load about a version of Aurora at a time.
var Ending = ending

// Format is what a text may hold.
type Format = format

// Message is what a message asks for.
var Message = format.message
