package status

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// sight is a page as a reader has it.
type sight struct {
	answer   *httptest.ResponseRecorder
	text     string // what is to be read
	elements []xml.StartElement
}

// see draws a status and reads it. What a browser would have to guess is an error.
func see(t testing.TB, s Status, target string) sight {
	t.Helper()
	v := sight{answer: httptest.NewRecorder()}
	newPage(func() Status { return s }).ServeHTTP(v.answer, httptest.NewRequest(http.MethodGet, target, nil))
	if v.answer.Code != http.StatusOK {
		t.Fatalf("answered %d: %s", v.answer.Code, v.answer.Body)
	}
	d := xml.NewDecoder(strings.NewReader(v.answer.Body.String()))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var words []string
	var within []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			v.elements, within = append(v.elements, token.Copy()), append(within, token.Name.Local)
		case xml.EndElement:
			within = within[:len(within)-1]
		case xml.CharData:
			if !slices.Contains(within, "style") {
				words = append(words, strings.Fields(string(token))...)
			}
		}
	}
	v.text = strings.Join(words, " ")
	return v
}

// all are the elements of a name.
func (v sight) all(name string) (all []xml.StartElement) {
	for _, e := range v.elements {
		if e.Name.Local == name {
			all = append(all, e)
		}
	}
	return all
}

// attribute is empty where there is none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (v sight) mustSay(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(v.text, part) {
			t.Errorf("the page does not say %q:\n%s", part, v.text)
		}
	}
}
