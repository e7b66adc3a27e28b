// Package diagram draws what an assembly defines: the whole, the network, and who
// notifies whom in an incident. A picture is a text in D2, https://d2lang.com, and the
// SVG that D2 makes of it. Colours are those of AWS's architecture icons. Fills are
// transparent, so that a picture reads on a light and on a dark page.
package diagram

import (
	"fmt"
	"slices"
	"strings"
)

// box is a rectangle with a label, or a container of boxes.
type box struct {
	id, label string
	class     class

	// columns or rows arrange the boxes in a grid. Without either, the arrows do.
	columns, rows int

	// gap is the distance between the boxes of a grid, in pixels.
	gap   int
	boxes []box
}

// class is a style of boxes.
type class string

// The classes of boxes. Those of services are AWS's categories.
const (
	frame      class = "frame"
	invisible  class = "invisible"
	vpc        class = "vpc"
	zone       class = "zone"
	public     class = "public"
	private    class = "private"
	person     class = "person"
	networking class = "networking"
	compute    class = "compute"
	database   class = "database"
	security   class = "security"
	storage    class = "storage"
	management class = "management"
)

// styles has the D2 style of each class. The colours are from AWS's architecture icons,
// https://aws.amazon.com/architecture/icons, green and grey a little darker.
var styles = map[class]string{
	frame:      `stroke: "#8a94a6"; border-radius: 6; font-size: 20`,
	invisible:  `stroke: transparent`,
	vpc:        `stroke: "#8c4fff"; stroke-width: 2; border-radius: 6; font-size: 20`,
	zone:       `stroke: "#0097a7"; stroke-dash: 5; border-radius: 6; font-size: 18`,
	public:     `stroke: "#6b9a1f"; stroke-width: 2; border-radius: 6; font-size: 18`,
	private:    `stroke: "#0097a7"; stroke-width: 2; border-radius: 6; font-size: 18`,
	person:     `stroke: "#8a94a6"; font-size: 18`,
	networking: `stroke: "#8c4fff"; stroke-width: 2; border-radius: 4; font-size: 18`,
	compute:    `stroke: "#ed7100"; stroke-width: 2; border-radius: 4; font-size: 18`,
	database:   `stroke: "#c925d1"; stroke-width: 2; border-radius: 4; font-size: 18`,
	security:   `stroke: "#dd344c"; stroke-width: 2; border-radius: 4; font-size: 18`,
	storage:    `stroke: "#6b9a1f"; stroke-width: 2; border-radius: 4; font-size: 18`,
	management: `stroke: "#e7157b"; stroke-width: 2; border-radius: 4; font-size: 18`,
}

// shapes are those of classes that are no rectangles.
var shapes = map[class]string{person: "person", database: "cylinder"}

// arrow goes from a box to another, by their ids.
type arrow struct{ from, to, label string }

// drawing is a picture. The boxes have ids that are unique in it.
type drawing struct {
	box
	arrows []arrow
}

// most is how many boxes are drawn beside each other. The layout of more takes minutes.
const most = 40

// shown returns as many boxes as are drawn, the last of which counts the others.
func (b box) shown() []box {
	if len(b.boxes) <= most {
		return b.boxes
	}
	more := box{id: b.id + " more", label: fmt.Sprintf("and %d more", len(b.boxes)-most), class: frame}
	return append(slices.Clone(b.boxes[:most]), more)
}

// d2 returns the text that D2 draws. It leaves out arrows without a box at each end.
func (d drawing) d2() string {
	var out strings.Builder
	out.WriteString(d.arrangement())
	keys := map[string]string{}
	for _, inner := range d.shown() {
		inner.write(&out, "", keys)
	}
	for _, arrow := range d.arrows {
		from, to := keys[arrow.from], keys[arrow.to]
		if from != "" && to != "" {
			fmt.Fprintf(&out, "%s -> %s: %s {style: {stroke: \"#8a94a6\"; font-size: 16; italic: false}}\n", from, to, quoted(arrow.label))
		}
	}
	return out.String()
}

// write writes the box and those inside. Keys gets the key of each in D2, by its id.
func (b box) write(out *strings.Builder, parent string, keys map[string]string) {
	key := fmt.Sprintf("b%d", len(keys))
	keys[b.id] = parent + key
	fmt.Fprintf(out, "%s: %s {\nstyle: {fill: transparent; %s}\n", key, quoted(b.label), styles[b.class])
	if shape := shapes[b.class]; shape != "" {
		fmt.Fprintf(out, "shape: %s\n", shape)
	}
	if len(b.boxes) > 0 {
		out.WriteString(b.arrangement())
	}
	for _, inner := range b.shown() {
		inner.write(out, keys[b.id]+".", keys)
	}
	out.WriteString("}\n")
}

// arrangement returns how the boxes inside are arranged.
func (b box) arrangement() string {
	switch {
	case b.columns > 0:
		return fmt.Sprintf("grid-columns: %d\ngrid-gap: %d\n", b.columns, b.gap)
	case b.rows > 0:
		return fmt.Sprintf("grid-rows: %d\ngrid-gap: %d\n", b.rows, b.gap)
	}
	return "direction: right\n"
}

// quoted returns the text as a string of D2.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "\n", `\n`).Replace(text) + `"`
}
