package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

// TestFrames: which conversations keep to one way of telling where a message ends.
func TestFrames(t *testing.T) {
	repeat := func(up, down string) (steps []step) {
		for range 3 {
			steps = append(steps, step{'>', up}, step{'<', down})
		}
		return steps
	}
	tests := []struct {
		name  string
		steps []step
		kept  bool
	}{
		{"length of all", repeat("\x0c\x00\x00\x00abcdefgh", "\x08\x00\x00\x00abcd"), true},
		{"length of what follows, in network order", repeat("\x00\x00\x00\x08abcdefgh", "\x00\x00\x00\x04abcd"), true},
		{"behind a tag", repeat("TAG1\x08\x00\x00\x00abcdefgh", "TAG1\x04\x00\x00\x00abcd"), true},
		{"nothing now and then, behind a tag", append(repeat("TAG1\x08\x00\x00\x00abcdefgh", "TAG1\x04\x00\x00\x00abcd"), repeat("TAG1\x00\x00\x00\x00", "TAG1\x00\x00\x00\x00")...), true},
		{"after noise", append(repeat("\xa1\x93\xc5noise", "\x81\x02\xee\xf0more"), repeat("\x0c\x00\x00\x00abcdefgh", "\x08\x00\x00\x00abcd")...), true},
		{"Base64 with an end", repeat("UE5HfiE=&&&", "Q0FDRH4h\r\n"), true},

		{"nothing at all", repeat("TAG1\x00\x00\x00\x00", "TAG1\x00\x00\x00\x00"), false},
		{"one side", repeat("\x0c\x00\x00\x00abcdefgh", "okay, go on"), false},
		{"each side its own way", repeat("\x0c\x00\x00\x00abcdefgh", "\x00\x00\x00\x04abcd"), false},
		{"another length", repeat("\x0d\x00\x00\x00abcdefgh", "\x09\x00\x00\x00abcd"), false},
		{"length in two bytes", repeat("\x00\x08abcdefgh", "\x00\x04abcd"), false},
		{"words", repeat("status\n", "quiet\n"), false},
		{"capitals", repeat("HEARTBEAT123\n", "ACKNOWLEDGED\n"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s := talk(packet.TCP, tt.steps...); s.Frames.kept() != tt.kept {
				t.Errorf("kept %v, want %v: %+v", !tt.kept, tt.kept, s.Frames)
			}
		})
	}
}

// TestFramesOfText: a word of Base64 is no number, nor the other way round.
func TestFramesOfText(t *testing.T) {
	text := talk(packet.TCP, step{'>', "UE5HfiE="}, step{'<', "Q0FDRH4h"}, step{'>', "UE5HfiE="}, step{'<', "Q0FDRH4h"})
	if text.Frames.Counted() || !text.Frames.Coded() {
		t.Errorf("text in Base64 is %+v", text.Frames)
	}
	numbers := talk(packet.TCP, step{'>', "\x08\x00\x00\x00abcd"}, step{'<', "\x08\x00\x00\x00abcd"}, step{'>', "\x08\x00\x00\x00abcd"}, step{'<', "\x08\x00\x00\x00abcd"})
	if !numbers.Frames.Counted() || numbers.Frames.Coded() {
		t.Errorf("messages behind their length are %+v", numbers.Frames)
	}
}

func TestFramesOfCutMessages(t *testing.T) {
	var f Framing
	whole := "\x80\x00\x00\x00" + strings.Repeat("x", 124)
	for range 2 {
		f.add(0, []byte(whole[:40]), 128)
		f.add(1, []byte(whole[:8]), 128)
	}
	if !f.kept() {
		t.Error("the length of a message that the capture has cut is its own all the same")
	}
	f.add(0, []byte("UE5HfiE="), 80)
	if f.kept() {
		t.Error("text that is cut may end in anything")
	}
}
