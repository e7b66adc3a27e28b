// Command catalog is a small products API. It keeps the contract of the image in
// docs/operations.md, and shows one way to keep each of its rows.
package main

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"catalog-infra/examples/catalog/api"
	"catalog-infra/examples/catalog/logs"
	"catalog-infra/examples/catalog/store"
)

// What a client may take, and what the load balancer and CloudFront expect.
const (
	readHeaders = 10 * time.Second
	readAll     = 15 * time.Second
	answer      = 25 * time.Second // CloudFront waits for 30
	keepAlive   = 75 * time.Second // the load balancer keeps an idle connection for 60

	// Between SIGTERM and SIGKILL are 30 seconds. During the notice the load balancer
	// learns that it must send no more, and what it sends is still answered.
	notice = 3 * time.Second
	finish = 22 * time.Second

	// A migration may find the database starting, or a table in use.
	migration = time.Minute
)

// commands has the function that the program runs, by its arguments.
var commands = map[string]func(context.Context, *slog.Logger) error{"": run, "migrate": migrate}

func main() {
	logger := logs.New(os.Stdout)
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	command, known := commands[strings.Join(os.Args[1:], " ")]
	if !known {
		command = func(context.Context, *slog.Logger) error { return errors.New("want no argument, to serve, or migrate") }
	}
	if err := command(ctx, logger); err != nil {
		logger.Error("failed", "message", err.Error())
		os.Exit(1)
	}
	logger.Info("stopped")
}

// migrate brings the schema up to date, and ends.
func migrate(ctx context.Context, logger *slog.Logger) error {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	products, err := store.Open(settings.database, logger)
	if err != nil {
		return err
	}
	defer products.Close()
	within, cancel := context.WithTimeout(ctx, migration)
	defer cancel()
	return update(within, products, logger)
}

// run serves until ctx is done, and then finishes what it has begun.
func run(ctx context.Context, logger *slog.Logger) error {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	products, err := store.Open(settings.database, logger)
	if err != nil {
		return err
	}
	handler := api.New(products, settings.tokens, logger)
	listener, err := net.Listen("tcp", ":"+settings.port)
	if err != nil {
		return err
	}
	go func() {
		if update(ctx, products, logger) == nil {
			handler.Ready() // the health check succeeds from now on
		}
	}()
	server := newServer(handler, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	logger.Info("started")
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return drain(server, handler, products, logger)
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaders,
		ReadTimeout:       readAll,
		WriteTimeout:      answer,
		IdleTimeout:       keepAlive,
		ErrorLog:          log.New(logs.Lines(logger, "http_error"), "", 0),
	}
}

// update brings the schema up to date, which takes as many attempts as it takes.
func update(ctx context.Context, products *store.Store, logger *slog.Logger) error {
	for {
		version, err := products.Migrate(ctx)
		if err == nil {
			logger.Info("ready", "schema_version", version)
			return nil
		}
		logger.Error("migration_failed", "message", err.Error())
		select {
		case <-ctx.Done():
			return err
		case <-time.After(2 * time.Second):
		}
	}
}

func drain(server *http.Server, handler *api.Handler, products *store.Store, logger *slog.Logger) error {
	logger.Info("stopping")
	handler.Drain()
	time.Sleep(notice)
	ctx, cancel := context.WithTimeout(context.Background(), finish)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(errors.New("requests were cut off"), err)
	}
	products.Close()
	return nil
}
