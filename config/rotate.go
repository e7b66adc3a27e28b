package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// HeaderRotation is a raised version of an environment's secret header.
type HeaderRotation struct {
	// Before and After are the versions.
	Before, After int

	// File is the name of the environment's file, Content what it is to hold:
	// what it holds now, but for the version.
	File    string
	Content []byte

	// Also are the environments that take their version from this one, and are
	// raised with it.
	Also []string
}

// RotateOriginHeader raises the version of the environment's secret header by
// one, in its file among files. It writes nothing. The error, if any, is of type
// Errors.
func RotateOriginHeader(files fs.FS, suffix string) (HeaderRotation, error) {
	cfg, _, err := Load(files, suffix, "")
	if err != nil {
		return HeaderRotation{}, err
	}
	own := &loader{files: files}
	own.load(suffix)
	if mistakes := own.checkRotation(cfg); len(mistakes) > 0 {
		return HeaderRotation{}, mistakes
	}
	rotation := HeaderRotation{Before: cfg.Edge.OriginHeaderVersion, After: cfg.Edge.OriginHeaderVersion + 1, File: suffix + ".yaml"}
	content, err := fs.ReadFile(files, rotation.File)
	if err != nil {
		return HeaderRotation{}, Errors{{File: own.chain[0].file, Got: quote(err.Error()), Want: "a file that can be read"}}
	}
	rotation.Content = []byte(own.chain[0].raise(string(content), rotation.After))
	changed := overlay{files, rotation.File, rotation.Content}
	if !raisedOnly(cfg, changed) {
		return HeaderRotation{}, Errors{own.refuse(versionField, fmt.Sprintf("%d, written by hand: the file is laid out in another way than this knows", rotation.After))}
	}
	rotation.Also = differing(files, changed, suffix)
	return rotation, nil
}

const (
	ingressField = "edge.ingress"
	versionField = "edge.originHeaderVersion"
)

func (l *loader) checkRotation(cfg Config) (mistakes Errors) {
	if cfg.Edge.Ingress == IngressInternet {
		mistakes = append(mistakes, l.refuse(ingressField, "cloudfront or vpc-origin: there is no header to rotate"))
	}
	if last := properties().Properties["edge"].Properties["originHeaderVersion"].Maximum.String(); fmt.Sprint(cfg.Edge.OriginHeaderVersion) == last {
		mistakes = append(mistakes, l.refuse(versionField, "less than "+last+", the last that config/config.go allows"))
	}
	return mistakes
}

func (l *loader) refuse(field, want string) Error {
	doc, line := l.place([]string{field})
	return Error{doc.file, line, field, l.got(field, doc), want}
}

var (
	versionText = regexp.MustCompile(`(originHeaderVersion["']?\s*:\s*)\d+`)
	lineText    = regexp.MustCompile(`[^\r\n]*(\r\n|\r|\n)?`)
)

// raise returns the content of the document with another version: in the place
// of the old one, or at the start of edge, or in an edge of its own. Whatever
// else it may do to an unusual layout, raisedOnly finds it.
func (d *document) raise(content string, version int) string {
	lines := lineText.FindAllString(content, -1)
	newline := cmp.Or(lineText.FindStringSubmatch(content)[1], "\n")
	text := fmt.Sprintf("originHeaderVersion: %d", version)
	if at, ok := d.sources[versionField]; ok {
		line := &lines[min(at.line, len(lines))-1]
		*line = versionText.ReplaceAllString(*line, fmt.Sprintf("${1}%d", version))
	} else if at, ok := d.sources["edge"]; ok {
		lines = slices.Insert(lines, min(at.line, len(lines)), d.indentation("edge", lines)+text+newline)
	} else {
		if strings.TrimRight(content, "\r\n") == content {
			lines = append(lines, newline)
		}
		lines = append(lines, newline+"edge:"+newline+"  "+text+newline)
	}
	return strings.Join(lines, "")
}

// indentation is that of the first field in a mapping.
func (d *document) indentation(path string, lines []string) string {
	first := len(lines)
	for field, at := range d.sources {
		if strings.HasPrefix(field, path+".") {
			first = min(first, at.line)
		}
	}
	line := lines[first-1]
	return line[:len(line)-len(strings.TrimLeft(line, " "))]
}

// raisedOnly says whether the environment has become what it was with the next
// version.
func raisedOnly(before Config, files fs.FS) bool {
	after, _, err := Load(files, before.Suffix, "")
	before.Edge.OriginHeaderVersion++
	return err == nil && reflect.DeepEqual(before, after)
}

// differing are the other environments whose version differs in two sets of
// files.
func differing(before, after fs.FS, suffix string) (suffixes []string) {
	for _, other := range Suffixes(before) {
		was, _, _ := loadOne(before, other, "")
		is, _, _ := loadOne(after, other, "")
		if other != suffix && was.Edge.OriginHeaderVersion != is.Edge.OriginHeaderVersion {
			suffixes = append(suffixes, other)
		}
	}
	return suffixes
}

// overlay is files with other content in one of them.
type overlay struct {
	fs.FS
	name    string
	content []byte
}

// ReadFile is what fs.ReadFile calls.
func (o overlay) ReadFile(name string) ([]byte, error) {
	if name == o.name {
		return o.content, nil
	}
	return fs.ReadFile(o.FS, name)
}
