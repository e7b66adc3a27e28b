package exceptions_test

import (
	"flag"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/exceptions"
)

var update = flag.Bool("update", false, "write docs/exceptions.md instead of comparing with it")

func TestTheDocumentSaysWhatTheRegisterSays(t *testing.T) {
	const file = "../../docs/exceptions.md"
	if *update {
		require.NoError(t, os.WriteFile(file, exceptions.Document(), 0o644))
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(exceptions.Document()), string(content), "go generate ./internal/exceptions writes it")
}

func TestEveryReasonFitsIntoANoteOfSecurityHub(t *testing.T) {
	for _, each := range exceptions.All() {
		require.Regexp(t, `^[A-Z][A-Za-z0-9]+$`, each.ID)
		require.Regexp(t, `^[^\n|]{20,512}$`, each.Reason, each.ID)
	}
}

// Two reasons for one finding would be none.
func TestAFindingHasOneReason(t *testing.T) {
	seen := map[string]string{}
	once := func(id, rule string) {
		require.Empty(t, seen[rule], "%s and %s", seen[rule], id)
		seen[rule] = id
	}
	for _, each := range exceptions.All() {
		once(each.ID, "id "+each.ID)
		require.True(t, each.SecurityHub != nil || len(each.Found) > 0, "%s explains nothing", each.ID)
		if each.SecurityHub != nil {
			for _, control := range each.SecurityHub.Controls {
				once(each.ID, "Security Hub "+control)
			}
		}
		for checker, rules := range each.Found {
			require.Contains(t, exceptions.Checkers, checker, each.ID)
			require.NotEmpty(t, rules, each.ID)
			for _, rule := range rules {
				once(each.ID, checker+" "+rule)
			}
		}
	}
}

// What is accepted of the whole account is for the owner of the service to decide.
func TestWhatIsAcceptedIsOfOurResourcesOrOfAServiceThatWeOwn(t *testing.T) {
	kind := regexp.MustCompile(`^[a-z0-9]+ [a-z-]+$`)
	for _, each := range exceptions.All() {
		hub := each.SecurityHub
		if hub == nil {
			continue
		}
		require.NotEmpty(t, hub.Controls, each.ID)
		require.NotEqual(t, hub.Of == "", hub.Owner == "", "%s: of some resources, or of the account", each.ID)
		require.True(t, hub.Of == "" || kind.MatchString(hub.Of), each.ID)
		require.Contains(t, []string{"", "guardDuty", "inspector"}, hub.Owner, each.ID)
		require.True(t, hub.Plan == "" || hub.Owner == "guardDuty", each.ID)
	}
}
