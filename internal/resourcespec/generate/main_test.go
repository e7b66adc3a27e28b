package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const small = `{"schema": {
	"resource": {"entities": [
		{"cloudFormationType": "Shop::Stock::Topic", "name": "Topic", "primaryIdentifier": ["TopicArn"], "isStateful": true, "properties": {
			"TopicName": {"type": {"type": "string"}, "causesReplacement": "yes"},
			"Kind": {"type": {"type": "string"}, "causesReplacement": "maybe"},
			"Tags": {"type": {"type": "array", "element": {"type": "ref", "reference": {"$ref": "1"}}}}}},
		{"cloudFormationType": "Shop::Stock::Queue", "name": "Queue", "primaryIdentifier": ["Topic"], "properties": {
			"Topic": {"type": {"type": "string"}, "causesReplacement": "yes"}}},
		{"cloudFormationType": "Shop::Stock::Route", "name": "Route", "primaryIdentifier": ["RouteId", "Topic"], "properties": {
			"Topic": {"type": {"type": "string"}, "causesReplacement": "yes"}}}]},
	"typeDefinition": {"entities": [
		{"$id": "1", "properties": {
			"Key": {"type": {"type": "string"}, "causesReplacement": "yes"},
			"Inner": {"type": {"type": "ref", "reference": {"$ref": "1"}}}}}]}}}`

func compressed(t *testing.T, text string) *bytes.Buffer {
	t.Helper()
	var content bytes.Buffer
	writer := gzip.NewWriter(&content)
	_, err := writer.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return &content
}

// A type that contains itself is followed once.
func TestExtractHasWhatReplacesHoweverDeep(t *testing.T) {
	content, err := Extract(compressed(t, small))
	require.NoError(t, err)
	//nolint:testifylint // the layout counts: a line for each type
	require.Equal(t, `{
"Shop::Stock::Queue": {"properties":["Topic"],"replaces":["Topic"],"names":["Topic"],"importable":true},
"Shop::Stock::Route": {"properties":["Topic"],"replaces":["Topic"]},
"Shop::Stock::Topic": {"properties":["Kind","Tags","TopicName"],"replaces":["Tags.Key","TopicName"],"mayReplace":["Kind"],"names":["TopicName"],"stateful":true}
}
`, string(content))
}

func TestExtractRefusesWhatIsNoDatabase(t *testing.T) {
	_, err := Extract(bytes.NewBufferString("text"))
	require.Error(t, err)
	_, err = Extract(compressed(t, "text"))
	require.Error(t, err)
}

func TestTheExtractIsThatOfThePinnedDatabase(t *testing.T) {
	database, err := os.Open("../" + database)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the database is not installed: npm ci")
	}
	require.NoError(t, err)
	defer func() { require.NoError(t, database.Close()) }()
	want, err := Extract(database)
	require.NoError(t, err)
	got, err := os.ReadFile("../" + extract)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "go generate ./internal/resourcespec")
}
