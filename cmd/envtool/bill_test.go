package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/bill"
)

const shippedAssumptions = "../../config/assumptions.yaml"

// gatewayAssembly writes an assembly of prod with so many NAT gateways and a
// distribution, and returns its directory.
func gatewayAssembly(t *testing.T, gateways int) string {
	t.Helper()
	resources := `"Edge": {"Type": "AWS::CloudFront::Distribution"}`
	for i := range gateways {
		resources += `, "Gateway` + string(rune('A'+i)) + `": {"Type": "AWS::EC2::NatGateway"}`
	}
	name := config.Project + "-prod-network"
	return writeAssembly(t, `"network": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-north-1",
		"properties": {"templateFile": "network.json", "stackName": "`+name+`"}}`, map[string]string{"network": templateOf(resources)})
}

// writeFile writes a file of the test, and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

// gatewayPrices are round numbers, not AWS's prices.
const gatewayPrices = `{"fetched": "2026-11-28", "currency": "USD", "prices": [
	{"product": "AmazonEC2 NatGateway-Hours", "region": "eu-north-1", "sku": "A", "version": "1", "effective": "2026-11", "unit": "Hrs",
		"tiers": [{"from": 0, "usd": 0.5}]},
	{"product": "AmazonCloudFront DataTransfer-Out-Bytes", "region": "EU", "sku": "B", "version": "1", "effective": "2026-11",
		"unit": "GB", "tiers": [{"from": 0, "usd": 1}, {"from": 100, "usd": 0.5}]}]}`

func TestBillWithoutPricesHasQuantitiesOnlyAndSaysSo(t *testing.T) {
	out, err := run("bill", "--assumptions", shippedAssumptions, "--prices", "nowhere.json", gatewayAssembly(t, 2))

	require.NoError(t, err)
	require.Contains(t, out, "SERVICE              CHARGE                        A MONTH\nby the hour\n  Amazon VPC         2 NAT gateways                1,460 hours\nby volume\n")
	require.Contains(t, out, "\nQuantities only: there is no nowhere.json. make prices fetches it, with AWS credentials.\n")
	require.NotContains(t, out, "USD")
}

func TestBillWithoutAssumptionsHasWhatIsChargedByTheHourAndSaysSo(t *testing.T) {
	out, err := run("bill", "--assumptions", "nowhere.yaml", "--prices", "nowhere.json", gatewayAssembly(t, 2))

	require.NoError(t, err)
	require.Regexp(t, `Amazon VPC +2 NAT gateways +1,460 hours\nby volume\nby request\n`, out)
	require.Contains(t, out, "Nothing is assumed about the use, so charges by volume and request are missing: there is no nowhere.yaml.\n")
}

func TestAReviewHasTheDifferenceInMoney(t *testing.T) {
	files := []string{"--assumptions", shippedAssumptions, "--prices", writeFile(t, "prices.json", gatewayPrices)}

	out, err := run(append([]string{"review", "--base", gatewayAssembly(t, 1), "--head", gatewayAssembly(t, 3)}, files...)...)

	require.ErrorAs(t, err, new(exitStatus))
	require.Contains(t, out, "Billed by the hour: 3 NAT gateways, before 1 NAT gateway: +730.00 USD a month.\nThe bill in all: +730.00 USD a month.\n")
}

func TestBillIsInMoneyWithItsPricesDayAndAssumptions(t *testing.T) {
	out, err := run("bill", "--assumptions", shippedAssumptions, "--prices", writeFile(t, "prices.json", gatewayPrices), gatewayAssembly(t, 2))

	require.NoError(t, err)
	assumed, err := readAssumptions(shippedAssumptions, "prod")
	require.NoError(t, err)
	require.Greater(t, assumed.GBOut, 100.)
	transfer := 100 + (assumed.GBOut-100)*0.5
	require.Regexp(t, `Amazon VPC +2 NAT gateways +1,460 hours +0.5 +730.00\n`, out)
	require.Regexp(t, `Amazon CloudFront +GB to viewers +\S+ GB +1 \(first of 2\) +`+money(transfer)+`\n`, out)
	require.Regexp(t, `\ntotal +`+money(730+transfer)+`\n`, out)
	require.Contains(t, out, "Prices of 2026-11-28, on demand, without taxes, discounts and the free tier.\n2 charges without a price are not in the total.\n")
	require.Contains(t, out, "Assumed for prod in "+shippedAssumptions+":\n  requests "+figure(assumed.Requests)+", ")
}

func TestBillComparesTwoAssemblies(t *testing.T) {
	files := []string{"--assumptions", shippedAssumptions, "--prices", writeFile(t, "prices.json", gatewayPrices)}
	base := gatewayAssembly(t, 1)

	out, err := run(append([]string{"bill", "--base", base, gatewayAssembly(t, 3)}, files...)...)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^Amazon VPC +NAT gateways +730 hours +2,190 hours +\+730\.00$`, out)
	require.Regexp(t, `(?m)^total +\S+ +\S+ +\+730\.00$`, out)

	out, err = run(append([]string{"bill", "--base", base, base}, files...)...)
	require.NoError(t, err)
	require.Equal(t, "The bill stays the same.\n", out)
}

func TestAssumptionsAreRefusedWithAllMistakes(t *testing.T) {
	whole, err := os.ReadFile(shippedAssumptions)
	require.NoError(t, err)
	file := writeFile(t, "assumptions.yaml", "requests: -1\nrequest: 5\nenvironments:\n  prod:\n    gbOut: many\n    logsGB: 1\n  Prod: {}\n")

	_, err = readAssumptions(file, "prod")

	require.ErrorContains(t, err, file+":1: requests: got -1, want a number from 0 to 1000000000000")
	require.ErrorContains(t, err, file+":2: request: got an unknown key, want requests")
	require.ErrorContains(t, err, file+":5: environments.prod.gbOut: got \"many\", want a number from 0 to 1000000000000")
	require.ErrorContains(t, err, file+":6: environments.prod.logsGB: got an unknown key, want logGB")
	require.ErrorContains(t, err, file+":7: environments.Prod: got a mapping, want environments by their names, such as prod")
	require.ErrorContains(t, err, file+": databaseGB: got nothing, want a number, 0 for none")

	_, err = readAssumptions(writeFile(t, "a.yaml", string(whole)), "prod")
	require.NoError(t, err)
}

func TestAnEnvironmentsOwnAssumptionsTakeThePlaceOfTheOthers(t *testing.T) {
	all, err := readAssumptions(shippedAssumptions, "")
	require.NoError(t, err)
	prod, err := readAssumptions(shippedAssumptions, "prod")
	require.NoError(t, err)

	require.NotEqual(t, all.Requests, prod.Requests)
	require.Equal(t, all.Mails, prod.Mails)
}

func TestFigures(t *testing.T) {
	for got, want := range map[string]string{
		figure(0.25): "0.25", figure(1. / 3): "0.333", figure(99): "99", figure(1234.5): "1,234", figure(20e6): "20,000,000",
		money(1234.5): "1,234.50", more(0): "+0.00", more(-1234567): "-1,234,567.00",
		span(bill.Range{Least: -2, Most: 3}, more):   "-2.00 to +3.00",
		span(bill.Range{Least: 2, Most: 2}, figure):  "2",
		span(bill.Range{Least: 2, Most: 10}, figure): "2–10",
	} {
		require.Equal(t, want, got)
	}
}
