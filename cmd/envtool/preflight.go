package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"catalog-infra/config"
	"catalog-infra/internal/selection"
)

// preflightTimeout is enough for a sign-in that calls other services, and for the search
// for credentials of EC2 on a machine that is not one.
const preflightTimeout = 30 * time.Second

func newPreflightCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "preflight",
		Short: "Checks that there are AWS credentials for the account of the environment that ENVIRONMENT_SUFFIX names",
		Args:  noArgument,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(command.Context(), preflightTimeout)
			defer cancel()
			return preflight(ctx, command.OutOrStdout(), os.DirFS(dir))
		},
	}
	command.Flags().StringVar(&dir, "environments", "config/environments", "the directory of the environments' files")
	return command
}

// preflight checks the credentials before minutes are spent on a synthesis.
func preflight(ctx context.Context, out io.Writer, files fs.FS) error {
	selected, err := selection.Find()
	if err != nil {
		return err
	}
	cfg, _, err := config.Load(files, selected.Name, selected.From) // the synthesis prints the warnings
	if err != nil {
		return err
	}
	caller, err := callerIdentity(ctx, cfg.Region)
	if err != nil {
		return err
	}
	if err := sameAccount(cfg, caller); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: account %s, region %s, as %s\n", cfg.Name(), *caller.Account, cfg.Region, *caller.Arn)
	return err
}

// sameAccount returns an error if the environment has another account.
func sameAccount(cfg config.Config, caller *sts.GetCallerIdentityOutput) error {
	if cfg.Account != "" && cfg.Account != *caller.Account {
		return fmt.Errorf("the AWS credentials are for account %s (%s), want account %s, which the file of %s names",
			*caller.Account, *caller.Arn, cfg.Account, cfg.Environment)
	}
	return nil
}

// callerIdentity finds credentials where every AWS tool looks for them, and asks AWS for
// their account, which needs no permission.
func callerIdentity(ctx context.Context, region string) (*sts.GetCallerIdentityOutput, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region), awsconfig.WithLogger(logging.Nop{}))
	if err == nil {
		_, err = cfg.Credentials.Retrieve(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("no AWS credentials: sign in (aws sso login), or set AWS_PROFILE "+
			"or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: %w", err)
	}
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("the AWS credentials are refused: %w", err)
	}
	if aws.ToString(caller.Account) == "" || aws.ToString(caller.Arn) == "" {
		return nil, errors.New("the AWS credentials belong to no account")
	}
	return caller, nil
}
