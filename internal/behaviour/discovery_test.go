package behaviour

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
)

const (
	bindServer  = "\x01\x00\x00\x00\x00\x00\x01\x00\xc8\x4f\x32\x4b\x70\x16\xd3\x01\x12\x78\x5a\x47\xbf\x6e\xe1\x88"
	bindStation = "\x01\x00\x00\x00\x00\x00\x01\x00\x98\xd0\xff\x6b\x12\xa1\x10\x36\x98\x33\x46\xc3\xf8\x7e\x34\x5a"
)

// created is a server's answer to an opening of a file.
func created(status uint32) string {
	m := []byte(smb(5, strings.Repeat("\x00", 8)))
	m[20] |= 1
	binary.LittleEndian.PutUint32(m[12:], status)
	return string(m)
}

// get is one request over HTTP and its answer.
func get(target, status string) []line {
	return []line{up("GET " + target + " HTTP/1.1\r\nHost: x.corp.example\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n\r\n"), down("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n")}
}

// TestDiscovery: what is looked for in a domain, and how a machine's secrets and a
// switch's configuration leave.
func TestDiscovery(t *testing.T) {
	mallory, dc := inner(66), inner(2)
	const absent, there = 0xC000003A, 0
	asks := func(w *wire, n, period int, bind string, operation uint16) {
		for i := range n {
			w.tcp(mallory, inner(byte(100+i)), 445, int64(i*period), up(smb(5, utf16("srvsvc"))), down(smbDone), up(smb(9, call(11, 0, bind))), up(smb(11, call(0, operation, "\\\\pc"))))
		}
	}
	policies := func(w *wire, n int, status uint32, name string) {
		lines := []line{up(smb(3, utf16(`\\corp.local\SYSVOL`)))}
		for i := range n {
			lines = append(lines, up(smb(5, utf16(fmt.Sprintf(`corp.local\Policies\{%08d}\%s`, i, name)))), down(created(status)))
		}
		w.tcp(mallory, dc, 445, 0, lines...)
	}
	replicaAdd := func(w *wire, from byte) {
		w.tcp(inner(from), dc, 49670, 0, up(call(11, 0, bindDirectory)), down(call(12, 0, "")), up(call(0, 5, "add")), down(call(2, 0, "done")))
		w.tcp(dc, inner(from), 49671, 900, up(call(11, 0, bindDirectory)), down(call(12, 0, "")), up(call(0, 3, "changes")), down(call(2, 0, "these")))
	}
	smart := func(kind byte, text string) []line {
		return []line{up("\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00" + string(rune(kind)) + "\x00\x00\x04\x28\x00\x00\x00\x01\x00\x00\x01\x38" + text + strings.Repeat("\x00", 200))}
	}
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"sessions of one host after another", attack.Infiltration, "who is logged in there", func(w *wire) { asks(w, 20, 400, bindServer, 12) }},
		{"users of one workstation after another", attack.Infiltration, "who is logged in there", func(w *wire) { asks(w, 20, 400, bindStation, 2) }},
		{"shares of as many", attack.Benign, "", func(w *wire) { asks(w, 20, 400, bindServer, 15) }},
		{"a console that looks at a few servers", attack.Benign, "", func(w *wire) { asks(w, 8, 400, bindServer, 12) }},
		{"sessions of as many in a day", attack.Benign, "", func(w *wire) { asks(w, 20, 60_000, bindServer, 12) }},
		{"passwords looked for in policies", attack.Infiltration, "for the passwords in them", func(w *wire) { policies(w, 10, absent, `Machine\Preferences\Groups\Groups.xml`) }},
		{"policies refreshed", attack.Benign, "", func(w *wire) { policies(w, 20, there, `User\Preferences\Drives\Drives.xml`) }},
		{"a few preferences that are not there", attack.Benign, "", func(w *wire) { policies(w, 6, absent, `User\Preferences\Drives\Drives.xml`) }},
		{"other files of policies that are not there", attack.Benign, "", func(w *wire) { policies(w, 20, absent, `Machine\Scripts\scripts.ini`) }},
		{"a workstation that has a controller take changes", attack.Infiltration, "DCShadow", func(w *wire) {
			replicaAdd(w, 66)
			w.udp(inner(9), inner(10), 9999, 90_000, "later", "")
		}},
		{"a controller that does", attack.Benign, "", func(w *wire) {
			replicaAdd(w, 3)
			w.tcp(inner(20), inner(3), 88, 2000, logOn(proof, 18, windowsTypes...)...)
			w.udp(inner(9), inner(10), 9999, 90_000, "later", "")
		}},
		{"users in base 64", attack.Infiltration, "users or their passwords", func(w *wire) {
			w.tcp(mallory, outside(9), 4444, 0, up("cm9vdDp4OjA6MDpyb290Oi9yb290Oi9iaW4vYmFzaApkYWVtb246eDox\n"))
		}},
		{"something else in base 64", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, outside(9), 4444, 0, up("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\n"))
		}},
		{"a log-in for a proxy's settings", attack.Infiltration, "(WPAD)", func(w *wire) {
			w.tcp(inner(7), mallory, 80, 0, get("/wpad.dat", "407 Proxy Authentication Required")...)
		}},
		{"a proxy's settings", attack.Benign, "", func(w *wire) { w.tcp(inner(7), mallory, 80, 0, get("/wpad.dat", "200 OK")...) }},
		{"a proxy's log-in", attack.Benign, "", func(w *wire) {
			w.tcp(inner(7), mallory, 3128, 0, get("http://news.example/", "407 Proxy Authentication Required")...)
		}},
		{"the same for settings, asked of a proxy", attack.Benign, "", func(w *wire) {
			w.tcp(inner(7), mallory, 3128, 0, get("http://wpad/wpad.dat", "407 Proxy Authentication Required")...)
		}},
		{"a tool fetched", attack.Infiltration, "ways to be root", func(w *wire) { w.tcp(inner(7), mallory, 8000, 0, get("/linpeas.sh", "200 OK")...) }},
		{"a tool asked for that is not there", attack.Benign, "", func(w *wire) { w.tcp(inner(7), mallory, 8000, 0, get("/linpeas.sh", "404 Not Found")...) }},
		{"a page about one", attack.Benign, "", func(w *wire) { w.tcp(inner(7), mallory, 8000, 0, get("/linpeas/", "200 OK")...) }},
		{"a server that calls back for a program", attack.Infiltration, "called back right after a request", func(w *wire) {
			w.tcp(mallory, inner(7), 8180, 0, get("/app/x.jsp", "200 OK")...)
			w.tcp(inner(7), mallory, 4444, 2000, down(noise(1, 1400)), down(noise(2, 9000)), up("ok"))
		}},
		{"a server that calls back and is told a little", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, inner(7), 8180, 0, get("/app/x.jsp", "200 OK")...)
			w.tcp(inner(7), mallory, 4444, 2000, down(noise(1, 200)), up("ok"))
		}},
		{"a server that asks for a file", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, inner(7), 8180, 0, get("/app/x.jsp", "200 OK")...)
			w.tcp(inner(7), mallory, 4444, 2000, up("give"), down(noise(1, 1400)), down(noise(2, 9000)))
		}},
		{"a server that fetches something an hour later", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, inner(7), 8180, 0, get("/app/x.jsp", "200 OK")...)
			w.tcp(inner(7), mallory, 4444, 3_600_000, down(noise(1, 1400)), down(noise(2, 9000)))
		}},
		{"users posted", attack.Infiltration, "posted", func(w *wire) {
			w.tcp(mallory, outside(9), 8081, 0, up("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nroot:x:0:0:root:/root:/bin/bash\n"))
		}},
		{"a switch's configuration copied", attack.Infiltration, "known exploit", func(w *wire) {
			w.tcp(mallory, inner(2), 4786, 0, smart(7, "copy system:running-config flash:/config.text")...)
		}},
		{"a switch that is installed", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, inner(2), 4786, 0, smart(3, "tftp://10.0.0.66/c2960-image.tar")...)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newInfiltration(DefaultInfiltrationConfig())), tt.class, mallory, tt.words)
		})
	}
}

// TestLuggage: names that carry data, without a rhythm, and names that do not.
func TestLuggage(t *testing.T) {
	const address, null = 1, 10
	ask := func(n int, kind byte, name func(i int) string) func(*wire) {
		return func(w *wire) {
			for i := range n {
				w.udp(inner(5), inner(53), 53, int64(i/20)*7000+int64(i%20)*(90+int64(i%7)*40), txtOrA(name(i), kind), "")
			}
		}
	}
	r := rand.New(rand.NewPCG(4, 4))
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"a count and fifty letters", attack.Bot, ask(80, address, func(i int) string { return fmt.Sprintf("%04d.%s.x.lab.example", i, label(r, 50)) })},
		{"two labels, for data of no type", attack.Bot, ask(45, null, func(int) string { return label(r, 30) + "." + label(r, 30) + ".n.tun.example" })},
		{"load balancers", attack.Benign, ask(80, address, func(i int) string {
			return "a" + hexLabel(r, 31) + "-" + hexLabel(r, 16) + ".elb.eu.cloud.example"
		})},
		{"hashes in base 32", attack.Benign, ask(80, address, func(int) string { return label(r, 52) + ".files.example" })},
		{"hashes in base 16", attack.Benign, ask(80, address, func(int) string { return hexLabel(r, 40) + ".files.example" })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "under one domain")
		})
	}
}
