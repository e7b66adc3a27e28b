// Package logs writes one JSON object a line, as docs/log-contract.md says.
package logs

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// longestMessage is the contract's, in characters.
const longestMessage = 2000

// secret is what the contract refuses in a message: a password in a URL, a token.
var secret = regexp.MustCompile(`://[^/\s]*:[^/\s]*@|[Bb]earer +\S+`)

// New returns a logger whose messages are the contract's events.
func New(out io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: contract}))
}

func contract(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.MessageKey:
		attr.Key = "event"
	case slog.LevelKey:
		attr.Value = slog.StringValue(map[string]string{
			"DEBUG": "debug", "INFO": "info", "WARN": "warning", "ERROR": "error",
		}[attr.Value.String()])
	case "message":
		attr.Value = slog.StringValue(message(attr.Value.String()))
	}
	return attr
}

func message(text string) string {
	text = secret.ReplaceAllString(text, "[removed]")
	if characters := []rune(text); len(characters) > longestMessage {
		text = string(characters[:longestMessage])
	}
	return text
}

// Lines returns a writer that logs each line as the message of an event.
func Lines(logger *slog.Logger, event string) io.Writer { return lines{logger, event} }

type lines struct {
	logger *slog.Logger
	event  string
}

func (l lines) Write(text []byte) (int, error) {
	l.logger.Warn(l.event, "message", strings.TrimSpace(string(text)))
	return len(text), nil
}
