package config

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"catalog-infra/config/source"
)

// neighbour is another environment with a file.
type neighbour struct {
	*loader
	Config
}

// neighbours are the others of an environment; whether some have mistakes, so that
// what they have is not known, is said beside.
func neighbours(files fs.FS, suffix string) (others []neighbour, mistaken bool) {
	for _, other := range Suffixes(files) {
		theirs := &loader{files: files}
		cfg := theirs.load(other)
		switch {
		case other == suffix:
		case len(theirs.errors) > 0:
			mistaken = true
		default:
			others = append(others, neighbour{theirs, cfg})
		}
	}
	return others, mistaken
}

// amongOthers reports what an environment creates, tells of or is called and
// another one too, and what none tells of.
func amongOthers(files fs.FS, suffix string) (errors Errors) {
	ours := &loader{files: files}
	cfg := ours.load(suffix)
	others, mistaken := neighbours(files, suffix)
	for _, other := range others {
		errors = append(errors, ours.takenTwice(cfg, other)...)
	}
	if !mistaken {
		errors = append(errors, ours.untold(cfg, others)...)
	}
	return errors
}

func (l *loader) takenTwice(cfg Config, other neighbour) (errors Errors) {
	for field, name := range cfg.Edge.names() {
		if name != "" && name == other.Edge.names()[field] {
			errors = append(errors, l.refuseTaken(field, other.loader, `another name, or "" without a certificate: %s has this one`))
		}
	}
	if !sameAccount(cfg, other.Config) {
		return errors
	}
	for field, ownership := range cfg.Audit.Services() {
		if ownership == OwnershipCreate && other.Audit.Services()[field] == OwnershipCreate {
			errors = append(errors, l.refuseTaken(field, other.loader, "existing or off, or another account or region: %s creates it in this one"))
		}
	}
	if toldByBoth(cfg.Audit, other.Audit) {
		errors = append(errors, l.refuseTaken("audit.tells", other.loader, "false, or another account or region: %s tells of this one"))
	}
	return errors
}

func toldByBoth(a, b Audit) bool {
	for field, ownership := range a.told() {
		if a.Tells && b.Tells && ownership != OwnershipOff && b.told()[field] != OwnershipOff {
			return true
		}
	}
	return false
}

// tellsFor says whether an environment tells of the findings of a service in
// another's account, in which it may be if one of them has no account.
func (c Config) tellsFor(other Config, field string) bool {
	near := c.Region == other.Region && (c.Account == other.Account || c.Account == "" || other.Account == "")
	return near && c.Audit.Tells && c.Audit.told()[field] != OwnershipOff
}

// untold reports the services of an environment whose findings nobody tells.
func (l *loader) untold(cfg Config, others []neighbour) Errors {
	var untold []string
	for _, field := range slices.Sorted(maps.Keys(cfg.Audit.told())) {
		elsewhere := func(other neighbour) bool { return other.tellsFor(cfg, field) }
		if !cfg.Audit.Tells && cfg.Audit.told()[field] != OwnershipOff && !slices.ContainsFunc(others, elsewhere) {
			untold = append(untold, field)
		}
	}
	if len(untold) == 0 {
		return nil
	}
	return Errors{l.refuseOwn("audit.tells", "true, since no other environment of this account and region tells of "+strings.Join(untold, ", "))}
}

// sameAccount says whether two environments share what an account has one of
// in a region. Two without an account are deployed with the same credentials,
// as far as anybody can tell.
func sameAccount(a, b Config) bool {
	return a.Account == b.Account && a.Region == b.Region
}

// refuseTaken names both environments by their files, with the lines by which
// they take what one can have. What is wanted has a place for the other's.
func (l *loader) refuseTaken(field string, other *loader, want string) source.Error {
	where := source.Position(other.chain[0].File, other.ownerLine(field))
	return l.refuseOwn(field, fmt.Sprintf(want, where))
}

// refuseOwn returns a mistake in the environment's own file.
func (l *loader) refuseOwn(field, want string) source.Error {
	own := l.chain[0]
	return source.Error{File: own.File, Line: l.ownerLine(field), Field: field, Got: l.chain.Got(field, own), Want: want}
}

// ownerLine is the field's line, or the one by which the environment starts
// from another. It is zero where the default makes it an owner.
func (l *loader) ownerLine(field string) int {
	own := l.chain[0]
	if at, written := own.Field(field); written {
		return at.Line
	}
	from, _ := own.Field("from")
	return from.Line
}
