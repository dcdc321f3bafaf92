package genesys

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// withheld stands where a secret was.
const withheld = "REDACTED"

// fewestTold is how much of a secret may stand at the end of a text that was cut short.
const fewestTold = 4

// withhold takes secrets out of what a server has said: a gateway may answer with what it
// was sent. It returns the error.
func (e *Error) withhold(secrets ...string) *Error {
	for _, text := range []*string{&e.Code, &e.Message, &e.Correlation} {
		for _, secret := range secrets {
			*text = without(*text, secret)
		}
	}
	return e
}

// without is a text in which a secret stands neither whole nor, at the end, cut short.
func without(text, secret string) string {
	if secret == "" {
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
