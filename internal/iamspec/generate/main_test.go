package main

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestExtractHasALineForEachService(t *testing.T) {
	text, err := Extract(fstest.MapFS{
		"dist/esm/globalConditionKeys.js": {Data: []byte("[{key: 'aws:PrincipalArn',}, {key: 'aws:TagKeys'}]")},
		"data/actions/shop.json": {Data: []byte(`{"buy": {"name": "Buy", "accessLevel": "Write", "conditionKeys": ["shop:Price"],
			"resourceTypes": [{"name": "Good", "required": true, "conditionKeys": ["aws:ResourceTag/${TagKey}"]}]}}`)},
		"data/resourceTypes/shop.json": {Data: []byte(`{"good": {"key": "good", "arn": "arn:${Partition}:shop:::${Name}"}}`)},
	})

	require.NoError(t, err)
	require.Equal(t, "*\t"+`{"actions":null,"keys":["aws:PrincipalArn"]}`+"\nshop\t"+
		`{"actions":{"Buy":{"level":"Write","types":["good"],"keys":["aws:ResourceTag/${TagKey}","shop:Price"]}},`+
		`"types":{"good":{"arn":"arn:${Partition}:shop:::${Name}"}}}`+"\n", string(text))
}

func TestExtractRefusesWhatIsNoDatabase(t *testing.T) {
	_, err := Extract(fstest.MapFS{})
	require.Error(t, err)
	_, err = Extract(fstest.MapFS{"dist/esm/globalConditionKeys.js": {}, "data/actions/a.json": {Data: []byte("text")}})
	require.ErrorContains(t, err, "data/actions/a.json")
}

func TestTheExtractIsThatOfThePinnedDatabase(t *testing.T) {
	if _, err := os.Stat("../" + database); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the database is not installed: npm ci")
	}
	want, err := Extract(os.DirFS("../" + database))
	require.NoError(t, err)
	file, err := os.Open("../" + extract)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	reader, err := gzip.NewReader(file)
	require.NoError(t, err)
	got, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.True(t, string(want) == string(got), "go generate ./internal/iamspec") //nolint:testifylint // a difference would be 2 MB
}
