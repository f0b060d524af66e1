package capture_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"firetower/internal/capture"
)

// FuzzOpen reads any bytes as a capture file: nothing may panic or hang, the
// counters must add up, and the frames must be the same however the file is cut
// into batches.
func FuzzOpen(f *testing.F) {
	for _, magic := range []uint32{0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34} {
		f.Add(pcapFile(little, magic, 1, two...))
		f.Add(pcapFile(big, magic, 113, two...))
	}
	for _, o := range []order{little, big} {
		options := string(ngOption(o, 9, []byte{9})) + string(ngOption(o, 14, o.AppendUint64(nil, 5)))
		ng := ngFile(o, ngSection(o), ngInterface(o, 1, ""), ngInterface(o, 101, options), ngInterface(o, 249, ""),
			ngEnhanced(o, 0, 1, "first", 5), ngEnhanced(o, 1, 2, "second", 60), ngSimple(o, "third", 5),
			ngEnhanced(o, 2, 3, "usb", 3), ngBlock(o, 4, make([]byte, 20)),
			ngBlock(o, 5, append(ngWords(o, 0, 0, 0), ngOption(o, 5, o.AppendUint64(nil, 3))...)))
		f.Add(ng)
		f.Add(gzipped(ng))
		f.Add(ng[:len(ng)-5])
	}
	f.Add([]byte("Flow ID,Src IP\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames, stats, err := read(data, capture.Config{})
		if err != nil && (!errors.Is(err, capture.ErrFormat) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error: %v", err)
		}
		if stats.Received != stats.Delivered+stats.Filtered+stats.Unreadable || stats.Delivered != uint64(len(frames)) {
			t.Errorf("%d frames, %+v", len(frames), stats)
		}
		small, other, err2 := read(data, capture.Config{BatchBytes: 1})
		if !slices.Equal(frames, small) || (err == nil) != (err2 == nil) || (stats.Cut == nil) != (other.Cut == nil) {
			t.Errorf("in small batches: %d frames instead of %d, error %v instead of %v", len(small), len(frames), err2, err)
		}
		if err != nil && err2 != nil && err.Error() != err2.Error() {
			t.Errorf("in small batches: %v instead of %v", err2, err)
		}
		read(data, capture.Config{Filter: "ip and greater 10", SnapLen: 40})
	})
}
