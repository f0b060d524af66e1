package payload

import "testing"

func TestMesh(t *testing.T) {
	tests := []struct {
		name, text string
		want       Mesh
	}{
		{"Overnet's search", "\xe3\x0e\x14" + "0123456789abcdef", ClosedOne},
		{"a server of eDonkey's asked", "\xe3\x96\x01\x02\x03\x04", OpenMesh},
		{"Kad", "\xe4\x21\x02" + "0123456789abcdef0123456789abcdef", OpenMesh},
		{"BitTorrent's table", "d1:ad2:id20:", OpenMesh},
		{"uTP's first", "\x41\x00\x12\x34\x01\x02\x03\x04\x00\x00\x00\x00\x00\x10\x00\x00\x00\x01\x00\x00", OpenMesh},
		{"STUN", "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl", OpenMesh},
		{"Gnutella's ping", "0123456789abcdef\x00\x01\x00\x00\x00\x00\x00", OpenMesh},
		{"a cipher", "\x9f\x10\x37\x81\xaa\x61\x02\x7c\x99\x10\x55", NoMesh},
		{"one byte", "\xe4", NoMesh},
		{"text", "hello", NoMesh},
	}
	for _, tt := range tests {
		if got := meshOf([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestNoise(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"a cipher", "\x9f\x10\x37\x81\xaa\x61\x02\x7c\x99\x10\x55\xc4", true},
		{"zeros behind a number", "\x00\x00\x00\x2a\x00\x00\x00\x00", false},
		{"text", "{\"cmd\":\"status\"}", false},
		{"three bytes", "\x9f\x10\x37", false},
	}
	for _, tt := range tests {
		if got := firstOf([]byte(tt.text), uint32(len(tt.text))).Noise(); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
