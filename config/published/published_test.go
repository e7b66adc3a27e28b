package published_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config/published"
)

func TestTheTableIsOfThePackagesThatArePinned(t *testing.T) {
	pinned, err := os.ReadFile("../../requirements.txt")
	require.NoError(t, err)
	require.NotEmpty(t, published.Sources())
	for name, version := range published.Sources() {
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(name+"=="+version)+`$`, string(pinned), "run make published")
	}
}

func TestSupportIsLostTheDayAfterItsLast(t *testing.T) {
	support, known := published.SupportOf("16.8")
	require.True(t, known)
	require.Equal(t, "2029-02-28", support.End.Format(time.DateOnly))

	require.False(t, support.Lost(time.Date(2029, 2, 28, 23, 59, 0, 0, time.UTC)))
	require.True(t, support.Lost(time.Date(2029, 3, 1, 0, 0, 0, 0, time.UTC)))
}

func TestALambdaRuntimeIsLostOnTheDayOfItsDeprecation(t *testing.T) {
	support, known := published.SupportOf("python3.9")
	require.True(t, known)

	require.False(t, support.Lost(time.Date(2025, 12, 14, 0, 0, 0, 0, time.UTC)))
	require.True(t, support.Lost(time.Date(2025, 12, 15, 0, 0, 0, 0, time.UTC)))
}

func TestTheRotationIsSupportedAsLongAsItsRuntime(t *testing.T) {
	rotation, known := published.SupportOf("1.1.671")
	require.True(t, known)
	runtime, _ := published.SupportOf("python3.12")

	require.Equal(t, runtime, rotation)
	_, known = published.SupportOf("1.1.367") // of Python 3.9
	require.False(t, known)
}

func TestEveryVersionThatCanBeCreatedHasADate(t *testing.T) {
	require.Greater(t, len(published.AuroraVersions()), 15)
	for _, version := range published.AuroraVersions() {
		support, known := published.SupportOf(version)
		require.True(t, known, version)
		require.True(t, support.End.After(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)), "%s had ended when the page was read", version)
	}
}
