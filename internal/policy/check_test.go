package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMistakesAreStatementsThatSayMoreThanTheyDo(t *testing.T) {
	const keyed = `, "Condition": {"StringEquals": {"aws:ResourceTag/project": "a", "s3:prefix": "b", "aws:PrincipalArn": "c"}}`
	for name, c := range map[string]struct {
		statement string
		want      []string
	}{
		"none":           {statement("Allow", `["s3:GetObject", "s3:ListBucket"]`, `["arn:aws:s3:::a", "arn:aws:s3:::a/*"]`), nil},
		"a reference":    {statement("Allow", `"S3:getObject"`, `"${data.Bucket.Arn}/*"`), nil},
		"not on one":     {statement("Allow", `"ec2:DescribeSubnets"`, `"*"`), nil},
		"all but":        {`{"Effect": "Deny", "NotAction": "s3:Unknown", "Resource": "a"}`, nil},
		"all there are":  {statement("Deny", `"s3:*"`, `"*"`), nil},
		"no action":      {statement("Allow", `["s3:GetObjects", "get", "sss:*"]`, `"*"`), []string{"statement 1: s3:GetObjects is no action", "statement 1: get is no action", "statement 1: sss:* is no action"}},
		"an object only": {statement("Allow", `"s3:GetObject"`, `["arn:aws:s3:::a", "arn:aws:s3:::a/*"]`), []string{"statement 1: no action acts on arn:aws:s3:::a"}},
		"no resource": {statement("Allow", `["ec2:DescribeSubnets", "s3:GetObject"]`, `"arn:aws:s3:::a/*"`, `, "Sid": "S"`),
			[]string{"S: ec2:DescribeSubnets acts on none of arn:aws:s3:::a/*"}},
		"conditions against each other": {statement("Deny", `"s3:*"`, `"*"`, `, "Condition": {"StringLike": {"aws:PrincipalArn": "a*"}, "StringNotLike": {"aws:PrincipalArn": "*"}}`),
			[]string{"statement 1: no request meets all of its conditions"}},
		"conditions that no request meets": {statement("Allow", `["s3:ListBucket", "sts:GetCallerIdentity"]`, `"*"`, keyed), []string{
			"statement 1: no request for sts:GetCallerIdentity has aws:ResourceTag/project", "statement 1: no request for sts:GetCallerIdentity has s3:prefix",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, parsed(t, `{"Statement": `+c.statement+`}`).Mistakes())
		})
	}
}
