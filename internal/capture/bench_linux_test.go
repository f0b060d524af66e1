package capture_test

import (
	"encoding/binary"
	"os"
	"syscall"
	"testing"
)

// BenchmarkMapFile is what BenchmarkReadFile is held against: the file mapped into
// memory, with nothing done but following its records. It is why files are read.
func BenchmarkMapFile(b *testing.B) {
	f, err := os.Open(benchFile(b))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	frames, sum := 0, byte(0)
	for b.Loop() {
		m, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			b.Fatal(err)
		}
		for pos := 24; pos < len(m); frames++ {
			sum += m[pos+16+30] // within the IP header
			pos += 16 + int(binary.LittleEndian.Uint32(m[pos+8:]))
		}
		if err := syscall.Munmap(m); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(info.Size())
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames), "ns/frame")
	b.ReportMetric(0, "ns/op")
	_ = sum
}
