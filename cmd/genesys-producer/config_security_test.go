package main

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"genesys-producer/producer/broker"
)

// loginBy is the settings of a mechanism, all that it needs, and changes
// to them. A change to - unsets.
func loginBy(mechanism string, changes map[string]string) map[string]string {
	set := map[string]string{"KAFKA_SASL_MECHANISM": mechanism}
	if strings.EqualFold(mechanism, "oauthbearer") {
		set["KAFKA_SASL_TOKEN_URL"] = "https://login.example.com/oauth/token"
		set["KAFKA_SASL_CLIENT_ID"] = "the-kafka-client"
		set["KAFKA_SASL_CLIENT_SECRET"] = "the-kafka-secret"
	} else {
		set["KAFKA_SASL_USERNAME"] = "the-user"
		set["KAFKA_SASL_PASSWORD"] = "the-password"
	}
	maps.Copy(set, changes)
	maps.DeleteFunc(set, func(_, value string) bool { return value == "-" })
	return set
}

func TestConfigSecurity(t *testing.T) {
	ca, cert, key := writeFile(t, "a"), writeFile(t, "b"), writeFile(t, "c")
	for _, c := range []struct {
		name string
		set  map[string]string
		want broker.Security
	}{
		{"none", nil, broker.Security{}},
		{"none, said", map[string]string{"KAFKA_TLS": "False", "KAFKA_SASL_MECHANISM": "None", "KAFKA_SASL_USERNAME": "", "KAFKA_TLS_CA_FILE": " "}, broker.Security{}},
		{"TLS", map[string]string{"KAFKA_TLS": "True"}, broker.Security{TLS: true}},
		{"private CA", map[string]string{"KAFKA_TLS": "true", "KAFKA_TLS_CA_FILE": ca + "\n"}, broker.Security{TLS: true, CAFile: ca}},
		{"mTLS", map[string]string{"KAFKA_TLS": "true", "KAFKA_TLS_CA_FILE": ca, "KAFKA_TLS_CERT_FILE": cert, "KAFKA_TLS_KEY_FILE": key},
			broker.Security{TLS: true, CAFile: ca, CertFile: cert, KeyFile: key}},
		{"plain", loginBy("plain", nil), broker.Security{Mechanism: "plain", Username: "the-user", Password: "the-password"}},
		{"SCRAM", loginBy("SCRAM-SHA-256", nil), broker.Security{Mechanism: "scram-sha-256", Username: "the-user", Password: "the-password"}},
		{"SCRAM over TLS", loginBy("scram-sha-512", map[string]string{"KAFKA_TLS": "true"}),
			broker.Security{TLS: true, Mechanism: "scram-sha-512", Username: "the-user", Password: "the-password"}},
		{"tokens", loginBy("OAuthBearer", nil), broker.Security{Mechanism: "oauthbearer",
			TokenURL: "https://login.example.com/oauth/token", ClientID: "the-kafka-client", ClientSecret: "the-kafka-secret"}},
		{"tokens from near", loginBy("oauthbearer", map[string]string{"KAFKA_SASL_TOKEN_URL": "http://127.0.0.1:8080/", "KAFKA_SASL_SCOPES": " kafka:read, api://a/.default b,"}),
			broker.Security{Mechanism: "oauthbearer", TokenURL: "http://127.0.0.1:8080/", ClientID: "the-kafka-client", ClientSecret: "the-kafka-secret",
				Scopes: []string{"kafka:read", "api://a/.default", "b"}}},
	} {
		if got := mustLoad(t, c.set).security(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: not what was set: TLS %v, mechanism %q, user %q, URL %q, scopes %q", c.name,
				got.TLS, got.Mechanism, got.Username, got.TokenURL, got.Scopes)
		}
	}
}

// A mechanism without what it needs, and with what another one needs.
func TestConfigSecurityInError(t *testing.T) {
	const (
		user     = "KAFKA_SASL_USERNAME: missing; set it to the user that logs in by plain or scram"
		password = "KAFKA_SASL_PASSWORD: missing; set it to the password of that user, or KAFKA_SASL_PASSWORD_FILE to a file that holds it"
		url      = "KAFKA_SASL_TOKEN_URL: missing; set it to the whole URL that issues the tokens of oauthbearer, by client credentials"
		client   = "KAFKA_SASL_CLIENT_ID: missing; set it to the id of the client at KAFKA_SASL_TOKEN_URL"
		secret   = "KAFKA_SASL_CLIENT_SECRET: missing; set it to the secret of the client at KAFKA_SASL_TOKEN_URL, or KAFKA_SASL_CLIENT_SECRET_FILE to a file that holds it"
		idle     = ": has no effect with KAFKA_SASL_MECHANISM="
		token    = "; unset it, or set KAFKA_SASL_MECHANISM to oauthbearer"
		login    = "; unset it, or set KAFKA_SASL_MECHANISM to plain, scram-sha-256 or scram-sha-512"
	)
	file := writeFile(t, "text")
	for _, m := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		wantProblems(t, map[string]string{"KAFKA_SASL_MECHANISM": m}, user, password)
		wantProblems(t, loginBy(m, map[string]string{"KAFKA_SASL_USERNAME": " "}), user)
		wantProblems(t, loginBy(m, map[string]string{"KAFKA_SASL_PASSWORD": "-"}), password)
		for name, value := range map[string]string{"KAFKA_SASL_TOKEN_URL": "https://a", "KAFKA_SASL_CLIENT_ID": "c",
			"KAFKA_SASL_CLIENT_SECRET": "s", "KAFKA_SASL_CLIENT_SECRET_FILE": file, "KAFKA_SASL_SCOPES": "s"} {
			wantProblems(t, loginBy(m, map[string]string{name: value}), name+idle+m+token)
		}
	}
	wantProblems(t, map[string]string{"KAFKA_SASL_MECHANISM": "oauthbearer"}, url, client, secret)
	for name, want := range map[string]string{"KAFKA_SASL_TOKEN_URL": url, "KAFKA_SASL_CLIENT_ID": client, "KAFKA_SASL_CLIENT_SECRET": secret} {
		wantProblems(t, loginBy("oauthbearer", map[string]string{name: "-"}), want)
	}
	for name, value := range map[string]string{"KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p", "KAFKA_SASL_PASSWORD_FILE": file} {
		wantProblems(t, loginBy("oauthbearer", map[string]string{name: value}), name+idle+"oauthbearer"+login)
	}
}

func TestConfigTLSFilesInError(t *testing.T) {
	file, dir := writeFile(t, "text"), t.TempDir()
	wantProblems(t, map[string]string{"KAFKA_TLS": "true", "KAFKA_TLS_CERT_FILE": file},
		"KAFKA_TLS_KEY_FILE: missing beside KAFKA_TLS_CERT_FILE; set it to a PEM file of the private key of that certificate, or unset both")
	wantProblems(t, map[string]string{"KAFKA_TLS": "true", "KAFKA_TLS_KEY_FILE": file},
		"KAFKA_TLS_CERT_FILE: missing beside KAFKA_TLS_KEY_FILE; set it to a PEM file of the client's certificate, for brokers that ask for one, or unset both")
	for _, name := range []string{"KAFKA_TLS_CA_FILE", "KAFKA_TLS_CERT_FILE", "KAFKA_TLS_KEY_FILE"} {
		set := map[string]string{"KAFKA_TLS": "true", "KAFKA_TLS_CERT_FILE": file, "KAFKA_TLS_KEY_FILE": file}
		for path, want := range map[string]string{
			"kX9-not-to-be-printed": "the file that it names cannot be read (no such file or directory); name a PEM file",
			"/...":                  "/... cannot be read (no such file or directory); name a PEM file",
			dir:                     dir + " cannot be read (is a directory); name a PEM file",
		} {
			set[name] = path
			wantProblems(t, set, name+": "+want)
		}
	}
}

func TestConfigTokenURLInError(t *testing.T) {
	const url = "is not an absolute URL; write one such as https://login.example.com/oauth/token"
	for value, want := range map[string]string{
		"login.example.com/token":     url,
		"ftp://example.com":           url,
		"https://example.com:65536/x": "has a port that there is not; write one from 1 to 65535, or none",
		"https://%ff":                 "has a host that is not text; write its name in plain letters",
		"https://u:p@example.com":     "has a user name in it; remove it, the client's credentials have their own variables",
		"https://example.com/?a=b":    "has a query or a fragment; remove it",
	} {
		wantProblems(t, loginBy("oauthbearer", map[string]string{"KAFKA_SASL_TOKEN_URL": value}), "KAFKA_SASL_TOKEN_URL: "+want)
	}
}

func TestConfigScopesInError(t *testing.T) {
	const example = "; write scopes as kafka:read,kafka:write"
	for value, want := range map[string]string{
		", ,":        `", ,"` + " has no scope in it" + example + ", or unset it",
		`a,"b"`:      `"\"b\"" is not a scope` + example,
		`a\b`:        `"a\\b" is not a scope` + example,
		"a\tb":       `"a\tb" is not a scope` + example,
		"käse":       `"käse" is not a scope` + example,
		"a u:p@\x7f": "the value is not a scope" + example,
	} {
		wantProblems(t, loginBy("oauthbearer", map[string]string{"KAFKA_SASL_SCOPES": value}), "KAFKA_SASL_SCOPES: "+want)
	}
}
