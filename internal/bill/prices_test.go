package bill_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/bill"
)

const prices = `{"fetched": "2026-11-28", "currency": "USD", "prices": [
	{"product": "AmazonEC2 NatGateway-Hours", "region": "eu-north-1", "sku": "A1", "version": "1", "effective": "2026-11", "unit": "Hrs",
		"tiers": [{"from": 0, "usd": 0.1}]},
	{"product": "AmazonEC2 NatGateway-Bytes", "region": "eu-north-1", "sku": "A2", "version": "1", "effective": "2026-11", "unit": "GB",
		"tiers": [{"from": 0, "usd": 3}, {"from": 5, "usd": 2}, {"from": 15, "usd": 1}]},
	{"product": "AmazonEC2 NatGateway-Hours", "region": "us-east-1", "sku": "A3", "version": "1", "effective": "2026-11", "unit": "Hrs",
		"tiers": [{"from": 0, "usd": 9}]}]}
`

const gateway = `"A": {"Type": "AWS::EC2::NatGateway"}`

func readPrices(t *testing.T) *bill.Prices {
	t.Helper()
	read, err := bill.ReadPrices("prices.json", []byte(prices))
	require.NoError(t, err)
	return read
}

func TestCostsAreThoseOfTheTiersAndTheRegion(t *testing.T) {
	got := bill.Of(made(t, gateway+`, "B": {"Type": "AWS::KMS::Key"}`), assumed, readPrices(t))

	total, unpriced := got.Total()
	require.InDelta(t, 73+5*3+10*2+5*1, total.Least, 1e-9)
	require.Equal(t, total.Least, total.Most)
	require.Equal(t, 2, unpriced, "keys and their requests")

	little := assumed
	little.GBThroughNAT = 3
	total, _ = bill.Of(made(t, gateway), little, readPrices(t)).Total()
	require.InDelta(t, 73+3*3, total.Most, 1e-9)
}

func TestDifferenceIsInMoneyTheMostExpensiveFirst(t *testing.T) {
	base := bill.Of(made(t, gateway+`, "K": {"Type": "AWS::KMS::Key"}, "S": {"Type": "AWS::SNS::Topic"}`), assumed, readPrices(t))
	more := assumed
	more.GBThroughNAT = 30
	head := bill.Of(made(t, gateway+`, "B": {"Type": "AWS::EC2::NatGateway"}, "S": {"Type": "AWS::SNS::Topic"}`), more, readPrices(t))

	changes := bill.Difference(base, head)

	var got []string
	for _, change := range changes {
		got = append(got, change.Head.Charge)
	}
	require.Equal(t, []string{"NAT gateways", "GB through NAT gateways", "encryption keys", "requests to keys"}, got)
	cost, priced := changes[0].Cost()
	require.True(t, priced)
	require.InDelta(t, 73, cost.Most, 1e-9)
	require.Equal(t, bill.Range{Least: 1, Most: 1}, changes[2].Base.Quantity)
	require.Zero(t, changes[2].Head.Quantity)
	_, priced = changes[2].Cost()
	require.False(t, priced)
	require.Empty(t, bill.Difference(base, base))
}

func TestPricesAreReadAsTheyAreWritten(t *testing.T) {
	var written bytes.Buffer
	require.NoError(t, readPrices(t).Write(&written))
	again, err := bill.ReadPrices("prices.json", written.Bytes())
	require.NoError(t, err)
	require.Equal(t, readPrices(t), again)
}

func TestAFileOfPricesIsRefusedWithAllMistakes(t *testing.T) {
	for content, want := range map[string]string{
		`{`:            "prices.json: got text that is no file of prices (unexpected EOF), want what make prices writes",
		`{"price": 1}`: `prices.json: got text that is no file of prices (json: unknown field "price"), want what make prices writes`,
		`{"fetched": "2026-11-28", "currency": "USD"} {}`: "prices.json: got text that is no file of prices (text after the end), want what make prices writes",
		`{"fetched": "today", "currency": "EUR", "prices": [
			{"product": "A", "tiers": [{"from": 0, "usd": 1}, {"from": 0, "usd": 1}]}, {"product": "A", "tiers": [{"from": 0, "usd": -1}]}, {"product": "B"}]}`: `prices.json: fetched: got "today", want a day, such as 2026-11-28
prices.json: currency: got "EUR", want USD
prices.json: prices[0].tiers: got [{0 1} {0 1}], want ascending tiers from 0, at prices from 0 on
prices.json: prices[1]: got "A" in "" a second time, want it once
prices.json: prices[1].tiers: got [{0 -1}], want ascending tiers from 0, at prices from 0 on
prices.json: prices[2].tiers: got [], want ascending tiers from 0, at prices from 0 on`,
	} {
		_, err := bill.ReadPrices("prices.json", []byte(content))
		require.EqualError(t, err, want)
	}
}
