package automation

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

var (
	// fromImport matches "from FILE import NAMES", over several lines if the names are in parentheses.
	fromImport = regexp.MustCompile(`(?m)^from ([\w.]+) import (\([^)]*\)|[^(\n]*)\n`)

	// definition matches the other statements at the top of a file that define a name.
	definition = regexp.MustCompile(`(?m)^(?:def|class) (\w+)|^(\w+) = |^import (\w+)$`)

	identifier = regexp.MustCompile(`\w+`)
)

// script joins script files into one text, since a step can have only one.
type script struct {
	files fs.FS
	parts []string
	added map[string]bool

	// sources maps each name at the top of the text to the file or import that defines it.
	sources map[string]string
}

// joinScript returns the text of a script file. The script files that it imports come
// first, each once, in place of the import statements. Other imports are kept. It is an
// error if two statements define the same name, since the second would replace the first.
func joinScript(files fs.FS, file string) (string, error) {
	s := script{files: files, added: map[string]bool{}, sources: map[string]string{}}
	if err := s.add(file); err != nil {
		return "", err
	}
	return strings.Join(s.parts, "\n\n"), nil
}

func (s *script) add(file string) error {
	if s.added[file] {
		return nil
	}
	s.added[file] = true
	content, err := fs.ReadFile(s.files, file)
	if err != nil {
		return err
	}
	text := string(content)
	for _, found := range fromImport.FindAllStringSubmatch(text, -1) {
		statement, module, names := found[0], found[1], found[2]
		if _, err := fs.Stat(s.files, module+".py"); err != nil {
			err = s.define("from "+module, identifier.FindAllString(names, -1)...)
			if err != nil {
				return err
			}
			continue
		}
		if strings.Contains(names, " as ") {
			return fmt.Errorf("%s: a script file's names cannot be imported under others: %s", file, strings.TrimSpace(statement))
		}
		if err := s.add(module + ".py"); err != nil {
			return err
		}
		text = strings.ReplaceAll(text, statement, "")
	}
	return s.addText(file, text)
}

// addText appends the text of a file without its imports of other script files.
func (s *script) addText(file, text string) error {
	for _, found := range definition.FindAllStringSubmatch(text, -1) {
		source := file
		if found[3] != "" {
			source = "import"
		}
		if err := s.define(source, found[1]+found[2]+found[3]); err != nil {
			return err
		}
	}
	s.parts = append(s.parts, strings.TrimSpace(text)+"\n")
	return nil
}

func (s *script) define(source string, names ...string) error {
	for _, name := range names {
		if other, defined := s.sources[name]; defined && other != source {
			return fmt.Errorf("both %s and %s define %s: rename one", other, source, name)
		}
		s.sources[name] = source
	}
	return nil
}
