package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestConfigURLs(t *testing.T) {
	for _, c := range []struct {
		name       string
		set        map[string]string
		api, login string
	}{
		{"domain", map[string]string{"GENESYS_DOMAIN": "mypurecloud.de"},
			"https://api.mypurecloud.de", "https://login.mypurecloud.de"},
		{"API host for a domain", map[string]string{"GENESYS_DOMAIN": "API.usw2.pure.cloud"},
			"https://api.usw2.pure.cloud", "https://login.usw2.pure.cloud"},
		{"domain, entities", map[string]string{"GENESYS_DOMAIN": "mypurecloud.de", "GENESYS_DIALECT": "entities"},
			"https://api.mypurecloud.de", "https://api.mypurecloud.de"},
		{"API alone, entities", map[string]string{"GENESYS_API_URL": "http://127.0.0.1:8080/", "GENESYS_DIALECT": "entities"},
			"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"API and domain", map[string]string{"GENESYS_API_URL": "https://gateway.example.com/genesys/", "GENESYS_DOMAIN": "mypurecloud.de"},
			"https://gateway.example.com/genesys", "https://login.mypurecloud.de"},
		{"both", map[string]string{"GENESYS_API_URL": "http://[::1]:1", "GENESYS_LOGIN_URL": "http://[::1]:2//"},
			"http://[::1]:1", "http://[::1]:2"},
		{"both, entities", map[string]string{"GENESYS_API_URL": "http://a", "GENESYS_LOGIN_URL": "http://b", "GENESYS_DIALECT": "entities"},
			"http://a", "http://b"},
		{"login alone", map[string]string{"GENESYS_LOGIN_URL": "https://login.example.com"},
			"https://api.mypurecloud.com", "https://login.example.com"},
	} {
		cfg := mustLoad(t, c.set)
		if cfg.APIURL != c.api || cfg.LoginURL != c.login {
			t.Errorf("%s: got %s and %s, want %s and %s", c.name, cfg.APIURL, cfg.LoginURL, c.api, c.login)
		}
	}
}

// The credentials meant for a test server must not go to the default region.
func TestConfigAPIWithoutLogin(t *testing.T) {
	const want = "GENESYS_LOGIN_URL: missing beside GENESYS_API_URL; set it to the URL that the credentials may go to, " +
		"or set GENESYS_DOMAIN to send them to login.{domain}"
	wantProblems(t, map[string]string{"GENESYS_API_URL": "http://localhost:8080"}, want)
}

func TestConfigBadAPIURL(t *testing.T) {
	wantProblems(t, map[string]string{"GENESYS_API_URL": "localhost"},
		"GENESYS_API_URL: is not an absolute URL; write one such as https://gateway.example.com/genesys")
}

func TestConfigPageSizeOfEntities(t *testing.T) {
	entities := func(size string) map[string]string {
		return map[string]string{"GENESYS_DIALECT": "entities", "GENESYS_PAGE_SIZE": size}
	}
	if got := mustLoad(t, map[string]string{"GENESYS_DIALECT": "entities"}).PageSize; got != 250 {
		t.Errorf("default: %d, want 250", got)
	}
	if got := mustLoad(t, entities("250")).PageSize; got != 250 {
		t.Errorf("250: %d", got)
	}
	wantProblems(t, entities("251"), `GENESYS_PAGE_SIZE: "251" is not a whole number from 1 to 250; write one`)
}

// A dialect in error does not put the page size in error too.
func TestConfigPageSizeWithoutDialect(t *testing.T) {
	wantProblems(t, map[string]string{"GENESYS_DIALECT": "v3", "GENESYS_PAGE_SIZE": "250"},
		`GENESYS_DIALECT: "v3" is not known; write conversations or entities`)
}

// writeFile writes text into a file of the test and returns its path.
func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigQueues(t *testing.T) {
	want := []string{"3f0c-A_1", "b", "c"}
	for name, value := range map[string]string{
		"list":            " 3f0c-A_1,b , c ",
		"file":            "@" + writeFile(t, "3f0c-A_1\nb\nc\n"),
		"no last newline": "@" + writeFile(t, "3f0c-A_1\nb\nc"),
		"CRLF, comments":  "@" + writeFile(t, "\ufeff# sales\r\n3f0c-A_1\r\n\r\n  b # second\r\n\tc\r\n"),
	} {
		if got := mustLoad(t, map[string]string{"GENESYS_QUEUES": value}).Queues; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestConfigQueuesFileInError(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no id", "# none yet\n\n", " names no queue; write one id a line"},
		{"not an id", "a\n\nthe secret of another file\n", ": line 3 is not a queue id; an id has up to 64 letters, digits, - and _"},
		{"commas", "a,b\n", ": line 1 is not a queue id; an id has up to 64 letters, digits, - and _"},
		{"twice", "a\nb\n#\na\n", ": line 4 is queue a again; remove one of the two"},
	} {
		path := writeFile(t, c.text)
		t.Run(c.name, func(t *testing.T) {
			wantProblems(t, map[string]string{"GENESYS_QUEUES": "@" + path}, "GENESYS_QUEUES: @"+path+c.want)
		})
	}
}
