package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/reach"
)

// reachFormats are the functions that write a network, by format.
var reachFormats = map[string]func(*reach.Network, io.Writer) error{
	"text": (*reach.Network).WriteText, "mermaid": (*reach.Network).WriteMermaid,
}

func newReachCommand() *cobra.Command {
	var asked reachOptions
	command := &cobra.Command{
		Use:   "reach DIR",
		Short: "Prints who can talk to whom on which port in an assembly",
		Long: `Prints who can talk to whom on which port in an assembly: by security groups, routes, gateways,
endpoints, listeners, public addresses, origins and policies of buckets. Network ACLs are not read.

With --assert it prints instead what opens more than the platform needs, a line for each, and ends with status 1
if there is any: the internet reaches more than CloudFront and the load balancer's port, more than tasks and the
rotation reaches the database, the database reaches out, tasks reach more than HTTPS and --egress.`,
		Args: oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(command *cobra.Command, args []string) error {
			expected, err := asked.check(command)
			if err != nil {
				return err
			}
			synthesized, err := assembly.Load(args[0])
			if err != nil {
				return err
			}
			network := reach.Read(synthesized)
			if asked.assert {
				return assertReach(command.OutOrStdout(), network.Breaches(expected))
			}
			return reachFormats[asked.format](network, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.BoolVar(&asked.assert, "assert", false, "print what opens more than the platform needs, and fail if anything does")
	flags.StringVar(&asked.ingress, "ingress", string(config.IngressInternet), "edge.ingress: internet, cloudfront or vpc-origin")
	flags.StringSliceVar(&asked.egress, "egress", nil, "a further `destination` of the tasks, PORT:TO, as in service.egress")
	flags.StringVar(&asked.format, "format", "text", "text or mermaid")
	return command
}

// reachOptions are the flags of the command.
type reachOptions struct {
	assert          bool
	ingress, format string
	egress          []string
}

// check returns what is expected, or the first mistake of the flags.
func (o reachOptions) check(command *cobra.Command) (reach.Expected, error) {
	ingress := config.Ingress(o.ingress)
	if !slices.Contains([]config.Ingress{config.IngressInternet, config.IngressCloudFront, config.IngressVPCOrigin}, ingress) {
		return reach.Expected{}, usageError(command, "reach: got --ingress %q, want internet, cloudfront or vpc-origin", o.ingress)
	}
	if reachFormats[o.format] == nil {
		return reach.Expected{}, usageError(command, "reach: got --format %q, want text or mermaid", o.format)
	}
	expected := reach.Expected{PublicLoadBalancer: !ingress.Internal(), Internet: ingress.AnyViewer()}
	for _, written := range o.egress {
		number, to, found := strings.Cut(written, ":")
		port, err := strconv.Atoi(number)
		if !found || err != nil {
			return reach.Expected{}, usageError(command, "reach: got --egress %q, want PORT:TO, such as 5671:10.2.0.0/16", written)
		}
		expected.Egress = append(expected.Egress, reach.Destination{Port: port, To: to})
	}
	return expected, nil
}

func assertReach(out io.Writer, breaches []string) error {
	for _, breach := range breaches {
		fmt.Fprintln(out, breach)
	}
	if len(breaches) > 0 {
		return exitStatus(1)
	}
	return nil
}
