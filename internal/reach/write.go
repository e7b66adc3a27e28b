package reach

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText writes a matrix of ports, what the paths lead through, and what was not read.
func (n *Network) WriteText(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	from, to := n.connected()
	fmt.Fprint(table, "FROM \\ TO")
	for _, node := range to {
		fmt.Fprint(table, "\t"+node.Name)
	}
	fmt.Fprintln(table)
	for _, row := range from {
		fmt.Fprint(table, row.Name)
		for _, column := range to {
			fmt.Fprint(table, "\t"+n.ports(row, column))
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, path := range n.Paths {
		if len(path.Through) > 0 {
			fmt.Fprintf(out, "%s to %s on %s: through %s\n", path.From.Name, path.To.Name, path.Ports, strings.Join(path.Through, ", "))
		}
	}
	for _, line := range n.Unread {
		fmt.Fprintln(out, "Not read:", line)
	}
	return nil
}

// connected returns the nodes from which and to which there are paths.
func (n *Network) connected() (from, to []*Node) {
	for _, node := range n.Nodes {
		if slices.ContainsFunc(n.Paths, func(path Path) bool { return path.From == node }) {
			from = append(from, node)
		}
		if slices.ContainsFunc(n.Paths, func(path Path) bool { return path.To == node }) {
			to = append(to, node)
		}
	}
	return from, to
}

func (n *Network) ports(from, to *Node) string {
	var ports []string
	for _, path := range n.Paths {
		if path.From == from && path.To == to {
			ports = append(ports, path.Ports.String())
		}
	}
	return strings.Join(ports, ", ")
}

// WriteMermaid writes a flowchart in Mermaid, which forges draw.
func (n *Network) WriteMermaid(out io.Writer) error {
	_, err := fmt.Fprintln(out, "flowchart LR")
	from, to := n.connected()
	ids := map[*Node]string{}
	for _, node := range n.Nodes {
		if slices.Contains(from, node) || slices.Contains(to, node) {
			ids[node] = fmt.Sprintf("n%d", len(ids)+1)
			label := node.Name
			if string(node.Kind) != node.Name {
				label += "<br/>" + string(node.Kind)
			}
			fmt.Fprintf(out, "  %s[\"%s\"]\n", ids[node], strings.ReplaceAll(label, `"`, "#quot;"))
		}
	}
	for _, start := range from {
		for _, end := range to {
			if ports := n.ports(start, end); ports != "" {
				fmt.Fprintf(out, "  %s -- \"%s\" --> %s\n", ids[start], ports, ids[end])
			}
		}
	}
	return err
}
