package logs

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALineIsAsTheContractSays(t *testing.T) {
	var out bytes.Buffer
	logger := New(&out)
	logger.Warn("http_error", "message", "to postgres://user:TELLTALE@host/ with Bearer TELLTALE\nand "+strings.Repeat("é", 2000))
	require.Regexp(t, `^{"time":"20[^"]+","level":"warning","event":"http_error","message":"to postgres\[removed\]host/ with \[removed\]\\nand é+"}\n$`, out.String())
	require.Equal(t, 2000, strings.Count(out.String(), "é")+len("to postgres[removed]host/ with [removed]\nand "))
	out.Reset()
	_, err := Lines(logger, "http_error").Write([]byte("bad request\n"))
	require.NoError(t, err)
	require.Contains(t, out.String(), `"event":"http_error","message":"bad request"}`)
}
