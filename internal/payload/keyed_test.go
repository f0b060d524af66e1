package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

// TestKeyed: zeros show a key, whatever is said before them; patterns and structures do not.
func TestKeyed(t *testing.T) {
	under := func(key, text string, size int) string {
		b := []byte(text + strings.Repeat("\x00", size-len(text)))
		for i := range b {
			b[i] ^= key[i%len(key)]
		}
		return string(b)
	}
	var records strings.Builder
	for i := range 12 {
		records.WriteString("\x01\x00\x00\x00" + string([]byte{byte(i * 37), byte(i * 91), 0, 0}) + "\x00\x00\x80" + string([]byte{byte(i * 53)}) + "\x00\x00\x00\x00")
	}
	tests := []struct {
		name  string
		text  string
		keyed bool
	}{
		{"a report under sixteen letters", under("QX81MN04KLPA7ZT3", "Linux 3.2.0|eth0|1.4|", 240), true},
		{"a report under eight bytes", under("\x13\x9a\xc4\x55\x08\xfe\x21\x77", "host-17;user;amd64;", 128), true},
		{"the digits, as a test of speed sends", strings.Repeat("0123456789", 24), false},
		{"zeros behind a head", "HELO\x01\x02\x03\x04" + strings.Repeat("\x00", 200), false},
		{"records", records.String(), false},
		{"words", strings.Repeat("status of device 17 is good; ", 3) + "nothing else to say today, and so good night to all of you out there", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keyed([]byte(tt.text)); got != tt.keyed {
				t.Errorf("keyed %v, want %v", got, tt.keyed)
			}
		})
	}
}

// TestReports: how bots report for duty, and what looks alike.
func TestReports(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		marks Marks
	}{
		{"a number in a token", []step{{'>', "HEARTBEAT|bot-17|0|idle"}}, BotWords},
		{"a robot", []step{{'>', "STATUS|robot-17|0|idle"}}, 0},
		{"a bot among words", []step{{'>', "the bot says hello"}}, 0},
		{"by its kernel", []step{{'>', "VERSION:Linux-3.10.0-1160.el7.x86_64|2|2400 MHz"}}, HostInfo},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := talk(packet.TCP, tt.steps...).Marks & (BotWords | HostInfo | RATWords); got != tt.marks {
				t.Errorf("marks %b, want %b", got, tt.marks)
			}
		})
	}
}
