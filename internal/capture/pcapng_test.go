package capture_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"firetower/internal/capture"
)

type order = binary.AppendByteOrder

// ngBlock writes a block around its body.
func ngBlock(o order, kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	size := uint32(len(body) + 12)
	b := o.AppendUint32(nil, kind)
	b = o.AppendUint32(b, size)
	b = append(b, body...)
	return o.AppendUint32(b, size)
}

func ngWords(o order, words ...uint32) []byte {
	var b []byte
	for _, w := range words {
		b = o.AppendUint32(b, w)
	}
	return b
}

func ngOption(o order, code int, value []byte) []byte {
	b := o.AppendUint16(nil, uint16(code))
	b = o.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func ngSection(o order) []byte {
	b := o.AppendUint32(nil, 0x1a2b3c4d)
	b = o.AppendUint16(b, 1)
	b = o.AppendUint16(b, 0)
	return ngBlock(o, 0x0a0d0d0a, append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
}

func ngInterface(o order, link int, options string) []byte {
	b := o.AppendUint16(nil, uint16(link))
	b = o.AppendUint16(b, 0)
	b = o.AppendUint32(b, 0)
	return ngBlock(o, 1, append(b, options...))
}

func ngEnhanced(o order, id uint32, time uint64, data string, wire uint32) []byte {
	return ngBlock(o, 6, append(ngWords(o, id, uint32(time>>32), uint32(time), uint32(len(data)), wire), data...))
}

func ngSimple(o order, data string, wire uint32) []byte {
	return ngBlock(o, 3, append(ngWords(o, wire), data...))
}

func ngFile(_ order, blocks ...[]byte) []byte {
	var b []byte
	for _, x := range blocks {
		b = append(b, x...)
	}
	return b
}

func TestPcapng(t *testing.T) {
	for name, o := range map[string]order{"little endian": little, "big endian": big} {
		other := order(big)
		if o == order(big) {
			other = little
		}
		eight := func(v uint64) []byte { return o.AppendUint64(nil, v) }
		data := ngFile(o,
			ngSection(o),
			ngBlock(o, 4, make([]byte, 40)), // names: skipped
			ngInterface(o, 1, ""),
			ngInterface(o, 113, string(ngOption(o, 2, []byte("eth0")))+string(ngOption(o, 9, []byte{9}))+string(ngOption(o, 0, nil))),
			ngInterface(o, 101, string(ngOption(o, 9, []byte{0x80 | 10}))),
			ngInterface(o, 1, string(ngOption(o, 14, eight(100)))),
			ngEnhanced(o, 0, 1_500_000, "micro", 5),
			ngEnhanced(o, 1, 2_500_000_999, "nano", 60),
			ngEnhanced(o, 2, 3*1024+512, "binary", 6),
			ngEnhanced(o, 3, 4_000_000, "offset", 6),
			ngSimple(o, "simple", 6),
			ngBlock(o, 0x0bad, make([]byte, 1_000_000)),                // custom, longer than a batch
			ngBlock(o, 2, append(ngWords(o, 0, 0, 9, 3, 3), "old"...)), // obsolete
			ngBlock(o, 5, append(ngWords(o, 0, 0, 0), append(ngOption(o, 5, eight(11)), ngOption(o, 7, eight(22))...)...)),
			ngBlock(o, 5, append(ngWords(o, 1, 0, 0), ngOption(o, 5, eight(100))...)),
			ngBlock(o, 5, append(ngWords(o, 1, 0, 0), ngOption(o, 5, eight(109))...)), // a later total of the same
			ngSection(other),
			ngInterface(other, 1, ""),
			ngEnhanced(other, 0, 7, "other order", 11),
		)
		for _, d := range [][]byte{data, gzipped(data)} {
			got, stats, err := read(d, capture.Config{BatchBytes: 1000})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			equal(t, name, got, `1500000 "micro" 5 1`, `2500000 "nano" 60 113`, `3500000 "binary" 6 101`,
				`104000000 "offset" 6 1`, `104000000 "simple" 6 1`, `9 "old" 3 1`, `7 "other order" 11 1`)
			if stats.Received != 7 || stats.DroppedInterface != 120 || stats.DroppedKernel != 22 || stats.Cut != nil {
				t.Errorf("%s: %+v", name, stats)
			}
		}
	}
}

// TestPcapngMixedLinks counts the frames of interfaces that cannot be read, and
// refuses a file that has no others.
func TestPcapngMixedLinks(t *testing.T) {
	start := ngFile(little, ngSection(little), ngInterface(little, 249, ""), ngInterface(little, 1, ""), ngEnhanced(little, 0, 1, "usb", 3))
	got, stats, err := read(append(start, ngEnhanced(little, 1, 2, "ethernet", 8)...), capture.Config{})
	if err != nil || stats.Received != 2 || stats.Unreadable != 1 || stats.Delivered != 1 {
		t.Errorf("%+v, %v", stats, err)
	}
	equal(t, "mixed", got, `2 "ethernet" 8 1`)
	_, _, err = read(start, capture.Config{})
	if !errors.Is(err, capture.ErrFormat) || !strings.Contains(err.Error(), "byte 68: link type 249 (USBPCAP) is not supported") {
		t.Error(err)
	}
}

func TestPcapngRefused(t *testing.T) {
	version := ngSection(little)
	version[12] = 7
	tail := ngInterface(little, 1, "")
	tail[len(tail)-4]++
	for _, test := range []struct {
		name, want string
		blocks     [][]byte
	}{
		{"version", "capture x: pcapng version 7.0", [][]byte{version}},
		{"no byte order", "capture x: section header without a byte order", [][]byte{append([]byte{10, 13, 13, 10}, make([]byte, 30)...)}},
		{"block of no length", "byte 28: block of 0 bytes", [][]byte{ngSection(little), make([]byte, 12)}},
		{"lengths differ", "byte 28: block of 20 bytes that ends as one of 21", [][]byte{ngSection(little), tail}},
		{"unknown interface", "byte 48: packet of interface 3, but only 1 were described", [][]byte{ngSection(little), ngInterface(little, 1, ""), ngEnhanced(little, 3, 0, "x", 1)}},
		{"longer than its block", "packet of 9 bytes in a block of 36", [][]byte{ngSection(little), ngInterface(little, 1, ""), ngBlock(little, 6, ngWords(little, 0, 0, 0, 9, 9, 0))}},
		{"short packet block", "packet block of 16 bytes", [][]byte{ngSection(little), ngBlock(little, 6, ngWords(little, 0))}},
		{"simple without interface", "packet without a length or an interface", [][]byte{ngSection(little), ngSimple(little, "x", 1)}},
		{"short description", "interface description of 12 bytes", [][]byte{ngSection(little), ngBlock(little, 1, nil)}},
		{"short section", "section header of 24 bytes", [][]byte{ngBlock(little, 0x0a0d0d0a, ngWords(little, 0x1a2b3c4d, 1, 0))}},
		{"absurd block", "more than any packet needs", [][]byte{ngSection(little), ngWords(little, 6, 1<<30, 0)}},
	} {
		_, _, err := read(ngFile(little, test.blocks...), capture.Config{})
		if !errors.Is(err, capture.ErrFormat) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestPcapngTimes holds damaged and odd time stamps to the years 1970 to 9999.
func TestPcapngTimes(t *testing.T) {
	const latest = "253402300799999999"
	for _, test := range []struct {
		resolution byte
		offset     int64
		stamp      uint64
		want       string
	}{
		{6, 0, 1, "1"},
		{6, 0, 1 << 63, latest},
		{6, -5, 1, "0"},
		{6, 1 << 62, 1 << 62, latest},
		{6, -1 << 63, 5, "0"},
		{0, 0, 1 << 63, latest},
		{0, 0, 12, "12000000"},
		{3, 1, 12, "1012000"},
		{12, 0, 3_000_000_999_999, "3000000"},
		{255, 0, 1 << 63, "1000000"},
		{100, 0, 5, "0"},
	} {
		options := string(ngOption(little, 9, []byte{test.resolution})) + string(ngOption(little, 14, little.AppendUint64(nil, uint64(test.offset))))
		got, _, err := read(ngFile(little, ngSection(little), ngInterface(little, 1, options), ngEnhanced(little, 0, test.stamp, "", 0)), capture.Config{})
		if err != nil {
			t.Error(err)
		}
		equal(t, test.want, got, test.want+` "" 0 1`)
	}
}
