package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planted is text that stands where nobody is to show it from: in the secrets, in
// their file, before an @, and in variables that are not served.
const planted = "kX9-not-to-be-printed"

// FuzzConfig: whatever the environment (a text of NAME=VALUE lines, \n in a value
// being a line break) and the file that it may name,
//
//   - loading does not panic, and takes no variable for its own that is another's;
//   - an error has lines that begin with the name of a variable that is set or
//     required, and a name that it suggests is a known one;
//   - a configuration keeps what the fields' comments say, and the rooms take it;
//   - neither shows what was planted.
func FuzzConfig(f *testing.F) {
	const file = "a\nb # two\n\nc\n"
	for _, text := range []string{
		"", "GENESYS_CLIENT_ID= id \nGENESYS_CLIENT_SECRET=\nGENESYS_CLIENT_SECRET_FILE=file\nGENESYS_QUEUES=@file",
		"GENESYS_QUEUES=a,b,a", "GENESYS_QUEUES=a, b-_9\nGENESYS_DIALECT=Entities\nGENESYS_PAGE_SIZE=250",
		"GENESYS_DOMAIN=api.mypurecloud.de\nGENESYS_PAGE_SIZE=101\nGENESYS_READ_AHEAD=-1\nGENESYS_TIMEOUT=0s",
		"GENESYS_DOMAIN=https://user@api.mypurecloud.de:443", "GENESYS_API_URL=http://[::1%25e0]:8080//\nGENESYS_LOGIN_URL=https://h/x/",
		"GENESYS_API_URL=https://u@h:1/api/v2?x#y\nGENESYS_LOGIN_URL=http://h:99999", "GENESYS_API_URL=http://%ff\nGENESYS_DOMAIN=a.b",
		"WINDOW_FROM=2562047h47m16.854775807s\nWINDOW_TO=now\nWINDOW_LENGTH=1.5h\nWINDOW_SETTLE=2562047h",
		"WINDOW_FROM=2026-03-01T00:00:00.0019+02:00\nWINDOW_TO=2026-02-28T22:00:00.001Z\nWINDOW_LENGTH=7h\nWINDOW_SETTLE=-0s",
		"WINDOW_FROM=9999-12-31T23:59:59Z\nWINDOW_LENGTH=500ms\nWINDOW_SETTLE=1µs", "KAFKA_BROKERS=a:1, [::1]:65535,u@b:2,:0",
		"KAFKA_TOPIC=..\nKAFKA_COMPRESSION=ZSTD\nKAFKA_MAX_MESSAGE_BYTES=1024\nCHECKPOINT_NAME=.\nCHECKPOINT_DIR=x", "KAFKA_TOPIC=ä\nLOG_LEVEL=Warn\nLOG_FORMAT=logfmt\nSHUTDOWN_GRACE=1",
		"GENESYS_LOGIN_URL=http://h:99999", "GENESYS_PAGE_SIZE=101", "WINDOW_LENGTH=7h", "WINDOW_LENGTH=500ms", "WINDOW_SETTLE=-5m",
		"GENESYS_QUEUE=a\nKAFKA_BROKER=b:1\nKAFKA_PORT=tcp://x\nHTTP_ADDR=:8080\nKAFKA_WINDOWS_TOPIC=w\nWINDOW_=\nLOG_=",
		"WINDOW_REVISIT=\nWINDOW_REVISIT_SHARE=1", "WINDOW_REVISIT=1ns, 2h ,744h\nWINDOW_REVISIT_SHARE=0.25", "WINDOW_REVISIT=2h,1h,\nWINDOW_REVISIT_SHARE=1.5",
		"KAFKA_TOPIC=a.ledgers\nCHECKPOINT_TOPIC=a\nCHECKPOINT_STORE=kafka", "KAFKA_WINDOWS_TOPIC=genesys.conversations.dead-letter",
		"KAFKA_TOPIC=a\nKAFKA_DEAD_LETTER_TOPIC=b\nCHECKPOINT_TOPIC=a\nCHECKPOINT_STORE=Kafka", "KAFKA_DELIVERY=exactly-once\nCHECKPOINT_STORE=kafka",
		"KAFKA_DELIVERY=exactly-once\nCHECKPOINT_TOPIC=x", "KAFKA_CREATE_TOPICS=TRUE\nKAFKA_PARTITIONS=1\nKAFKA_REPLICATION_FACTOR=32767",
		"KAFKA_PARTITIONS=12\nKAFKA_REPLICATION_FACTOR=0", "KAFKA_TLS=true\nKAFKA_TLS_CA_FILE=file\nKAFKA_TLS_CERT_FILE=file\nKAFKA_TLS_KEY_FILE=file",
		"KAFKA_TLS=false\nKAFKA_TLS_CA_FILE=file\nKAFKA_TLS_KEY_FILE=-----BEGIN", "KAFKA_SASL_MECHANISM=plain\nKAFKA_SASL_USERNAME=u@h\nKAFKA_SASL_PASSWORD=p",
		"KAFKA_SASL_MECHANISM=SCRAM-SHA-512\nKAFKA_SASL_USERNAME=u\nKAFKA_SASL_PASSWORD_FILE=file\nKAFKA_TLS=true", "KAFKA_SASL_PASSWORD=p\nKAFKA_SASL_SCOPES=s",
		"KAFKA_SASL_MECHANISM=oauthbearer\nKAFKA_SASL_TOKEN_URL=https://h:1/oauth/token\nKAFKA_SASL_CLIENT_ID=c\nKAFKA_SASL_CLIENT_SECRET=s\nKAFKA_SASL_SCOPES=a b,c@d",
		"KAFKA_SASL_MECHANISM=oauthbearer\nKAFKA_SASL_TOKEN_URL=https://u@h/x?y\nKAFKA_SASL_CLIENT_SECRET_FILE=x\nKAFKA_SASL_SCOPES=\"",
		"GENESYS_PRODUCER_SERVICE_HOST=h\nGENESYS_PRODUCER_SERVICE_PORT=1\nGENESYS_PRODUCER_PORT=p", "GENESYS_QUEUES=@a\\nb\nGENESYS_CLIENT_SECRET_FILE=a@b",
	} {
		f.Add(text, file+"!", false)
		f.Add("GENESYS_CLIENT_ID=c\nKAFKA_BROKERS=k:9092\nGENESYS_QUEUES=q\n"+text, file, true)
	}
	path := filepath.Join(f.TempDir(), "file")
	served := map[string]bool{}
	for _, v := range variables() {
		served[v.name] = true
	}
	f.Fuzz(func(t *testing.T, text, file string, withSecret bool) {
		if len(text) > 2000 {
			return // the names' distance takes the product of their lengths
		}
		file = strings.ReplaceAll(file, "!", "! "+planted) + "\n# " + planted // on lines that are no ids
		if strings.Contains(text, "file") {
			if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set := environmentOf(text, path, served)
		for _, s := range secrets() {
			if _, ok := set[s.name]; ok || withSecret && s.name == "GENESYS_CLIENT_SECRET" {
				set[s.name] += planted
			}
		}
		setEnvironment(t, set)
		cfg, err := loadConfig()
		if err != nil {
			checkConfigError(t, set, cfg, err)
			return
		}
		checkConfig(t, cfg)
		checkSilence(t, cfg)
	})
}

// environmentOf reads NAME=VALUE lines, and plants. Of files there is only the one:
// another path must not lead anywhere.
func environmentOf(text, path string, served map[string]bool) map[string]string {
	set := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" || !consistsOf(name, lettersAndDigits+"_") || strings.Contains(value, "\x00") {
			continue
		}
		value = strings.ReplaceAll(value, `\n`, "\n")
		switch fromFile := strings.HasPrefix(strings.TrimSpace(value), "@"); {
		case strings.TrimSpace(value) == "":
		case name == "GENESYS_QUEUES" && fromFile && strings.Contains(value, "@file"):
			value = "@" + path
		case name == "GENESYS_QUEUES" && fromFile:
			value = strings.ReplaceAll(value, "/", "") + ".no-such-file"
		case strings.HasSuffix(name, "_FILE") && value != "file": // the secret itself, by mistake
			value = "no-such-file-" + strings.ReplaceAll(value, "/", "") + planted
		case strings.HasSuffix(name, "_FILE"):
			value = path
		case !served[name]:
			value += planted
		default:
			value = strings.ReplaceAll(value, "@", ":"+planted+"@")
		}
		set[name] = value
	}
	return set
}

func checkConfigError(t *testing.T, set map[string]string, cfg config, err error) {
	t.Helper()
	bad, ok := errors.AsType[*configError](err)
	if !ok || fmt.Sprintf("%+v", cfg) != fmt.Sprintf("%+v", config{}) {
		t.Fatalf("%#v beside %T %v", cfg, err, err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(bad.problems) {
		t.Errorf("%d lines for %d problems:\n%v", len(lines), len(bad.problems), err)
	}
	required := []string{"GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET", "GENESYS_QUEUES", "KAFKA_BROKERS", "GENESYS_LOGIN_URL"}
	for name, beside := range map[string]string{
		"KAFKA_TLS_CERT_FILE": "KAFKA_TLS_KEY_FILE", "KAFKA_TLS_KEY_FILE": "KAFKA_TLS_CERT_FILE",
		"KAFKA_SASL_USERNAME": "KAFKA_SASL_MECHANISM", "KAFKA_SASL_PASSWORD": "KAFKA_SASL_MECHANISM",
		"KAFKA_SASL_TOKEN_URL": "KAFKA_SASL_MECHANISM", "KAFKA_SASL_CLIENT_ID": "KAFKA_SASL_MECHANISM", "KAFKA_SASL_CLIENT_SECRET": "KAFKA_SASL_MECHANISM",
	} {
		if set[beside] != "" {
			required = append(required, name)
		}
	}
	for _, line := range lines {
		name, problem, _ := strings.Cut(line, ": ")
		_, isSet := set[name]
		if !isSet && !slices.Contains(required, name) || problem == "" || !strings.Contains(problem, ";") && !strings.Contains(problem, "?") {
			t.Errorf("not a problem of a variable with its fix: %q", line)
		}
		if _, near, ok := strings.Cut(problem, "did you mean "); ok {
			if near, _, _ = strings.Cut(near, "?"); !slices.Contains(knownNames(), near) || slices.Contains(knownNames(), name) {
				t.Errorf("%q suggests %q", line, near)
			}
		}
	}
	if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(planted)) {
		t.Errorf("shows a secret:\n%v", err)
	}
}

// checkSilence prints a configuration in every way that there is. It may hold what
// was planted before an @ (a client id is any text), so only the secrets are looked for.
func checkSilence(t *testing.T, cfg config) {
	t.Helper()
	for _, s := range secrets() {
		if text := s.of(cfg).Reveal(); text != "" && !strings.Contains(text, planted) {
			t.Errorf("%s is %q", s.name, text)
		}
	}
	cfg.ClientID, cfg.CheckpointDir, cfg.APIURL, cfg.LoginURL = "", "", "", ""
	cfg.SASLUsername, cfg.SASLClientID, cfg.SASLTokenURL, cfg.SASLScopes = "", "", "", nil
	var out strings.Builder
	for _, value := range []any{cfg, &cfg, cfg.ClientSecret, cfg.listener, cfg.SASLPassword, cfg.SASLClientSecret} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb, value)
		}
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("", "config", cfg)
	slog.New(slog.NewTextHandler(&out, nil)).Info("", "config", cfg)
	if err := json.NewEncoder(&out).Encode(cfg); err != nil {
		t.Error(err)
	}
	if strings.Contains(out.String(), planted) {
		t.Errorf("shows the secret:\n%s", out.String())
	}
}
