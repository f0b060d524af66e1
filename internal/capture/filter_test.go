package capture_test

import (
	"errors"
	"strings"
	"testing"

	"firetower/internal/capture"
)

// udpFrame is an Ethernet frame of UDP to a port.
func udpFrame(port byte) string {
	return strings.Repeat("\x02", 12) + "\x08\x00" +
		"\x45\x00\x00\x1c\x00\x01\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" +
		"\x03\xe8\x00" + string([]byte{port}) + "\x00\x08\x00\x00"
}

func TestFilter(t *testing.T) {
	var records []record
	for i := range 300 {
		records = append(records, record{sec: uint32(i), data: udpFrame(byte(i % 3))})
	}
	file := pcapFile(little, 0xa1b2c3d4, 1, records...)
	for expression, want := range map[string]uint64{
		"":                      300,
		"udp port 1":            100,
		"port 1 or port 2":      200,
		"host 10.0.0.9":         0,
		"ip6":                   0,
		"udp[0:2] = 1000":       300,
		"less 41 or greater 43": 0,
	} {
		for _, batch := range []int{0, 200} {
			got, stats, err := read(file, capture.Config{Filter: expression, BatchBytes: batch})
			if err != nil || uint64(len(got)) != want || stats.Received != 300 || stats.Delivered != want || stats.Filtered != 300-want {
				t.Errorf("%q: %d frames, %+v, %v", expression, len(got), stats, err)
			}
		}
	}
}

// TestFilterLinks compiles the expression for each link type of a file.
func TestFilterLinks(t *testing.T) {
	frame := udpFrame(53)
	got, _, err := read(ngFile(little, ngSection(little),
		ngInterface(little, 1, ""), ngInterface(little, 101, ""), ngInterface(little, 113, ""), ngInterface(little, 108, ""),
		ngEnhanced(little, 0, 1, frame, 42),
		ngEnhanced(little, 1, 2, frame[14:], 28),
		ngEnhanced(little, 2, 3, strings.Repeat("\x00", 14)+frame[12:], 44),
		ngEnhanced(little, 3, 4, "\x00\x00\x00\x02"+frame[14:], 32),
		ngEnhanced(little, 0, 5, "", 0),
		ngEnhanced(little, 0, 6, udpFrame(54), 42),
	), capture.Config{Filter: "udp port 53"})
	if err != nil || len(got) != 4 {
		t.Errorf("%d frames: %q, %v", len(got), got, err)
	}
}

func TestFilterRefused(t *testing.T) {
	for _, file := range [][]byte{
		pcapFile(little, 0xa1b2c3d4, 1, two...),
		ngFile(little, ngSection(little), ngInterface(little, 1, ""), ngEnhanced(little, 0, 1, "x", 1)),
	} {
		_, _, err := read(file, capture.Config{Filter: "port port port"})
		if !errors.Is(err, capture.ErrFilter) || !strings.Contains(err.Error(), `"port port port"`) || strings.Contains(err.Error(), "\n") {
			t.Error(err)
		}
	}
}
