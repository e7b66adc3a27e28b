package diagram

import (
	"cmp"
	"slices"

	"catalog-infra/internal/reach"
)

// classes are the styles of nodes by their kind. Others are of the network.
var classes = map[reach.Kind]class{
	reach.Internet: frame, reach.Range: frame, reach.PrefixList: frame, reach.Service: compute, reach.Rotation: compute,
	reach.Function: compute, reach.Database: database, reach.Bucket: storage,
}

// paths has a box for each node of the network that talks or is talked to, and an arrow
// for each path.
func (f facts) paths() (box, []arrow) {
	all := box{id: "paths", label: "Who can talk to whom, on which port", class: frame}
	var arrows []arrow
	for _, path := range reach.Read(f.Assembly).Paths {
		for _, node := range []*reach.Node{path.From, path.To} {
			if !slices.ContainsFunc(all.boxes, func(b box) bool { return b.id == node.Name }) {
				all.boxes = append(all.boxes, boxOf(node))
			}
		}
		arrows = append(arrows, arrow{path.From.Name, path.To.Name, path.Ports.String()})
	}
	return all, arrows
}

func boxOf(node *reach.Node) box {
	label := node.Name
	if kind := string(node.Kind); kind != label {
		label = lines(label, kind)
	}
	return box{id: node.Name, label: label, class: cmp.Or(classes[node.Kind], networking)}
}
