package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// qaOnly are the files of an environment, qa, that names no account.
var qaOnly = fstest.MapFS{"qa.yaml": {Data: []byte("region: eu-central-1\nlifecycle: retained\n")}}

// withoutCredentials is a machine that has none. Tests reach nothing but loopback.
func withoutCredentials(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"CDK_CONTEXT_JSON", "ENVIRONMENT_FROM",
	} {
		t.Setenv(name, "") // restores it afterwards
		require.NoError(t, os.Unsetenv(name))
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
	t.Setenv("ENVIRONMENT_SUFFIX", "qa")
}

// withCredentials is a machine with some, and an STS that answers with the
// account, or refuses them.
func withCredentials(t *testing.T, account string) {
	t.Helper()
	withoutCredentials(t)
	serve(t, "STS", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("Action") != "GetCallerIdentity" {
			http.Error(w, r.PostForm.Get("Action"), http.StatusBadRequest)
			return
		}
		if account == "" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%[1]s</Account>
			<Arn>arn:aws:iam::%[1]s:user/ops</Arn><UserId>AIDA</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`, account)
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

// serve answers in place of a service of AWS, and returns its address.
func serve(t *testing.T, service string, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_"+service, server.URL)
	return server.URL
}

// refuse answers as AWS's JSON protocols refuse a call.
func refuse(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"__type": %q, "message": %q}`, code, message)
}

func runPreflight(t *testing.T) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := preflight(t.Context(), &out, qaOnly)
	return out.String(), err
}

func TestPreflightSaysWhereADeployWouldGo(t *testing.T) {
	withCredentials(t, "111122223333")

	said, err := runPreflight(t)

	require.NoError(t, err)
	require.Equal(t, config.Project+"-qa: account 111122223333, region eu-central-1, as arn:aws:iam::111122223333:user/ops\n", said)
}

func TestPreflightRefuses(t *testing.T) {
	cases := map[string]struct {
		machine func(t *testing.T)
		want    string
	}{
		"a machine without credentials": {withoutCredentials, "no AWS credentials: sign in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: "},
		"credentials that are expired":  {func(t *testing.T) { withCredentials(t, "") }, "ExpiredToken: The security token is expired"},
		"a profile that is not there": {func(t *testing.T) {
			withoutCredentials(t)
			t.Setenv("AWS_PROFILE", "typo")
		}, "no AWS credentials: "},
		"an environment that is not there": {func(t *testing.T) {
			withCredentials(t, "111122223333")
			t.Setenv("ENVIRONMENT_SUFFIX", "nowhere")
		}, `environmentSuffix: got "nowhere", want one of`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			test.machine(t)
			said, err := runPreflight(t)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, said)
		})
	}
}

func TestCredentialsOfAnotherAccountAreRefused(t *testing.T) {
	withCredentials(t, "111122223333")
	caller, err := callerIdentity(t.Context(), "eu-north-1")
	require.NoError(t, err)

	require.NoError(t, sameAccount(config.Config{Environment: "prod"}, caller), "no account in the file fits any")
	require.NoError(t, sameAccount(config.Config{Environment: "prod", Account: "111122223333"}, caller))
	require.EqualError(t, sameAccount(config.Config{Environment: "prod", Account: "444455556666"}, caller),
		"the AWS credentials are for account 111122223333 (arn:aws:iam::111122223333:user/ops), want account 444455556666, which the file of prod names")
}
