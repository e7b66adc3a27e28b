package config

import (
	"fmt"
	"io/fs"
)

// loadAmong is LoadFrom, and compares the environment with those of the other
// files: one environment in an account and region may own a service. A
// short-lived one owns none.
func loadAmong(files fs.FS, suffix, from string) (cfg Config, warnings []string, err error) {
	cfg, warnings, err = LoadFrom(files, suffix, from)
	if err != nil || cfg.ShortLived {
		return cfg, warnings, err
	}
	if errors := ownedTwice(files, suffix); len(errors) > 0 {
		errors.sort()
		return Config{}, nil, errors
	}
	return cfg, warnings, nil
}

// ownedTwice reports the services that an environment creates and another one
// too. What a file with mistakes would create is not known.
func ownedTwice(files fs.FS, suffix string) (errors Errors) {
	ours := &loader{files: files}
	cfg := ours.load(suffix)
	for _, other := range suffixesIn(files) {
		theirs := &loader{files: files}
		theirCfg := theirs.load(other)
		if other == suffix || len(theirs.errors) > 0 || !sameAccount(cfg, theirCfg) {
			continue
		}
		for field, ownership := range cfg.Audit.Services() {
			if ownership == OwnershipCreate && theirCfg.Audit.Services()[field] == OwnershipCreate {
				errors = append(errors, ours.refuseOwner(field, theirs))
			}
		}
	}
	return errors
}

// sameAccount says whether two environments share what an account has one of
// in a region. Two without an account are deployed with the same credentials,
// as far as anybody can tell.
func sameAccount(a, b Config) bool {
	return a.Account == b.Account && a.Region == b.Region
}

// refuseOwner names both environments by their files, with the lines that make
// them owners.
func (l *loader) refuseOwner(field string, other *loader) Error {
	line := l.ownerLine(field)
	where := position(other.chain[0].file, other.ownerLine(field))
	return Error{l.chain[0].file, line, field, l.got(field, l.chain[0]),
		fmt.Sprintf("existing or off, or another account or region: %s creates it in this one", where)}
}

// ownerLine is the field's line, or the one by which the environment starts
// from another. It is zero where the default makes it an owner.
func (l *loader) ownerLine(field string) int {
	own := l.chain[0]
	if source, ok := own.sources[field]; ok {
		return source.line
	}
	return own.sources["from"].line
}
