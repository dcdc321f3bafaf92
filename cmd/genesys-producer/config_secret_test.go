package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
)

// secret is a variable that holds one, the settings under which it is read, and what
// the configuration makes of it.
type secret struct {
	name   string
	beside map[string]string
	of     func(config) Secret
}

func secrets() []secret {
	return []secret{
		{"GENESYS_CLIENT_SECRET", nil, func(cfg config) Secret { return cfg.ClientSecret }},
		{"KAFKA_SASL_PASSWORD", loginBy("plain", nil), func(cfg config) Secret { return cfg.SASLPassword }},
		{"KAFKA_SASL_CLIENT_SECRET", loginBy("oauthbearer", nil), func(cfg config) Secret { return cfg.SASLClientSecret }},
	}
}

// in is the settings with the secret in its variable and its file's path in the twin.
func (s secret) in(text, path string) map[string]string {
	set := maps.Clone(s.beside)
	if set == nil {
		set = map[string]string{}
	}
	set[s.name], set[s.name+"_FILE"] = text, path
	return set
}

// Every variable that by its name holds a secret is among those that are tested.
func TestSecretsHaveFiles(t *testing.T) {
	names := knownNames()
	for _, name := range names {
		if !strings.HasSuffix(name, "_SECRET") && !strings.HasSuffix(name, "_PASSWORD") {
			continue
		}
		if !slices.ContainsFunc(secrets(), func(s secret) bool { return s.name == name }) || !slices.Contains(names, name+"_FILE") {
			t.Errorf("%s is not tested as a secret, or has no file", name)
		}
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	const text = "kX9-not-to-be-printed"
	for _, s := range secrets() {
		cfg := mustLoad(t, s.in(text, ""))
		kept := s.of(cfg)
		if got := kept.Reveal(); got != text {
			t.Fatalf("%s: Reveal: %q, want the secret", s.name, got)
		}
		var out strings.Builder
		for _, value := range []any{cfg, &cfg, cfg.listener, kept, &kept, []Secret{kept}, map[Secret]int{kept: 1}, struct{ s Secret }{kept}} {
			for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "10s"} {
				fmt.Fprintf(&out, "%"+verb+"\n", value)
			}
			fmt.Fprintln(&out, value)
			for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
				slog.New(handler).Info("starting", "value", value)
			}
		}
		for _, value := range []any{cfg, cfg.listener, kept} {
			if err := json.NewEncoder(&out).Encode(value); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprint(&out, kept.String())
		for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
			if strings.Contains(out.String(), form) {
				t.Errorf("%s is printed:\n%s", s.name, &out)
			}
		}
		if !strings.Contains(out.String(), redacted) {
			t.Errorf("%s: nothing says %s", s.name, redacted)
		}
	}
}

func TestConfigSecretFile(t *testing.T) {
	for text, want := range map[string]string{
		"s3cret":     "s3cret",
		"s3cret\n":   "s3cret",
		"s3cret\r\n": "s3cret",
		" s 3 \n\n":  " s 3 ",
	} {
		for _, s := range secrets() {
			if got := s.of(mustLoad(t, s.in("", writeFile(t, text)))).Reveal(); got != want {
				t.Errorf("%s_FILE with %q: secret %q, want %q", s.name, text, got, want)
			}
		}
	}
}

func TestConfigSecretFileInError(t *testing.T) {
	empty, dir := writeFile(t, "\n"), t.TempDir()
	for path, want := range map[string]string{
		"kX9-not-to-be-printed": "the file that it names cannot be read (no such file or directory); name a file that holds the secret",
		"./a\nb":                `"./a\nb" cannot be read (no such file or directory); name a file that holds the secret`,
		"/...":                  "/... cannot be read (no such file or directory); name a file that holds the secret",
		dir:                     dir + " cannot be read (is a directory); name a file that holds the secret",
		empty:                   empty + " is empty; write the secret into it",
	} {
		for _, s := range secrets() {
			wantProblems(t, s.in("", path), s.name+"_FILE: "+want)
		}
	}
}

func TestConfigSecretTwice(t *testing.T) {
	for _, s := range secrets() {
		wantProblems(t, s.in("s", writeFile(t, "s")), s.name+": set together with "+s.name+"_FILE; unset one of them")
	}
}
