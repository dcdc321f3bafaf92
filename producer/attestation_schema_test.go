package producer_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

const schemaFile = "attestation.schema.json"

// schema is what consumers are told of attestations.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// Attestations of both lanes, of all four verdicts, are what the schema says.
func TestAttestationsAreAsTheirSchemaSays(t *testing.T) {
	s := schema(t)
	verdicts, lanes := map[producer.Verdict]bool{}, map[string]bool{}
	for name, c := range map[string]struct {
		config genesystest.Config
		drift  []genesystest.Move
		most   int
	}{
		"quiet":      {config: genesystest.Config{Conversations: 60}},
		"restless":   {genesystest.Config{Conversations: 200}, []genesystest.Move{genesystest.Arrive}, 0},
		"by nature":  {config: genesystest.Config{Conversations: 60, Life: genesystest.Life{TotalAbove: 1, WrapUpShare: .3}}},
		"truncating": {genesystest.Config{Conversations: 200, WholeDays: true, MaxResults: capped}, nil, capped},
	} {
		t.Run(name, func(t *testing.T) {
			inDays(t, c.config, func(w *world) {
				w.revisits, w.mostResults = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}, c.most
				if c.drift != nil {
					w.sim.Drift(3, c.drift...)
				}
				w.runUntil(newYear.Add(oneDay + 4*time.Hour))
				for _, m := range w.cluster.Read(w, w.attestations) {
					one, err := jsonschema.UnmarshalJSON(bytes.NewReader(m.Value))
					if err != nil {
						w.Fatal(err)
					}
					if err := s.Validate(one); err != nil {
						w.Errorf("%s: %v", m.Value, err)
					}
				}
				for _, a := range w.attested() {
					verdicts[a.Verdict], lanes[string(a.Lane)] = true, true
				}
			})
		})
	}
	if len(verdicts) != 4 || len(lanes) != 2 {
		t.Errorf("attested were the verdicts %v in the lanes %v: not all was shown", verdicts, lanes)
	}
}

// well is an attestation that is as it should be.
func well(t *testing.T) map[string]any {
	t.Helper()
	text, err := json.Marshal(producer.Attestation{
		Format: "genesys-producer/window", Version: 1, Queue: "q", Lane: "live", Looks: 1, ReadAt: 1, Verdict: producer.Complete,
		Window: "2026-03-01T00:00:00.000Z/2026-03-01T01:00:00.000Z", Asked: "2026-02-28T23:55:00.000Z/2026-03-01T01:00:00.000Z",
		Topic: "t", Digest: string(bytes.Repeat([]byte{'0'}, 64)), Offsets: [][2]int64{{1, 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	one, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return one.(map[string]any)
}

func TestSchemaRefusesWhatIsNoAttestation(t *testing.T) {
	s := schema(t)
	if err := s.Validate(well(t)); err != nil {
		t.Fatal(err)
	}
	for name := range well(t) {
		missing, odd := well(t), well(t)
		delete(missing, name)
		if s.Validate(missing) == nil {
			t.Errorf("an attestation without %s is accepted", name)
		}
		odd[name] = map[string]any{}
		if s.Validate(odd) == nil {
			t.Errorf("an attestation whose %s is an object is accepted", name)
		}
	}
	for name, value := range map[string]any{
		"extra": 1, "Queue": "q", "format": "genesys-producer/windows", "version": 2, "queue": "", "window": "2026-03-01T00:00Z/01:00Z",
		"asked": "", "lane": "dead", "turn": -1, "pass": 1.5, "looks": 0, "readAt": "2026-03-01", "verdict": "Complete", "topic": "",
		"totals": []any{1}, "repeated": -1, "distinct": "7", "digest": "F00D", "offsets": []any{}, "open": nil,
	} {
		changed := well(t)
		changed[name] = value
		if s.Validate(changed) == nil {
			t.Errorf("an attestation whose %s is %v is accepted", name, value)
		}
	}
	for _, offsets := range [][]any{{[]any{1}}, {[]any{1, 2, 3}}, {[]any{-1, 2}}, {1, 2}} {
		changed := well(t)
		changed["offsets"] = offsets
		if s.Validate(changed) == nil {
			t.Errorf("offsets %v are accepted", offsets)
		}
	}
}

// The schema describes each field that there is, and no other.
func TestSchemaDescribesEachField(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Required   []string
		Properties map[string]struct{ Description string }
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for i := range reflect.TypeFor[producer.Attestation]().NumField() {
		fields = append(fields, reflect.TypeFor[producer.Attestation]().Field(i).Tag.Get("json"))
	}
	if !slices.Equal(s.Required, fields) {
		t.Errorf("required are %q, want the fields %q, in their order", s.Required, fields)
	}
	slices.Sort(fields)
	if named := slices.Sorted(maps.Keys(s.Properties)); !slices.Equal(named, fields) {
		t.Errorf("described are %q, want %q", named, fields)
	}
	for name, property := range s.Properties {
		if property.Description == "" {
			t.Errorf("%s has no description", name)
		}
	}
}
