package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
	"catalog-infra/test/cost"
)

// statement returns one in JSON, with further elements if any.
func statement(effect, action, resource string, others ...string) string {
	return fmt.Sprintf(`{"Effect": %q, "Action": %s, "Resource": %s%s}`, effect, action, resource, strings.Join(others, ""))
}

const (
	everybody = `, "Principal": "*"`
	secure    = `, "Condition": {"Bool": {"aws:SecureTransport": "true"}}`
	insecure  = `, "Condition": {"Bool": {"aws:SecureTransport": "false"}}`
	account1  = `, "Condition": {"StringEquals": {"aws:SourceAccount": ["111111111111"]}}`
	account2  = `, "Condition": {"StringEquals": {"aws:SourceAccount": ["111111111111", "222222222222"]}}`
)

func TestWiderSaysWhatIsAllowedBeyondBefore(t *testing.T) {
	get := statement("Allow", `"s3:GetObject"`, `"arn:aws:s3:::a/*"`)
	for name, c := range map[string]struct {
		old, updated string
		want         []string
	}{
		"nothing":                {get, get, nil},
		"an action more":         {get, statement("Allow", `["s3:GetObject", "s3:PutObject"]`, `"arn:aws:s3:::a/*"`), []string{"allows s3:PutObject on arn:aws:s3:::a/*"}},
		"a wildcard":             {get, statement("Allow", `"s3:Get*"`, `"arn:aws:s3:::a/*"`), []string{"allows s3:Get* on arn:aws:s3:::a/*"}},
		"a resource more":        {get, statement("Allow", `"s3:GetObject"`, `"arn:aws:s3:::a*"`), []string{"allows s3:GetObject on arn:aws:s3:::a*"}},
		"rewritten":              {get, statement("Allow", `"S3:getobject"`, `["arn:aws:s3:::a/?*", "arn:aws:s3:::a/"]`), nil},
		"in two statements":      {statement("Allow", `["a:A", "a:B"]`, `"*"`), statement("Allow", `"a:A"`, `"*"`) + "," + statement("Allow", `"a:B"`, `"x"`), nil},
		"all but one":            {statement("Allow", `"s3:*"`, `"*"`), `{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`, []string{"allows all but iam:*"}},
		"less than all but one":  {`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`, statement("Allow", `"s3:*"`, `"*"`), nil},
		"a condition less":       {statement("Allow", `"a:A"`, `"*"`, secure), statement("Allow", `"a:A"`, `"*"`), []string{"allows a:A, no longer only if Bool aws:SecureTransport true"}},
		"a condition more":       {statement("Allow", `"a:A"`, `"*"`), statement("Allow", `"a:A"`, `"*"`, secure), nil},
		"a value more":           {statement("Allow", `"a:A"`, `"*"`, account1), statement("Allow", `"a:A"`, `"*"`, account2), []string{"allows a:A if StringEquals aws:SourceAccount 111111111111 or 222222222222, no longer only if StringEquals aws:SourceAccount 111111111111"}},
		"a value less":           {statement("Allow", `"a:A"`, `"*"`, account2), statement("Allow", `"a:A"`, `"*"`, account1), nil},
		"both sides of a switch": {statement("Allow", `"a:A"`, `"*"`), statement("Allow", `"a:A"`, `"*"`, secure) + "," + statement("Allow", `"a:A"`, `"*"`, insecure), nil},
		"everybody": {statement("Allow", `"a:A"`, `"*"`, `, "Principal": {"AWS": "111111111111"}`), statement("Allow", `"a:A"`, `"*"`, everybody),
			[]string{"allows a:A"}},
		"a role of the account": {statement("Allow", `"a:A"`, `"*"`, `, "Principal": {"AWS": "123456789012"}`),
			statement("Allow", `"a:A"`, `"*"`, `, "Principal": {"AWS": "${base.Role.Arn}"}`), nil},
		"a Deny less, of a resource": {statement("Deny", `"s3:*"`, `"*"`, everybody, insecure), statement("Deny", `"s3:Get*"`, `"*"`, everybody, insecure),
			[]string{"no longer denies s3:* if Bool aws:SecureTransport false"}},
		"a Deny less that nothing allows": {get + "," + statement("Deny", `"s3:Put*"`, `"*"`), get, nil},
		"a Deny less that is allowed": {get + "," + statement("Deny", `"s3:Get*"`, `"*"`), get,
			[]string{"no longer denies s3:Get*"}},
		"a Deny for an Allow":        {get, get + "," + statement("Allow", `"a:A"`, `"*"`) + "," + statement("Deny", `"a:*"`, `"*"`), nil},
		"the same reference":         {statement("Allow", `"a:A"`, `"${app.B.Arn}/*"`), statement("Allow", `"a:A"`, `"${app.B.Arn}/x"`), nil},
		"another reference":          {statement("Allow", `"a:A"`, `"${app.B.Arn}"`), statement("Allow", `"a:A"`, `"${app.C.Arn}"`), []string{"allows a:A on ${app.C.Arn}"}},
		"a name before NotResource":  {`{"Effect": "Allow", "Action": "a:A", "NotResource": "x"}`, statement("Allow", `"a:A"`, `"${app.C.Arn}"`), []string{"may be wider: allows a:A on ${app.C.Arn}"}},
		"an operator that is new":    {statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"Odd": {"k": "1"}}`), statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"Odd": {"k": "2"}}`), []string{"may be wider: allows a:A if Odd k 2, no longer only if Odd k 1"}},
		"the same unknown operator":  {statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"Odd": {"k": "1"}}`), statement("Allow", `"a:A"`, `"x"`, `, "Condition": {"Odd": {"k": "1"}}`), nil},
		"a later date":               {statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}`), statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"DateLessThan": {"aws:CurrentTime": "2029-01-01"}}`), nil},
		"a part of an ARN":           {statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:1:a"}}`), statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:eu-*:1:a"}}`), nil},
		"no bound of an ARN's parts": {statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"ArnLike": {"k": "arn:*:1:a"}}`), statement("Allow", `"a:A"`, `"*"`, `, "Condition": {"ArnLike": {"k": "arn:*:*:1:a"}}`), []string{"allows a:A if ArnLike k arn:*:*:1:a, no longer only if ArnLike k arn:*:1:a"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, widening := range policy.Wider(parsed(t, `{"Statement": [`+c.old+`]}`), parsed(t, `{"Statement": [`+c.updated+`]}`)) {
				got = append(got, widening.String())
			}
			require.Equal(t, c.want, got)
		})
	}
}

// FuzzWider feeds two policies. Whatever they hold, they are read or refused in lines,
// and compared within a second; a policy is never wider than itself.
func FuzzWider(f *testing.F) {
	f.Add(`{"Statement": `+statement("Allow", `"s3:*"`, `"a*b?c"`, everybody, secure)+`}`, `{"Statement": []}`)
	f.Add(`{"Statement": `+statement("Deny", `["*a*b*", "?*"]`, `{"Ref": "A"}`)+`}`, `{"Statement": {"Effect": "Allow", "NotAction": "*"}}`)
	f.Add(`{"Statement": 1}`, `{"Statement": {"Effect": "Allow", "Action": "a", "Condition": {"ForAllValues:StringLike": {"k": ["*"]}, "Null": {"k": true}}}}`)
	f.Fuzz(func(t *testing.T, old, updated string) {
		var documents [2]policy.Document
		for i, text := range []string{old, updated} {
			var value any
			if json.Unmarshal([]byte(text), &value) != nil {
				return
			}
			var err error
			if documents[i], err = policy.Read(policy.Scope{Assembly: &assembly.Assembly{}}, "P", value); err != nil {
				for line := range strings.Lines(err.Error()) {
					require.Regexp(t, `^P.*: got .+, want .+`, line)
				}
			}
		}
		cost.RequireCheap(t, 500<<20, func() { policy.Wider(documents[0], documents[1]) })
		require.Empty(t, policy.Wider(documents[1], documents[1]))
	})
}

// FuzzGenerated goes on with policies that TestTheComparisonAgreesWithOneRequestAtATime
// does not write.
func FuzzGenerated(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		g := newGenerator(seed)
		old := g.document(seed%2 == 0)
		requireAgreement(t, g, old, g.variant(old, seed%2 == 0))
	})
}

// What a comparison cannot decide in time it says.
func TestAComparisonEndsInTime(t *testing.T) {
	var all, some policy.Element
	for i := range 60 {
		all.Patterns = append(all.Patterns, fmt.Sprintf("*%c*%c*%c*", 'a'+i%26, 'a'+i/2%26, 'a'+i/3%26))
		some.Patterns = append(some.Patterns, fmt.Sprintf("*%c*%c?%c*", 'a'+i%25, 'a'+i/3%26, 'a'+i/2%26))
	}
	old := policy.Document{Statements: []policy.Statement{{Actions: all, Resources: all}, {Actions: some, Resources: all}}}
	others := policy.Element{Not: true, Patterns: all.Patterns}
	updated := policy.Document{Statements: []policy.Statement{{Actions: others, Resources: some}, {Actions: some, Resources: some}}}
	cost.RequireCheap(t, 2<<30, func() { require.NotEmpty(t, policy.Wider(old, updated)) })
}
