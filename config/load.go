package config

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"catalog-infra/config/source"
)

// schemaJSON has the rules for single fields. It is generated from the types. Editors
// read it, too, so that both refuse the same values.
//
//go:embed environments/schema.json
var schemaJSON []byte

var schema = sync.OnceValue(func() *source.Schema { return source.MustCompile(schemaJSON) })

// Errors are all mistakes in the files of an environment.
type Errors = source.Errors

// directory is where the files are in the repository, for messages.
const directory = "config/environments/"

// Load returns the environment with the given name. It reads files, which hold a
// NAME.yaml for each environment at their root. A short-lived environment has no
// file: it is made from the one named by from. For all others from is empty.
//
// Load refuses two environments that create the same account-level service, and
// two of one account that notify of the same findings, or none.
//
// A warning is a line for the operator about something that may fail later, or
// about a file whose name no environment can have. The error, if any, is of type
// Errors.
func Load(files fs.FS, name, from string) (cfg Config, warnings []string, err error) {
	cfg, warnings, err = loadOne(files, name, from)
	if err != nil || cfg.ShortLived {
		return cfg, warnings, err
	}
	if errors := checkOthers(files, name); len(errors) > 0 {
		errors.Sort()
		return Config{}, nil, errors
	}
	return cfg, warnings, nil
}

// loadOne is like Load, but does not compare the environment with the others.
func loadOne(files fs.FS, name, from string) (cfg Config, warnings []string, err error) {
	l := &loader{files: files, errors: checkProject(Project)}
	if l.checkArguments(name, from); len(l.errors) == 0 {
		cfg = l.load(cmp.Or(from, name))
	}
	if len(l.errors) > 0 {
		l.errors.Sort()
		return Config{}, nil, l.errors
	}
	cfg.Environment = name
	if from != "" {
		cfg = shortLived(cfg, from)
	}
	return cfg, l.warnings(cfg, time.Now()), nil
}

// shortLived returns the environment that is made from a base environment: as that
// one, but disposable, with an empty database and without a backup plan. It creates
// no account-level service and has no domains, no probe, no e-mail addresses and no
// Shield Advanced.
func shortLived(cfg Config, from string) Config {
	cfg.ShortLived = true
	cfg.From = from
	cfg.Lifecycle = LifecycleDisposable
	cfg.Audit = cfg.Audit.shared()
	cfg.Database.RestoreFrom = RestoreFrom{}
	cfg.Backup.Enabled, cfg.Backup.CopyToRegion = false, ""
	cfg.Edge = cfg.Edge.nameless()
	cfg.Edge.ShieldAdvanced = false
	cfg.Alarms.Emails, cfg.Alarms.Probe = []string{}, false
	return cfg
}

type loader struct {
	files  fs.FS
	chain  source.Chain
	errors Errors
}

func (l *loader) checkArguments(name, from string) {
	refuse := func(argument, got, want string) {
		l.errors = append(l.errors, source.Error{Field: argument, Got: source.Quote(got), Want: want})
	}
	switch {
	case !valid(name):
		refuse("environmentSuffix", name, allowedName)
	case from == "" && !l.exists(name):
		refuse("environmentSuffix", name, fmt.Sprintf("%s, or for a short-lived one its base environment: "+
			"make ... FROM=%[2]s, or -c environmentFrom=%[2]s",
			l.known(), l.anyBase()))
	case from != "" && l.exists(name):
		refuse("environmentFrom", from, "none, since "+directory+name+".yaml exists")
	case from != "" && !l.exists(from):
		refuse("environmentFrom", from, l.known())
	}
	if len(l.errors) > 0 {
		l.errors = append(l.errors, misnamed(l.files)...) // one of them may be meant
	}
}

func (l *loader) exists(name string) bool {
	_, err := fs.Stat(l.files, name+".yaml")
	return valid(name) && !errors.Is(err, fs.ErrNotExist)
}

// known returns which environments there are to choose from.
func (l *loader) known() string {
	if names := EnvironmentNames(l.files); len(names) > 0 {
		return "one of " + source.List(names)
	}
	return "an environment with a file, of which there is none in " + directory
}

// anyBase returns the name of an environment that another one may start from.
func (l *loader) anyBase() string {
	return append(EnvironmentNames(l.files), "dev")[0]
}

// load reads the environment and all that it starts from. All mistakes are in errors.
func (l *loader) load(name string) Config {
	l.follow(name)
	l.chain = append(l.chain, written(defaults()))
	var cfg Config
	for _, doc := range slices.Backward(l.chain) {
		// An environment does not start with the data of its base environment.
		cfg.Database.RestoreFrom = RestoreFrom{}
		doc.Decode(&cfg)
	}
	l.errors = append(l.errors, l.chain.Errors()...)
	if cfg.Network.NATGateways == 0 {
		cfg.Network.NATGateways = len(cfg.Network.Zones)
	}
	cfg.Environment = name
	l.checkRules(cfg)
	l.checkShield(cfg)
	if len(cfg.Service.Migration.Command) > 0 && cfg.Service.Migration.TimeoutMinutes == 0 {
		cfg.Service.Migration.TimeoutMinutes = 10
	}
	return cfg
}

// follow opens the file of an environment, and those that it starts from.
func (l *loader) follow(name string) {
	for seen := []string{}; name != ""; {
		doc := l.open(name)
		l.chain = append(l.chain, doc)
		seen = append(seen, name)
		name = doc.Text("from")
		switch {
		case slices.Contains(seen, name):
			doc.RefuseField("from", "an environment that does not itself start from this one")
		case name != "" && !l.exists(name):
			doc.RefuseField("from", l.known())
			l.errors = append(l.errors, misnamed(l.files)...)
		default:
			continue
		}
		return
	}
}

func (l *loader) open(name string) *source.Document {
	file := directory + name + ".yaml"
	content, err := fs.ReadFile(l.files, name+".yaml")
	if err != nil {
		doc := &source.Document{File: file}
		doc.Refuse("", 0, source.Quote(err.Error()), "a file that can be read")
		return doc
	}
	doc := source.Parse(file, content)
	doc.Check(schema())
	return doc
}

// written returns the document that says the same as the configuration.
func written(cfg Config) *source.Document {
	content, err := json.Marshal(cfg)
	if err != nil {
		panic(err) // only if Config gets a field that has no JSON
	}
	return source.Parse("", content) // JSON is YAML
}

// checkShield refuses a subscription that only another file asks for.
func (l *loader) checkShield(cfg Config) {
	const field = "edge.shieldAdvanced"
	asking, _ := l.chain.Place(field)
	if cfg.Edge.ShieldAdvanced && asking != l.chain[0] {
		l.errors = append(l.errors, l.refuseOwn(field, "true in this file too, since it costs a subscription for a year, or false"))
	}
}

// warnings returns lines about versions that AWS will refuse later, and about files
// that are ignored for their names.
func (l *loader) warnings(cfg Config, now time.Time) (warnings []string) {
	const field = "database.engineVersion"
	if text := ending(cfg.Database.EngineVersion, now); text != "" {
		doc, line := l.chain.Place(field)
		warnings = append(warnings, source.Error{File: doc.File, Line: line, Field: field}.At(text))
	}
	for _, mistake := range misnamed(l.files) {
		warnings = append(warnings, mistake.Error())
	}
	return warnings
}
