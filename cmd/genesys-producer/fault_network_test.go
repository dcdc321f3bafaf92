package main

import (
	"strings"
	"testing"
	"time"
)

// What is wrong with the network, or with its settings, may pass, so it is waited for;
// the one line of it says what to do where it does not.
func TestFaultsOfTheNetwork(t *testing.T) {
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	waitsFor := func(name string, inflict, mend func(*world), says ...string) fault {
		return fault{name: name, inflict: inflict, mend: mend, lasts: true, code: failed,
			begins: []string{waits, stopped}, says: says}
	}
	certified := func(w *world) { w.tls.show(w.tls.server("127.0.0.1", soon)) }
	plain := func(w *world) { w.at(w.url) }
	dies := told("a connection dies silently", 40, func(w *world) {
		path := w.through(strings.TrimPrefix(w.url, "http://"))
		w.at("http://" + path.address)
		w.gate.at(20, false, path.die)
	}, "GENESYS_TIMEOUT=8s")
	dies.often = true // what is sent over other connections succeeds in between
	meet(t, []fault{
		untold("TLS and HTTP/2: no fault", 0, func(w *world) { w.overTLS() }),
		waitsFor("TLS: an authority that nobody trusts",
			func(w *world) { w.overTLS(); w.environment["SSL_CERT_FILE"] = newAuthority(w.T).file },
			func(w *world) { w.environment["SSL_CERT_FILE"] = w.tls.file },
			"certificate signed by unknown authority", "name a file with its CA in SSL_CERT_FILE"),
		waitsFor("TLS: the certificate of another server",
			func(w *world) { s := w.overTLS(); s.show(s.server("other.test", soon)) }, certified,
			"another server answers than the URL names", "GENESYS_API_URL"),
		waitsFor("TLS: a certificate that has expired",
			func(w *world) { s := w.overTLS(); s.show(s.server("127.0.0.1", past)) }, certified,
			"certificate has expired", "check the clock"),
		told("TLS: an expired certificate is renewed", 0, func(w *world) {
			s := w.overTLS()
			expired := s.server("127.0.0.1", past)
			s.show(expired, expired, s.server("127.0.0.1", soon))
		}),
		waitsFor("TLS: https where http is spoken",
			func(w *world) { w.at("https" + strings.TrimPrefix(w.url, "http")) }, plain,
			"the URL says https and the port does not speak TLS"),
		waitsFor("TLS: http where https is spoken",
			func(w *world) { w.at("http://" + w.overTLS().address) },
			func(w *world) { w.at("https://" + w.tls.address) },
			"status 400", "if it lasts, write https://"),
		waitsFor("DNS: a name that nobody has",
			func(w *world) { w.at("http://genesys.invalid"); w.environment["GENESYS_TIMEOUT"] = "10s" }, plain,
			"lookup genesys.invalid"),
		told("a proxy does not connect, 3s", 0, func(w *world) { w.overProxy(3 * time.Second) }),
		dies,
	})
}

// The message of a proxy that does not connect names the proxy.
func TestAProxyThatDoesNotConnectIsNamed(t *testing.T) {
	w := newDays(t, small())
	proxy := w.overProxy(time.Hour)
	c := w.start()
	c.await("the proxy "+proxy+" does not connect: 502 Bad Gateway", 1)
}
