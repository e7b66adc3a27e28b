package diagram

import "catalog-infra/internal/assembly"

// Way is an arrow, from and to a box.
type Way [2]string

// Ways returns the arrows of a picture.
func Ways(synthesized *assembly.Assembly, picture string) (ways []Way) {
	for _, drawn := range pictures {
		if drawn.name == picture {
			for _, arrow := range drawn.draw(facts{synthesized}).arrows {
				ways = append(ways, Way{arrow.from, arrow.to})
			}
		}
	}
	return ways
}

// Texts returns the text of each picture in D2.
func Texts(synthesized *assembly.Assembly) (texts []string) {
	for _, drawn := range pictures {
		texts = append(texts, drawn.draw(facts{synthesized}).d2())
	}
	return texts
}
