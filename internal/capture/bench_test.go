package capture_test

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// benchFile gives the file named by FIRETOWER_BENCH_PCAP, or makes one of 100,000
// frames, three of 1514 bytes to one of 66, as a download over HTTP has them.
func benchFile(b *testing.B) string {
	if path := os.Getenv("FIRETOWER_BENCH_PCAP"); path != "" {
		return path
	}
	frame := make([]byte, 1514)
	copy(frame[12:], "\x08\x00\x45\x00\x05\xdc\x00\x01\x40\x00\x40\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x50\xc0\x00")
	frame[46] = 0x80
	head := append(binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4), "\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x01\x00\x00\x00"...)
	path := filepath.Join(b.TempDir(), "bench.pcap")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var four []byte
	for i := range uint32(4) {
		size := uint32(1514)
		if i == 3 {
			size = 66
		}
		for _, v := range []uint32{1, i, size, size} {
			four = binary.LittleEndian.AppendUint32(four, v)
		}
		four = append(four, frame[:size]...)
	}
	f.Write(head)
	for range 25_000 {
		if _, err := f.Write(four); err != nil {
			b.Fatal(err)
		}
	}
	return path
}

func benchRead(b *testing.B, work func(f *capture.Frame)) {
	path := benchFile(b)
	var batch capture.Batch
	frames, bytes := 0, uint64(0)
	for b.Loop() {
		src, err := capture.Open(path, capture.Config{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if err := src.Next(&batch); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			frames += len(batch.Frames)
			for i := range batch.Frames {
				work(&batch.Frames[i])
			}
		}
		bytes = src.Stats().Bytes
		src.Close()
	}
	b.SetBytes(int64(bytes))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReadFile reads a file that is in the page cache.
func BenchmarkReadFile(b *testing.B) {
	benchRead(b, func(*capture.Frame) {})
}

// BenchmarkReadAndDecode also decodes its frames.
func BenchmarkReadAndDecode(b *testing.B) {
	var p packet.Packet
	benchRead(b, func(f *capture.Frame) {
		packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p)
	})
}
