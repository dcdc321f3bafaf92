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
	if len(names) < 50 {
		t.Fatalf("found %d fields only", len(names))
	}
	for i, index := range names {
		key := live(fmt.Sprintf("queue-%d", i))
		want := Sample(key)
		field := at(reflect.ValueOf(&want).Elem(), index)
		switch value := field.Interface().(type) {
		case checkpoint.Day:
			field.SetString(string(checkpoint.DayOf(value.Begin().AddDate(0, 0, 1))))
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

// leaves returns the path to every field of t, or element of an array in it, that has
// no fields of its own.
func leaves(t reflect.Type, path []int) [][]int {
	var all [][]int
	switch {
	case t.Kind() == reflect.Array:
		for i := range t.Len() {
			all = append(all, leaves(t.Elem(), append(path[:len(path):len(path)], i))...)
		}
	case t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]():
		for i := range t.NumField() {
			all = append(all, leaves(t.Field(i).Type, append(path[:len(path):len(path)], i))...)
		}
	default:
		return [][]int{path}
	}
	return all
}

// at returns what path leads to within value.
func at(value reflect.Value, path []int) reflect.Value {
	for _, i := range path {
		if value.Kind() == reflect.Array {
			value = value.Index(i)
		} else {
			value = value.Field(i)
		}
	}
	return value
}

func timesInUTC(t *testing.T, store opened) {
	key := live("queue-1")
	want := Sample(key)
	p, zone := want, time.FixedZone("east", 5*60*60+45*60)
	p.Query.Since, p.Query.From, p.Query.To = p.Query.Since.In(zone), p.Query.From.In(zone), p.Query.To.In(zone)
	mustSave(t, store, key, p)
	wantStored(t, store, key, want)
}
