package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"genesys-producer/producer/broker"
)

// listener is how the brokers' listeners are reached.
type listener struct {
	TLS                                bool
	TLSCAFile, TLSCertFile, TLSKeyFile string // paths; certificate and key: both or none

	SASLMechanism string // plain, scram-sha-256, scram-sha-512 or oauthbearer; empty: none
	SASLUsername  string // of plain and scram
	SASLPassword  Secret

	SASLTokenURL     string // of oauthbearer
	SASLClientID     string
	SASLClientSecret Secret
	SASLScopes       []string
}

// security is the same for the room that connects, secrets revealed.
func (l listener) security() broker.Security {
	return broker.Security{
		TLS: l.TLS, CAFile: l.TLSCAFile, CertFile: l.TLSCertFile, KeyFile: l.TLSKeyFile,
		Mechanism: l.SASLMechanism, Username: l.SASLUsername, Password: l.SASLPassword.Reveal(),
		TokenURL: l.SASLTokenURL, ClientID: l.SASLClientID, ClientSecret: l.SASLClientSecret.Reveal(),
		Scopes: l.SASLScopes,
	}
}

// parseListener takes what TLS and the mechanism use. A mechanism requires its
// credentials, and what it does not use would have no effect.
func parseListener(bad *configError, env environment) listener {
	mechanism := parse(bad, env.SASLMechanism, oneOf("none", "plain", "scram-sha-256", "scram-sha-512", "oauthbearer"))
	switch mechanism {
	case "none":
		refuseIdleLogin(bad, env, mechanism)
		refuseIdleToken(bad, env, mechanism)
	case "plain", "scram-sha-256", "scram-sha-512":
		require(&env.SASLUsername, &env.SASLPassword)
		refuseIdleToken(bad, env, mechanism)
	case "oauthbearer":
		require(&env.SASLTokenURL, &env.SASLClientID, &env.SASLClientSecret)
		refuseIdleLogin(bad, env, mechanism)
	}
	bad.refuseIdle(env.TLS, "false", "true", env.TLSCAFile, env.TLSCertFile, env.TLSKeyFile)
	requirePair(bad, env.TLSCertFile, env.TLSKeyFile)
	requirePair(bad, env.TLSKeyFile, env.TLSCertFile)
	return listener{
		TLS:         parse(bad, env.TLS, trueOrFalse),
		TLSCAFile:   parse(bad, env.TLSCAFile, parseFile),
		TLSCertFile: parse(bad, env.TLSCertFile, parseFile),
		TLSKeyFile:  parse(bad, env.TLSKeyFile, parseFile),

		SASLMechanism: strings.TrimPrefix(mechanism, "none"),
		SASLUsername:  parse(bad, env.SASLUsername, anyText),
		SASLPassword:  parseSecret(bad, env.SASLPassword, env.SASLPasswordFile),

		SASLTokenURL:     parse(bad, env.SASLTokenURL, parseWholeURL("https://login.example.com/oauth/token")),
		SASLClientID:     parse(bad, env.SASLClientID, anyText),
		SASLClientSecret: parseSecret(bad, env.SASLClientSecret, env.SASLClientSecretFile),
		SASLScopes:       parse(bad, env.SASLScopes, parseScopes),
	}
}

// refuseIdleLogin refuses what a mechanism that uses no password does not use.
func refuseIdleLogin(bad *configError, env environment, mechanism string) {
	bad.refuseIdle(env.SASLMechanism, mechanism, "plain, scram-sha-256 or scram-sha-512",
		env.SASLUsername, env.SASLPassword, env.SASLPasswordFile)
}

// refuseIdleToken refuses what a mechanism that uses no token does not use.
func refuseIdleToken(bad *configError, env environment, mechanism string) {
	bad.refuseIdle(env.SASLMechanism, mechanism, "oauthbearer",
		env.SASLTokenURL, env.SASLClientID, env.SASLClientSecret, env.SASLClientSecretFile, env.SASLScopes)
}

// require makes settings required that are not so by the table.
func require(settings ...*setting) {
	for _, s := range settings {
		s.shown = "required"
	}
}

// requirePair refuses one of two files without the other.
func requirePair(bad *configError, one, other setting) {
	if one.text() != "" && other.text() == "" {
		bad.add(other.variable, "missing beside "+one.name+"; set it to "+other.meaning+", or unset both")
	}
}

// parseFile takes the path of a file that is there. What is in it is for the one that
// reads it, at every connection.
func parseFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = errors.New("is a directory")
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be read (%w); name a PEM file", showSecretPath(path), cause(err))
	}
	return path, nil
}

// parseScopes takes what OAuth allows a scope (RFC 6749, 3.3), but for the comma.
func parseScopes(text string) ([]string, error) {
	scopes := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	for _, scope := range scopes {
		if strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
			return nil, fmt.Errorf("%s is not a scope; write scopes as kafka:read,kafka:write", quote(scope))
		}
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("%s has no scope in it; write scopes as kafka:read,kafka:write, or unset it", quote(text))
	}
	return scopes, nil
}
