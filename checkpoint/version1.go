package checkpoint

import (
	"fmt"
	"time"
)

// body1 is the inside of an encoded position of version 1.
type body1 struct {
	Name     string    `json:"name"`
	Queue    string    `json:"queue"`
	Lane     Lane      `json:"lane"`
	Position position1 `json:"position"`
}

type position1 struct {
	Query       query1      `json:"query"`
	Destination Destination `json:"destination"`
	Start       string      `json:"start"`
	Pass        int         `json:"pass"`
	Page        int         `json:"page"`
	Read        int         `json:"read"`
	Closed      bool        `json:"closed"`
}

type query1 struct {
	Dialect  string `json:"dialect"`
	API      string `json:"api"`
	Queue    string `json:"queue"`
	From     string `json:"from"`
	To       string `json:"to"`
	Order    string `json:"order"`
	Filters  string `json:"filters"`
	PageSize int    `json:"pageSize"`
}

// identify1 reads a position of version 1, which asked for its window and nothing
// before it, and has neither account nor ledgers.
func identify1(compact, text []byte) (name string, key Key, p Position, err error) {
	var inside body1
	if err := strict(compact, &inside); err != nil {
		return "", Key{}, Position{}, fmt.Errorf("body: %w", err)
	}
	old := inside.Position
	p = Position{
		Query: Query{Dialect: old.Query.Dialect, API: old.Query.API, Queue: old.Query.Queue,
			Order: old.Query.Order, Filters: old.Query.Filters, PageSize: old.Query.PageSize},
		Destination: old.Destination, Start: old.Start, Pass: old.Pass, Page: old.Page, Read: old.Read, Closed: old.Closed,
	}
	for _, t := range []struct {
		text string
		to   *time.Time
	}{{old.Query.From, &p.Query.From}, {old.Query.To, &p.Query.To}} {
		at, err := time.Parse(timeLayout, t.text)
		if err != nil || at.Format(timeLayout) != t.text {
			return "", Key{}, Position{}, fmt.Errorf("%w: a time is spelled %q", ErrDamaged, t.text)
		}
		*t.to = at
	}
	p.Query.Since = p.Query.From
	key = Key{Queue: inside.Queue, Lane: inside.Lane}
	if _, err := Encode(inside.Name, key, p); err != nil {
		return "", Key{}, Position{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	again, err := seal(1, inside)
	if err := canonical(again, err, text); err != nil {
		return "", Key{}, Position{}, err
	}
	return inside.Name, key, p, nil
}
