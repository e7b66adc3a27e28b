package config

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"sync"
	"time"

	"catalog-infra/config/source"
)

// schemaJSON holds what can be said about one field alone. It is generated from
// the types and read by editors too, so that both refuse the same values.
//
//go:embed environments/schema.json
var schemaJSON []byte

var schema = sync.OnceValue(func() *source.Schema { return source.MustCompile(schemaJSON) })

// Errors are all mistakes in the files of an environment.
type Errors = source.Errors

// directory is where the files are in the repository, for messages.
const directory = "config/environments/"

// suffixes end up in identifiers of RDS, which take no two hyphens in a row.
var suffixes = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)

// Load returns the environment with the suffix from files, which hold a
// SUFFIX.yaml for each environment at their root. A short-lived one has no file
// and is made from the environment named by from; for all others from is empty.
// Two environments that own the same account-level service are a mistake, and so
// are two of one account that tell of the same findings, or none.
// A warning is a line for the operator about something that may fail later, or
// about a file that is no environment's because of its name. The error, if any,
// is of type Errors.
func Load(files fs.FS, suffix, from string) (cfg Config, warnings []string, err error) {
	cfg, warnings, err = loadOne(files, suffix, from)
	if err != nil || cfg.ShortLived {
		return cfg, warnings, err
	}
	if errors := checkOthers(files, suffix); len(errors) > 0 {
		errors.Sort()
		return Config{}, nil, errors
	}
	return cfg, warnings, nil
}

// loadOne is like Load, but compares the environment with no other.
func loadOne(files fs.FS, suffix, from string) (cfg Config, warnings []string, err error) {
	l := &loader{files: files, errors: checkProject(Project)}
	if l.checkArguments(suffix, from); len(l.errors) == 0 {
		cfg = l.load(cmp.Or(from, suffix))
	}
	if len(l.errors) > 0 {
		l.errors.Sort()
		return Config{}, nil, l.errors
	}
	cfg.Suffix = suffix
	if from != "" {
		cfg = shortLived(cfg, from)
	}
	return cfg, l.warnings(cfg, time.Now()), nil
}

// shortLived returns the environment for a suffix without a file: as its model,
// but disposable, with an empty database, without copies of it, without
// account-level services of its own, and without the model's names and probe,
// who is on call for the model, and Shield Advanced.
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

func (l *loader) checkArguments(suffix, from string) {
	refuse := func(argument, got, want string) {
		l.errors = append(l.errors, source.Error{Field: argument, Got: source.Quote(got), Want: want})
	}
	switch {
	case !valid(suffix):
		refuse("environmentSuffix", suffix, allowedSuffix)
	case from == "" && !l.exists(suffix):
		refuse("environmentSuffix", suffix, l.known()+", or for a short-lived one what it starts from: make ... FROM="+l.model()+", or -c environmentFrom="+l.model())
	case from != "" && l.exists(suffix):
		refuse("environmentFrom", from, "none, since "+directory+suffix+".yaml exists")
	case from != "" && !l.exists(from):
		refuse("environmentFrom", from, l.known())
	}
	if len(l.errors) > 0 {
		l.errors = append(l.errors, misnamed(l.files)...) // one of them may be what was meant
	}
}

func (l *loader) exists(suffix string) bool {
	_, err := fs.Stat(l.files, suffix+".yaml")
	return valid(suffix) && !errors.Is(err, fs.ErrNotExist)
}

// known says which environments there are to choose from.
func (l *loader) known() string {
	if suffixes := Suffixes(l.files); len(suffixes) > 0 {
		return "one of " + source.List(suffixes)
	}
	return "an environment with a file, of which there is none in " + directory
}

// model is an environment that another may start from.
func (l *loader) model() string {
	return append(Suffixes(l.files), "dev")[0]
}

// load reads the environment and all that it starts from, and reports what is
// wrong in any of them.
func (l *loader) load(suffix string) Config {
	l.follow(suffix)
	l.chain = append(l.chain, written(defaults()))
	var cfg Config
	for _, doc := range slices.Backward(l.chain) {
		// The data of one environment is not that of all that start from it.
		cfg.Database.RestoreFrom = RestoreFrom{}
		doc.Decode(&cfg)
	}
	l.errors = append(l.errors, l.chain.Errors()...)
	if cfg.Network.NATGateways == 0 {
		cfg.Network.NATGateways = len(cfg.Network.Zones)
	}
	cfg.Suffix = suffix
	l.checkRules(cfg)
	l.checkShield(cfg)
	return cfg
}

// follow opens the file of an environment, and those that it starts from.
func (l *loader) follow(suffix string) {
	for seen := []string{}; suffix != ""; {
		doc := l.open(suffix)
		l.chain = append(l.chain, doc)
		seen = append(seen, suffix)
		suffix = doc.Text("from")
		switch {
		case slices.Contains(seen, suffix):
			doc.RefuseField("from", "an environment that does not itself start from this one")
		case suffix != "" && !l.exists(suffix):
			doc.RefuseField("from", l.known())
			l.errors = append(l.errors, misnamed(l.files)...)
		default:
			continue
		}
		return
	}
}

func (l *loader) open(suffix string) *source.Document {
	file := directory + suffix + ".yaml"
	content, err := fs.ReadFile(l.files, suffix+".yaml")
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
