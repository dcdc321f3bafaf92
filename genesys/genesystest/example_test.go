package genesystest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"genesys-producer/genesys/genesystest"
)

// A reader of two pages, the second of which fails once.
func Example() {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := genesystest.New(genesystest.Config{
		Seed:          1,
		Queues:        []string{"5f0c8a1e-3c0d-4a52-9d8e-0b7a6c1d2e3f"},
		From:          day,
		To:            day.Add(24 * time.Hour),
		Conversations: 150,
		Now:           func() time.Time { return day.AddDate(0, 1, 0) },
	})
	s.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Page == 2 && r.Attempt == 1 {
			return genesystest.Status(503, "service.unavailable", "The service is unavailable.")
		}
		return nil
	})
	transport, stop := genesystest.Pipe(s)
	defer stop()
	client := &http.Client{Transport: transport}
	token := signIn(client)

	read := 0
	for page := 1; ; {
		body := fmt.Sprintf(`{"interval":"2026-03-01T00:00:00Z/2026-03-02T00:00:00Z","paging":{"pageSize":100,"pageNumber":%d},`+
			`"segmentFilters":[{"type":"or","predicates":[{"dimension":"queueId","value":%q}]}]}`, page, s.Queues()[0])
		r, _ := http.NewRequest(http.MethodPost, "http://api.test"+genesystest.QueryPath, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		var answer struct {
			Conversations []json.RawMessage
			TotalHits     int
		}
		if status := send(client, r, &answer); status != http.StatusOK {
			fmt.Println("page", page, "status", status)
			continue
		}
		if len(answer.Conversations) == 0 {
			break
		}
		read += len(answer.Conversations)
		fmt.Println("page", page, "read", read, "of", answer.TotalHits)
		page++
	}
	fmt.Println("all there:", read == len(s.Conversations("", day, day.Add(24*time.Hour))))
	// Output:
	// page 1 read 100 of 150
	// page 2 status 503
	// page 2 read 150 of 150
	// all there: true
}

func signIn(client *http.Client) string {
	form := url.Values{"grant_type": {"client_credentials"}}
	r, _ := http.NewRequest(http.MethodPost, "http://login.test"+genesystest.TokenPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(genesystest.DefaultClientID, genesystest.DefaultClientSecret)
	var grant struct {
		AccessToken string `json:"access_token"`
	}
	send(client, r, &grant)
	return grant.AccessToken
}

func send(client *http.Client, r *http.Request, into any) int {
	answer, err := client.Do(r)
	if err != nil {
		panic(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		panic(err)
	}
	return answer.StatusCode
}
