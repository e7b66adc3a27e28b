package automation

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func scriptFiles(files map[string]string) fstest.MapFS {
	found := fstest.MapFS{}
	for name, text := range files {
		found[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return found
}

func TestAScriptComesAfterTheFilesThatItImportsEachOnce(t *testing.T) {
	text, err := joinScript(scriptFiles(map[string]string{
		"rules.py":  "import boto3\nfrom botocore.exceptions import ClientError\n\nfrom state import load\nfrom tasks import (\n    pin,\n    unpin,\n)\n\nrules = 1\n",
		"tasks.py":  "import boto3\n\nfrom state import load\n\n\ndef pin():\n    load()\n\n\ndef unpin():\n    pass\n",
		"state.py":  "def load():\n    tasks = 1\n",
		"unused.py": "def load():\n    pass\n",
	}), "rules.py")
	require.NoError(t, err)
	require.Equal(t, "def load():\n    tasks = 1\n\n\n"+
		"import boto3\n\n\n\ndef pin():\n    load()\n\n\ndef unpin():\n    pass\n\n\n"+
		"import boto3\nfrom botocore.exceptions import ClientError\n\n\nrules = 1\n", text)
}

func TestScriptsThatCannotBeJoinedAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"two files define a function": {
			map[string]string{"a.py": "from b import x\n\n\ndef save():\n    pass\n", "b.py": "x = 1\n\n\ndef save():\n    pass\n"},
			"both b.py and a.py define save: rename one",
		},
		"a constant has the name of a function": {
			map[string]string{"a.py": "from b import x\n\nSECONDS = 2\n", "b.py": "x = 1\n\n\ndef SECONDS():\n    pass\n"},
			"both b.py and a.py define SECONDS: rename one",
		},
		"a module and a class of it have one name": {
			map[string]string{"a.py": "from b import x\nfrom datetime import datetime\n\nx = 1\n", "b.py": "import datetime\n"},
			"both import and from datetime define datetime: rename one",
		},
		"a name is imported as another": {
			map[string]string{"a.py": "from b import x as y\n", "b.py": "x = 1\n"},
			"a.py: a script file's names cannot be imported under others: from b import x as y",
		},
		"a file is missing": {map[string]string{}, "open a.py: file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := joinScript(scriptFiles(c.files), "a.py")
			require.EqualError(t, err, c.want)
		})
	}
}
