package checkpoint_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// encode returns the encoding of p for checkpoint name "default".
func encode(t testing.TB, p checkpoint.Position) []byte {
	t.Helper()
	text, err := checkpoint.Encode("default", key(), p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// compactBody returns the body of text without white space.
func compactBody(t testing.TB, text []byte) string {
	t.Helper()
	var envelope struct {
		Body json.RawMessage `json:"body"`
	}
	var compact bytes.Buffer
	if err := errors.Join(json.Unmarshal(text, &envelope), json.Compact(&compact, envelope.Body)); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// sealed returns body under a right checksum: what only a program could have
// written.
func sealed(version int, body string) []byte {
	return fmt.Appendf(nil, `{"format":%q,"version":%d,"sha256":"%x","body":%s}`, checkpoint.Format, version, sha256.Sum256([]byte(body)), body)
}

// The samples of all versions ever written are read for ever. The one of this
// version is what is written today.
func TestDecodeSamples(t *testing.T) {
	want := checkpointtest.Sample(key())
	want.Query.Filters = ""
	want.Destination.Cluster = "MkU3OEVBNTcwNTJENDM2Qk"
	first := want // which asked for the window alone, and kept no account
	first.Query.Since = first.Query.From
	first.Account, first.Ledgers, first.Agenda = checkpoint.Account{}, [2]checkpoint.Mark{}, ""
	wants := []checkpoint.Position{{}, first, want}
	for version := 1; version <= checkpoint.Version; version++ {
		text, err := os.ReadFile(fmt.Sprintf("testdata/version%d.json", version))
		if err != nil {
			t.Fatal(err)
		}
		p, err := checkpoint.Decode("default", key(), text)
		if err != nil || p != wants[version] {
			t.Errorf("version %d: %+v, %v; want %+v", version, p, err, wants[version])
		}
		if version == checkpoint.Version && !bytes.Equal(text, encode(t, want)) {
			t.Errorf("version %d is written as\n%s\nwas\n%s", version, encode(t, want), text)
		}
	}
}

func TestDocumentationShowsTheSample(t *testing.T) {
	sample, err := os.ReadFile(fmt.Sprintf("testdata/version%d.json", checkpoint.Version))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var comment strings.Builder
	for line := range strings.Lines(string(sample)) {
		comment.WriteString("//\t" + line)
	}
	if !strings.Contains(string(doc), comment.String()) {
		t.Errorf("doc.go does not contain\n%s", comment.String())
	}
}

func TestDecodeTruncatedAtEveryByte(t *testing.T) {
	text := encode(t, checkpointtest.Sample(key()))
	for length := range len(text) - 1 { // the last byte is a newline, whose loss loses nothing
		p, err := checkpoint.Decode("default", key(), text[:length])
		want := checkpoint.ErrDamaged
		if length == 0 {
			want = checkpoint.ErrEmpty
		}
		if !errors.Is(err, want) || !p.IsZero() {
			t.Fatalf("truncated to %d bytes: %v, %v; want %v", length, p, err, want)
		}
	}
}

func TestDecodeEveryByteChanged(t *testing.T) {
	want := checkpointtest.Sample(key())
	text := encode(t, want)
	white := func(b byte) bool { return strings.IndexByte(" \t\r\n", b) >= 0 }
	for i, old := range text {
		changes := []byte{0, ' ', '\t', '\n', '"', '\\', '0', '1', '9', ',', ':', '}', 'A', 'a', 'f', ^old}
		for bit := range 8 {
			changes = append(changes, old^1<<bit)
		}
		for _, change := range changes {
			if change == old {
				continue
			}
			text[i] = change
			p, err := checkpoint.Decode("default", key(), text)
			switch _, known := errors.AsType[checkpoint.Reason](err); {
			case err == nil && white(old) && white(text[i]) && p == want: // layout only
			case err == nil:
				t.Fatalf("byte %d changed from %q to %q was accepted as %+v", i, old, text[i], p)
			case !known:
				t.Fatalf("byte %d changed from %q to %q: %v: it wraps no Reason", i, old, text[i], err)
			}
		}
		text[i] = old
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, checkpointtest.Sample(key()))
	inside := compactBody(t, good)
	replaced := func(text, from, to string) string {
		if !strings.Contains(text, from) {
			t.Fatalf("%s does not contain %s", text, from)
		}
		return strings.Replace(text, from, to, 1)
	}
	body := func(from, to string) []byte { return sealed(checkpoint.Version, replaced(inside, from, to)) }
	text := func(from, to string) []byte { return []byte(replaced(string(good), from, to)) }
	other := checkpoint.Key{Queue: "other", Lane: checkpoint.Live}
	otherQueue, err := checkpoint.Encode("default", other, checkpointtest.Sample(other))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		text []byte
		want checkpoint.Reason
	}{
		{"nothing", nil, checkpoint.ErrEmpty},
		{"white space", []byte(" \n\t"), checkpoint.ErrEmpty},
		{"zero bytes", make([]byte, 512), checkpoint.ErrDamaged},
		{"other text", []byte("brokers: [a, b]\n"), checkpoint.ErrForeign},
		{"other JSON", []byte(`{"offset": 7}`), checkpoint.ErrForeign},
		{"another format", text(checkpoint.Format, "litestream"), checkpoint.ErrForeign},
		{"a large file", append(bytes.Clone(good), make([]byte, checkpoint.MaxSize)...), checkpoint.ErrForeign},
		{"another queue", otherQueue, checkpoint.ErrForeign},
		{"another name", body(`"name":"default"`, `"name":"backfill"`), checkpoint.ErrForeign},
		{"another lane", body(`"lane":"live"`, `"lane":"revisit"`), checkpoint.ErrForeign},
		{"a newer version", text(`"version": 2`, `"version": 3`), checkpoint.ErrNewer},
		{"a newer version of another shape", []byte(`{"format":"` + checkpoint.Format + `","version":9,"positions":[]}`), checkpoint.ErrNewer},
		{"version 0", text(`"version": 2`, `"version": 0`), checkpoint.ErrDamaged},
		{"no body", []byte(`{"format":"` + checkpoint.Format + `","version":2,"sha256":""}`), checkpoint.ErrDamaged},
		{"a changed page", text(`"page": 7`, `"page": 8`), checkpoint.ErrDamaged},
		{"a second object", append(bytes.Clone(good), good...), checkpoint.ErrDamaged},
		{"an unknown field outside", text(`"version": 2`, `"version": 1, "by": "me"`), checkpoint.ErrUnknownField},
		{"an unknown field in the body", body(`"name"`, `"by":"me","name"`), checkpoint.ErrUnknownField},
		{"an unknown field in the position", body(`"pass"`, `"part":1,"pass"`), checkpoint.ErrUnknownField},
		{"an unknown field in the account", body(`"looks"`, `"glances":1,"looks"`), checkpoint.ErrUnknownField},
		{"a third ledger", body(`"ledgers":[`, `"ledgers":[{"day":"","length":0,"sum":""},`), checkpoint.ErrDamaged},
		{"one ledger", body(`,{"day":"2026-02-28","length":182,"sum":"54d626e08c1c802b"}`, ``), checkpoint.ErrDamaged},
		{"a body of the version before", sealed(checkpoint.Version, compactBody(t, version1(t))), checkpoint.ErrDamaged},
		{"an unknown field in the query", body(`"order"`, `"sort":"x","order"`), checkpoint.ErrUnknownField},
		{"a missing field", body(`"closed":false`, `"read":700`), checkpoint.ErrDamaged},
		{"a repeated field", body(`"page":7`, `"page":6,"page":7`), checkpoint.ErrDamaged},
		{"a field in another case", body(`"page":7`, `"Page":7`), checkpoint.ErrDamaged},
		{"a field of another type", body(`"page":7`, `"page":"7"`), checkpoint.ErrDamaged},
		{"a null position", sealed(checkpoint.Version, inside[:strings.Index(inside, `{"query"`)]+"null}"), checkpoint.ErrDamaged},
		{"a time without milliseconds", body(`T00:00:00.000Z`, `T00:00:00Z`), checkpoint.ErrDamaged},
		{"a time of another zone", body(`T00:00:00.000Z`, `T00:00:00.000+00:00`), checkpoint.ErrDamaged},
		{"a time with a comma", body(`T00:00:00.000Z`, `T00:00:00,000Z`), checkpoint.ErrDamaged},
		{"a position that is not valid", body(`"page":7`, `"page":-7`), checkpoint.ErrDamaged},
		{"a query of another queue", body(`"queue":"`+key().Queue+`","since"`, `"queue":"q","since"`), checkpoint.ErrDamaged},
	} {
		p, err := checkpoint.Decode("default", key(), test.text)
		if !errors.Is(err, test.want) || !p.IsZero() {
			t.Errorf("%s: %v, %v; want %v", test.name, p, err, test.want)
		}
	}
}

// version1 returns the sample of version 1.
func version1(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A position of version 1 is believed as little as one of today's.
func TestDecodeRefusesVersion1(t *testing.T) {
	inside := compactBody(t, version1(t))
	for _, test := range []struct {
		name, from, to string
		want           checkpoint.Reason
	}{
		{"a field of version 2", `"pass"`, `"turn":0,"pass"`, checkpoint.ErrUnknownField},
		{"a field of version 2 in the query", `"from"`, `"since":"2026-03-01T00:00:00.000Z","from"`, checkpoint.ErrUnknownField},
		{"an unknown field", `"name"`, `"by":"me","name"`, checkpoint.ErrUnknownField},
		{"a missing field", `,"closed":false`, ``, checkpoint.ErrDamaged},
		{"a repeated field", `"page":7`, `"page":6,"page":7`, checkpoint.ErrDamaged},
		{"a field in another case", `"page":7`, `"Page":7`, checkpoint.ErrDamaged},
		{"a field in another place", `"pass":0,"page":7`, `"page":7,"pass":0`, checkpoint.ErrDamaged},
		{"a time of another zone", `T00:00:00.000Z`, `T00:00:00.000+00:00`, checkpoint.ErrDamaged},
		{"a time with a comma", `T01:00:00.000Z`, `T01:00:00,000Z`, checkpoint.ErrDamaged},
		{"a position that is not valid", `"page":7`, `"page":-7`, checkpoint.ErrDamaged},
		{"a query of another queue", `"queue":"` + key().Queue + `","from"`, `"queue":"q","from"`, checkpoint.ErrDamaged},
		{"another name", `"name":"default"`, `"name":"backfill"`, checkpoint.ErrForeign},
	} {
		if !strings.Contains(inside, test.from) {
			t.Fatalf("%s does not contain %s", inside, test.from)
		}
		p, err := checkpoint.Decode("default", key(), sealed(1, strings.Replace(inside, test.from, test.to, 1)))
		if !errors.Is(err, test.want) || !p.IsZero() {
			t.Errorf("%s: %v, %v; want %v", test.name, p, err, test.want)
		}
	}
	today := encode(t, checkpointtest.Sample(key()))
	if p, err := checkpoint.Decode("default", key(), sealed(1, compactBody(t, today))); !errors.Is(err, checkpoint.ErrUnknownField) || !p.IsZero() {
		t.Errorf("a body of version 2: %v, %v", p, err)
	}
}

func TestDecodeAllowsOtherWhiteSpace(t *testing.T) {
	want := checkpointtest.Sample(key())
	var compact, tabbed bytes.Buffer
	if err := errors.Join(json.Compact(&compact, encode(t, want)), json.Indent(&tabbed, encode(t, want), "", "\t")); err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{compact.Bytes(), tabbed.Bytes(), bytes.ReplaceAll(encode(t, want), []byte("\n"), []byte("\r\n"))} {
		if p, err := checkpoint.Decode("default", key(), text); err != nil || p != want {
			t.Errorf("%v: %v", p, err)
		}
	}
}
