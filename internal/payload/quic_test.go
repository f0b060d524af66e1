package payload

import (
	"encoding/hex"
	"strings"
	"testing"

	"firetower/internal/packet"
)

// initialA2 is the beginning of the client's first packet in RFC 9001, appendix A.2,
// as much as a short capture keeps; it is of 1,200 bytes.
const initialA2 = "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11" +
	"d242b123dc9bd8bab936b47d92ec356c0bab7df5976d27cd449f63300099f399" +
	"1c260ec4c60d17b31f8429157bb35a1282a643a8d2262cad67500cadb8e7378c" +
	"8eb7539ec4d4905fed1bee1fc8aafba17c750e2c7ace01e6005f80fcb7df6212" +
	"30c83711b39343fa028cea7f7fb5ff89eac2308249a02252155e2347b63d58c5" +
	"457afd84d05dfffdb20392844ae812154682e9cf012f9021a6f0be17ddd0c208" +
	"4dce25ff9b06cde535d0f920a2db1bf362c23e596d11a4f5a6cf3948838a3aec" +
	"4e15daf8500a6ef69ec4e3feb6b1d98e610ac8b7ec3faf6ad760b7bad1db4ba3" +
	"485e8a94dc250ae3fdb41ed15fb6a8e5eba0fc3dd60bc8e30c5c4287e53805db"

func initial(t *testing.T) []byte {
	b, err := hex.DecodeString(initialA2)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestQUIC(t *testing.T) {
	b := initial(t)
	plain := quicVersions[0].open(b)
	if want := "060040f1010000ed0303ebf8fa56f129"; hex.EncodeToString(plain[:16]) != want {
		t.Errorf("opened to %x, want %s", plain[:16], want)
	}
	var s Signals
	s.Observe(true, &packet.Packet{Src: packet.Addr{1}, Proto: packet.UDP, Payload: b, PayloadLen: 1200})
	if s.Proto != QUIC || s.Reversed || s.TLS.SNI != hash([]byte("example.com")) || s.Marks.Has(NoSNI) {
		t.Errorf("%v, name %x, marks %b", s.Proto, s.TLS.SNI, s.Marks)
	}
	for i := range b[:16] { // another version or key opens to nothing
		broken := append([]byte(nil), b...)
		broken[i] ^= 0x55
		var s Signals
		s.Observe(true, &packet.Packet{Src: packet.Addr{1}, Proto: packet.UDP, Payload: broken, PayloadLen: 1200})
		if s.Proto == QUIC {
			t.Errorf("byte %d changed and still a hello", i)
		}
	}
}

// TestQUICCrypto puts shuffled pieces of a handshake together.
func TestQUICCrypto(t *testing.T) {
	tests := []struct{ name, frames, want string }{
		{"in order", "\x06\x00\x03abc\x06\x03\x02de", "abcde"},
		{"shuffled, padded, pinged", "\x00\x00\x06\x03\x02de\x01\x06\x00\x03abc\x00", "abcde"},
		{"a piece missing", "\x06\x00\x03abc\x06\x05\x02fg", "abc"},
		{"the last one cut", "\x06\x00\x03abc\x06\x03\x09de", "abcde"},
		{"beyond all bounds", "\x06\xc0\x00\x00\x00\x00\xff\xff\xff\x03abc", ""},
		{"another frame", "\x02\x00\x00\x00\x00\x06\x00\x03abc", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var into [64]byte
			if n := quicCrypto([]byte(tt.frames), into[:]); string(into[:n]) != tt.want {
				t.Errorf("%q, want %q", into[:n], tt.want)
			}
		})
	}
}

// FuzzQUIC opens foreign datagrams.
func FuzzQUIC(f *testing.F) {
	b, _ := hex.DecodeString(initialA2)
	f.Add(b)
	f.Add([]byte(strings.Repeat("\xc0\x00\x00\x00\x01\x08", 20)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var s Signals
		s.quicHello(0, b)
		var into [2048]byte
		quicCrypto(b, into[:])
	})
}
