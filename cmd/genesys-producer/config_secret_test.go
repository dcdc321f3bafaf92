package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	const secret = "kX9-not-to-be-printed"
	cfg := mustLoad(t, map[string]string{"GENESYS_CLIENT_SECRET": secret})
	if got := cfg.ClientSecret.Reveal(); got != secret {
		t.Fatalf("Reveal: %q, want the secret", got)
	}

	var out strings.Builder
	for _, value := range []any{cfg, &cfg, cfg.ClientSecret, &cfg.ClientSecret, []Secret{cfg.ClientSecret}, map[Secret]int{cfg.ClientSecret: 1}, struct{ s Secret }{cfg.ClientSecret}} {
		for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "10s"} {
			fmt.Fprintf(&out, "%"+verb+"\n", value)
		}
		fmt.Fprintln(&out, value)
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			slog.New(handler).Info("starting", "value", value)
		}
	}
	for _, value := range []any{cfg, cfg.ClientSecret} {
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprint(&out, cfg.ClientSecret.String())
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret is printed:\n%s", &out)
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Errorf("nothing says %s", redacted)
	}
}

func TestConfigSecretFile(t *testing.T) {
	for text, want := range map[string]string{
		"s3cret":     "s3cret",
		"s3cret\n":   "s3cret",
		"s3cret\r\n": "s3cret",
		" s 3 \n\n":  " s 3 ",
	} {
		cfg := mustLoad(t, map[string]string{"GENESYS_CLIENT_SECRET": "", "GENESYS_CLIENT_SECRET_FILE": writeFile(t, text)})
		if got := cfg.ClientSecret.Reveal(); got != want {
			t.Errorf("file with %q: secret %q, want %q", text, got, want)
		}
	}
}

func TestConfigSecretFileInError(t *testing.T) {
	const name = "GENESYS_CLIENT_SECRET_FILE"
	empty, dir := writeFile(t, "\n"), t.TempDir()
	for path, want := range map[string]string{
		"kX9-not-to-be-printed": name + ": the file that it names cannot be read (no such file or directory); name a file that holds the secret",
		"./a\nb":                name + `: "./a\nb" cannot be read (no such file or directory); name a file that holds the secret`,
		"/...":                  name + ": /... cannot be read (no such file or directory); name a file that holds the secret",
		dir:                     name + ": " + dir + " cannot be read (is a directory); name a file that holds the secret",
		empty:                   name + ": " + empty + " is empty; write the secret into it",
	} {
		wantProblems(t, map[string]string{"GENESYS_CLIENT_SECRET": "", name: path}, want)
	}
}

func TestConfigSecretTwice(t *testing.T) {
	wantProblems(t, map[string]string{"GENESYS_CLIENT_SECRET_FILE": writeFile(t, "s")},
		"GENESYS_CLIENT_SECRET: set together with GENESYS_CLIENT_SECRET_FILE; unset one of them")
}
