package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"catalog-infra/internal/assembly"
)

// deployedTimeout is enough for some twenty calls and their retries.
const deployedTimeout = 2 * time.Minute

// deployed returns what CloudFormation has of an assembly: its stacks, and those of
// the same environment that the assembly no longer has. It is nil if there is none.
func deployed(ctx context.Context, head *assembly.Assembly) (*assembly.Assembly, error) {
	ctx, cancel := context.WithTimeout(ctx, deployedTimeout)
	defer cancel()
	var found []stackThere
	roles := map[string]string{} // that deploy, by region
	for _, stack := range head.Stacks {
		roles[stack.Region] = stack.DeployRole
	}
	for region, role := range roles {
		client, err := newCloudFormation(ctx, region, role)
		if err != nil {
			return nil, err
		}
		there, err := client.stacks(ctx, head)
		if err != nil {
			return nil, fmt.Errorf("CloudFormation in %s: %w", region, err)
		}
		found = append(found, there...)
	}
	slices.SortFunc(found, func(a, b stackThere) int { return a.created.Compare(b.created) })
	if len(found) == 0 {
		return nil, nil
	}
	base := &assembly.Assembly{}
	for _, each := range found {
		base.Stacks = append(base.Stacks, each.stack)
	}
	return base, nil
}

// stackThere is a stack of the account.
type stackThere struct {
	stack   assembly.Stack
	created time.Time
}

// cloudFormation is CloudFormation in one region.
type cloudFormation struct {
	*cloudformation.Client
	region string
}

// newCloudFormation uses the role that cdk deploy uses, where it may be assumed: who
// deploys need not be allowed anything else. Else it uses the credentials themselves,
// as the CDK CLI does.
func newCloudFormation(ctx context.Context, region, role string) (cloudFormation, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region), awsconfig.WithLogger(logging.Nop{}))
	if err != nil {
		return cloudFormation{}, err
	}
	if role != "" {
		caller, err := callerIdentity(ctx, region)
		if err != nil {
			return cloudFormation{}, err
		}
		assumed := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), inAccountOf(caller, role)))
		if _, err := assumed.Retrieve(ctx); err == nil {
			cfg.Credentials = assumed
		}
	}
	return cloudFormation{cloudformation.NewFromConfig(cfg), region}, nil
}

// inAccountOf returns the ARN of the role with the caller's partition and account.
func inAccountOf(caller *sts.GetCallerIdentityOutput, role string) string {
	partition := strings.Split(aws.ToString(caller.Arn), ":")[1]
	return strings.NewReplacer("${AWS::Partition}", partition, "${AWS::AccountId}", aws.ToString(caller.Account)).Replace(role)
}

// stacks returns the stacks of the region that belong to the environment: by their
// names, or by the tags of those that have the names.
func (c cloudFormation) stacks(ctx context.Context, head *assembly.Assembly) ([]stackThere, error) {
	all, err := c.describe(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, stack := range head.Stacks {
		if stack.Region == c.region {
			ids[stack.Name] = stack.ID
		}
	}
	tags := tagsOf(all, ids)
	var found []stackThere
	for _, stack := range all {
		name := aws.ToString(stack.StackName)
		id, named := ids[name]
		if !named && (tags == "" || environmentTags(stack) != tags) {
			continue
		}
		exists, err := isThere(stack)
		if err != nil {
			return nil, err
		}
		if !exists {
			continue
		}
		there, err := c.read(ctx, stack, cmp.Or(id, name))
		if err != nil {
			return nil, err
		}
		found = append(found, there)
	}
	return found, nil
}

func (c cloudFormation) describe(ctx context.Context) ([]types.Stack, error) {
	var all []types.Stack
	pages := cloudformation.NewDescribeStacksPaginator(c.Client, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, shortened(err)
		}
		all = append(all, page.Stacks...)
	}
	return all, nil
}

// tagsOf returns the tags that name the environment, as one of its own stacks has
// them; empty if none is there yet.
func tagsOf(all []types.Stack, ids map[string]string) string {
	for _, stack := range all {
		if _, named := ids[aws.ToString(stack.StackName)]; named {
			return environmentTags(stack)
		}
	}
	return ""
}

// environmentTags returns a stack's project and environment, empty if it lacks one.
func environmentTags(stack types.Stack) string {
	found := map[string]string{}
	for _, tag := range stack.Tags {
		found[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if found["project"] == "" || found["environment"] == "" {
		return ""
	}
	return found["project"] + " " + found["environment"]
}

// creationFailed are the statuses of a stack that cdk deploy deletes and makes anew.
var creationFailed = []types.StackStatus{types.StackStatusRollbackComplete, types.StackStatusRollbackFailed}

// absent are the statuses of a stack that cdk deploy makes anew.
var absent = append([]types.StackStatus{types.StackStatusReviewInProgress, types.StackStatusDeleteComplete}, creationFailed...)

// isThere reports whether cdk deploy updates the stack and does not make it anew. An error
// says why it could do neither.
func isThere(stack types.Stack) (bool, error) {
	name, status := aws.ToString(stack.StackName), stack.StackStatus
	switch {
	case slices.Contains(creationFailed, status) && aws.ToBool(stack.EnableTerminationProtection):
		return false, fmt.Errorf("%s is %s and has termination protection, so it cannot be deleted and made anew: see "+
			"\"When a first deploy fails\" in docs/operations.md", name, status)
	case slices.Contains(absent, status):
		return false, nil
	case !strings.HasSuffix(string(status), "_COMPLETE"): // CloudFormation updates no other stack
		return false, fmt.Errorf("%s is %s: a deployment goes on, or somebody must end it first", name, status)
	}
	return true, nil
}

// read reads a stack's template as it was deployed.
func (c cloudFormation) read(ctx context.Context, stack types.Stack, id string) (stackThere, error) {
	answer, err := c.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: stack.StackId, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return stackThere{}, shortened(err)
	}
	name := aws.ToString(stack.StackName)
	template, err := assembly.ParseTemplate("the template of "+name, []byte(aws.ToString(answer.TemplateBody)))
	return stackThere{
		stack: assembly.Stack{ID: id, Name: name, Region: c.region, Template: template,
			Protected: aws.ToBool(stack.EnableTerminationProtection)},
		created: aws.ToTime(stack.CreationTime),
	}, err
}

// shortened returns AWS's own words, without those of the SDK around them.
func shortened(err error) error {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %s", refused.ErrorCode(), refused.ErrorMessage())
	}
	return err
}
