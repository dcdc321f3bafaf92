package checkpointtest

import (
	"errors"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

func onlyGrows(t *testing.T, store opened) {
	key := live("queue-1")
	walk := Walk(key)
	for i, p := range walk {
		mustSave(t, store, key, p)
		for _, earlier := range walk[:i+1] {
			wantRefused(t, store, key, earlier, checkpoint.ErrNotAfter)
		}
		wantStored(t, store, key, p)
	}
	other := walk[len(walk)-1] // in the same place, but not the same
	other.Read++
	wantRefused(t, store, key, other, checkpoint.ErrNotAfter)
	wantStored(t, store, key, walk[len(walk)-1])
}

func frozen(t *testing.T, store opened) {
	key := live("queue-1")
	stored := Sample(key)
	mustSave(t, store, key, stored)
	next := stored
	next.Page++
	for name, change := range map[string]func(p *checkpoint.Position){
		"dialect":   func(p *checkpoint.Position) { p.Query.Dialect = "entities" },
		"API":       func(p *checkpoint.Position) { p.Query.API = "api.mypurecloud.de" },
		"interval":  func(p *checkpoint.Position) { p.Query.Since = p.Query.From },
		"end":       func(p *checkpoint.Position) { p.Query.To = p.Query.To.Add(-time.Minute) },
		"order":     func(p *checkpoint.Position) { p.Query.Order = "desc" },
		"filters":   func(p *checkpoint.Position) { p.Query.Filters = "" },
		"page size": func(p *checkpoint.Position) { p.Query.PageSize = 25 },
		"cluster":   func(p *checkpoint.Position) { p.Destination.Cluster = "cluster-2" },
		"topic":     func(p *checkpoint.Position) { p.Destination.Topic = "elsewhere" },
	} {
		p := next
		change(&p)
		if !wantRefused(t, store, key, p, checkpoint.ErrWalkChanged) {
			t.Errorf("another %s was accepted within a walk", name)
		}
	}
	wantStored(t, store, key, stored)
	mustSave(t, store, key, next)
}

func refused(t *testing.T, store opened) {
	key := live("queue-1")
	before := Walk(key)[0]
	mustSave(t, store, key, before)
	for name, change := range map[string]func(p *checkpoint.Position){
		"zero position":     func(p *checkpoint.Position) { *p = checkpoint.Position{} },
		"zero query":        func(p *checkpoint.Position) { p.Query = checkpoint.Query{} },
		"zero destination":  func(p *checkpoint.Position) { p.Destination = checkpoint.Destination{} },
		"no dialect":        func(p *checkpoint.Position) { p.Query.Dialect = "" },
		"no API":            func(p *checkpoint.Position) { p.Query.API = "" },
		"no queue":          func(p *checkpoint.Position) { p.Query.Queue = "" },
		"another queue":     func(p *checkpoint.Position) { p.Query.Queue = "queue-2" },
		"no page size":      func(p *checkpoint.Position) { p.Query.PageSize = 0 },
		"no interval":       func(p *checkpoint.Position) { p.Query.Since = time.Time{} },
		"a late interval":   func(p *checkpoint.Position) { p.Query.Since = p.Query.From.Add(time.Millisecond) },
		"no begin":          func(p *checkpoint.Position) { p.Query.From = time.Time{} },
		"no end":            func(p *checkpoint.Position) { p.Query.To = time.Time{} },
		"empty window":      func(p *checkpoint.Position) { p.Query.To = p.Query.From },
		"window backwards":  func(p *checkpoint.Position) { p.Query.To = p.Query.From.Add(-time.Hour) },
		"microseconds":      func(p *checkpoint.Position) { p.Query.To = p.Query.To.Add(time.Microsecond) },
		"year 10000":        func(p *checkpoint.Position) { p.Query.To = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"negative pass":     func(p *checkpoint.Position) { p.Pass = -1 },
		"negative page":     func(p *checkpoint.Position) { p.Page = -1 },
		"negative turn":     func(p *checkpoint.Position) { p.Turn = -1 },
		"negative length":   func(p *checkpoint.Position) { p.Ledgers[1].Length = -1 },
		"no day":            func(p *checkpoint.Position) { p.Ledgers[0].Day = "2026-3-1" },
		"negative count":    func(p *checkpoint.Position) { p.Read = -1 },
		"records of page 0": func(p *checkpoint.Position) { p.Page, p.Read = 0, 1 },
		"text not in UTF-8": func(p *checkpoint.Position) { p.Start = "24\xff" },
		"query not in UTF-8": func(p *checkpoint.Position) {
			p.Query.Filters = "\xc3"
		},
		"account not in UTF-8": func(p *checkpoint.Position) { p.Account.Final.Why = "\xff" },
		"agenda not in UTF-8":  func(p *checkpoint.Position) { p.Agenda = "\xff" },
		"sum not in UTF-8":     func(p *checkpoint.Position) { p.Ledgers[0].Sum = "\xff" },
	} {
		p := Sample(key)
		change(&p)
		if err := store.Save(t.Context(), key, p); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("save of a position with %s: %v", name, err)
		}
		wantStored(t, store, key, before)
	}
	for _, bad := range []checkpoint.Key{{}, {Queue: "queue-1"}, {Lane: checkpoint.Live}, {Queue: "queue-1", Lane: "../live"}, {Queue: "\xff", Lane: checkpoint.Live}} {
		if err := store.Save(t.Context(), bad, Sample(bad)); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("save under %+v: %v", bad, err)
		}
		if _, ok, err := store.Load(t.Context(), bad); ok || !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("load under %+v: %v, %v", bad, ok, err)
		}
	}
}

// wantRefused reports whether store refuses p, as it must, for reason.
func wantRefused(t *testing.T, store checkpoint.Store, key checkpoint.Key, p checkpoint.Position, reason checkpoint.Reason) bool {
	t.Helper()
	err := store.Save(t.Context(), key, p)
	order, ok := errors.AsType[*checkpoint.OrderError](err)
	if !ok || !errors.Is(err, reason) {
		t.Errorf("save %v: %v; want an OrderError: %v", p, err, reason)
		return false
	}
	if order.Key != key || order.Next != p {
		t.Errorf("save %v: the error is about %v %v", p, order.Key, order.Next)
	}
	return true
}

// mustSave saves p.
func mustSave(t *testing.T, store checkpoint.Store, key checkpoint.Key, p checkpoint.Position) {
	t.Helper()
	if err := store.Save(t.Context(), key, p); err != nil {
		t.Fatalf("save %v %v: %v", key, p, err)
	}
}

// wantStored checks that store has exactly p.
func wantStored(t *testing.T, store checkpoint.Store, key checkpoint.Key, p checkpoint.Position) {
	t.Helper()
	got, ok, err := store.Load(t.Context(), key)
	if err != nil || !ok || got != p {
		t.Errorf("load %v: %+v, %v, %v; want %+v", key, got, ok, err, p)
	}
}

// wantNone checks that store has no position.
func wantNone(t *testing.T, store checkpoint.Store, key checkpoint.Key) {
	t.Helper()
	if p, ok, err := store.Load(t.Context(), key); ok || err != nil || !p.IsZero() {
		t.Errorf("load %v: %v, %v, %v; want none", key, p, ok, err)
	}
}
