package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"genesys-producer/producer/kafkatest"
)

// What must never be told. All have the canary in them, which stands nowhere else.
const (
	canary      = "cnry"
	hiddenName  = "Jane " + canary + " Doe"                      // of a customer, in a conversation
	hiddenPhone = "tel:+1555" + canary                           // of a customer
	hiddenKey   = canary + "PrivateKeyOfAClientsCertificate0000" // base64, as in a PEM file
	ofClient    = canary + "-client-secret/5Zq8+x"
	ofUser      = canary + "-sasl-password/7Hw2+y"
	ofBearer    = canary + "-sasl-client-secret/9Rt4+z"
	accessToken = canary + "-access-token-of-the-api"
	bearerToken = canary + "-access-token-of-the-brokers"
	inURL       = canary + "-password-in-a-url"
)

// clientOf is the id that goes with all secrets.
const clientOf = "the-client"

// leaks are the secrets that stand in what the program has said, in any of their forms.
func leaks(text string) (found []string) {
	for _, secret := range []string{canary, hiddenName, hiddenPhone, hiddenKey, ofClient, ofUser, ofBearer, accessToken, bearerToken, inURL} {
		for form, one := range map[string]string{
			"":        secret,
			"URL":     url.QueryEscape(secret),
			"base64":  base64.StdEncoding.EncodeToString([]byte(secret)),
			"basic":   base64.StdEncoding.EncodeToString([]byte(clientOf + ":" + secret)),
			"escaped": base64.StdEncoding.EncodeToString([]byte(clientOf + ":" + url.QueryEscape(secret))),
			"hex":     hex.EncodeToString([]byte(secret)),
			"PLAIN":   base64.StdEncoding.EncodeToString([]byte("\x00" + clientOf + "\x00" + secret)),
		} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(strings.TrimRight(one, "="))) {
				found = append(found, strings.TrimSpace(secret+" "+form))
			}
		}
	}
	return found
}

// provocation is a way to have the program fail.
type provocation struct {
	name     string
	set      []string          // of the environment, over what provoke sets
	args     []string          // none: run
	files    map[string]string // in the directory in which it runs
	api      http.HandlerFunc  // nil: one that has nothing
	harmless bool              // it may succeed: what it prints is looked at all the same
}

// holdsUp are messages of the log of a program that goes on, and waits.
var holdsUp = []string{waits, stays, kafkaWaits, "queue is parked", "checkpoint: waiting", "records went to the dead-letter topic"}

// The program is made to fail in each of more than a hundred ways, and none of its secrets,
// and nothing of a conversation, is in anything that it prints or answers.
func TestSecretsUnderFailures(t *testing.T) {
	if os.Getenv("KAFKA_BROKERS") != "" {
		t.Skip("the brokers that refuse are in-process ones")
	}
	cluster := kafkatest.Start(t)
	topic := cluster.CreateTopic(t, 1)
	for _, more := range []string{".dead-letter", ".windows"} {
		cluster.CreateTopicNamed(t, topic+more, 1)
	}
	all := slices.Concat(misconfigurations(t), hostileAnswers(), hostileTokens(), hostileLogins(t, cluster), damages(), letters())
	names := map[string]bool{}
	for _, p := range all {
		if names[p.name] {
			t.Fatalf("%s is there twice", p.name)
		}
		names[p.name] = true
	}
	t.Run("failures", func(t *testing.T) {
		for _, p := range all {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				p.provoke(t, strings.Join(cluster.Brokers, ","), topic)
			})
		}
	})
	if len(all) < 100 {
		t.Errorf("%d failures, want a hundred", len(all))
	}
	t.Logf("%d failures were provoked", len(all))
}

// provoke has the program fail, and looks for secrets in all that it says.
func (p provocation) provoke(t *testing.T, brokers, topic string) {
	t.Helper()
	api := http.HandlerFunc(p.answer)
	server := httptestServer(t, api)
	environment := map[string]string{
		"GENESYS_API_URL": server, "GENESYS_LOGIN_URL": server, "GENESYS_REQUESTS_PER_MINUTE": "100000",
		"GENESYS_CLIENT_ID": clientOf, "GENESYS_CLIENT_SECRET": ofClient, "GENESYS_QUEUES": "q1,q2", "GENESYS_READ_AHEAD": "0",
		"KAFKA_BROKERS": brokers, "KAFKA_TOPIC": topic, "WINDOW_FROM": "3h", "WINDOW_SETTLE": "1s", "WINDOW_REVISIT": "",
		"CHECKPOINT_DIR": "positions", "HTTP_ADDR": "127.0.0.1:0", "LOG_LEVEL": "debug", "SHUTDOWN_GRACE": "1s",
	}
	for _, one := range p.set {
		name, value, _ := strings.Cut(one, "=")
		if environment[name] = value; value == unset {
			delete(environment, name)
		}
	}
	var list []string
	for name, value := range environment {
		list = append(list, name+"="+value)
	}
	c := launchAmid(t, p.files, list, p.args...)
	answers, waits := p.await(c)
	c.signal(syscall.SIGTERM)
	if code := c.wait(); code == done && !waits && !p.harmless {
		t.Error("it did not fail")
	}
	if c.stdout.String()+c.stderr.String() == "" {
		t.Error("it said nothing")
	}
	for what, text := range map[string]string{"stdout": c.stdout.String(), "stderr": c.stderr.String(), "an answer": answers} {
		if found := leaks(text); found != nil {
			t.Errorf("%s tells %q:\n%s", what, found, excerpt(text))
		}
	}
}

// await waits until the program has ended, or waits itself, and returns what it answers then.
func (p provocation) await(c *child) (answers string, waits bool) {
	c.Helper()
	limit := time.After(patience)
	for {
		said, more := c.stderr.look()
		if slices.ContainsFunc(holdsUp, func(text string) bool { return strings.Contains(said, text) }) {
			return c.answers(said), true
		}
		select {
		case <-more:
		case <-c.ended:
			return "", false
		case <-limit:
			c.Fatalf("it has not failed for %v", patience)
		}
	}
}

// answers is all that the program answers at HTTP_ADDR.
func (c *child) answers(said string) (all string) {
	c.Helper()
	_, rest, found := strings.Cut(said, `"address":"`)
	address, _, _ := strings.Cut(rest, `"`)
	if !found {
		return ""
	}
	for _, path := range []string{"/", "/status.json", "/metrics", "/readyz", "/livez", "/nowhere"} {
		resp, err := http.Get("http://" + address + path)
		if err != nil {
			select {
			case <-c.ended: // it did not wait long
			case <-time.After(patience):
				c.Errorf("%s: %v", path, err)
			}
			return all
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			c.Errorf("%s: %v", path, err)
		}
		all += fmt.Sprintln(path, resp.Header) + string(text)
	}
	return all
}

// excerpt is what stands around the first secret.
func excerpt(text string) string {
	at := max(0, strings.Index(strings.ToLower(text), canary))
	return text[max(0, at-300):min(len(text), at+100)]
}

// launchAmid is launch where files are already.
func launchAmid(t *testing.T, files map[string]string, environment []string, args ...string) *child {
	t.Helper()
	if files == nil {
		return launch(t, environment, args...)
	}
	place := t.TempDir()
	for name, text := range files {
		path := filepath.Join(place, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return launchWithin(t, []string{"/bin/sh", "-c", `cd "$0" && exec "$@"`, place}, environment, args...)
}
