package iamspec_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/iamspec"
)

func service(t *testing.T, prefix string) iamspec.Service {
	t.Helper()
	found, ok := iamspec.Lookup(prefix)
	require.True(t, ok, prefix)
	return found
}

func TestActionsAreMatchedInWhateverCase(t *testing.T) {
	require.Equal(t, []string{"SendMessage"}, service(t, "sqs").Matching("sendmessage"))
	require.Equal(t, []string{"GetQueueAttributes", "GetQueueUrl"}, service(t, "sqs").Matching("Get*"))
	require.Empty(t, service(t, "sqs").Matching("SendMessages"))
	for _, prefix := range []string{"sqss", "*", ""} {
		_, ok := iamspec.Lookup(prefix)
		require.False(t, ok, prefix)
	}
}

func TestAnActionActsOnItsTypesOnly(t *testing.T) {
	s3 := service(t, "s3")
	for _, c := range []struct {
		action, arn string
		want        bool
	}{
		{"GetObject", "arn:aws:s3:::shop/*", true},
		{"GetObject", "arn:aws:s3:::shop*", true},
		{"GetObject", "arn:aws:s3:::shop", false},
		{"ListBucket", "arn:aws:s3:::shop", true},
		{"ListBucket", "arn:aws:s3:::shop/*", false},
		{"ListAllMyBuckets", "*", false},
	} {
		require.Equal(t, c.want, s3.ActsOn(c.action, c.arn), c)
	}
	require.Contains(t, s3.ARNs("GetObject"), "arn:aws:s3:::BUCKETNAME/OBJECTNAME")
}

func TestAnActionHasTheKeysOfItsTypesAndTheGlobalOnes(t *testing.T) {
	for key, want := range map[string]bool{
		"secretsmanager:VersionStage": true, "aws:ResourceTag/project": true, "aws:PrincipalArn": true, "AWS:principalarn": true,
		"s3:prefix": false, "aws:SecureTransports": false,
	} {
		require.Equal(t, want, service(t, "secretsmanager").HasKey("GetSecretValue", key), key)
	}
}

func TestOverlapIsThatOfATextInCommon(t *testing.T) {
	patterns, texts := upTo(3, "a", "b", "*", "?"), upTo(6, "a", "b")
	matched := map[string][]bool{}
	for _, p := range patterns {
		expression := regexp.MustCompile("^" + strings.NewReplacer("*", ".*", "?", ".").Replace(p) + "$")
		for _, text := range texts {
			matched[p] = append(matched[p], expression.MatchString(text))
		}
	}
	for _, a := range patterns {
		for _, b := range patterns {
			want := false
			for i := range texts {
				want = want || matched[a][i] && matched[b][i]
			}
			require.Equal(t, want, iamspec.Overlap(a, b), "%q %q", a, b)
		}
	}
}

// upTo returns all texts of at most so many of the characters.
func upTo(longest int, characters ...string) []string {
	all, last := []string{""}, []string{""}
	for range longest {
		var longer []string
		for _, text := range last {
			for _, character := range characters {
				longer = append(longer, text+character)
			}
		}
		all, last = append(all, longer...), longer
	}
	return all
}
