package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"catalog-infra/config"
	"catalog-infra/internal/selection"
)

// releaseTimeout is enough for some ten calls and their retries.
const releaseTimeout = time.Minute

func newReleaseCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "release IMAGE",
		Short: "Checks an image in Amazon ECR, and writes it into the file of the environment that ENVIRONMENT_SUFFIX names",
		Args:  oneArgument("IMAGE", "the image to release, by tag or digest"),
		RunE: func(command *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(command.Context(), releaseTimeout)
			defer cancel()
			return release(ctx, command.OutOrStdout(), dir, args[0])
		},
	}
	command.Flags().StringVar(&dir, "environments", "config/environments", "the directory of the environments' files")
	return command
}

// release writes the image's digest, so that what was checked is what runs.
func release(ctx context.Context, out io.Writer, dir, image string) error {
	before, path, err := environmentFile(dir)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	after, err := withImage(dir, before.Environment, content, image)
	if err != nil {
		return err
	}
	digest, err := checkImage(ctx, after)
	if err != nil {
		return err
	}
	repository, _ := after.Service.ImageRepository()
	pinned := repository.URI() + "@" + digest
	edited, err := setImage(content, pinned)
	if err == nil {
		err = replaceFile(path, edited)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: service.image is %s, it was %s\n", path, pinned, cmp.Or(before.Service.Image, "the stand-in"))
	return errors.Join(err, tellFormer(out, before, repository))
}

// environmentFile returns the configuration of the selected environment, and the path
// of its file.
func environmentFile(dir string) (config.Config, string, error) {
	selected, err := selection.Find()
	if err != nil {
		return config.Config{}, "", err
	}
	if selected.From != "" {
		return config.Config{}, "", fmt.Errorf("%s is short-lived, so it has no file: name the image in the file of %s",
			selected.Name, selected.From)
	}
	cfg, _, err := config.Load(os.DirFS(dir), selected.Name, "")
	return cfg, filepath.Join(dir, selected.Name+".yaml"), err
}

// withImage returns the configuration as it would be with the image. The errors are
// those of a file that names it.
func withImage(dir, name string, content []byte, image string) (config.Config, error) {
	edited, err := setImage(content, image)
	if err != nil {
		return config.Config{}, err
	}
	copied, err := os.MkdirTemp("", "release")
	if err != nil {
		return config.Config{}, err
	}
	defer func() { _ = os.RemoveAll(copied) }()
	if err := errors.Join(os.CopyFS(copied, os.DirFS(dir)), os.WriteFile(filepath.Join(copied, name+".yaml"), edited, 0o600)); err != nil {
		return config.Config{}, err
	}
	cfg, _, err := config.Load(os.DirFS(copied), name, "")
	if err == nil && cfg.Service.Image != image {
		return config.Config{}, fmt.Errorf("%s.yaml: want service.image on a line of its own, so that it can be changed", name)
	}
	return cfg, err
}

// replaceFile writes the file as a whole or not at all.
func replaceFile(path string, content []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode()
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// tellFormer says what a roll-back needs when the image comes from another repository.
func tellFormer(out io.Writer, before config.Config, now config.Repository) error {
	former, private := before.Service.ImageRepository()
	if !private || former == now || former.Name == before.Name() {
		return nil
	}
	_, err := fmt.Fprintf(out, "The former image is in another repository. A roll-back needs it in service.formerRepositories: %s\n",
		former.URI())
	return err
}
