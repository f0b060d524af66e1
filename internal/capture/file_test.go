package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"firetower/internal/capture"
)

// record is one packet to be written into a capture.
type record struct {
	sec, frac uint32
	data      string
	wire      uint32 // 0: as long as data
}

func (r record) length() uint32 { return max(r.wire, uint32(len(r.data))) }

// pcapFile writes a pcap file.
func pcapFile(order binary.AppendByteOrder, magic, link uint32, records ...record) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	for _, v := range []uint32{0, 0, 65535, link} {
		b = order.AppendUint32(b, v)
	}
	for _, r := range records {
		for _, v := range []uint32{r.sec, r.frac, uint32(len(r.data)), r.length()} {
			b = order.AppendUint32(b, v)
		}
		if magic == 0xa1b2cd34 {
			b = append(b, make([]byte, 8)...)
		}
		b = append(b, r.data...)
	}
	return b
}

// read gives a capture's frames as lines of text, and how it ended.
func read(data []byte, cfg capture.Config) (lines []string, stats capture.Stats, err error) {
	src, err := capture.NewReader("x", bytes.NewReader(data), cfg)
	if err != nil {
		return nil, stats, err
	}
	defer src.Close()
	var b capture.Batch
	for {
		err := src.Next(&b)
		if err != nil && len(b.Frames) > 0 {
			return lines, src.Stats(), errors.New("frames together with an error")
		}
		if errors.Is(err, io.EOF) {
			return lines, src.Stats(), nil
		}
		if err != nil {
			return lines, src.Stats(), err
		}
		for _, f := range b.Frames {
			lines = append(lines, fmt.Sprintf("%d %q %d %d", f.Time, f.Data, f.WireLen, f.Link))
		}
	}
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func equal(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n got %q\nwant %q", name, got, want)
	}
}

var (
	little = binary.LittleEndian
	big    = binary.BigEndian
	two    = []record{{sec: 1, frac: 2000, data: "first"}, {sec: 3, frac: 4999, data: "second", wire: 99}}
)

func TestPcap(t *testing.T) {
	micro := []string{`1002000 "first" 5 1`, `3004999 "second" 99 1`}
	nano := []string{`1000002 "first" 5 1`, `3000004 "second" 99 1`}
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"little endian", pcapFile(little, 0xa1b2c3d4, 1, two...), micro},
		{"big endian", pcapFile(big, 0xa1b2c3d4, 1, two...), micro},
		{"nanoseconds", pcapFile(little, 0xa1b23c4d, 1, two...), nano},
		{"nanoseconds, big endian", pcapFile(big, 0xa1b23c4d, 1, two...), nano},
		{"long record headers", pcapFile(little, 0xa1b2cd34, 1, two...), micro},
		{"checksum length above the link type", pcapFile(little, 0xa1b2c3d4, 1|0x24<<24, two...), micro},
		{"compressed", gzipped(pcapFile(little, 0xa1b2c3d4, 1, two...)), micro},
		{"compressed in parts", append(gzipped(pcapFile(little, 0xa1b2c3d4, 1, two[0])), gzipped(pcapFile(little, 0xa1b2c3d4, 1, two[1])[24:])...), micro},
		{"no packets", pcapFile(little, 0xa1b2c3d4, 1), nil},
	} {
		for _, batch := range []int{0, 1, 30} {
			got, stats, err := read(test.data, capture.Config{BatchBytes: batch})
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			equal(t, test.name, got, test.want...)
			if n := uint64(len(test.want)); stats.Received != n || stats.Delivered != n || stats.Cut != nil {
				t.Errorf("%s: %+v", test.name, stats)
			}
		}
	}
}

// TestPcapOldVersion reads the lengths of version 2.2, which stood the other way
// round.
func TestPcapOldVersion(t *testing.T) {
	b := pcapFile(little, 0xa1b2c3d4, 1, record{sec: 1, data: "abc"})
	little.PutUint16(b[6:], 2)
	little.PutUint32(b[24+8:], 50)
	little.PutUint32(b[24+12:], 3)
	got, _, err := read(b, capture.Config{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "2.2", got, `1000000 "abc" 50 1`)
}

func TestSnapLen(t *testing.T) {
	got, stats, err := read(pcapFile(little, 0xa1b2c3d4, 1, two...), capture.Config{SnapLen: 2})
	if err != nil || stats.Bytes != 5+99 {
		t.Errorf("%+v, %v", stats, err)
	}
	equal(t, "snap length", got, `1002000 "fi" 5 1`, `3004999 "se" 99 1`)
}

// TestCut cuts a file at every byte: all whole packets are read, and a Cut is told
// unless the file ends between two packets.
func TestCut(t *testing.T) {
	for _, whole := range [][]byte{
		pcapFile(little, 0xa1b2c3d4, 1, two...),
		ngFile(little, ngSection(little), ngInterface(little, 1, ""), ngEnhanced(little, 0, 1002000, "first", 5), ngEnhanced(little, 0, 3004999, "second", 99)),
	} {
		var ends []int // of the packets
		head := 24
		if whole[0] == 0x0a {
			head = 28 + 20
			ends = []int{head, head + 40, head + 80}
		} else {
			ends = []int{head, head + 21, head + 43}
		}
		for n := head; n <= len(whole); n++ {
			want, atEnd := -1, false
			for _, e := range ends {
				if n >= e {
					want++
				}
				atEnd = atEnd || n == e
			}
			for _, compress := range []bool{false, true} {
				data := whole[:n]
				if compress {
					data = gzipped(data)
				}
				got, stats, err := read(data, capture.Config{})
				if err != nil || len(got) != want || (stats.Cut == nil) != atEnd {
					t.Errorf("%d bytes: %d packets of %d, cut %v, error %v", n, len(got), want, stats.Cut, err)
				}
			}
		}
	}
}

// TestCutGzip cuts the compressed data itself.
func TestCutGzip(t *testing.T) {
	var many []record
	for i := range 1000 {
		many = append(many, record{sec: uint32(i), data: strings.Repeat(string(rune('a'+i%26)), 100+i%7)})
	}
	whole := gzipped(pcapFile(little, 0xa1b2c3d4, 1, many...))
	got, stats, err := read(whole[:len(whole)*2/3], capture.Config{})
	if err != nil || stats.Cut == nil || len(got) < 100 || len(got) > 999 {
		t.Errorf("%d packets, cut %v, error %v", len(got), stats.Cut, err)
	}
	whole[len(whole)/2] ^= 0xff
	if _, _, err := read(whole, capture.Config{}); !errors.Is(err, capture.ErrFormat) {
		t.Errorf("damaged data: %v", err)
	}
}

// TestRefused holds the errors users see: one line with file, place and remedy.
func TestRefused(t *testing.T) {
	pcap := pcapFile(little, 0xa1b2c3d4, 1, two...)
	version := bytes.Clone(pcap)
	version[4] = 9
	absurd := bytes.Clone(pcap)
	little.PutUint32(absurd[24+21+8:], 1<<30)
	for _, test := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "is empty; give a .pcap", nil},
		{"three bytes", "byte 3: ends within the header", []byte("abc")},
		{"text", `not a capture file: begins with "Flow"; give a .pcap, .pcapng or .gz of one`, []byte("Flow ID,Src IP\n")},
		{"text compressed", `begins with "Flow"`, gzipped([]byte("Flow ID,Src IP\n"))},
		{"zstd", "zstd -dc", []byte("\x28\xb5\x2f\xfd....")},
		{"xz", "xz -dc", []byte("\xfd7zXZ\x00...")},
		{"bzip2", "bzip2 -dc", []byte("BZh91AY")},
		{"zip", "unpack", []byte("PK\x03\x04....")},
		{"cut in the header", "byte 20: ends within the header", pcap[:20]},
		{"gzip of nothing", "is empty", gzipped(nil)},
		{"broken gzip", "broken gzip header", []byte("\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")},
		{"link type", "link type 249 (USBPCAP) is not supported; give a capture of Ethernet", pcapFile(little, 0xa1b2c3d4, 249)},
		{"version", "pcap version 9.4; convert it", version},
		{"absurd length", "byte 45: packet of 1073741824 bytes", absurd},
	} {
		_, _, err := read(test.data, capture.Config{})
		if !errors.Is(err, capture.ErrFormat) || !strings.HasPrefix(err.Error(), "capture x: ") ||
			!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestReadsUpToDamage reads what stands before an absurd record.
func TestReadsUpToDamage(t *testing.T) {
	b := pcapFile(little, 0xa1b2c3d4, 1, two...)
	little.PutUint32(b[24+21+8:], 1<<30)
	got, stats, err := read(b, capture.Config{})
	if !errors.Is(err, capture.ErrFormat) || stats.Received != 1 {
		t.Errorf("%v, %+v", err, stats)
	}
	equal(t, "before the damage", got, `1002000 "first" 5 1`)
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	if err := os.WriteFile(path, pcapFile(little, 0xa1b2c3d4, 1, two...), 0o600); err != nil {
		t.Fatal(err)
	}
	stats, _ := readAll(t, path)
	if stats.Received != 2 || stats.Bytes != 104 {
		t.Errorf("%+v", stats)
	}
	if _, err := capture.Open(filepath.Join(dir, "none"), capture.Config{}); !errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(err.Error(), "none: file does not exist; give a .pcap, .pcapng or .gz of one") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := capture.Open(dir, capture.Config{}); !errors.Is(err, capture.ErrFormat) || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("directory: %v", err)
	}
}

// TestOverlappingBatches uses two batches in turn, as a pipeline does: filling one
// leaves the other alone.
func TestOverlappingBatches(t *testing.T) {
	var many []record
	for i := range 100 {
		many = append(many, record{sec: uint32(i), data: fmt.Sprintf("packet %02d", i)})
	}
	src, err := capture.NewReader("x", bytes.NewReader(pcapFile(little, 0xa1b2c3d4, 1, many...)), capture.Config{BatchBytes: 200})
	if err != nil {
		t.Fatal(err)
	}
	var b [2]capture.Batch
	n := 0
	check := func(b *capture.Batch) {
		for _, f := range b.Frames {
			if want := fmt.Sprintf("packet %02d", n); string(f.Data) != want {
				t.Errorf("got %q, want %q", f.Data, want)
			}
			n++
		}
	}
	for turn := 0; ; turn++ {
		err := src.Next(&b[turn%2])
		if turn > 0 {
			check(&b[(turn+1)%2])
		}
		if err != nil {
			break
		}
	}
	if n != 100 {
		t.Errorf("%d packets", n)
	}
}

// TestPipe hands out what is there instead of waiting for a full batch.
func TestPipe(t *testing.T) {
	r, w := io.Pipe()
	b := pcapFile(little, 0xa1b2c3d4, 1, two...)
	go w.Write(b[:30])
	src, err := capture.NewReader("pipe", r, capture.Config{})
	if err != nil {
		t.Fatal(err)
	}
	go w.Write(b[30 : len(b)-3])
	var batch capture.Batch
	if err := src.Next(&batch); err != nil || len(batch.Frames) != 1 {
		t.Fatalf("%d frames, %v", len(batch.Frames), err)
	}
	go func() { w.Write(b[len(b)-3:]); w.Close() }()
	if err := src.Next(&batch); err != nil || len(batch.Frames) != 1 {
		t.Fatalf("%d frames, %v", len(batch.Frames), err)
	}
	if err := src.Next(&batch); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestReadError(t *testing.T) {
	_, err := capture.NewReader("x", brokenReader{}, capture.Config{})
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Error(err)
	}
	b := pcapFile(little, 0xa1b2c3d4, 1, two...)
	src, err := capture.NewReader("x", io.MultiReader(bytes.NewReader(b[:60]), brokenReader{}), capture.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var batch capture.Batch
	if err := src.Next(&batch); err != nil || len(batch.Frames) != 1 {
		t.Fatalf("%d frames, %v", len(batch.Frames), err)
	}
	for range 2 {
		if err := src.Next(&batch); err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "byte 60: cannot read: disk on fire") {
			t.Error(err)
		}
	}
}

// TestShrinkingFile reads a file that is cut off while it is being read.
func TestShrinkingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	var many []record
	for i := range 1000 {
		many = append(many, record{sec: uint32(i), data: strings.Repeat("x", 1000)})
	}
	if err := os.WriteFile(path, pcapFile(little, 0xa1b2c3d4, 1, many...), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := capture.Open(path, capture.Config{BatchBytes: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b capture.Batch
	if err := src.Next(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 150_000); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = src.Next(&b)
	}
	if s := src.Stats(); !errors.Is(err, io.EOF) || s.Received != 147 || s.Cut == nil {
		t.Errorf("%v, %+v", err, s)
	}
}
