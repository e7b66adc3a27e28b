package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
)

const (
	// pricesTimeout is enough for some hundred calls, slowed down by AWS.
	pricesTimeout = 5 * time.Minute

	// priceListRegion is one of the few with the price list service. It answers for
	// all regions.
	priceListRegion = "us-east-1"

	// priceListAttempts is how often a call is made that AWS throttles.
	priceListAttempts = 8
)

func newPricesCommand() *cobra.Command {
	var file string
	var partial bool
	command := &cobra.Command{
		Use:   "prices DIR...",
		Short: "Fetches the prices of what the assemblies use from AWS's price list service into a file",
		Long: `The file has the day on which it was written, and of each price the SKU and the version of the price
list. It needs AWS credentials that allow pricing:GetProducts; the prices are the same for every account.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError(command, "%s needs at least one DIR, the directory of an assembly, such as cdk.out", command.Name())
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(command.Context(), pricesTimeout)
			defer cancel()
			wanted, err := wantedPrices(args)
			if err != nil {
				return err
			}
			return renewPrices(ctx, command.OutOrStdout(), file, wanted, partial)
		},
	}
	command.Flags().StringVar(&file, "prices", pricesFile, "the `file` to write")
	command.Flags().BoolVar(&partial, "partial", false, "write the prices that were found although others were not")
	return command
}

func wantedPrices(dirs []string) ([]bill.Wanted, error) {
	var all []*assembly.Assembly
	for _, dir := range dirs {
		made, err := assembly.Load(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	return bill.Products(all...), nil
}

// renewPrices replaces the file if there is a price for each product, or if a part is
// enough.
func renewPrices(ctx context.Context, out io.Writer, file string, wanted []bill.Wanted, partial bool) error {
	list, err := newPriceList(ctx)
	if err != nil {
		return err
	}
	fetched := bill.Prices{Fetched: time.Now().UTC().Format(time.DateOnly), Currency: "USD"}
	var mistakes []error
	for _, product := range wanted {
		answers, err := list.answers(ctx, product)
		if err != nil {
			return fmt.Errorf("AWS's price list service: %w", shortened(err))
		}
		price, err := product.Select(answers)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		fetched.Prices = append(fetched.Prices, price)
	}
	if len(mistakes) > 0 && !partial {
		return errors.Join(append(mistakes, fmt.Errorf("nothing is written; prices --partial writes the other %d", len(fetched.Prices)))...)
	}
	for _, mistake := range mistakes {
		fmt.Fprintln(out, mistake)
	}
	var content bytes.Buffer
	if err := errors.Join(fetched.Write(&content), replaceFile(file, content.Bytes())); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %d prices of %s\n", file, len(fetched.Prices), fetched.Fetched)
	return err
}

// priceList is AWS's price list service.
type priceList struct{ *pricing.Client }

func newPriceList(ctx context.Context) (priceList, error) {
	if _, err := callerIdentity(ctx, priceListRegion); err != nil {
		return priceList{}, err
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(priceListRegion),
		awsconfig.WithRetryMaxAttempts(priceListAttempts), awsconfig.WithLogger(logging.Nop{}))
	return priceList{pricing.NewFromConfig(cfg)}, err
}

// answers returns what the service knows of a product, page by page.
func (l priceList) answers(ctx context.Context, product bill.Wanted) (answers []string, err error) {
	input := &pricing.GetProductsInput{ServiceCode: &product.Service, FormatVersion: aws.String("aws_v1")}
	attributes := product.Attributes()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		input.Filters = append(input.Filters, filter(name, types.FilterTypeEquals, attributes[name]))
	}
	if attributes["usagetype"] == "" { // it begins with the region's prefix
		input.Filters = append(input.Filters, filter("usagetype", types.FilterTypeContains, product.UsageType))
	}
	pages := pricing.NewGetProductsPaginator(l.Client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		answers = append(answers, page.PriceList...)
	}
	return answers, nil
}

func filter(field string, kind types.FilterType, value string) types.Filter {
	return types.Filter{Field: &field, Type: kind, Value: &value}
}
