package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys"
)

// say logs one line of each kind that matters.
func say(log *slog.Logger) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("there", 3600))
	log.Info("page completed", "queue", "5a1b39f2", "took", 1500*time.Millisecond, "until", at, "published", 0, "superseded", 0, "dead_letters", 2, "why", "")
	log.Error("it failed", "error", fmt.Errorf("page 7: %w", errors.New("says \x1b[2J\x1b]0;title\a and \uFFFD more")), "topic", "\x1b[31mred")
}

func TestTextWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	say(newLog(config{LogFormat: "text"}, &out))
	lines := strings.Split(out.String(), "\n")
	for n, want := range []string{
		`INF page completed queue=5a1b39f2 took=1.5s until=2026-03-01T11:00:00.000Z published=0 dead_letters=2`,
		`ERR it failed error="page 7: says ?[2J?]0;title\a and ? more" topic=?[31mred`,
	} {
		if dated := regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ ` + regexp.QuoteMeta(want) + `$`); !dated.MatchString(lines[n]) {
			t.Errorf("line %d:\n got %s\nwant %s", n, lines[n], dated)
		}
	}
}

// What a server says cannot command a terminal. All that does is tint's: colours.
func TestTextOnATerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	var out bytes.Buffer
	say(slog.New(textLines(slog.LevelInfo, &out, true)))
	colour := regexp.MustCompile(`\x1b\[[\d;]*m`)
	for _, want := range []string{"\x1b[92mINF\x1b[0m page completed", "\x1b[2mqueue=\x1b[0m5a1b39f2", "\x1b[2;91merror=\x1b[22m\"page 7: says ?[2J", "topic=\x1b[0m?[31mred"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not contain %q:\n%q", want, out.String())
		}
	}
	plain := colour.ReplaceAllString(out.String(), "")
	if strings.ContainsRune(plain, '\x1b') || !regexp.MustCompile(`^\d\d:\d\d:\d\dZ INF `).MatchString(plain) {
		t.Errorf("%q", plain)
	}
	for _, setting := range []struct{ name, value string }{{"NO_COLOR", "1"}, {"TERM", "dumb"}} {
		t.Run(setting.name, func(t *testing.T) {
			t.Setenv(setting.name, setting.value)
			var bare bytes.Buffer
			say(slog.New(textLines(slog.LevelInfo, &bare, true)))
			if strings.Contains(bare.String(), "\x1b") {
				t.Errorf("it has colours: %q", bare.String())
			}
		})
	}
}

// What machines read has every attribute, and times in UTC.
func TestJSONLog(t *testing.T) {
	var out bytes.Buffer
	say(newLog(config{LogFormat: "json"}, &out))
	var first map[string]any
	if err := json.NewDecoder(&out).Decode(&first); err != nil {
		t.Fatal(err)
	}
	if at, _ := first["time"].(string); !strings.HasSuffix(at, "Z") {
		t.Errorf("time %q", at)
	}
	delete(first, "time")
	want := map[string]any{"level": "INFO", "msg": "page completed", "queue": "5a1b39f2", "took": "1.5s", "until": "2026-03-01T11:00:00Z",
		"published": 0.0, "superseded": 0.0, "dead_letters": 2.0, "why": ""}
	if fmt.Sprint(first) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", first, want)
	}
}

// One warning begins an incident, and one line ends it. How it goes on is no warning, nor is
// it kept quiet.
func TestAnIncidentWarnsOnce(t *testing.T) {
	var out bytes.Buffer
	told := tell(newLog(config{}, &out))
	failed := &genesys.Error{Kind: genesys.RateLimited, Op: "POST there", Status: 429, Correlation: "c-1"}
	until := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, i := range []genesys.Incident{{Err: failed, Until: until}, {Err: failed, Until: until.Add(time.Hour), Again: true},
		{Err: failed, Until: until.Add(2 * time.Hour), Again: true}, {Err: failed, Over: true, Took: 1500 * time.Millisecond}} {
		told(i)
	}
	l := readLog(t, out.String())
	l.checkLines(map[string]toldLine{
		stays: {"WARN", "until error correlation_id"}, goesOn: {"INFO", "took"},
		"genesys: the API asks to stay away for longer": {"INFO", "until error correlation_id"},
	})
	if len(l.of(stays)) != 1 || len(l.lines) != 4 {
		t.Errorf("told %s", out.String())
	}
}

// A closure that is over is no success: what is told of it does not say so, where the request
// that it was about fails still.
func TestAClosureThatIsOverIsToldAsThat(t *testing.T) {
	var out bytes.Buffer
	told := tell(newLog(config{}, &out))
	failed := &genesys.Error{Kind: genesys.RateLimited, Op: "GET there", Status: 429, Correlation: "c-1"}
	told(genesys.Incident{Err: failed, Until: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
	told(genesys.Incident{Err: failed, Over: true, Open: true, Took: time.Minute})
	readLog(t, out.String()).checkLines(map[string]toldLine{
		stays: {"WARN", "until error correlation_id"}, "genesys: the API does not ask to stay away any more": {"INFO", "took"},
	})
	if strings.Contains(out.String(), goesOn) {
		t.Errorf("told %s", out.String())
	}
}

// net/http logs by itself an answer that nobody has asked for, and quotes it. That becomes
// a line of the log, without the quote.
func TestWhatTheStandardLibrarySaysIsALineOfTheLog(t *testing.T) {
	var out transcript
	flags, writer := log.Flags(), log.Writer()
	takeStrays(newLog(config{LogLevel: slog.LevelDebug}, &out))
	t.Cleanup(func() { log.SetFlags(flags); log.SetOutput(writer) })

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
		time.Sleep(50 * time.Millisecond) // until the answer is read and the connection idle; later is as good
		_, _ = io.WriteString(conn, `{"conversations":[{"participantName":"Grace"}]}`)
		_, _ = conn.Read(make([]byte, 1)) // until the client hangs up
	}()
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()

	text, more := out.look()
	for limit := time.After(patience); text == ""; text, more = out.look() {
		select {
		case <-more:
		case <-limit:
			t.Fatal("nothing was logged")
		}
	}
	var line struct{ Level, Msg, Text string }
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Errorf("not of the log: %s", text)
	}
	if line.Level != "DEBUG" || line.Text != "Unsolicited response received on idle HTTP channel starting with" {
		t.Errorf("%+v", line)
	}
}
