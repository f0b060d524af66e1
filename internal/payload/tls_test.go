package payload

import (
	"encoding/binary"
	"strings"
	"testing"

	"firetower/internal/packet"
)

// record builds a TLS record.
func record(kind byte, body string) string {
	return string([]byte{kind, 3, 2, byte(len(body) >> 8), byte(len(body))}) + body
}

// hello builds a client's hello, with a server name unless it is empty.
func hello(name string) string {
	ext := "\x00\x17\x00\x00"
	if name != "" {
		b := make([]byte, 9)
		binary.BigEndian.PutUint16(b[2:], uint16(len(name)+5))
		binary.BigEndian.PutUint16(b[4:], uint16(len(name)+3))
		binary.BigEndian.PutUint16(b[7:], uint16(len(name)))
		ext = string(b) + name + ext
	}
	body := "\x03\x03" + strings.Repeat("r", 32) + "\x00" + "\x00\x02\x13\x01" + "\x01\x00" + string([]byte{byte(len(ext) >> 8), byte(len(ext))}) + ext
	return record(22, "\x01\x00"+string([]byte{byte(len(body) >> 8), byte(len(body))})+body)
}

func TestHello(t *testing.T) {
	s := talk(packet.TCP, step{'>', hello("www.example.org")})
	if s.Proto != TLS || s.TLS.SNI != hash([]byte("www.example.org")) || s.TLS.Version != 0x303 || s.TLS.Ciphers != 1 || s.Marks.Has(NoSNI) {
		t.Errorf("%+v marks %b", s.TLS, s.Marks)
	}
	if s := talk(packet.TCP, step{'>', hello("")}); !s.Marks.Has(NoSNI) {
		t.Error("a hello without a name is not marked")
	}
	if s := talk(packet.TCP, step{'>', hello("www.example.org")[:60]}); s.Marks.Has(NoSNI) {
		t.Error("a hello cut off is taken for one without a name")
	}
}

func TestHeartbeats(t *testing.T) {
	seal := record(20, "\x01")
	beat := func(n int) string { return record(24, strings.Repeat("x", n)) }
	tests := []struct {
		name              string
		steps             []step
		oversized, sealed uint16
		largest           [2]uint16
	}{
		{"honest", []step{{'>', hello("a")}, {'>', record(24, "\x01\x00\x04ping"+strings.Repeat("p", 16))}, {'<', record(24, "\x02\x00\x04ping"+strings.Repeat("p", 16))}}, 0, 0, [2]uint16{23, 23}},
		{"claims 16 KB", []step{{'>', hello("a")}, {'>', record(24, "\x01\x40\x00")}, {'<', beat(16384)}}, 1, 0, [2]uint16{3, 16384}},
		{"claims its own record and no padding", []step{{'>', hello("a")}, {'>', record(24, "\x01\x00\x20"+strings.Repeat("x", 32))}}, 1, 0, [2]uint16{35, 0}},
		{"behind encryption", []step{{'>', hello("a")}, {'>', seal}, {'<', seal}, {'>', beat(32)}, {'<', beat(1000)}}, 0, 2, [2]uint16{32, 1000}},
		{"after bulk data in the same segment", []step{{'>', hello("a")}, {'>', record(23, strings.Repeat("d", 300)) + beat(32)}}, 0, 1, [2]uint16{32, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := &talk(packet.TCP, tt.steps...).Beats
			if h.Oversized != tt.oversized || h.Sealed != tt.sealed || h.Largest != tt.largest {
				t.Errorf("%+v", h)
			}
		})
	}
}

// TestRecordsAcrossPackets cuts a stream of records anywhere, and each packet to
// what a short snap length keeps: the records must still be found.
func TestRecordsAcrossPackets(t *testing.T) {
	stream := hello("a") + record(20, "\x01") + record(23, strings.Repeat("d", 5000)) + record(24, strings.Repeat("h", 40)) + record(23, strings.Repeat("e", 200))
	for _, size := range []int{1448, 700, 333} {
		s := new(Signals)
		for at := 0; at < len(stream); at += size {
			part := stream[at:min(at+size, len(stream))]
			s.Observe(true, &packet.Packet{Src: packet.Addr{1}, Proto: packet.TCP, Seq: uint32(at), PayloadLen: uint32(len(part)), Payload: []byte(part)})
		}
		if s.Beats.Count[0] != 1 {
			t.Errorf("segments of %d bytes: %d heartbeats, want 1", size, s.Beats.Count[0])
		}
	}
}
