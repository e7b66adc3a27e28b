package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// madeStack is a stack that CloudFormation has. A status that begins with ! is that of
// one with termination protection.
type madeStack struct{ name, status, environment, template string }

// withCloudFormation is an account with stacks, the youngest first, as
// DescribeStacks lists them. It returns the access key of the last call.
func withCloudFormation(t *testing.T, stacks ...madeStack) (accessKey *string) {
	t.Helper()
	accessKey = new(string)
	withCredentials(t, "111122223333")
	serve(t, "CLOUDFORMATION", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		*accessKey, _, _ = strings.Cut(credential, "/")
		switch action := r.PostForm.Get("Action"); {
		case len(stacks) == 0:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>`)
		case action == "DescribeStacks":
			fmt.Fprint(w, listOf(stacks, r.PostForm.Get("NextToken")))
		case action == "GetTemplate" && r.PostForm.Get("TemplateStage") == "Original":
			for _, stack := range stacks {
				if "arn:"+stack.name == r.PostForm.Get("StackName") {
					fmt.Fprintf(w, `<GetTemplateResponse><GetTemplateResult><TemplateBody><![CDATA[%s]]></TemplateBody>
						</GetTemplateResult></GetTemplateResponse>`, stack.template)
				}
			}
		default:
			http.Error(w, action, http.StatusBadRequest)
		}
	})
	return accessKey
}

// listOf answers with one stack a page.
func listOf(stacks []madeStack, token string) string {
	at := len(token)
	next := ""
	if at+1 < len(stacks) {
		next = "<NextToken>" + strings.Repeat("n", at+1) + "</NextToken>"
	}
	stack := stacks[at]
	status, protected := strings.CutPrefix(stack.status, "!")
	return fmt.Sprintf(`<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>%[1]s</StackName>
		<StackId>arn:%[1]s</StackId><StackStatus>%[2]s</StackStatus>
		<EnableTerminationProtection>%[6]t</EnableTerminationProtection><CreationTime>2026-11-%02[5]dT08:00:00Z</CreationTime>
		<Tags><member><Key>project</Key><Value>shop</Value></member><member><Key>environment</Key><Value>%[3]s</Value></member></Tags>
		</member></Stacks>%[4]s</DescribeStacksResult></DescribeStacksResponse>`, stack.name, status, stack.environment, next, 20-at, protected)
}

// writeNamedStack writes an assembly of the stack data of shop-prod.
func writeNamedStack(t *testing.T, resources string) string {
	t.Helper()
	return writeAssembly(t, `"data": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-north-1",
		"properties": {"templateFile": "data.json", "stackName": "shop-prod-data"}}`, map[string]string{"data": templateOf(resources)})
}

func templateOf(resources string) string { return `{"Resources": {` + resources + `}}` }

func TestWhatIsDeployedIsReadFromCloudFormation(t *testing.T) {
	cases := map[string]struct {
		there []madeStack
		want  error
		says  string
	}{
		"the same":  {[]madeStack{{"shop-prod-data", "UPDATE_COMPLETE", "prod", templateOf(plainTopic)}}, nil, "Nothing changes."},
		"a change":  {[]madeStack{{"shop-prod-data", "CREATE_COMPLETE", "prod", templateOf(otherTopic)}}, exitStatus(2), "1 more changes are fine."},
		"data lost": {[]madeStack{{"shop-prod-data", "UPDATE_ROLLBACK_COMPLETE", "prod", templateOf(plainTable)}}, exitStatus(3), "data lost"},
		"a first deployment that failed": {
			[]madeStack{{"shop-prod-data", "ROLLBACK_COMPLETE", "prod", templateOf(plainTopic)}}, exitStatus(2), "1 more changes are fine.",
		},
		"a first deployment whose rollback failed": {
			[]madeStack{{"shop-prod-data", "ROLLBACK_FAILED", "prod", templateOf(plainTopic)}}, exitStatus(2), "1 more changes are fine.",
		},
		"a protected stack": {[]madeStack{{"shop-prod-data", "!UPDATE_COMPLETE", "prod", templateOf(plainTopic)}}, nil, "Nothing changes."},
		"a stack that the app no longer has, and one of another environment": {
			[]madeStack{
				{"shop-prod-old", "CREATE_COMPLETE", "prod", templateOf(plainTopic)},
				{"shop-prod-eu-old", "CREATE_COMPLETE", "prod-eu", templateOf(plainTopic)},
				{"shop-prod-data", "CREATE_COMPLETE", "prod", templateOf(plainTopic)},
			}, exitStatus(2), "left behind  shop-prod-old",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			withCloudFormation(t, test.there...)
			out, err := run("rehearse", "--deployed", "--head", writeNamedStack(t, plainTopic))
			require.Equal(t, test.want, err)
			require.Contains(t, out, test.says)
			require.NotContains(t, out, "prod-eu")
		})
	}
}

func TestTheRoleThatDeploysReadsWhatIsDeployed(t *testing.T) {
	for want, refuses := range map[string]bool{"AKIDEPLOY": false, "AKIAIOSFODNN7EXAMPLE": true} {
		t.Run(want, func(t *testing.T) {
			accessKey := withCloudFormation(t, madeStack{"shop-prod-data", "UPDATE_COMPLETE", "prod", templateOf(plainTopic)})
			var assumed []string
			serve(t, "STS", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm() // an empty form is no action
				switch {
				case r.PostForm.Get("Action") == "GetCallerIdentity":
					fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>
						<Arn>arn:aws:iam::111122223333:user/ops</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
				case refuses:
					w.WriteHeader(http.StatusForbidden)
					fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>`)
				default:
					assumed = append(assumed, r.PostForm.Get("RoleArn"))
					fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDEPLOY</AccessKeyId>
						<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
						</Credentials></AssumeRoleResult></AssumeRoleResponse>`)
				}
			})
			head := writeNamedStack(t, plainTopic)
			manifest, err := os.ReadFile(filepath.Join(head, "manifest.json"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(head, "manifest.json"), []byte(strings.Replace(string(manifest), `"stackName"`,
				`"assumeRoleArn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/deploy", "stackName"`, 1)), 0o600))

			out, err := run("rehearse", "--deployed", "--head", head)
			require.NoError(t, err)
			require.Contains(t, out, "Nothing changes.")
			require.Equal(t, want, *accessKey)
			if !refuses {
				require.Equal(t, []string{"arn:aws:iam::111122223333:role/deploy"}, assumed)
			}
		})
	}
}

func TestWhatCannotBeReadFromCloudFormationIsOneLine(t *testing.T) {
	cases := map[string]struct {
		there []madeStack
		says  string
	}{
		"no permission": {nil, "CloudFormation in eu-north-1: AccessDenied: not authorized"},
		"a deployment that goes on": {[]madeStack{{"shop-prod-data", "UPDATE_IN_PROGRESS", "prod", templateOf(plainTopic)}},
			"CloudFormation in eu-north-1: shop-prod-data is UPDATE_IN_PROGRESS: a deployment goes on, or somebody must end it first"},
		"a first deployment that failed, and is protected": {[]madeStack{{"shop-prod-data", "!ROLLBACK_COMPLETE", "prod", templateOf(plainTopic)}},
			"shop-prod-data is ROLLBACK_COMPLETE and has termination protection, so it cannot be deleted and made anew: see"},
		"a template in YAML": {[]madeStack{{"shop-prod-data", "CREATE_COMPLETE", "prod", "Resources: {}"}},
			"CloudFormation in eu-north-1: the template of shop-prod-data:1: got text that is not JSON"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			withCloudFormation(t, test.there...)
			_, err := run("rehearse", "--deployed", "--head", writeNamedStack(t, plainTopic))
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestAVerdictIsAcceptedByItsNameAlone(t *testing.T) {
	args := []string{"rehearse", "--base", writeStack(t, plainTable), "--head", writeStack(t, plainTopic), "--accept"}
	_, err := run(append(args, "data lost")...)
	require.Equal(t, exitStatus(2), err)
	_, err = run(append(args, "service cut")...)
	require.Equal(t, exitStatus(3), err)
	_, err = run(append(args, "everything")...)
	require.ErrorContains(t, err, `got --accept "everything", want one of ["refused" "data lost" "service cut"]`)
}
