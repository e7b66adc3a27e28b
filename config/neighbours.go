package config

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"catalog-infra/config/source"
)

// neighbour is another environment that has a file.
type neighbour struct {
	*loader
	Config
}

// neighbours returns the other environments, and reports whether one of them has
// mistakes, so that it is not known which services it creates.
func neighbours(files fs.FS, name string) (others []neighbour, mistaken bool) {
	for _, other := range EnvironmentNames(files) {
		theirs := &loader{files: files}
		cfg := theirs.load(other)
		switch {
		case other == name:
		case len(theirs.errors) > 0:
			mistaken = true
		default:
			others = append(others, neighbour{theirs, cfg})
		}
	}
	return others, mistaken
}

// checkOthers compares an environment with all others. It reports services, names
// and notifications that two environments claim, and findings of which none
// notifies.
func checkOthers(files fs.FS, name string) (errors Errors) {
	ours := &loader{files: files}
	cfg := ours.load(name)
	others, mistaken := neighbours(files, name)
	for _, other := range others {
		errors = append(errors, ours.claimedTwice(cfg, other)...)
	}
	if !mistaken {
		errors = append(errors, ours.unnotified(cfg, others)...)
	}
	return errors
}

func (l *loader) claimedTwice(cfg Config, other neighbour) (errors Errors) {
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
	if bothNotify(cfg.Audit, other.Audit) {
		errors = append(errors, l.refuseTaken("audit.notifyFindings", other.loader,
			"false, or another account or region: %s has true for this one"))
	}
	return errors
}

func bothNotify(a, b Audit) bool {
	for field, ownership := range a.finders() {
		if a.NotifyFindings && b.NotifyFindings && ownership != OwnershipOff && b.finders()[field] != OwnershipOff {
			return true
		}
	}
	return false
}

// notifiesFor reports whether the environment notifies of a service's findings in
// the account of another one. Where one of them has no account, it may be the same.
func (c Config) notifiesFor(other Config, field string) bool {
	near := c.Region == other.Region && (c.Account == other.Account || c.Account == "" || other.Account == "")
	return near && c.Audit.NotifyFindings && c.Audit.finders()[field] != OwnershipOff
}

// unnotified reports the services of whose findings no environment notifies.
func (l *loader) unnotified(cfg Config, others []neighbour) Errors {
	var services []string
	for _, field := range slices.Sorted(maps.Keys(cfg.Audit.finders())) {
		elsewhere := func(other neighbour) bool { return other.notifiesFor(cfg, field) }
		if !cfg.Audit.NotifyFindings && cfg.Audit.finders()[field] != OwnershipOff && !slices.ContainsFunc(others, elsewhere) {
			services = append(services, field)
		}
	}
	if len(services) == 0 {
		return nil
	}
	want := "true, since no other environment of this account and region has it for " + strings.Join(services, ", ")
	return Errors{l.refuseOwn("audit.notifyFindings", want)}
}

// sameAccount reports whether two environments share an account and region. Two
// without an account are assumed to be deployed with the same credentials.
func sameAccount(a, b Config) bool {
	return a.Account == b.Account && a.Region == b.Region
}

// refuseTaken returns a mistake in a field that another environment claims, too. In
// want %s stands for the place in the other's file.
func (l *loader) refuseTaken(field string, other *loader, want string) source.Error {
	where := source.Position(other.chain[0].File, other.ownerLine(field))
	return l.refuseOwn(field, fmt.Sprintf(want, where))
}

// refuseOwn returns a mistake in the environment's own file.
func (l *loader) refuseOwn(field, want string) source.Error {
	own := l.chain[0]
	return source.Error{File: own.File, Line: l.ownerLine(field), Field: field, Got: l.chain.Got(field, own), Want: want}
}

// ownerLine returns the line of the field in the environment's own file, or else
// that of from. It is zero if the value is the default.
func (l *loader) ownerLine(field string) int {
	own := l.chain[0]
	if at, written := own.Field(field); written {
		return at.Line
	}
	from, _ := own.Field("from")
	return from.Line
}
