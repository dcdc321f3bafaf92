package status

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string
)

// page answers / with a [Status] for people. It is complete in itself: a browser fetches
// nothing else for it, and runs nothing.
type page struct {
	status  func() Status
	drawing *template.Template
	policy  string
}

// newPage makes the page of what status returns, which is asked anew for each answer.
func newPage(status func() Status) *page {
	sum := sha256.Sum256([]byte(pageStyle))
	return &page{
		status:  status,
		drawing: template.Must(template.New("page").Parse(pageText)), // the text is a constant
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
}

// ServeHTTP draws all of it before the first byte is sent: no reader sees half a page.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var drawn bytes.Buffer
	if err := p.drawing.Execute(&drawn, newSheet(p.status(), r.URL.Query().Has("still"))); err != nil {
		http.Error(w, "the page cannot be drawn; /status.json has the same", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(drawn.Len()))
	h.Set("Content-Security-Policy", p.policy) // stricter than that of the other answers
	if r.Method != http.MethodHead {
		_, _ = w.Write(drawn.Bytes()) // a reader who has left needs no answer
	}
}
