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
	if s.Proto != TLS || s.TLS.SNI != hash([]byte("www.example.org")) || s.TLS.Version != 0x303 || s.Marks.Has(NoSNI) {
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
		{"claims 16 KB", []step{{'>', hello("a")}, {'>', record(24, "\x01\x40\x00")}, {'<', record(24, "\x02\x40\x00"+strings.Repeat("m", 16381))}}, 1, 0, [2]uint16{3, 16384}},
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

// TestCutHello: a capture that keeps little of a packet cuts hellos.
func TestCutHello(t *testing.T) {
	ext := func(kinds ...int) string {
		all := ""
		for _, k := range kinds {
			all += string([]byte{byte(k >> 8), byte(k), 0, 8}) + "12345678"
		}
		return all
	}
	hello := func(all string) string {
		body := "\x03\x03" + strings.Repeat("r", 32) + "\x00" + "\x00\x02\x13\x01" + "\x01\x00" + string([]byte{byte(len(all) >> 8), byte(len(all))}) + all
		return record(22, "\x01\x00"+string([]byte{byte(len(body) >> 8), byte(len(body))})+body)
	}
	tests := []struct {
		name   string
		text   string
		keep   int // bytes cut off
		noName bool
	}{
		{"whole", hello(ext(5, 10, 13)), 0, true},
		{"too little cut for a name", hello(ext(5, 10, 13)), 10, true},
		{"a name might follow", hello(ext(5, 10, 13, 35)), 24, false},
		{"OpenSSL has passed the place of the name", hello(ext(11, 10, 35, 13)), 24, true},
		{"the same behind renegotiation", hello(ext(0xff01, 11, 10, 35)), 24, true},
		{"cut within the padding behind all", hello(ext(23, 10, 13) + "\x00\x15\x00\xc8" + strings.Repeat("\x00", 200)), 190, true},
		{"cut before the list", hello(ext(5, 10)), 25, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, step{'>', tt.text[:len(tt.text)-tt.keep]})
			if got := s.Marks.Has(NoSNI); got != tt.noName {
				t.Errorf("without a name: %v, want %v", got, tt.noName)
			}
		})
	}
}

// TestCertificate reads who has issued whose.
func TestCertificate(t *testing.T) {
	der := func(tag byte, body string) string {
		if len(body) < 128 {
			return string([]byte{tag, byte(len(body))}) + body
		}
		return string([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}) + body
	}
	name := func(kind, text string) string {
		return der(0x30, der(0x31, der(0x30, "\x06\x03\x55\x04"+kind+der(0x0c, text))))
	}
	message := func(issuer, subject string) string {
		cert := der(0x30, der(0x30, der(0xa0, "\x02\x01\x02")+der(2, "1234")+der(0x30, "\x06\x01\x01")+issuer+der(0x30, strings.Repeat("v", 30))+subject+strings.Repeat("k", 300)))
		return "\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00" + cert
	}
	const cn, org = "\x03", "\x0a"
	tests := []struct {
		name          string
		text          string
		cut           int
		self, private bool
	}{
		{"its own", message(name(cn, "box"), name(cn, "box")), 0, true, true},
		{"its own, without a common name", message(name(org, "Internet Widgits Pty Ltd"), name(org, "Internet Widgits Pty Ltd")), 0, true, true},
		{"of a house", message(name(cn, "House CA"), name(cn, "box")), 0, false, true},
		{"of an authority", message(name(org, "DigiCert Inc"), name(cn, "www.example.org")), 0, false, false},
		{"subject cut off", message(name(cn, "House CA"), name(cn, "House CA")), 310, false, true},
		{"issuer cut off", message(name(cn, "House CA"), name(cn, "House CA")), 380, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Signals
			s.certificate([]byte(tt.text[:len(tt.text)-tt.cut]))
			if s.Marks.Has(SelfSigned) != tt.self || s.Marks.Has(PrivateCA) != tt.private {
				t.Errorf("its own %v, private %v", s.Marks.Has(SelfSigned), s.Marks.Has(PrivateCA))
			}
		})
	}
}
