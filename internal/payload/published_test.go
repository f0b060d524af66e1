package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

// TestPublished: first messages of protocols that say what they are, and of some that only look so.
func TestPublished(t *testing.T) {
	rest := func(n int) string { return strings.Repeat("\xa7\x31", n/2) }
	tests := []struct {
		name  string
		text  string
		proto Proto
	}{
		{"OpenVPN over TCP", "\x00\x0e\x38" + rest(8) + "\x00\x00\x00\x00\x00", Published},
		{"Steam", "\x1c\x00\x00\x00VT01" + rest(28), Published},
		{"WeChat", "\x16\xf1\x04\x00\x20" + rest(32), Published},
		{"Minecraft", "\x10\x00\xf3\x05\x09mc.exampl\x63\xdd\x01\x01\x00", Published},
		{"BitTorrent", "\x13BitTorrent protocol" + rest(48), Published},
		{"a coin's mesh", "\xfb\xc0\xb6\xdbversion\x00\x00\x00\x00\x00" + rest(80), Published},
		{"a vehicle", "\x78\x78\x0d\x01\x08\x67\x72\x25\x03\x00\x12\x34\x00\x01\x8c\xdd\x0d\x0a", Published},
		{"a length of two bytes, and another word", "\x00\x0e\x11" + rest(12) + "\x00", Unknown},
		{"a length, and another tag", "\x1c\x00\x00\x00VT99" + rest(28), Unknown},
		{"a hello without a name", "\x10\x00\xf3\x05\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09\x63\xdd\x01", Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s := talk(packet.TCP, step{'>', tt.text}); s.Proto != tt.proto {
				t.Errorf("taken for %v, want %v", s.Proto, tt.proto)
			}
		})
	}
}
