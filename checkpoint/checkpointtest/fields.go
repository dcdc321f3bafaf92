package checkpointtest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

func everyField(t *testing.T, store opened) {
	names := leaves(reflect.TypeFor[checkpoint.Position](), nil)
	if len(names) < 14 {
		t.Fatalf("found %d fields only", len(names))
	}
	for i, index := range names {
		key := live(fmt.Sprintf("queue-%d", i))
		want := Sample(key)
		field := reflect.ValueOf(&want).Elem().FieldByIndex(index)
		switch value := field.Interface().(type) {
		case string:
			if field.Addr().Interface() != &want.Query.Queue { // it changes with the key
				field.SetString(value + ` <&> "ü" ` + "\n\u2028\x00")
			}
		case int:
			field.SetInt(int64(value) + 1234567890)
			want.Page = max(want.Page, 1)
		case bool:
			field.SetBool(!value)
		case time.Time:
			field.Set(reflect.ValueOf(value.Add(time.Millisecond)))
		default:
			t.Fatalf("a field of type %T: the suite does not know how to change it", value)
		}
		mustSave(t, store, key, want)
		wantStored(t, store, key, want)
	}
}

// leaves returns the index of every field of t that has no fields of its own.
func leaves(t reflect.Type, index []int) [][]int {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return [][]int{index}
	}
	var all [][]int
	for i := range t.NumField() {
		all = append(all, leaves(t.Field(i).Type, append(index[:len(index):len(index)], i))...)
	}
	return all
}

func timesInUTC(t *testing.T, store opened) {
	key := live("queue-1")
	want := Sample(key)
	p, zone := want, time.FixedZone("east", 5*60*60+45*60)
	p.Query.From, p.Query.To = p.Query.From.In(zone), p.Query.To.In(zone)
	mustSave(t, store, key, p)
	wantStored(t, store, key, want)
}
