package genesys

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"
)

// withheld stands where a secret was.
const withheld = "REDACTED"

// shortestSecret is how long a secret is at least that is looked for. A shorter one is a
// word, and would be found in what is none.
const shortestSecret = 8

// fewestTold is how much of a secret may stand at the end of a text that was cut short.
const fewestTold = 4

// withhold takes secrets out of what a server has said: a gateway may answer with what it
// was sent. It returns the error.
func (e *Error) withhold(secrets ...string) *Error {
	for _, text := range []*string{&e.Code, &e.Message, &e.Correlation} {
		for _, secret := range secrets {
			*text = without(*text, printable(secret)) // as the text was made, too
		}
	}
	return e
}

// without is a text in which a secret stands neither whole nor, at the end, cut short. One
// that is a mere word is left in it.
func without(text, secret string) string {
	if len(secret) < shortestSecret {
		return text
	}
	text = strings.ReplaceAll(text, secret, withheld)
	for n := min(len(secret), len(text)); n > fewestTold; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return text[:len(text)-n] + withheld
		}
	}
	return text
}

// secrets are the forms in which the credentials go to the token endpoint.
func (c Config) secrets() []string {
	basic := url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.ClientSecret)
	return []string{c.ClientSecret, url.QueryEscape(c.ClientSecret), base64.StdEncoding.EncodeToString([]byte(basic))}
}

// clip keeps a server's words to what a log line and a terminal can bear.
func clip(s string) string { return printable(s[:min(len(s), 300)]) }

// printable is a text without what moves a cursor, ends a line or turns the direction of
// writing: a space stands for each.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
