package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// misconfigurations have a secret where it does not belong: in each variable, beside the
// one that it is for; in names that there are not; in the place of a file's path; in URLs.
func misconfigurations(t *testing.T) (all []provocation) {
	free := []string{"GENESYS_CLIENT_ID", "GENESYS_QUEUES", "CHECKPOINT_DIR", "KAFKA_SASL_USERNAME", "KAFKA_SASL_CLIENT_ID"} // any text will do, so nothing is wrong with it alone
	for _, v := range variables() {
		if strings.HasSuffix(v.name, "_SECRET") || strings.HasSuffix(v.name, "_PASSWORD") {
			continue
		}
		p := provocation{name: "configuration: the secret in " + v.name, set: []string{v.name + "=" + ofClient}}
		if slices.Contains(free, v.name) { // so with something else that is wrong
			p.set = append(p.set, "LOG_LEVEL=loud")
		}
		all = append(all, p)
	}
	all = append(all, provocation{name: "configuration: the secret of a file in LOG_LEVEL",
		set: []string{"GENESYS_CLIENT_SECRET=" + unset, "GENESYS_CLIENT_SECRET_FILE=" + writeFile(t, ofClient), "LOG_LEVEL=" + ofClient}})
	for _, s := range secrets() {
		var beside []string
		for name, value := range s.beside {
			beside = append(beside, name+"="+value)
		}
		add := func(what string, set ...string) {
			all = append(all, provocation{name: "configuration: " + s.name + " " + what, set: append(beside, set...)})
		}
		add("is a file's path", s.name+"="+unset, s.name+"_FILE="+ofUser)
		add("is there twice", s.name+"="+ofUser, s.name+"_FILE=/dev/null")
		add("is misspelt", s.name+"S="+ofUser)
		add("has no use", s.name+"="+ofUser, "LOG_LEVEL=loud", "KAFKA_SASL_MECHANISM=none")
	}
	for _, name := range []string{"GENESYS_API_URL", "GENESYS_LOGIN_URL", "GENESYS_DOMAIN", "KAFKA_BROKERS", "HTTP_ADDR", "KAFKA_SASL_TOKEN_URL"} {
		for what, text := range map[string]string{"user": "https://user:" + inURL + "@127.0.0.1:1", "no scheme": "user:" + inURL + "@host", "port": "https://user:" + inURL + "@host:port"} {
			all = append(all, provocation{name: fmt.Sprintf("configuration: a password in %s, %s", name, what), set: []string{name + "=" + text, "KAFKA_SASL_MECHANISM=oauthbearer"}})
		}
	}
	key := "-----BEGIN PRIVATE KEY-----\n" + hiddenKey + "\n-----END PRIVATE KEY-----\n"
	locked := strings.Replace(key, "PRIVATE KEY-----\n", "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n", 1)
	for what, set := range map[string][]string{
		"in place of its path":       {"KAFKA_TLS_KEY_FILE=" + key, "KAFKA_TLS_CERT_FILE=" + writeFile(t, key)},
		"in place of a certificate":  {"KAFKA_TLS_KEY_FILE=" + writeFile(t, key), "KAFKA_TLS_CERT_FILE=" + writeFile(t, key)},
		"in place of an authority":   {"KAFKA_TLS_CA_FILE=" + writeFile(t, key)},
		"in place of the path of it": {"KAFKA_TLS_CA_FILE=" + key},
		"that is no key":             {"KAFKA_TLS_KEY_FILE=" + writeFile(t, key), "KAFKA_TLS_CERT_FILE=" + newAuthority(t).file},
		"that is locked":             {"KAFKA_TLS_KEY_FILE=" + writeFile(t, locked), "KAFKA_TLS_CERT_FILE=" + newAuthority(t).file},
	} {
		all = append(all, provocation{name: "configuration: a private key " + what, set: append(set, "KAFKA_TLS=true")})
	}
	for _, args := range []string{"checkpoint rewind --to", "checkpoint import nowhere.json", "backfill --name", "verify --from", "dead-letter list", "check"} {
		all = append(all, provocation{name: "configuration: " + strings.Fields(args)[0] + " " + strings.Fields(args + " -")[1], args: strings.Fields(args),
			set: []string{"GENESYS_CLIENT_SECRET_FILE=" + ofUser, "KAFKA_SASL_PASSWORD=" + ofUser}})
	}
	return all
}

// damages are positions that cannot be read, and hold what is not theirs.
func damages() (all []provocation) {
	for what, text := range map[string]string{
		"a conversation":        "{" + person + "}",
		"a torn conversation":   "{" + person[:60],
		"a name":                hiddenName,
		"a token":               `{"access_token":"` + accessToken + `"}`,
		"zero bytes and a name": "\x00\x00" + hiddenName,
		"a body that is none":   `{"format":"genesys-producer checkpoint","version":2,"sha256":"","body":{` + person + `}}`,
		"a body and more":       `{"format":"genesys-producer checkpoint","version":2,"` + hiddenName + `":1}`,
		"a newer version":       `{"format":"genesys-producer checkpoint","version":99,"body":{` + person + `}}`,
		"a list":                `["` + hiddenName + `"]`,
		"no UTF-8":              "\xff" + hiddenName,
	} {
		files := map[string]string{"positions/default/q1.live.json": text}
		all = append(all, provocation{name: "position: " + what, files: files})
		if what == "a conversation" {
			for _, command := range []string{"checkpoint export", "checkpoint list", "checkpoint show", "checkpoint rewind --to 2025-01-01T00:00:00Z --yes", "plan"} {
				all = append(all, provocation{name: "position: " + what + ", " + command, files: files, args: strings.Fields(command), harmless: true})
			}
			all = append(all, provocation{name: "position: " + what + ", import", files: map[string]string{"export.json": text}, args: []string{"checkpoint", "import", "export.json", "--yes"}})
		}
	}
	return all
}

// letters are records that cannot be published, and what they hold.
func letters() (all []provocation) {
	for what, record := range map[string]string{
		"no id":           `{"participants":[{"participantName":"` + hiddenName + `"}]}`,
		"an empty id":     `{"conversationId":"","name":"` + hiddenName + `"}`,
		"a number for id": `{"conversationId":5,"name":"` + hiddenName + `"}`,
		"two ids":         `{"conversationId":"a","conversationId":"b","name":"` + hiddenName + `"}`,
		"a long id":       `{"conversationId":"` + strings.Repeat("x", 300) + `","name":"` + hiddenName + `"}`,
		"no object":       `["` + hiddenName + `"]`,
		"too large":       `{` + person + `,"pad":"` + strings.Repeat("x", 2000) + `"}`,
	} {
		page := only(isQuery, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"conversations":[%s],"totalHits":1}`, record)
		})
		all = append(all, provocation{name: "dead letter: " + what, api: page, harmless: true, set: []string{"KAFKA_MAX_MESSAGE_BYTES=1024"}})
	}
	return append(all, provocation{name: "dead letter: list", args: []string{"dead-letter", "list"}, harmless: true})
}
