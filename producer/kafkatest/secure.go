package kafkatest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The users that brokers of [Cluster.Secure] and of [Authorizing] know by PLAIN and
// SCRAM. They may do what [Cluster.Allow] allows them, and nothing else. User is also
// the name in a client's certificate.
const (
	User, Password           = "app", "app-secret"
	OtherUser, OtherPassword = "other", "other-secret"
)

// Secure is how to reach real brokers other than by plain text.
type Secure struct {
	SASLSSL       string // host:port; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER
	SASLPlaintext string // the same without TLS
	MTLS          string // asks for a client's certificate
	SSL           string // asks for nothing: who comes in may do everything

	CA                               string // a PEM file, as all of these: who signed the brokers' certificate
	Certificate, Key                 string // User's, signed by CA
	StrangerCA                       string // who did not
	StrangerCertificate, StrangerKey string // of the same name, signed by StrangerCA
}

// Secure says how to reach the brokers other than by plain text, by the command that
// KAFKA_CONTROL holds. Where there is none the test is skipped.
func (c *Cluster) Secure(tb testing.TB) Secure {
	tb.Helper()
	if c.Fake != nil || os.Getenv("KAFKA_CONTROL") == "" {
		tb.Skip("secure listeners are real brokers': KAFKA_BROKERS and KAFKA_CONTROL name them")
	}
	command := control(tb, "listeners")
	command.Stderr = tb.Output()
	output, err := command.Output()
	if err != nil {
		tb.Fatalf("kafkatest: KAFKA_CONTROL listeners: %v", err)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(output)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		found[name] = value
	}
	for _, name := range []string{"sasl-ssl", "sasl-plaintext", "mtls", "ssl", "tls"} {
		if found[name] == "" {
			tb.Fatalf("kafkatest: KAFKA_CONTROL listeners does not name %s:\n%s", name, output)
		}
	}
	file := func(name string) string { return filepath.Join(found["tls"], name) }
	return Secure{
		SASLSSL: found["sasl-ssl"], SASLPlaintext: found["sasl-plaintext"], MTLS: found["mtls"], SSL: found["ssl"],
		CA: file("ca.pem"), Certificate: file("client.pem"), Key: file("client.key"),
		StrangerCA: file("stranger-ca.pem"), StrangerCertificate: file("stranger.pem"), StrangerKey: file("stranger.key"),
	}
}

// Authorizing has an in-process broker ask for ACLs, as real ones with secure listeners
// do: who comes in without SASL may do everything, User and OtherUser what is allowed.
func Authorizing() []kfake.Opt {
	options := []kfake.Opt{kfake.EnableACLs(), kfake.Superuser("PLAIN", "", "")}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		options = append(options, kfake.User(mechanism, User, Password), kfake.User(mechanism, OtherUser, OtherPassword))
	}
	return options
}

// ACL allows an operation on what has this name, or a name that begins with it.
type ACL struct {
	Resource  kmsg.ACLResourceType
	Name      string // of a cluster: kafka-cluster
	Prefixed  bool
	Operation kmsg.ACLOperation
}

// Allow allows a principal, such as "User:app", something until the test ends. Another
// test that allows the same must not run meanwhile.
func (c *Cluster) Allow(tb testing.TB, principal string, acls ...ACL) {
	tb.Helper()
	anyone := "*"
	create, remove := kmsg.NewCreateACLsRequest(), kmsg.NewDeleteACLsRequest()
	var describe []kmsg.DescribeACLsRequest
	for _, acl := range acls {
		pattern := kmsg.ACLResourcePatternTypeLiteral
		if acl.Prefixed {
			pattern = kmsg.ACLResourcePatternTypePrefixed
		}
		create.Creations = append(create.Creations, kmsg.CreateACLsRequestCreation{
			ResourceType: acl.Resource, ResourceName: acl.Name, ResourcePatternType: pattern,
			Principal: principal, Host: anyone, Operation: acl.Operation, PermissionType: kmsg.ACLPermissionTypeAllow})
		remove.Filters = append(remove.Filters, kmsg.DeleteACLsRequestFilter{
			ResourceType: acl.Resource, ResourceName: &acl.Name, ResourcePatternType: pattern,
			Principal: &principal, Host: &anyone, Operation: acl.Operation, PermissionType: kmsg.ACLPermissionTypeAllow})
		describe = append(describe, kmsg.DescribeACLsRequest{
			ResourceType: acl.Resource, ResourceName: &acl.Name, ResourcePatternType: pattern,
			Principal: &principal, Host: &anyone, Operation: acl.Operation, PermissionType: kmsg.ACLPermissionTypeAllow})
	}
	tb.Cleanup(func() {
		c.ask(tb, func(ctx context.Context, client *kgo.Client) error {
			response, err := remove.RequestWith(ctx, client)
			if err != nil {
				return err
			}
			for i, result := range response.Results {
				if err := kerr.ErrorForCode(result.ErrorCode); err != nil {
					return fmt.Errorf("ACL %+v: %w", acls[i], err)
				}
			}
			return awaitACLs(ctx, client, describe, false)
		})
	})
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error {
		response, err := create.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		for i, result := range response.Results {
			if err := kerr.ErrorForCode(result.ErrorCode); err != nil {
				return fmt.Errorf("ACL %+v: %w", acls[i], err)
			}
		}
		return awaitACLs(ctx, client, describe, true)
	})
}

// awaitACLs waits until the brokers heed all of these, or none: the controller, which
// has them first, tells the brokers a little later.
func awaitACLs(ctx context.Context, client *kgo.Client, acls []kmsg.DescribeACLsRequest, there bool) error {
	for i := 0; i < len(acls); {
		response, err := acls[i].RequestWith(ctx, client)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(response.ErrorCode); err != nil {
			return err
		}
		if (len(response.Resources) > 0) == there {
			i++
		}
	}
	return nil
}

// UnsecuredToken is an OAUTHBEARER token without a signature, as brokers accept in
// tests.
func UnsecuredToken(subject string, life time.Duration) string {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{"sub": subject, "iat": now.Unix(), "exp": float64(now.Add(life).UnixMilli()) / 1000})
	if err != nil {
		panic(err) // strings and numbers
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(claims) + "."
}

// Tokens is an OAuth 2.0 token endpoint for the client credentials grant.
type Tokens struct {
	URL, ClientID, ClientSecret string

	issued atomic.Int64
	scope  atomic.Value
}

// Issued is how many tokens there were so far.
func (t *Tokens) Issued() int { return int(t.issued.Load()) }

// Scope is what was asked for with the last one.
func (t *Tokens) Scope() string { scope, _ := t.scope.Load().(string); return scope }

// TokenEndpoint issues an [UnsecuredToken] to whom asks with the right id and secret,
// in the Authorization header or in the form, until the test ends.
func TokenEndpoint(tb testing.TB, subject string, life time.Duration) *Tokens {
	tb.Helper()
	tokens := &Tokens{ClientID: "kafka-client", ClientSecret: "kafka-client-secret"}
	refuse := func(w http.ResponseWriter, status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":%q}`, code)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, secret, ok := r.BasicAuth()
		if !ok {
			id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
		}
		switch {
		case r.Method != http.MethodPost || r.PostFormValue("grant_type") != "client_credentials":
			refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		case id != tokens.ClientID || secret != tokens.ClientSecret:
			refuse(w, http.StatusUnauthorized, "invalid_client")
		default:
			tokens.issued.Add(1)
			tokens.scope.Store(r.PostFormValue("scope"))
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, UnsecuredToken(subject, life), int(life.Seconds()))
		}
	}))
	tb.Cleanup(server.Close)
	tokens.URL = server.URL + "/token"
	return tokens
}
