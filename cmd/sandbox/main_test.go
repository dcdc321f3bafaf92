package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// small is a scale at which the story takes a few seconds. Its windows have so many pages
// that some queue is in the middle of one whenever the service is killed.
func small() scale {
	return scale{conversations: 1500, hours: 3, pageSize: 20, requestsPerMinute: 1800, latency: 20 * time.Millisecond}
}

// ownFolder makes temporary folders appear where the test sees what is left.
func ownFolder(t *testing.T) (left func() []string) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // on Windows
	return func() (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "genesys-sandbox-") {
				names = append(names, e.Name())
			}
		}
		return names
	}
}

// The whole story: a service is built, killed and started again.
func TestStory(t *testing.T) {
	testStory(t, options{seed: 7},
		`\n    repeated +[1-9]\d? .* ok\n`, // killed in the middle of a page
	)
}

func TestStoryOfExactlyOnce(t *testing.T) {
	testStory(t, options{seed: 7, exactlyOnce: true},
		`\n    repeated +0   0 \+ 0 \+ 0; at most 0 each +ok\n`,
		`\n  published, not committed +[1-9]\d? `, // killed in the middle of a transaction
	)
}

func testStory(t *testing.T, o options, wants ...string) {
	left := ownFolder(t)
	t.Setenv("GENESYS_DIALECT", "nonsense") // what is inherited must not matter
	var out bytes.Buffer
	err := demo{options: o, scale: small(), screen: newScreen(&out)}.tell(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	wantNarrow(t, out.String())
	for _, want := range append(wants,
		`SIGKILL after \d+ of \d+ pages`,
		`\n  \w{8}  page \d+ of \d\d:00/\d\d:00 .* page \d+ again, then \d+ +ok\n`,
		`\n  conversations in the API +1,500\n`,
		`\n    distinct keys +1,500\n`,
		`\n    seen again +[1-9]\d* `,
		`\n  missing +0 .* ok\n`,
		`\n  bytes differ +0 .* ok\n`,
		`\n  headers absent or wrong +0 +ok\n`,
		`\n  in another partition +0 .* ok\n`,
		`\n  windows attested complete +\d+ +of \d+; counts agree with the topic +ok\n`,
		`\n  Nothing is missing\. `,
	) {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("there are escape sequences in plain lines")
	}
	if names := left(); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// A service that ends at once is quoted, and what it left is kept.
func TestStoryOfFailure(t *testing.T) {
	left := ownFolder(t)
	s := small()
	s.pageSize = 101 // more than the dialect's largest
	var out bytes.Buffer
	err := demo{scale: s, screen: newScreen(&out)}.tell(t.Context())
	if err == nil || !strings.Contains(err.Error(), "exit status 2") || !strings.Contains(err.Error(), "GENESYS_PAGE_SIZE") {
		t.Errorf("got %v", err)
	}
	if len(left()) != 1 || !strings.Contains(out.String(), left()[0]) {
		t.Errorf("left behind: %v, and said:\n%s", left(), out.String())
	}
}

// Ctrl-C ends the service and cleans up, wherever it comes.
func TestStoryInterrupted(t *testing.T) {
	for _, moment := range []string{"go build", "runs as a child", "Started again"} {
		left := ownFolder(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := demo{scale: small(), screen: newScreen(&trigger{text: moment, pull: cancel})}.tell(ctx)
		if err == nil || ctx.Err() == nil {
			t.Errorf("%s: got %v, interrupted %v", moment, err, ctx.Err())
		}
		if names := left(); len(names) > 0 {
			t.Errorf("%s: left behind: %v", moment, names)
		}
	}
}

// trigger pulls when a text is written to it.
type trigger struct {
	text string
	pull func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.pull()
	}
	return len(p), nil
}

func TestServe(t *testing.T) {
	testServe(t, []string{"--serve"}, "CHECKPOINT_DIR")
	testServe(t, []string{"--serve", "--exactly-once"}, "KAFKA_DELIVERY", "CHECKPOINT_STORE")
}

func testServe(t *testing.T, args []string, names ...string) {
	left := ownFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	var told sync.Once
	code := run(ctx, args, &stdout, &trigger{"Ctrl-C", func() { told.Do(cancel) }})
	if code != done {
		t.Errorf("exit code %d", code)
	}
	for line := range strings.Lines(stdout.String()) {
		if !regexp.MustCompile(`^export [A-Z_]+=[^ ]+\n$`).MatchString(line) {
			t.Errorf("not to be pasted: %q", line)
		}
	}
	for _, name := range append(names, "GENESYS_API_URL", "GENESYS_LOGIN_URL", "GENESYS_QUEUES", "KAFKA_BROKERS", "KAFKA_TOPIC") {
		if !strings.Contains(stdout.String(), "export "+name+"=") {
			t.Errorf("no %s", name)
		}
	}
	if names := left(); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestQuoted(t *testing.T) {
	for value, want := range map[string]string{
		"http://127.0.0.1:80": "http://127.0.0.1:80",
		"/tmp/a b":            "'/tmp/a b'",
		"it's":                `'it'\''s'`,
		"a$b":                 "'a$b'",
		"":                    "''",
	} {
		if got := quoted(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
	}{{"-h", done}, {"--help", done}, {"--nonsense", misuse}, {"nonsense", misuse}, {"--seed x", misuse}} {
		var out bytes.Buffer
		if code := run(t.Context(), strings.Fields(c.args), &out, io.Discard); code != c.code {
			t.Errorf("%s: exit code %d, want %d", c.args, code, c.code)
		}
		if c.code == done && out.String() != help {
			t.Errorf("%s: printed %q", c.args, out.String())
		}
	}
	wantNarrow(t, help)
	o, err := parse(strings.Fields("--serve --exactly-once --keep --seed 3 --brokers a:1,b:2"), io.Discard)
	if err != nil || !o.serve || !o.exactlyOnce || !o.keep || o.seed != 3 || strings.Join(o.brokers, " ") != "a:1 b:2" {
		t.Errorf("got %+v, %v", o, err)
	}
}
