package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
)

// look runs a command that only looks, at a time of 1 March.
func (s *shelf) look(args ...string) (code int, stdout, stderr string) {
	s.Helper()
	var out, errs transcript
	code = command(s.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// visited is the position of lane revisit of a queue that has revisited a day, and has another
// on its agenda.
func visited(queue string) checkpoint.Position {
	p := checkpointtest.Sample(checkpoint.Key{Queue: queue, Lane: checkpoint.Revisit})
	p.Turn, p.Page, p.Last, p.Ended, p.Closed = 2, 7, true, true, true
	p.Query.From, p.Query.To = hours(-24), hours(0)
	p.Query.Since = p.Query.From
	p.Account.Final = checkpoint.Final{Verdict: "stable", Why: "it moved", Found: 12345, Unchanged: 12000, Open: 3}
	p.Agenda = "2026-03-01 2026-02-28/2/3/1772332200000" // walked at 02:30
	return p
}

// fill stores positions that a service may leave: a in the middle of a window, and revisited;
// b closed.
func fill(t *testing.T, queues string) *shelf {
	closed := walkedTo("b", true)
	closed.Last, closed.Ended, closed.Account.Final.Verdict = true, true, "complete"
	s := newShelf(t, queues, walkedTo("a", false), closed)
	s.use(func(store checkpoint.Store) {
		if err := store.Save(t.Context(), checkpoint.Key{Queue: "a", Lane: checkpoint.Revisit}, visited("a")); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

// row are the words of the line of stdout that begins so.
func row(stdout, begins string) string {
	for line := range strings.Lines(stdout) {
		if words := strings.Join(strings.Fields(line), " "); strings.HasPrefix(words, begins+" ") {
			return words
		}
	}
	return ""
}

// Each position is told, while another process has them, and nothing is changed.
func TestList(t *testing.T) {
	s := fill(t, "a,c")
	march, err := checkpoint.OpenDir(s.dir, "march")
	if err != nil {
		t.Fatal(err)
	}
	march.Close()
	s.use(func(checkpoint.Store) { // the lock is held
		before, err := os.ReadDir(filepath.Join(s.dir, "default"))
		if err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := s.look("checkpoint", "list")
		if code != done || stderr != "" {
			t.Errorf("exit code %d, and it says %q", code, stderr)
		}
		for begins, want := range map[string]string{
			"a live":    "a live 2026-03-01T00:00Z/01:00Z 0 7 mid-walk 2026-03-01T00:00Z ",
			"a revisit": "a revisit 2026-02-28T00:00Z/2026-03-01T00:00Z 0 7 closed - - stable 1, next due",
			"b * live":  "b * live 2026-03-01T00:00Z/01:00Z 0 7 closed 2026-03-01T01:00Z ",
		} {
			if got := row(stdout, begins); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q:\n%s", begins, got, want, stdout)
			}
		}
		for _, want := range []string{"CHECKPOINT_NAME default in directory " + s.dir, "* is none of GENESYS_QUEUES",
			"1 of GENESYS_QUEUES have no position, and begin at WINDOW_FROM: c\n", "Other checkpoint names in directory " + s.dir + ": march\n"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("stdout does not say %q:\n%s", want, stdout)
			}
		}
		if after, err := os.ReadDir(filepath.Join(s.dir, "default")); err != nil || len(after) != len(before) {
			t.Errorf("%d files, and %d before (%v)", len(after), len(before), err)
		}
	})
}

// For machines, the same.
func TestListJSON(t *testing.T) {
	s := fill(t, "a,b,c")
	code, stdout, _ := s.look("checkpoint", "list", "--json")
	var l listing
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil || code != done {
		t.Fatalf("exit code %d, %v:\n%s", code, err, stdout)
	}
	if len(l.Lanes) != 3 || l.Lanes[0].Behind == nil || *l.Lanes[0].Behind < 1000 || !l.Lanes[2].ClosedTo.Equal(hours(1)) || l.Lanes[1].Behind != nil ||
		*l.Lanes[1].Days != 1 || l.Lanes[2].Verdict != "complete" || !l.Lanes[2].Configured || len(l.Unbegun) != 1 || l.Others == nil {
		t.Errorf("%+v", l)
	}
}

// One position that is torn does not hide the others, nor what is wrong with it.
func TestListOfATornPosition(t *testing.T) {
	s := fill(t, "a,b")
	if err := os.Truncate(filepath.Join(s.dir, "default", "b.live.json"), 100); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := s.look("checkpoint", "list")
	if code != failed || row(stdout, "a live") == "" || row(stdout, "b live") != "b live - - - unreadable - - - -" ||
		!strings.Contains(stderr, "checkpoint list: checkpoint: load "+filepath.Join(s.dir, "default", "b.live.json")+": it is torn or was changed") {
		t.Errorf("exit code %d, %q:\n%s", code, stderr, stdout)
	}
	if code, stdout, _ := s.look("checkpoint", "list", "--json"); code != failed || !json.Valid([]byte(stdout)) || !strings.Contains(stdout, `"error": "checkpoint: load`) {
		t.Errorf("as JSON: exit code %d:\n%s", code, stdout)
	}
	if code, _, stderr := s.look("checkpoint", "show", "b"); code != failed || !strings.Contains(stderr, "it is torn or was changed") {
		t.Errorf("show: exit code %d, %q", code, stderr)
	}
	if code, _, stderr := s.look("plan"); code != failed || !strings.Contains(stderr, "plan: checkpoint: load") {
		t.Errorf("plan: exit code %d, %q", code, stderr)
	}
}

// Before the first start there is nothing, which is no error; and nothing is made.
func TestListOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "absent")
	setEnvironment(t, with(map[string]string{"CHECKPOINT_DIR": dir}))
	var out, errs transcript
	if code := command(t.Context(), []string{"checkpoint", "list"}, nil, &out, &errs); code != done ||
		!strings.Contains(out.String(), "CHECKPOINT_NAME default has no positions in directory "+dir+": nothing was walked under it yet\n") {
		t.Errorf("exit code %d, %q, %q", code, out.String(), errs.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made")
	}
}

// All that is stored of a queue is told in plain words.
func TestShow(t *testing.T) {
	s := fill(t, "a,b,c")
	code, stdout, stderr := s.look("checkpoint", "show", "a")
	if code != done || stderr != "" {
		t.Errorf("exit code %d, and it says %q", code, stderr)
	}
	for _, want := range []string{"queue a, CHECKPOINT_NAME default in directory ", "Live windows", "closed up to       2026-03-01T00:00:00Z, ",
		"mid-walk: page 7 is completed, 700 records so far", "conversations on api.mypurecloud.com, of 2026-02-28T23:00:00Z to 2026-03-01T01:00:00Z, 100 records a page, order asc",
		"filter direction=inbound", "fingerprint " + walkedTo("a", false).Query.Fingerprint(), "topic genesys.conversations, cluster cluster-1", "WINDOW_FROM 24h",
		"1,236 by the API, 1,234 at first", "690 conversations, of which 655 no earlier pass had; 10 records came again", "messages published: 640; superseded: 15; dead letters: 1",
		"ledger 2026-03-01  14,520 bytes", "Revisits of days", "revisit 2 of the queue", "stable", "it moved", "12,345 conversations found, of which 12,000 were unchanged and 3 have no end",
		"Days to revisit", "2026-02-28         next 2026-03-02T00:00:00Z (due); of WINDOW_REVISIT done: 2h; walked last at 2026-03-01T02:30:00Z, when 3 of its"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
	code, stdout, _ = s.look("checkpoint", "show", "--json", "a")
	var one sight
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&one); err != nil || code != done || len(one.Lanes) != 2 || *one.Lanes[0].Position != walkedTo("a", false) || len(one.Agenda) != 1 || one.Agenda[0].Open != 3 {
		t.Errorf("exit code %d, %v: %+v", code, err, one)
	}
	if code, stdout, _ := s.look("checkpoint", "show", "c"); code != done || !strings.Contains(stdout, "It has no position: it begins at WINDOW_FROM") {
		t.Errorf("one that has not begun: exit code %d:\n%s", code, stdout)
	}
	if code, _, stderr := s.look("checkpoint", "show", "d"); code != misuse || !strings.Contains(stderr, `CHECKPOINT_NAME default has no queue "d", and it is none of GENESYS_QUEUES; it has a, b`) {
		t.Errorf("one that there is not: exit code %d, %q", code, stderr)
	}
}

// In each store, beside the service, which goes on with its walk and comes to the end.
func TestListBesideTheService(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, oneQueue()).by(d)
			queue := w.sim.Queues()[0]
			reached, goOn := w.pause(middle, 1)
			c := w.start("GENESYS_READ_AHEAD=0")
			c.reach(reached)
			c.await(`"page completed"`, middle-1)
			for range 2 {
				list := w.command([]string{"checkpoint", "list"})
				list.mustEnd(done)
				if got := row(list.stdout.String(), queue+" live"); !strings.Contains(got, " mid-walk ") {
					t.Errorf("it says:\n%s", list.stdout.String())
				}
				show := w.command([]string{"checkpoint", "show", queue})
				show.mustEnd(done)
				show.mustSay("mid-walk: page ")
				if text := w.export(); !strings.Contains(text, queue) {
					t.Errorf("exported:\n%s", text)
				}
			}
			goOn()
			c.mustEnd(done)
			w.checkNoRepeats()
			list := w.command([]string{"checkpoint", "list"})
			list.mustEnd(done)
			if got := row(list.stdout.String(), queue+" live"); !strings.Contains(got, " closed "+minute(w.to)+" ") || !strings.Contains(got, " complete -") {
				t.Errorf("it says:\n%s", list.stdout.String())
			}
		})
	}
}

// Other names of the topic are told, and a topic that is not there is not made.
func TestListInKafka(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 1}).by(inKafka)
	w.mustFinish()
	list := w.command([]string{"checkpoint", "list"}, "CHECKPOINT_NAME=march")
	list.mustEnd(done)
	list.mustSay("CHECKPOINT_NAME march has no positions in topic "+w.checkpoints(), "Other checkpoint names in topic "+w.checkpoints()+": default\n")
	absent := w.topic + ".absent"
	list = w.command([]string{"checkpoint", "list"}, "CHECKPOINT_TOPIC="+absent, "KAFKA_CREATE_TOPICS=true", "KAFKA_REPLICATION_FACTOR=1")
	list.mustEnd(done)
	list.mustSay("no positions in topic " + absent + ", which does not exist")
	w.create(absent, 1) // it was not
}
