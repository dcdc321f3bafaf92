package genesys_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
)

// A walk can stop after any page and go on later: its cursor is all that has to
// be kept.
func ExampleClient_Pages() {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	to := from.Add(24 * time.Hour)
	sim := genesystest.New(genesystest.Config{
		Queues: []string{"sales"}, From: from, To: to, Conversations: 240, LiveShare: -1,
		Now: func() time.Time { return to.Add(time.Hour) },
	})
	transport, closePipe := genesystest.Pipe(sim)
	defer closePipe()

	client, err := genesys.New(genesys.Config{
		Dialect: genesys.Conversations, APIURL: "http://api.example.com", LoginURL: "http://login.example.com",
		ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
		RequestsPerMinute: 6000, ReadAhead: 2, Timeout: time.Minute, MaxResponseBytes: 16 << 20,
		Transport: transport,
	})
	if err != nil {
		log.Fatal(err)
	}
	query := genesys.Query{Dialect: genesys.Conversations, Host: client.Host(), Queue: "sales",
		From: from, To: to, PageSize: genesys.Conversations.LargestPage()}

	var cursor genesys.Cursor
	for page, err := range client.Pages(context.Background(), query, cursor) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("page %d: %d records, %d of %d\n", page.Number, len(page.Records), page.Read, page.Total)
		cursor = genesys.Cursor{Page: page.Number, Read: page.Read}
		if page.Number == 2 {
			break // the program stops here, and starts again
		}
	}
	for page, err := range client.Pages(context.Background(), query, cursor) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("page %d: %d records, %d of %d, last: %t\n", page.Number, len(page.Records), page.Read, page.Total, page.Last)
	}
	// Output:
	// page 1: 100 records, 100 of 240
	// page 2: 100 records, 200 of 240
	// page 3: 40 records, 240 of 240, last: true
}
