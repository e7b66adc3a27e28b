package controls

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// OSCALVersion is the version of NIST's Open Security Controls Assessment Language
// of component definitions here, which later versions read.
// https://pages.nist.gov/OSCAL/resources/concepts/layer/implementation/component-definition/
const OSCALVersion = "1.0.6"

// object is one of JSON, whose keys encoding/json sorts.
type object = map[string]any

// ComponentDefinition is one of OSCAL.
type ComponentDefinition struct {
	Content object `json:"component-definition"`
}

// Version returns the version, which follows from the components; nil where there is none.
func (d ComponentDefinition) Version() any { return at(d.Content, "metadata/version") }

// OSCAL returns a component definition with a component for each environment. It leaves
// out what is by AWS or by people, and what has no resource. Identifiers and version
// follow from the content; modified is the time of its last change.
func (r *Report) OSCAL(modified time.Time) ComponentDefinition {
	var components []object
	for _, environment := range r.Environments {
		components = append(components, r.component(environment))
	}
	content, _ := json.Marshal(components) // texts, lists and objects of such are never refused
	return ComponentDefinition{object{
		"uuid": identifier(r.Environments...),
		"metadata": object{
			"title": "How the environments answer to security frameworks", "version": identifier(string(content)),
			"oscal-version": OSCALVersion, "last-modified": modified.UTC().Format(time.RFC3339),
		},
		"components": components,
	}}
}

func (r *Report) component(environment string) object {
	var implementations []object
	for _, framework := range r.Frameworks {
		if requirements := r.implemented(environment, framework); len(requirements) > 0 {
			implementations = append(implementations, object{
				"uuid": identifier(environment, framework.Prefix), "source": framework.Source,
				"description": framework.Name, "implemented-requirements": requirements,
			})
		}
	}
	return object{
		"uuid": identifier(environment), "type": "service", "title": environment,
		"description":             "The environment " + environment + ", as its templates define it.",
		"control-implementations": implementations,
	}
}

func (r *Report) implemented(environment string, framework Framework) []object {
	var requirements []object
	for _, requirement := range framework.Requirements {
		answer := r.Answer(environment, framework, requirement)
		if requirement.By != "" || answer.Status == Absent && len(requirement.Answers) > 0 {
			continue
		}
		requirements = append(requirements, object{
			"uuid":       identifier(environment, framework.Prefix, requirement.ID),
			"control-id": requirement.controlID(framework), "description": requirement.Title,
			"props": requirement.properties(answer),
		})
	}
	return requirements
}

// controlID returns an id that is a token of OSCAL: it starts with a letter.
func (r Requirement) controlID(framework Framework) string {
	if unicode.IsDigit(rune(r.ID[0])) {
		return framework.Prefix + "-" + r.ID
	}
	return r.ID
}

// namespace tells our properties from NIST's, which are others.
const namespace = "urn:catalog-api:controls"

// properties are the status, and what it is by.
func (r Requirement) properties(answer Answer) []object {
	values := [][2]string{{"status", map[Status]string{Absent: "met", Met: "met", Accepted: "accepted", Failed: "failed"}[answer.Status]}}
	if len(answer.Judged) > 0 {
		values = append(values, [2]string{"resources", fmt.Sprint(len(answer.Judged))})
	}
	add := func(name string, texts []string) {
		for _, text := range texts {
			values = append(values, [2]string{name, text})
		}
	}
	add("failing", answer.Failing)
	add("exception", answer.Exceptions)
	add("test", r.proofs())
	var properties []object
	for _, value := range values {
		properties = append(properties, object{"ns": namespace, "name": value[0], "value": value[1]})
	}
	return properties
}

// identifier returns the UUID of version 5 of a name.
// https://www.rfc-editor.org/rfc/rfc9562#section-5.5
func identifier(name ...string) string {
	hash := sha1.Sum([]byte(namespace + " " + strings.Join(name, " ")))
	hash[6], hash[8] = hash[6]&0x0f|0x50, hash[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", hash[0:4], hash[4:6], hash[6:8], hash[8:10], hash[10:16])
}
