package test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const mayGet = "iam TaskRolePolicy for TaskRole allows s3:GetObject on Bucket.Arn if Bool aws:SecureTransport true"

// goldenFailures are two contents of a golden file, and what the failure says.
var goldenFailures = map[string]struct {
	golden  golden
	was, is string
	told    []string
	untold  string
}{
	"a new environment": {statementsGolden, mayGet + " | dev", mayGet + " | dev qa\niam A for R allows s3:GetObject on B | qa", []string{
		"environment qa is new (2 lines): nothing happens to the others\n",
	}, "permission"},
	"an environment less": {statementsGolden, mayGet + " | dev qa", mayGet + " | dev", []string{
		"environment qa is no longer defined (1 line): what is deployed of it stays until",
	}, "permission"},
	"a permission more": {statementsGolden, "iam A for R allows s3:GetObject on B | dev", mayGet + " | dev\niam A for R allows s3:GetObject on B | dev", []string{
		"new:\n+ " + mayGet + " | dev\n    dev: a permission more from the next deployment on: say in the commit what needs it\n",
	}, "iam A"},
	"a permission less": {statementsGolden, mayGet + " | dev prod\niam A allows s3:GetObject on B | dev", mayGet + " | prod\niam A allows s3:GetObject on B | dev", []string{
		"dev: a permission less: unless another line allows it, whatever still does it fails with AccessDenied",
	}, "prod:"},
	"wider": {statementsGolden, mayGet + " | dev", "iam TaskRolePolicy for TaskRole allows s3:GetObject, s3:PutObject on Bucket.Arn | dev", []string{
		"changed:\n- iam Task", "a permission more from the next deployment on: say in the commit what needs it: " +
			"also s3:PutObject; no longer only if Bool aws:SecureTransport true\n",
	}, "permission less"},
	"narrower": {statementsGolden, mayGet + " | dev", mayGet + ", StringEquals aws:SourceAccount ACCOUNT | dev", []string{
		"a permission less: ", ": only if StringEquals aws:SourceAccount ACCOUNT\n",
	}, "permission more"},
	"a refusal more": {statementsGolden, "data P denies AWS * s3:PutObject on B | dev", "data P denies AWS * s3:PutObject on B, C | dev", []string{
		"refused from the next deployment on, whatever allows it: see what does it today: also on C\n",
	}, "less"},
}

func TestGoldenFilesFailWithTheLinesThatDifferAndWhatAWSDoes(t *testing.T) {
	for name, c := range goldenFailures {
		t.Run(name, func(t *testing.T) {
			was, is := listed(t, c.was), listed(t, c.is)

			failure := c.golden.failure(was, is)

			for _, told := range c.told {
				require.Contains(t, failure, told)
			}
			require.NotContains(t, failure, c.untold)
			require.Contains(t, failure, "go test ./test -run '^"+c.golden.test+"$' -update="+c.golden.name)
			require.Empty(t, c.golden.failure(is, is))
		})
	}
}

func TestGoldenFilesFailWithFewLines(t *testing.T) {
	var is strings.Builder
	for i := range 100 {
		fmt.Fprintf(&is, "iam P%d for R allows s3:GetObject on B | dev\n", i)
	}
	is.WriteString("iam Kept | dev")

	failure := statementsGolden.failure(listed(t, "iam Kept | dev"), listed(t, is.String()))

	require.Less(t, strings.Count(failure, "\n"), 50)
	require.Contains(t, failure, "and 81 more differences, which git diff shows after the command below\n")
}

func TestUpdateTakesTheNameOfOneFileThatATestCompares(t *testing.T) {
	files, err := os.ReadDir("testdata")
	require.NoError(t, err)
	for _, file := range files {
		name, isGolden := strings.CutSuffix(file.Name(), ".golden")
		var flag updateFlag
		if isGolden {
			require.NoError(t, flag.Set(name))
		} else {
			require.EqualError(t, flag.Set(name), "name the one file to write: -update=statements, or -update=settings, or -update=outages, or -update=review")
		}
	}
	for _, g := range goldens {
		require.True(t, definedTests(t)[g.test], g.test)
	}
}

func TestOneGoldenFileIsReadAsItIsWritten(t *testing.T) {
	for _, g := range goldens {
		text := read(t, "testdata/"+g.name+".golden")
		require.Equal(t, text, listed(t, text).String())
	}
}

func listed(t *testing.T, text string) listing {
	t.Helper()
	l, err := readListing(text)
	require.NoError(t, err)
	return l
}
