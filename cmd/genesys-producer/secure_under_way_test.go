package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// copied is a file of the fort's, in a place where a test can put another.
func (f *fort) copied(from string) (path string, replace func(by string)) {
	f.Helper()
	path = filepath.Join(f.TempDir(), filepath.Base(from))
	replace = func(by string) {
		f.Helper()
		text, err := os.ReadFile(by)
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	replace(from)
	return path, replace
}

// Certificates that become wrong before the first page is published keep the program
// out, and right ones let it in, without a restart. kafka-go has not connected by then.
func TestCertificatesUnderWay(t *testing.T) {
	for _, change := range []struct {
		name  string
		way   way
		wrong func(f *fort) (settings []string, wrong, right func())
		says  string
	}{
		{"the authority is exchanged under way", private, func(f *fort) ([]string, func(), func()) {
			ca, replace := f.copied(f.CA)
			return at(f.SSL, encrypted(ca)...), func() { replace(f.StrangerCA) }, func() { replace(f.CA) }
		}, "the broker's certificate is not signed by an authority in "},
		{"the client certificate is exchanged under way", mutual, func(f *fort) ([]string, func(), func()) {
			certificate, replace := f.copied(f.Certificate)
			key, replaceKey := f.copied(f.Key)
			return f.showing(certificate, key), func() { replace(f.StrangerCertificate); replaceKey(f.StrangerKey) },
				func() { replace(f.Certificate); replaceKey(f.Key) }
		}, "the broker refuses the client certificate in "},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			change.way.inEachFort(t, func(f *fort) {
				settings, wrong, right := change.wrong(f)
				reached, goOn := f.pause(1, 1)
				c := f.start(settings...)
				c.reach(reached)
				wrong()
				goOn()
				c.await(kafkaWaits, 1)
				time.Sleep(time.Second) // it goes on failing
				right()
				c.mustEnd(done, kafkaGoesOn, change.says)
				f.mustWarnOnce(c)
				f.checkNoRepeats()
				f.enter(change.name, "waits; mended, goes on, nothing lost")
			})
		})
	}
}

// mustWarnOnce expects one warning and no error.
func (f *fort) mustWarnOnce(c *child) {
	f.Helper()
	fault{begins: []string{kafkaWaits}, ends: []string{kafkaGoesOn}}.checkLog(c)
	f.mustKeep(c)
}

// A right that is taken away under way ends the program; given again, nothing is lost.
func TestRightsTakenAway(t *testing.T) {
	for _, d := range deliveries {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := newFort(t, d, true)
			revoke := f.allow(f.rights()...)
			reached, goOn := f.pause(20, 1)
			settings := overTLS("scram-sha-256").settings(f)
			c := f.start(settings...)
			c.reach(reached)
			revoke()
			goOn()
			outcome := f.mustBeKeptOut(c, false, f.topic, "WRITE and DESCRIBE on it", "grant them to its principal")
			f.allow(f.rights()...)
			f.start(settings...).mustEnd(done)
			if repeated := f.checkTopic().repeats(); f.exact() && repeated > 0 || repeated > 3 { // the page in hand of each queue
				f.Errorf("%d pages repeated", repeated)
			}
			f.enter("rights taken away under way", outcome)
		})
	}
}
