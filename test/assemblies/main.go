// Command assemblies synthesizes what the checks of templates and runbooks look
// at: the reference environments, and every environment of the operator with a
// short-lived one made from each. It does so in one process, since most of a
// synthesis is the start of node and the loading of the library.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/test/environments"
	"catalog-infra/test/synthesis"
)

func main() {
	reference := flag.String("reference", ".build/assemblies", "the directory for the assemblies of the reference environments")
	operator := flag.String("operator", ".build/operator", "the directory for those of the operator's")
	files := flag.String("files", "config/environments", "the directory of the operator's files")
	flag.Parse()
	err := run(
		task{environments.Files, environments.Reference(), *reference},
		task{os.DirFS(*files), environments.Every(os.DirFS(*files)), *operator},
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// task is some environments of the files, and where each gets a directory.
type task struct {
	files        fs.FS
	environments []environments.Named
	out          string
}

// run loads all environments before it writes anything.
func run(tasks ...task) error {
	defer jsii.Close()
	var jobs []job
	var mistakes []string
	for _, task := range tasks {
		for _, each := range task.environments {
			cfg, _, err := config.Load(task.files, each.Name, each.From)
			if err != nil {
				mistakes = append(mistakes, strings.Split(err.Error(), "\n")...)
				continue
			}
			jobs = append(jobs, job{cfg, filepath.Join(task.out, each.String())})
		}
	}
	if len(mistakes) > 0 { // a mistake is one of all that start from its file
		slices.Sort(mistakes)
		return errors.New(strings.Join(slices.Compact(mistakes), "\n"))
	}
	for _, task := range tasks {
		if err := os.RemoveAll(task.out); err != nil {
			return err
		}
	}
	jobs = append(jobs, job{withDatabaseUser(jobs), filepath.Join(tasks[0].out, "prod-database-user")})
	for i, job := range jobs {
		if err := job.do(jobs[:i]); err != nil {
			return err
		}
	}
	return nil
}

// withDatabaseUser returns prod with a database user of the application's own, whose
// runbooks have steps that no reference environment has.
func withDatabaseUser(jobs []job) config.Config {
	prod := jobs[slices.IndexFunc(jobs, func(each job) bool { return each.cfg.Environment == "prod" })].cfg
	prod.Service.Image = "public.ecr.aws/docker/library/node:24"
	prod.Service.Migration = config.Migration{Command: []string{"node", "migrate.js"}, TimeoutMinutes: 10}
	prod.Database.ApplicationUser = "catalog_app"
	return prod
}

// job is one assembly.
type job struct {
	cfg config.Config
	dir string
}

// do synthesizes the assembly, or copies that of an equal environment.
func (j job) do(done []job) error {
	for _, other := range done {
		if reflect.DeepEqual(j.cfg, other.cfg) {
			fmt.Printf("%s is %s\n", j.dir, other.dir)
			return os.CopyFS(j.dir, os.DirFS(other.dir))
		}
	}
	fmt.Println("synthesizing", j.dir)
	if err := synthesis.Write(j.cfg, j.dir); err != nil {
		return fmt.Errorf("%s: %w", j.dir, err)
	}
	return nil
}
