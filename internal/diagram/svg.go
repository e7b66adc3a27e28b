package diagram

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"oss.terrastruct.com/d2/d2graph"
	"oss.terrastruct.com/d2/d2layouts/d2elklayout"
	"oss.terrastruct.com/d2/d2lib"
	"oss.terrastruct.com/d2/d2renderers/d2svg"
	"oss.terrastruct.com/d2/d2themes/d2themescatalog"
	"oss.terrastruct.com/d2/lib/log"
	"oss.terrastruct.com/d2/lib/textmeasure"

	"catalog-infra/internal/assembly"
)

// Picture is an SVG, and its name.
type Picture struct {
	Name string
	SVG  []byte
}

// pictures are those that Draw returns.
var pictures = []struct {
	name string
	draw func(facts) drawing
}{{"architecture", architecture}, {"network", network}, {"incident", incident}}

// Draw returns the pictures of an assembly: architecture, network and incident. Each
// shows what the assembly has; an error is D2's.
func Draw(synthesized *assembly.Assembly) ([]Picture, error) {
	var drawn []Picture
	for _, picture := range pictures {
		image, err := svg(picture.draw(facts{synthesized}).d2())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", picture.name, err)
		}
		drawn = append(drawn, Picture{picture.name, image})
	}
	return drawn, nil
}

// svg returns the picture that D2 makes of its text. Text and background follow the
// page's colour scheme.
func svg(text string) ([]byte, error) {
	ruler, err := textmeasure.NewRuler()
	if err != nil {
		return nil, fmt.Errorf("measuring text: %w", err)
	}
	light, dark, margin := d2themescatalog.NeutralDefault.ID, d2themescatalog.DarkMauve.ID, int64(12)
	options := &d2svg.RenderOpts{ThemeID: &light, DarkThemeID: &dark, Pad: &margin, OmitVersion: new(true)}
	ctx := log.With(context.Background(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	picture, _, err := d2lib.Compile(ctx, text, &d2lib.CompileOptions{Ruler: ruler, LayoutResolver: layout}, options)
	if err != nil {
		return nil, fmt.Errorf("drawing: %w", err)
	}
	return d2svg.Render(picture, options)
}

// layout arranges boxes closer to each other than ELK does by default.
func layout(string) (d2graph.LayoutGraph, error) {
	return func(ctx context.Context, graph *d2graph.Graph) error {
		return d2elklayout.Layout(ctx, graph, &d2elklayout.ConfigurableOpts{
			Algorithm:       "layered",
			NodeSpacing:     30,
			Padding:         "[top=45,left=20,bottom=20,right=20]",
			EdgeNodeSpacing: 20,
			SelfLoopSpacing: 20,
		})
	}, nil
}
