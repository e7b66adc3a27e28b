package bill_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/bill"
)

// offered is a product of AWS's price list with one price.
func offered(sku, usageType, more string) string {
	return fmt.Sprintf(`{"product": {"sku": %q, "attributes": {"usagetype": %q%s}}, "version": "1", "terms": {"OnDemand": {"t": {"effectiveDate": "2026-11-01T00:00:00Z",
		"priceDimensions": {"d": {"unit": "Requests", "beginRange": "0", "pricePerUnit": {"USD": "0.5"}}}}}}}`, sku, usageType, more)
}

func TestAProductHasItsUsageTypeWithTheRegionsPrefixOrNone(t *testing.T) {
	const regional, stockholm = `, "regionCode": "us-east-1"`, `, "regionCode": "eu-north-1"`
	keys := bill.Product{Service: "awskms", UsageType: "KMS-Requests"}
	edge := bill.Product{Service: "AmazonCloudFront", UsageType: "Requests-Tier2-HTTPS", Edge: true}
	for name, c := range map[string]struct {
		wanted           bill.Wanted
		usageType, where string
		want             bool
	}{
		"no prefix":                      {bill.Wanted{Product: keys, Region: "us-east-1"}, "KMS-Requests", regional, true},
		"a prefix":                       {bill.Wanted{Product: keys, Region: "eu-north-1"}, "EUN1-KMS-Requests", stockholm, true},
		"the code of the region":         {bill.Wanted{Product: keys, Region: "eu-north-1"}, "eu-north-1-KMS-Requests", stockholm, true},
		"a prefix without a number":      {bill.Wanted{Product: keys, Region: "eu-north-1"}, "EU-KMS-Requests", stockholm, true},
		"another region":                 {bill.Wanted{Product: keys, Region: "us-east-1"}, "EUN1-KMS-Requests", stockholm, false},
		"a longer name":                  {bill.Wanted{Product: keys, Region: "eu-north-1"}, "EUN1-KMS-Requests-Asymmetric", stockholm, false},
		"a name that ends like it":       {bill.Wanted{Product: keys, Region: "eu-north-1"}, "EUN1-Custom-KMS-Requests", stockholm, false},
		"CloudFront's part of the world": {bill.Wanted{Product: edge, Region: "EU"}, "EU-Requests-Tier2-HTTPS", "", true},
		"another part of the world":      {bill.Wanted{Product: edge, Region: "EU"}, "US-Requests-Tier2-HTTPS", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			price, err := c.wanted.Select([]string{offered("A", c.usageType, c.where)})
			if !c.want {
				require.ErrorContains(t, err, "got no product, want one")
				return
			}
			require.NoError(t, err)
			require.Equal(t, "A", price.SKU)
		})
	}
}

func TestProductsAreThoseOfTheRegionsOfTheStacks(t *testing.T) {
	both := made(t, `"A": {"Type": "AWS::CloudFront::Distribution"}, "B": {"Type": "AWS::CloudWatch::Dashboard"}, "C": {"Type": "AWS::Backup::RestoreTestingPlan"}`)
	both.Stacks = append(both.Stacks, made(t, `"A": {"Type": "AWS::KMS::Key"}`).Stacks[0], made(t, `"A": {"Type": "AWS::KMS::Key"}`).Stacks[0])
	both.Stacks[1].Region, both.Stacks[2].Region = "us-east-1", "unknown-region"
	america := made(t, `"A": {"Type": "AWS::CloudFront::Distribution"}`)
	america.Stacks[0].Region = "us-west-2"

	var got []string
	for _, wanted := range bill.Products(both, america) {
		got = append(got, wanted.String()+" "+wanted.Region)
	}
	require.Equal(t, []string{
		"AmazonCloudFront DataTransfer-Out-Bytes EU", "AmazonCloudFront DataTransfer-Out-Bytes US",
		"AmazonCloudFront Requests-Tier2-HTTPS EU", "AmazonCloudFront Requests-Tier2-HTTPS US",
		"AmazonCloudWatch DashboardsUsageHour ", "awskms KMS-Keys us-east-1", "awskms KMS-Requests us-east-1",
	}, got)
}
