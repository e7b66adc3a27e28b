package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// setImage returns a file that config.Load accepts with another service.image. All
// else stays as it is written, comments and blank lines, too.
func setImage(content []byte, image string) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	root := document.Content[0]
	key, service := valueOf(root, "service")
	if service == nil {
		return addService(content, root, image)
	}
	if _, old := valueOf(service, "image"); old != nil {
		return replaceScalar(lines, old, image)
	}
	return addImage(lines, key, service, image)
}

// valueOf returns a key of a mapping, and its value.
func valueOf(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

func addService(content []byte, root *yaml.Node, image string) ([]byte, error) {
	if len(root.Content) == 0 || root.Style&yaml.FlowStyle != 0 {
		return nil, errors.New("want the fields of the environment on lines of their own, to add service.image")
	}
	text := strings.TrimRight(string(content), "\n")
	return []byte(text + "\n\nservice:\n  image: " + image + "\n"), nil
}

// addImage adds a line before the first setting of the service.
func addImage(lines [][]byte, key, service *yaml.Node, image string) ([]byte, error) {
	if len(service.Content) == 0 || service.Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("line %d: want the settings of service on lines of their own, to add image", key.Line)
	}
	first := service.Content[0]
	added := strings.Repeat(" ", first.Column-1) + "image: " + image + "\n"
	lines[key.Line-1] = append(bytes.TrimRight(lines[key.Line-1], "\n"), []byte("\n"+added)...)
	return bytes.Join(lines, nil), nil
}

// replaceScalar replaces a value on one line, quoted or not.
func replaceScalar(lines [][]byte, old *yaml.Node, image string) ([]byte, error) {
	line := string(lines[old.Line-1])
	before, rest := line[:old.Column-1], line[old.Column-1:]
	written := old.Value
	switch old.Style {
	case yaml.SingleQuotedStyle:
		written = "'" + written + "'"
	case yaml.DoubleQuotedStyle:
		written = `"` + written + `"`
	}
	if !strings.HasPrefix(rest, written) {
		return nil, fmt.Errorf("line %d: want service.image on one line, without escapes", old.Line)
	}
	lines[old.Line-1] = []byte(before + image + rest[len(written):])
	return bytes.Join(lines, nil), nil
}
