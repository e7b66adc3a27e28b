package assembly

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFileSize is far above the largest template that CloudFormation accepts, 1 MB.
const maxFileSize = 2 << 20

// document is a JSON file of an assembly. It keeps the first mistake that is
// found in it: a program wrote it, so the others follow from that one.
type document struct {
	file string // with its directory, for messages
	size int    // in bytes
	root any
	err  error
}

// open reads a file, which is what messages want where there is none. What is
// wrong with it is in the document.
func open(files fs.FS, dir, name, want string) *document {
	doc := &document{file: dir + "/" + inOneLine(name)}
	info, err := fs.Stat(files, name)
	switch {
	case err != nil:
		doc.refuse("", reason(err), want)
	case info.IsDir():
		doc.refuse("", "a directory", want)
	case !info.Mode().IsRegular():
		doc.refuse("", "a device or a pipe", want)
	case info.Size() > maxFileSize:
		doc.refuse("", fmt.Sprintf("%d bytes", info.Size()), "at most 2 MiB")
	default:
		doc.decode(files, name)
	}
	return doc
}

// inOneLine returns the name of a file in quotes where it has characters that are not
// printed.
func inOneLine(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

func (d *document) decode(files fs.FS, name string) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		d.refuse("", reason(err), "a file that can be read")
		return
	}
	d.parse(content)
}

func (d *document) parse(content []byte) {
	d.size = len(content)
	if !utf8.Valid(content) {
		d.refuse("", "bytes that are not text", "UTF-8")
		return
	}
	if err := json.Unmarshal(content, &d.root); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			d.file = fmt.Sprintf("%s:%d", d.file, 1+bytes.Count(content[:syntax.Offset], []byte("\n")))
		}
		d.refuse("", "text that is not JSON ("+err.Error()+")", "JSON")
	}
}

// reason returns why a file cannot be read, without its name.
func reason(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "nothing"
	case errors.As(err, &path) && path.Err.Error() == "path escapes from parent":
		return "a link that leads out of the assembly"
	case errors.As(err, &path):
		return path.Err.Error()
	}
	return err.Error()
}

func (d *document) refuse(at, got, want string) {
	if d.err != nil {
		return
	}
	if at != "" {
		at += ": "
	}
	d.err = fmt.Errorf("%s: %sgot %s, want %s", d.file, at, got, want)
}

// take returns a value as what it must be, and the zero value if it is not.
func take[T any](d *document, at string, value any, want string) T {
	taken, ok := value.(T)
	if !ok {
		d.refuse(at, Describe(value), want)
	}
	return taken
}

// takeIfAny is like take, for an optional key.
func takeIfAny[T any](d *document, at string, object map[string]any, key, want string) (taken T) {
	if value, there := object[key]; there {
		taken = take[T](d, join(at, key), value, want)
	}
	return taken
}

// refuseNulls refuses the first null, wherever it is.
func (d *document) refuseNulls() {
	const most = 20 // keys to show
	keys, found := null(d.root)
	if !found {
		return
	}
	at := ""
	for _, key := range slices.Backward(keys[max(0, len(keys)-most):]) {
		at = join(at, key)
	}
	if len(keys) > most {
		at += "…"
	}
	d.refuse(at, Describe(nil), "a value: CloudFormation takes no null")
}

// null returns the keys that lead to the first null, the innermost first.
func null(value any) (keys []string, found bool) {
	switch value := value.(type) {
	case nil:
		return nil, true
	case map[string]any:
		for key, inner := range sorted(value) {
			if keys, found := null(inner); found {
				return append(keys, key), true
			}
		}
	case []any:
		for i, inner := range value {
			if keys, found := null(inner); found {
				return append(keys, strconv.Itoa(i)), true
			}
		}
	}
	return nil, false
}

// Describe returns a value of JSON as a message shows it, in one line.
func Describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return fmt.Sprintf("%q", shorten(value))
	}
	return fmt.Sprint(value)
}

// simple matches the keys that a path shows without quotes.
var simple = regexp.MustCompile(`^[A-Za-z0-9:/_-]{1,100}$`)

func join(at, key string) string {
	if !simple.MatchString(key) {
		key = fmt.Sprintf("%q", shorten(key))
	}
	return strings.TrimPrefix(at+"."+key, ".")
}

func shorten(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
