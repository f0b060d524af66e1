package words

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
)

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Count(0):                          "0",
		Count(-1234567):                   "-1,234,567",
		Count(uint64(math.MaxUint64)):     "18,446,744,073,709,551,615",
		Count(int64(math.MinInt64)):       "-9,223,372,036,854,775,808",
		Plural(1, "flow"):                 "1 flow",
		Plural(0, "flow"):                 "0 flows",
		Plural(1000, "flow"):              "1,000 flows",
		Amount(0.00001234567, ""):         "1.235e-05",
		Amount(0.2774123, "packets/s"):    "0.2774 packets/s",
		Amount(55555.6, "packets/s"):      "55,556 packets/s",
		Amount(1e18, "bytes"):             "1e+18 bytes",
		Amount(1, "packets"):              "1 packet",
		Amount(1, "packets/s"):            "1 packets/s",
		Amount(1, "µs"):                   "1 µs",
		Range(0, 1, "packets"):            "0 to 1 packets",
		Amount(-3, ""):                    "-3",
		Amount(163, "µs"):                 "163 µs",
		Amount(1500, "µs"):                "1.5 ms",
		Amount(116e6, "µs"):               "116 s",
		Range(163, 116e6, "µs"):           "163 µs to 116 s",
		Range(3, 104, "µs"):               "3 to 104 µs",
		Range(0, 2.5e6, "µs"):             "0 to 2.5 s",
		Range(0, 0, "bytes"):              "0 bytes",
		Range(0.2774, 24540, "packets/s"): "0.2774 to 24,540 packets/s",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCountReadsBack holds Count to the number that it was given.
func TestCountReadsBack(t *testing.T) {
	err := quick.Check(func(n int64) bool {
		back, err := strconv.ParseInt(strings.ReplaceAll(Count(n), ",", ""), 10, 64)
		return err == nil && back == n
	}, nil)
	if err != nil {
		t.Error(err)
	}
}
