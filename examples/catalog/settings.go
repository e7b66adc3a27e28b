package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"catalog-infra/examples/catalog/store"
)

// shortestToken keeps out tokens that could be guessed.
const shortestToken = 32

var userID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,128}$`)

// settings are what the environment variables say.
type settings struct {
	port     string
	database store.Settings

	// tokens are the users who may write, by their bearer token. Without any the API
	// can only be read.
	tokens map[string]string
}

// readSettings returns every mistake at once, and never the value of a secret.
func readSettings(get func(string) string) (settings, error) {
	var mistakes []error
	needed := func(name string) string {
		value := get(name)
		if value == "" {
			mistakes = append(mistakes, fmt.Errorf("%s is missing", name))
		}
		return value
	}
	read := settings{
		port: get("PORT"),
		database: store.Settings{
			Host:     needed("DB_HOST"),
			Port:     needed("DB_PORT"),
			Name:     needed("DB_NAME"),
			Username: needed("DB_USERNAME"),
			Password: needed("DB_PASSWORD"),
			TLSMode:  get("PGSSLMODE"),
			RootCert: get("PGSSLROOTCERT"),
		},
	}
	if read.port == "" {
		read.port = "3000"
	}
	if number, err := strconv.ParseUint(read.port, 10, 16); err != nil || number == 0 {
		mistakes = append(mistakes, fmt.Errorf("PORT: got %q, want a port", read.port))
	}
	var err error
	if read.tokens, err = readTokens(get("API_TOKENS")); err != nil {
		mistakes = append(mistakes, err)
	}
	return read, errors.Join(mistakes...)
}

// readTokens reads an object of user ids and their tokens, as the console of Secrets
// Manager writes keys and values.
func readTokens(text string) (map[string]string, error) {
	tokens := map[string]string{}
	if text == "" {
		return tokens, nil
	}
	var byUser map[string]string
	if json.Unmarshal([]byte(text), &byUser) != nil {
		return nil, errors.New("API_TOKENS: want a JSON object with a token for each user id")
	}
	for user, token := range byUser {
		if !userID.MatchString(user) || len(token) < shortestToken || tokens[token] != "" {
			return nil, fmt.Errorf("API_TOKENS: want user ids of letters, digits and _.:-, each with another token of %d characters or more",
				shortestToken)
		}
		tokens[token] = user
	}
	return tokens, nil
}
