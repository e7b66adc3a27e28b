package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/bill"
)

// listed is a product of the price list, with its prices by where they begin.
type listed struct {
	sku, service string
	attributes   map[string]string
	unit         string
	prices       map[string]string
}

// answer is the product as the service answers, in the format aws_v1.
func (l listed) answer() string {
	dimensions := map[string]any{}
	for from, usd := range l.prices {
		id := l.sku + ".JRTCKXETXF." + from
		dimensions[id] = map[string]any{"rateCode": id, "unit": l.unit, "beginRange": from, "endRange": "Inf", "description": "",
			"appliesTo": []any{}, "pricePerUnit": map[string]string{"USD": usd}}
	}
	content, err := json.Marshal(map[string]any{
		"serviceCode": l.service, "version": "20261120165050", "publicationDate": "2026-11-20T16:50:50Z",
		"product": map[string]any{"productFamily": "Any", "sku": l.sku, "attributes": l.attributes},
		"terms": map[string]any{"OnDemand": map[string]any{l.sku + ".JRTCKXETXF": map[string]any{
			"sku": l.sku, "offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-11-01T00:00:00Z", "termAttributes": map[string]any{},
			"priceDimensions": dimensions,
		}}},
	})
	if err != nil {
		panic(err)
	}
	return string(content)
}

func inStockholm(usageType string) map[string]string {
	return map[string]string{"regionCode": "eu-north-1", "usagetype": usageType}
}

// gatewayList has what the assembly of gatewayAssembly needs, and what resembles it.
func gatewayList() []listed {
	return []listed{
		{"GATEWAYHOURS", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Hrs", map[string]string{"0": "0.5000000000"}},
		{"REGIONALHOURS", "AmazonEC2", inStockholm("EUN1-RegionalNatGateway-Hours"), "Hrs", map[string]string{"0": "7"}},
		{"ELSEWHERE", "AmazonEC2", map[string]string{"regionCode": "us-east-1", "usagetype": "NatGateway-Hours"}, "Hrs",
			map[string]string{"0": "8"}},
		{"GATEWAYBYTES", "AmazonEC2", inStockholm("EUN1-NatGateway-Bytes"), "GB", map[string]string{"0": "0.25"}},
		{"TRANSFER", "AmazonCloudFront", map[string]string{"usagetype": "EU-DataTransfer-Out-Bytes"}, "GB",
			map[string]string{"10240": "0.2", "0": "0.3", "51200": "0.1"}},
		{"REQUESTS", "AmazonCloudFront", map[string]string{"usagetype": "EU-Requests-Tier2-HTTPS"}, "Requests",
			map[string]string{"0": "0.0000012000"}},
	}
}

// withPriceList is AWS's price list service with the products, one on each page. It
// throttles the first calls.
func withPriceList(t *testing.T, throttled int, products ...listed) {
	t.Helper()
	withCredentials(t, "111122223333")
	serve(t, "PRICING", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if throttled > 0 {
			throttled--
			refuse(w, "ThrottlingException", "Rate exceeded")
			return
		}
		var input struct {
			ServiceCode, NextToken string
			Filters                []struct{ Field, Type, Value string }
		}
		if r.Header.Get("X-Amz-Target") != "AWSPriceListService.GetProducts" || json.NewDecoder(r.Body).Decode(&input) != nil {
			http.Error(w, "another call", http.StatusBadRequest)
			return
		}
		var answers []string
		for _, product := range products {
			fits := product.service == input.ServiceCode
			for _, filter := range input.Filters {
				value := product.attributes[filter.Field]
				fits = fits && (value == filter.Value || filter.Type == "CONTAINS" && strings.Contains(value, filter.Value))
			}
			if fits {
				answers = append(answers, product.answer())
			}
		}
		page, _ := strconv.Atoi(input.NextToken)
		output := map[string]any{"FormatVersion": "aws_v1", "PriceList": answers[min(page, len(answers)):min(page+1, len(answers))]}
		if page+1 < len(answers) {
			output["NextToken"] = strconv.Itoa(page + 1)
		}
		_ = json.NewEncoder(w).Encode(output)
	})
}

func TestPricesAreFetchedPageByPageAndWrittenWithTheirDay(t *testing.T) {
	withPriceList(t, 2, gatewayList()...)
	file := writeFile(t, "prices.json", "former")

	out, err := run("prices", "--prices", file, gatewayAssembly(t, 2))

	require.NoError(t, err)
	day := time.Now().UTC().Format(time.DateOnly)
	require.Equal(t, fmt.Sprintf("%s: 4 prices of %s\n", file, day), out)
	got, err := readPrices(file)
	require.NoError(t, err)
	price := func(product, region, sku, unit string, tiers ...bill.Tier) bill.Price {
		return bill.Price{Product: product, Region: region, SKU: sku, Version: "20261120165050", Effective: "2026-11-01T00:00:00Z",
			Unit: unit, Tiers: tiers}
	}
	require.Equal(t, &bill.Prices{Fetched: day, Currency: "USD", Prices: []bill.Price{
		price("AmazonCloudFront DataTransfer-Out-Bytes", "EU", "TRANSFER", "GB", bill.Tier{From: 0, USD: 0.3}, bill.Tier{From: 10240,
			USD: 0.2}, bill.Tier{From: 51200, USD: 0.1}),
		price("AmazonCloudFront Requests-Tier2-HTTPS", "EU", "REQUESTS", "Requests", bill.Tier{From: 0, USD: 0.0000012}),
		price("AmazonEC2 NatGateway-Bytes", "eu-north-1", "GATEWAYBYTES", "GB", bill.Tier{From: 0, USD: 0.25}),
		price("AmazonEC2 NatGateway-Hours", "eu-north-1", "GATEWAYHOURS", "Hrs", bill.Tier{From: 0, USD: 0.5}),
	}}, got)
}

func TestPricesThatAreNotOneEachAreRefusedAndNothingIsWritten(t *testing.T) {
	with := func(others ...listed) []listed { return append(gatewayList(), others...) }
	replaced := func(at int, product listed) []listed {
		all := gatewayList()
		all[at] = product
		return all
	}
	for name, c := range map[string]struct {
		products []listed
		want     string
	}{
		"two at different prices": {with(listed{"OTHER", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Hrs", map[string]string{"0": "0.6"}}),
			"AmazonEC2 NatGateway-Hours in eu-north-1: got products at different prices, SKU GATEWAYHOURS and SKU OTHER, want one"},
		"none": {gatewayList()[1:], "AmazonEC2 NatGateway-Hours in eu-north-1: got no product, want one"},
		"a unit of a million": {replaced(5, listed{"REQUESTS", "AmazonCloudFront", map[string]string{"usagetype": "EU-Requests-Tier2-HTTPS"}, "1M requests", map[string]string{"0": "1"}}),
			`AmazonCloudFront Requests-Tier2-HTTPS in EU: got the unit "1M requests", want the price of one`},
		"a price of a month": {replaced(0, listed{"GATEWAYHOURS", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Month", map[string]string{"0": "1"}}),
			`AmazonEC2 NatGateway-Hours in eu-north-1: got the unit "Month", want the price of an hour`},
		"a price of an hour": {replaced(3, listed{"GATEWAYBYTES", "AmazonEC2", inStockholm("EUN1-NatGateway-Bytes"), "GB-Hours", map[string]string{"0": "1"}}),
			`AmazonEC2 NatGateway-Bytes in eu-north-1: got the unit "GB-Hours", want another than an hour`},
		"a gap before the first tier": {replaced(0, listed{"GATEWAYHOURS", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Hrs", map[string]string{"5": "1"}}),
			"AmazonEC2 NatGateway-Hours in eu-north-1: got the tiers [{5 1}], want ascending ones from 0"},
		"no number": {replaced(0, listed{"GATEWAYHOURS", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Hrs", map[string]string{"0": "free"}}),
			`AmazonEC2 NatGateway-Hours in eu-north-1: got map["USD":"free"] from "0", want a price in USD from a number on`},
	} {
		t.Run(name, func(t *testing.T) {
			withPriceList(t, 0, c.products...)
			file := writeFile(t, "prices.json", "former")

			_, err := run("prices", "--prices", file, gatewayAssembly(t, 1))

			require.EqualError(t, err, c.want+"\nnothing is written; prices --partial writes the other 3")
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, "former", string(content))

			out, err := run("prices", "--partial", "--prices", file, gatewayAssembly(t, 1))
			require.NoError(t, err)
			require.Contains(t, out, c.want+"\n"+file+": 3 prices of ")
		})
	}
}

func TestTwoProductsAtTheSamePriceAreOnePrice(t *testing.T) {
	withPriceList(t, 0, append(gatewayList(), listed{"AGAIN", "AmazonEC2", inStockholm("EUN1-NatGateway-Hours"), "Hrs",
		map[string]string{"0": "0.5"}})...)

	_, err := run("prices", "--prices", filepath.Join(t.TempDir(), "prices.json"), gatewayAssembly(t, 1))

	require.NoError(t, err)
}

func TestPricesWithoutPermissionAreOneLineAndNoFile(t *testing.T) {
	withCredentials(t, "111122223333")
	serve(t, "PRICING", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, "AccessDeniedException", "not authorized to perform: pricing:GetProducts")
	})
	file := filepath.Join(t.TempDir(), "prices.json")

	_, err := run("prices", "--prices", file, gatewayAssembly(t, 1))

	require.EqualError(t, err, "AWS's price list service: AccessDeniedException: not authorized to perform: pricing:GetProducts")
	require.NoFileExists(t, file)
}

func TestPricesNeedAnAssembly(t *testing.T) {
	_, err := run("prices")
	require.EqualError(t, err, "prices needs at least one DIR, the directory of an assembly, such as cdk.out (envtool prices --help says more)")
}
