package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "REDACTED"

// Secret is text that no verb, encoder or logger prints. It holds the text by a
// pointer, because fmt does not ask an unexported field how it prints, and
// encoding/json does not ask a key that is a string.
type Secret struct{ text *string }

func newSecret(text string) Secret { return Secret{&text} }

// Reveal is the secret itself, for the one that must send it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String is REDACTED.
func (s Secret) String() string { return redacted }

// Format prints REDACTED, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalText is REDACTED, in JSON too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue is REDACTED.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// parseSecret takes a secret from its variable or from the file that the twin
// names. One of the two that is set to nothing counts as not set, and only a
// required secret is missing then.
func parseSecret(bad *configError, plain, file setting) Secret {
	path := file.text()
	secret := trimNewline(plain.raw)
	switch {
	case path != "" && secret != "":
		bad.add(plain.variable, "set together with "+file.name+"; unset one of them")
	case path != "":
		secret, err := readSecret(path)
		if err != nil {
			bad.add(file.variable, err.Error())
		}
		return secret
	case strings.TrimSpace(secret) != "":
		return newSecret(secret)
	case plain.required():
		bad.add(plain.variable, "missing; set it to "+plain.meaning+", or "+file.name+" to a file that holds it")
	}
	return Secret{}
}

// readSecret is the text of a file but for the newline at its end.
func readSecret(path string) (Secret, error) {
	shown := showSecretPath(path)
	text, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("%s cannot be read (%w); name a file that holds the secret", shown, cause(err))
	}
	secret := trimNewline(string(text))
	if strings.TrimSpace(secret) == "" {
		return Secret{}, fmt.Errorf("%s is empty; write the secret into it", shown)
	}
	return newSecret(secret), nil
}

// showSecretPath is the path of a secret as an error shows it. One that does not
// begin like a path may be the secret itself.
func showSecretPath(path string) string {
	if strings.HasPrefix(path, "/") || strings.HasPrefix(path, ".") {
		return showPath(path)
	}
	return "the file that it names"
}

// showPath is a path as an error shows it: in quotes where it would else break the
// line.
func showPath(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}

func trimNewline(text string) string { return strings.TrimRight(text, "\r\n") }

// cause is why a file could not be read, without the path.
func cause(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
