// Package synthesis writes the assemblies that tests and checks look at.
package synthesis

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"catalog-infra/config"
	"catalog-infra/stacks"
)

// Write synthesizes the environment into the directory. Where CDK panics, the
// error is the first line of what it says, since the rest is about the library,
// and the directory is removed: half an assembly is none.
func Write(cfg config.Config, dir string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(r)), "\n")
			err = errors.Join(errors.New(line), os.RemoveAll(dir))
		}
	}()
	stacks.NewApp(cfg, dir).Synth(nil)
	return nil
}
