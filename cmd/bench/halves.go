package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/publish"
)

// walks is how many requests are under way at once, where one alone is measured: as many
// as the service walks queues.
const walks = 8

// fetchAlone asks for every page and throws the answers away: the most that any reader
// of this API could do.
func fetchAlone(ctx context.Context, o order) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = walks
	client := &http.Client{Transport: transport}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range walks {
		group.Go(func() error {
			for {
				n := int(next.Add(1)) - 1
				if n >= o.Load.Queues*o.Load.Pages {
					return nil
				}
				if err := fetch(ctx, client, o.API, n/o.Load.Pages, n%o.Load.Pages+1); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

func fetch(ctx context.Context, client *http.Client, base string, queue, number int) error {
	body, err := ask(ctx, client, base, queue, number)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return err
}

// produceAlone publishes a few pages from memory again and again, with the service's own
// publisher, from as many places at once as there are queues, and with nothing between
// one page and the next.
func produceAlone(ctx context.Context, o order) error {
	log := slog.New(slog.DiscardHandler)
	access, err := broker.NewAccess(broker.Security{}, nil)
	if err != nil {
		return err
	}
	publisher, err := publish.New(publish.Config{Brokers: o.Brokers, Topics: []string{o.Topic}, Compression: o.Compression,
		MaxMessageBytes: 1_000_000, ClientID: "bench", Access: access, Ladder: broker.NewLadder(log), Log: log})
	if err != nil {
		return err
	}
	defer publisher.Close()
	pages, err := somePages(ctx, o)
	if err != nil {
		return err
	}
	var group errgroup.Group
	for range o.Load.Queues {
		group.Go(func() error {
			for n := range o.Load.Pages {
				refused, err := publisher.Publish(ctx, pages[n%len(pages)])
				if err == nil && len(refused) > 0 {
					err = fmt.Errorf("%d messages were refused for their size", len(refused))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// somePages are the first pages of a queue, as messages.
func somePages(ctx context.Context, o order) (pages [][]*producer.Message, err error) {
	client, err := genesys.New(genesys.Config{Dialect: genesys.Conversations, APIURL: o.API, LoginURL: o.API,
		RequestsPerMinute: noLimit, Timeout: time.Minute, MaxResponseBytes: 1 << 30})
	if err != nil {
		return nil, err
	}
	from, err := time.Parse(time.RFC3339, windowFrom)
	if err != nil {
		return nil, err
	}
	query := genesys.Query{Dialect: genesys.Conversations, Host: client.Host(), Queue: genesys.QueueID(queueID(0)),
		From: from, To: from.Add(time.Hour), PageSize: pageSize}
	for page, err := range client.Pages(ctx, query, genesys.Cursor{}) {
		if err != nil {
			return nil, err
		}
		pages = append(pages, messages(page, o.Topic))
		if page.Last || len(pages) == templates {
			break
		}
	}
	return pages, nil
}

// messages makes a page's messages, of the size and with the headers of the service's.
func messages(page *genesys.Page, topic string) []*producer.Message {
	result := make([]*producer.Message, len(page.Records))
	shared := []producer.Header{
		{Key: "queue-id", Value: []byte(queueID(0))}, {Key: "window", Value: []byte(windowFrom + "/" + windowTo)},
		{Key: "page", Value: []byte("1")}, {Key: "pass", Value: []byte("0")},
		{Key: "fetched-at", Value: []byte("1741000000000")}, {Key: "content-type", Value: []byte("application/json")},
		{Key: "producer", Value: []byte("genesys-producer/dev")}, {Key: "content-hash", Value: []byte("0123456789abcdef")},
	}
	for i, r := range page.Records {
		result[i] = &producer.Message{Topic: topic, Key: r.ID, Value: slices.Clone(r.Raw), Headers: shared} // a page's memory is lent
	}
	return result
}
