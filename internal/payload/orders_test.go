package payload

import "testing"

func TestOrdered(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{`{"cmd":"shell","arg":"whoami"}`, true},
		{`{"task": "exec", "args": ["ls"]}`, true},
		{`["run", "cat /etc/passwd"]`, true},
		{"\x00\x00\x00\x1e" + `{"cmd":"shell","arg":"whoami"}`, true},
		{"\x1e\x00\x00\x00" + `{"cmd":"shell","arg":"whoami"}`, true},
		{"\x00\x1e" + `{"cmd":"shell","arg":"whoami"}`, true},
		{"CMD whoami\n", true},
		{"!shell: ls -la\r\n", true},
		{"exec|uname -a", true},
		{"d2hvYW1p\n", true},
		{"eyJjbWQiOiJzaGVsbCIsImFyZyI6Indob2FtaSJ9", true},
		{"cmd status\n", false},
		{"run forest run", false},
		{"execution of whoami", false},
		{"c3RhdHVz", false},
		{"\x00\x00", false},
		{"", false},
		{`{"cmd":"ping"}`, false},
		{`{"cmd":"id"}`, false},
		{`{"cmd":"hostname"}`, false},
		{`{"execute":"query-status"}`, false},
		{`{"cmd":"who`, false},
		{`whoami`, false},
	}
	for _, tt := range tests {
		if got := ordered([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %t", tt.text, got)
		}
	}
}

func TestDisguised(t *testing.T) {
	under := func(text string, key byte) []byte {
		b := []byte(text)
		for i := range b {
			b[i] ^= key
		}
		return b
	}
	const report = "hello|WIP-12|user|1.0.3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	tests := []struct {
		name string
		text []byte
		want bool
	}{
		{"a report under a key", under(report, 0xfb), true},
		{"another key", under(report, 0x86), true},
		{"JSON under a key", under(`{"type":"hello","id":"node-01","os":"Linux"}`, 0x5a), true},
		{"in the clear", []byte(report), false},
		{"numbers amid ones", []byte("\x01\x02\x03\x04\x05\x06\x07\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), false},
		{"one byte over and over", under("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 0xfb), false},
		{"too short", under("hello", 0xfb), false},
	}
	for _, tt := range tests {
		if got := disguised(tt.text); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
