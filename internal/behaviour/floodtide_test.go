package behaviour

import (
	"reflect"
	"testing"
)

// TestTideSums: whatever a tide counts is summed.
func TestTideSums(t *testing.T) {
	var one, sum tide
	fields := reflect.ValueOf(&one).Elem()
	for i := range fields.NumField() {
		f := fields.Field(i)
		switch f = reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem(); f.Kind() {
		case reflect.Int:
			f.SetInt(1)
		case reflect.Uint64:
			f.SetUint(1)
		case reflect.Array:
			for j := range f.Len() {
				f.Index(j).SetInt(1)
			}
		default:
			t.Fatalf("%s is a %s: have this test set it", fields.Type().Field(i).Name, f.Kind())
		}
	}
	if sum.plus(&one); sum != one {
		t.Errorf("%+v, want %+v", sum, one)
	}
}
