package config

import (
	"fmt"
	"io/fs"
)

// takenTwice reports what an environment creates or is called and another one
// too. What a file with mistakes would take is not known.
func takenTwice(files fs.FS, suffix string) (errors Errors) {
	ours := &loader{files: files}
	cfg := ours.load(suffix)
	for _, other := range Suffixes(files) {
		theirs := &loader{files: files}
		theirCfg := theirs.load(other)
		if other == suffix || len(theirs.errors) > 0 {
			continue
		}
		for field, name := range cfg.Edge.names() {
			if name != "" && name == theirCfg.Edge.names()[field] {
				errors = append(errors, ours.refuseTaken(field, theirs, `another name, or "" without a certificate: %s has this one`))
			}
		}
		if !sameAccount(cfg, theirCfg) {
			continue
		}
		for field, ownership := range cfg.Audit.Services() {
			if ownership == OwnershipCreate && theirCfg.Audit.Services()[field] == OwnershipCreate {
				errors = append(errors, ours.refuseTaken(field, theirs, "existing or off, or another account or region: %s creates it in this one"))
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

// refuseTaken names both environments by their files, with the lines by which
// they take what one can have. What is wanted has a place for the other's.
func (l *loader) refuseTaken(field string, other *loader, want string) Error {
	where := position(other.chain[0].file, other.ownerLine(field))
	return Error{l.chain[0].file, l.ownerLine(field), field, l.got(field, l.chain[0]), fmt.Sprintf(want, where)}
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
