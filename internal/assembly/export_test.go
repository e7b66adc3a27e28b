package assembly

// LoadFiles is Load from files in memory.
var LoadFiles = load

// NewestVersion is the newest schema that Load reads.
const NewestVersion = newestVersion
