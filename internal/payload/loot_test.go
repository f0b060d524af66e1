package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

func TestLoot(t *testing.T) {
	reported := map[string]bool{
		"Time: 1/1/2024<br>User Name: ann<br>Computer Name: PC<br>OSFullName: Windows 10<br>CPU: x<br>": true,
		"Subject: PW_ann/PC-7\r\n":                                                  true,
		"Subject: Snake Keylogger | ann | PC\r\n":                                   true,
		"Subject: keylog PC31\r\n":                                                  true,
		"Subject: CO_meeting\r\n\r\nHello, my user name: is ann":                    false,
		"Subject: slow\r\n\r\nCPU: i5 and RAM: 8 GB, what else do you need to know": false,
	}
	for text, want := range reported {
		if reports([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
	hoarded := map[string]bool{
		"PW_ann-PC_2024_01_01_10_00_00.html": true, "ann - Passwords ID - 7.txt": true,
		"sc_header.png": false, "pw_policy-2024.pdf": false, "report_2024.html": false,
	}
	for name, want := range hoarded {
		if hoards([]byte(name)) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// TestWantsPasswords: the file of passwords asked for by its name.
func TestWantsPasswords(t *testing.T) {
	for text, want := range map[string]bool{
		"--server\n--sender\n-vr\n.\nroot/etc/shadow\n\n": true,
		"\x00\x01../../etc/shadow\x00octet\x00":           true,
		"RETR /etc/shadow":                                true,
		"--server\n--sender\n-vlogDtpr\n.\nroot/\n\n":     false,
		"see /etc/shadow of your machine":                 false,
	} {
		if wantsPasswords([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestListsUsers: files of users and passwords, and what only speaks of root.
func TestListsUsers(t *testing.T) {
	for text, want := range map[string]bool{
		"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1":         true,
		"--b\r\n\r\nroot:$6$aB$cD:19000:0:99999:7:::\n":         true,
		"root:*:20228:0:99999:7:::":                             true,
		"root:!:20228:0:99999:7:::":                             true,
		"root: logged in at 10:30:00":                           false,
		"root:secret:12345 of the day":                          false,
		"the line root:x:0:0:root:/root:/bin/bash is the first": false,
	} {
		if listsUsers([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// TestStrangers: protocols of no name, told by their shape.
func TestStrangers(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  Marks
	}{
		{"counted message", []step{{'>', "64\x00" + strings.Repeat("x", 64)}}, RATWords},
		{"a number and something else", []step{{'>', "64\x00" + strings.Repeat("x", 60)}}, 0},
		{"framing that names an address", []step{{'>', "\x00\x01\x00\x01\x02\x02\x1fnet.tcp://192.0.2.7:33222/\x03\x08\x0c"}}, RawHost},
		{"framing that names a host", []step{{'>', "\x00\x01\x00\x01\x02\x02\x1fnet.tcp://files.example:808/\x03\x08\x0c"}}, 0},
		{"miner", []step{{'>', `{"id":1,"method":"mining.subscribe","params":[]}`}}, Mines},
		{"miner of another dialect", []step{{'>', `{"id":1,"method":"login","params":{"login":"x","agent":"XMRig/6"}}`}}, Mines},
		{"log-in in JSON", []step{{'>', `{"id":1,"method":"login","params":{"user":"x"}}`}}, 0},
		{"stage of the announced length", []step{{'<', "\x20\x4e\x00\x00"}, {'<', strings.Repeat("s", 20000)}, {'>', "ok"}}, Staged},
		{"another length", []step{{'<', "\x20\x4e\x00\x00"}, {'<', strings.Repeat("s", 20001)}, {'>', "ok"}}, 0},
		{"asked for", []step{{'>', "give"}, {'<', "\x20\x4e\x00\x00"}, {'<', strings.Repeat("s", 20000)}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, tt.steps...)
			if got := s.Marks & (RATWords | RawHost | Mines | Staged); got != tt.want {
				t.Errorf("marks %b, want %b", got, tt.want)
			}
		})
	}
}

// TestNoisyReplies: bodies without order, and what only looks so.
func TestNoisyReplies(t *testing.T) {
	noisy := make([]byte, 300)
	for i := range noisy {
		noisy[i] = byte(i*i*31>>3 ^ i*57)
	}
	if !shapeless(noisy) {
		t.Fatal("the noise is none")
	}
	get := step{'>', "GET /a HTTP/1.1\r\nHost: 192.0.2.7\r\n\r\n"}
	reply := func(head, body string) step { return step{'<', "HTTP/1.1 404 No\r\n" + head + "\r\n\r\n" + body} }
	tests := []struct {
		name string
		step step
		want Marks
	}{
		{"page", reply("Content-Type: text/html", string(noisy)), NoiseReply},
		{"packed page", reply("Content-Type: text/html\r\nContent-Encoding: br", string(noisy)), 0},
		{"page of text", reply("Content-Type: text/html", strings.Repeat("not here, nor there ", 10)), 0},
		{"file", reply("Content-Length: 300000\r\nContent-Type: application/octet-stream", string(noisy)), NoiseFetched},
		{"small file", reply("Content-Length: 300\r\nContent-Type: application/octet-stream", string(noisy)), 0},
		{"archive", reply("Content-Length: 300000\r\nContent-Type: application/octet-stream", "PK\x03\x04"+string(noisy)), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, get, tt.step)
			if got := s.Marks & (NoiseFetched | NoiseReply); got != tt.want {
				t.Errorf("marks %b, want %b", got, tt.want)
			}
		})
	}
}

func TestCodedPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/images/Bo2KvpIDPZlf/uYqZ8bHcE/kD3xYQv1dJ_2FhT9u/mnzd7Lw_2BsZ/oT6Wc5xY.avi":    true,
		"/images/2024/summer/holidays/beach/IMG_2041.jpg":                               false,
		"/v/t1.0-9/s600x600/1234567_9876543_n.jpg":                                      false,
		"/8f3a9c2e1b/4d5e6f7a8b/9c0d1e2f3a/4b5c6d7e8f/a1b2c3d4e5.png":                   false,
		"/images/Bo2KvpIDPZlf/uYqZ8bHcE/kD3xYQv1dJ_2FhT9u/mnzd7Lw_2BsZ/oT6Wc5xY/a.html": false,
	} {
		if codedPath([]byte(path)) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
