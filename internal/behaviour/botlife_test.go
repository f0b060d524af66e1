package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// botLife is what honest programs do that call home, stay connected or wait.
var botLife = map[string]func(w *wire){
	"web socket to a name": func(w *wire) {
		w.tcp(inner(5), outside(7), 8443, 0, append([]line{hello("chat.example")}, kept(1, 30, 25_000, 0, fixed(tls(23, strings.Repeat("p", 30))), fixed(tls(23, strings.Repeat("q", 26))))...)...)
	},
	"web socket to an address without a name, in the clear": func(w *wire) {
		upgrade := up("GET /ws HTTP/1.1\r\nHost: 198.51.100.7:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUser-Agent: Python/3.11 websockets/10.4\r\n\r\n")
		lines := []line{upgrade, down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")}
		w.tcp(inner(5), outside(7), 9001, 0, append(lines, kept(1, 40, 5_000, 0, random(1, 30), random(2, 60))...)...)
	},
	"web socket of an unnamed client": func(w *wire) {
		upgrade := up("GET /feed HTTP/1.1\r\nHost: 198.51.100.7\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
		lines := []line{upgrade, down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")}
		w.tcp(inner(5), outside(7), 80, 0, append(lines, kept(1, 40, 2_000, 0.05, random(1, 30), random(2, 60))...)...)
	},
	"inventory agent": func(w *wire) {
		w.ask(2, 1900, 7, 80, "POST /ocsinventory HTTP/1.1\r\nTE: deflate,gzip;q=0.3\r\nConnection: TE, close\r\nHost: 198.51.100.7\r\nUser-Agent: OCS-NG_unified_unix_agent_v2.0.5\r\nContent-Length: 4\r\nContent-Type: application/x-compressed\r\n\r\nabcd", fine)
	},
	"inventory agent under a browser's first word": func(w *wire) {
		w.ask(2, 1900, 7, 80, "POST /ocsinventory HTTP/1.1\r\nHost: inventory.example.org\r\nUser-Agent: Mozilla/4.0 (compatible; OCS; agent)\r\nContent-Length: 4\r\nContent-Type: application/x-compressed\r\n\r\nabcd", fine)
	},
	"remote desktop on its port": func(w *wire) {
		lines := []line{up("\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"), down("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x02\x00\x00\x00")}
		w.tcp(inner(5), outside(7), 3389, 0, append(lines, kept(1, 20, 10_000, 0, fixed(tls(23, strings.Repeat("p", 30))), fixed(tls(23, strings.Repeat("q", 26))))...)...)
	},
	"remote screen": func(w *wire) {
		lines := []line{down("RFB 003.008\n"), up("RFB 003.008\n"), down("\x01\x01"), up("\x01")}
		w.tcp(inner(5), outside(7), 5901, 0, append(lines, kept(1, 40, 3_000, 0.02, fixed("\x03\x01\x00\x00\x00\x00\x04\x00\x03\x00"), random(2, 600))...)...)
	},
	"game kept alive over TCP": func(w *wire) {
		lines := []line{up("\x10\x00\xf2\x05\x09198.51.100.7\x63\xdd\x02"), down(noise(1, 170)), up(noise(2, 256)), down(noise(3, 900)), down(noise(4, 1200))}
		w.tcp(inner(5), outside(7), 25565, 0, append(lines, kept(1, 30, 15_000, 0, random(5, 10), random(6, 900))...)...)
	},
	"game on a port of its own, kept alive": func(w *wire) {
		lines := []line{up(noise(2, 40)), down(noise(3, 900)), down(noise(4, 1200)), down(noise(7, 1400)), down(noise(8, 1400))}
		for i := range 30 {
			lines = append(lines, up(noise(int64(i), 30)).after(4_000), down(noise(int64(-i), 700)), down(noise(int64(-i), 900)))
		}
		w.tcp(inner(5), outside(7), 27042, 0, lines...)
	},
	"game over UDP": func(w *wire) {
		w.datagrams(inner(5), outside(7), 27015, 200, 50, 0.1, random(1, 60), random(2, 200))
	},
	"messenger of its own protocol": func(w *wire) {
		lines := []line{up("WA\x06\x03" + noise(1, 40)), down(noise(2, 120)), up(noise(3, 300)), down(noise(4, 700))}
		w.tcp(inner(5), outside(7), 5222, 0, append(lines, kept(1, 30, 30_000, 0, random(5, 21), random(6, 19))...)...)
	},
	"messenger on the port of HTTPS": func(w *wire) {
		lines := []line{up(noise(1, 64)), down(noise(2, 120)), up(noise(3, 300)), down(noise(4, 700))}
		w.tcp(inner(5), outside(7), 443, 0, append(lines, kept(1, 12, 60_000, 0.2, random(5, 80), random(6, 90))...)...)
	},
	"a file put by a script under a browser's name, once": func(w *wire) {
		body := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"test.txt\"\r\n\r\nhello\r\n--b--\r\n"
		w.tcp(inner(5), outside(7), 80, 0, up(fmt.Sprintf("POST /upload HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:12.0) Gecko/20100101 Firefox/12.0\r\nHost: 198.51.100.7\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%s", len(body), body)), reply200("stored"))
	},
	"device's cloud over MQTT": func(w *wire) {
		lines := []line{up("\x10\x1c\x00\x04MQTT\x04\x02\x00\x3c\x00\x10sensor-kitchen01"), down("\x20\x02\x00\x00")}
		w.tcp(inner(5), outside(7), 1883, 0, append(lines, kept(1, 30, 30_000, 0, fixed("\xc0\x00"), fixed("\xd0\x00"))...)...)
	},
	"device's cloud over MQTT on another port": func(w *wire) {
		lines := []line{up("\x10\x1c\x00\x04MQTT\x04\x02\x00\x3c\x00\x10sensor-kitchen01"), down("\x20\x02\x00\x00")}
		w.tcp(inner(5), outside(7), 1900, 0, append(lines, kept(1, 30, 30_000, 0, fixed("\xc0\x00"), fixed("\xd0\x00"))...)...)
	},
	"device's cloud over TLS to a name": func(w *wire) {
		lines := append([]line{hello("eu.iot.example"), certified("IoT CA", "eu.iot.example")}, said(300, 200)...)
		w.tcp(inner(5), outside(7), 8886, 0, append(lines, kept(1, 30, 30_000, 0, fixed(tls(23, strings.Repeat("p", 40))), fixed(tls(23, strings.Repeat("q", 40))))...)...)
	},
	"camera's datagrams to its cloud": func(w *wire) {
		w.datagrams(inner(5), outside(7), 32100, 30, 10_000, 0.01, fixed("\xf1\x10\x00\x14CAM\x00\x00\x00"+noise(1, 16)), fixed("\xf1\x11\x00\x00"))
	},
	"device that posts to an address": func(w *wire) {
		w.ask(10, 60_000, 7, 80, "POST /api/v1/data HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: ESP8266HTTPClient/1.2\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"temp\":21.5}", fine)
	},
	"device that posts to an address, with ever other numbers": func(w *wire) {
		for i := range 14 {
			w.tcp(inner(5), outside(7), 8086, int64(i)*60_000, up(fmt.Sprintf("POST /write?db=home&t=%d HTTP/1.1\r\nHost: 198.51.100.7:8086\r\nUser-Agent: sensor/1.2\r\nContent-Length: 9\r\n\r\ntemp=2%d.5", i, i%7)), down(fine))
		}
	},
	"telemetry to thirty servers": func(w *wire) {
		for i := range 30 {
			w.tcp(inner(5), v4(20, 189, 173, byte(i)), 443, int64(i*i)*3_000, append([]line{hello("v10.events.example"), certified("TLS CA", "events.example")}, said(2000, 400)...)...)
		}
	},
	"telemetry to thirty servers, in the clear": func(w *wire) {
		for i := range 30 {
			w.tcp(inner(5), v4(20, 189, 173, byte(i)), 80, int64(i*i)*3_000, up("POST /collect HTTP/1.1\r\nHost: telemetry.example\r\nUser-Agent: AppEvents 2.1\r\nContent-Length: 4\r\n\r\nabcd"), down(fine))
		}
	},
	"health checks of a page": func(w *wire) {
		r, at := rand.New(rand.NewPCG(1, 1)), int64(0)
		for range 30 {
			w.tcp(inner(5), outside(7), 80, at, up("GET /health HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: UptimeRobot/2.0\r\n\r\n"), down(fine))
			at += 30_000 + r.Int64N(100)
		}
	},
	"client of a programming interface": func(w *wire) {
		r, at := rand.New(rand.NewPCG(1, 1)), int64(0)
		for i := range 60 {
			w.tcp(inner(5), outside(7), 443, at, append([]line{hello("api.example.org"), certified("TLS CA", "api.example.org")}, said(400+i%9*37, 900+i%13*250)...)...)
			at += int64(1000 * r.ExpFloat64() * 20)
		}
	},
	"agent of a monitor, to outside": func(w *wire) {
		for i := range 40 {
			w.tcp(inner(5), outside(7), 10051, int64(i)*60_000, up("ZBXD\x01"+strings.Repeat("\x00", 8)+"{\"request\":\"active checks\"}"), down("ZBXD\x01"+strings.Repeat("\x00", 8)+"{\"response\":\"success\"}"))
		}
	},
	"log shipper": func(w *wire) {
		lines := []line{up("2W\x00\x00\x00\x05" + noise(1, 900)), down("2A\x00\x00\x00\x05")}
		for i := range 30 {
			lines = append(lines, up("2W\x00\x00\x00\x05"+noise(int64(i), 300+i*40)).after(5_000+int64(i*i*37)%9_000), down("2A\x00\x00\x00\x05"))
		}
		w.tcp(inner(5), outside(7), 5044, 0, lines...)
	},
	"ssh kept alive": func(w *wire) {
		lines := []line{down("SSH-2.0-OpenSSH_9.2\r\n"), up("SSH-2.0-OpenSSH_9.2\r\n"), up(noise(1, 900)), down(noise(2, 900))}
		w.tcp(inner(5), outside(7), 2022, 0, append(lines, kept(1, 30, 60_000, 0, random(3, 80), random(4, 60))...)...)
	},
	"ping all day": func(w *wire) {
		for i := range 400 {
			body := "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !\"#$%&'()*+,-./01234567"
			w.ping(inner(5), outside(7), 9, uint16(i), int64(i)*1000, body, body)
		}
	},
	"large pings": func(w *wire) {
		for i := range 100 {
			body := strings.Repeat("abcdefghijklmnopqrstuvwabcdefghi", 43)
			w.ping(inner(5), outside(7), 9, uint16(i), int64(i)*1000, body, body)
		}
	},
	"pings of a monitor, random and echoed": func(w *wire) {
		for i := range 100 {
			body := noise(int64(i), 200)
			w.ping(inner(5), outside(7), 9, uint16(i), int64(i)*20_000, body, body)
		}
	},
	"pings without an answer": func(w *wire) {
		for i := range 60 {
			w.ping(inner(5), outside(7), 9, uint16(i), int64(i)*10_000, noise(int64(i), 32), "")
			w.packets = w.packets[:len(w.packets)-1]
		}
	},
	"old peer-to-peer program's stale list": func(w *wire) {
		for i := range 45 {
			w.lost(inner(5), v4(203, byte(i%15), 113, 9), uint16(20000+i%15*411), int64(i)*20_000)
		}
	},
	"licence server that is gone": func(w *wire) {
		for i := range 80 {
			w.lost(inner(5), outside(20), 443, int64(i)*60_000)
		}
	},
	"monitor that tests thirty mail servers": func(w *wire) {
		for i := range 30 {
			w.tcp(inner(5), v4(198, 51, byte(i), 25), 25, int64(i)*1500, down("220 mx ESMTP\r\n"), up("QUIT\r\n"), down("221 bye\r\n"))
		}
	},
	"relay whose provider lets no mail out": func(w *wire) {
		for i := range 30 {
			w.lost(inner(5), v4(198, 51, byte(i), 25), 25, int64(i)*3000)
		}
	},
	"sensor that reports to an address every ten seconds": func(w *wire) {
		w.ask(40, 10_200, 7, 80, "POST /v1/data HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{\"sensor\":\"4\",\"t\":21.4,\"h\":44}", "HTTP/1.1 204 No Content\r\nServer: nginx\r\n\r\n")
	},
	"mail server that is gone": func(w *wire) {
		for i := range 200 {
			w.lost(inner(5), outside(20), 25, int64(i)*60_000)
		}
	},
	"data base inside that is gone": func(w *wire) {
		for i := range 200 {
			w.lost(inner(5), inner(20), 4782, int64(i)*5_000)
		}
	},
	"names behind a search list": func(w *wire) {
		for i := range 40 {
			name := fmt.Sprintf("%s.corp.example.com", []string{"mail", "intranet", "printer", "files", "wiki", "build", "proxy", "news"}[i%8])
			w.udp(inner(5), inner(1), 53, int64(i)*1500, question(name, 0), question(name, 3))
		}
	},
	"mail server's block lists": func(w *wire) {
		for i := range 90 {
			name := fmt.Sprintf("%d.%d.0.192.%s", i, i*3%251, []string{"zen.list.example", "bl.other.example", "dnsbl.third.example"}[i%3])
			w.udp(inner(5), inner(1), 53, int64(i)*500, question(name, 0), question(name, 3))
		}
	},
	"mail server's lists of hashes": func(w *wire) {
		for i := range 120 {
			name := fmt.Sprintf("%040x.ebl.list.example", i*7919)
			answer := question(name, 3)
			if i%9 == 1 {
				answer = addressed(name, v4(127, 0, 1, 2))
			}
			w.udp(inner(5), inner(1), 53, int64(i)*1500, question(name, 0), answer)
		}
	},
	"a filter of mails that asks for files by their hashes": func(w *wire) {
		for i := range 120 {
			name := fmt.Sprintf("%052x._file.hbl.list.example", i*7919)
			w.udp(inner(5), inner(1), 53, int64(i/6)*9_000+int64(i%6*i*7919%1700), question(name, 0), addressed(name, v4(192, 0, 2, 1)))
		}
	},
	"logs shipped under a certificate of one's own": func(w *wire) {
		w.tcp(inner(5), outside(7), 5044, 0, append([]line{hello("")}, kept(1, 60, 5_000, 0.05, fixed(tls(23, strings.Repeat("p", 900))), fixed(tls(23, "123456")))...)...)
	},
	"greeting of a protocol that counts bytes": func(w *wire) {
		w.tcp(inner(5), outside(7), 18127, 0, up("\x0a\x00\x00\x00\x96\x01\x00\x00\x08\x01\x12\x05"+noise(1, 140)), down("\x0a\x00\x00\x00"+noise(2, 40)))
	},
	"messages squeezed by zlib behind their length": func(w *wire) {
		body := "\x78\x9c" + noise(4, 200)
		w.tcp(inner(5), outside(7), 9200, 0, up(le4(len(body)+4)+body), down(le4(30)+noise(2, 26)))
	},
	"file transfer of a dear old kind": func(w *wire) {
		w.tcp(inner(5), outside(7), 21, 0, down("220 ProFTPD\r\n"), up("USER ann\r\n"), down("331 Password\r\n"), up("PASS x\r\n"), down("230 in\r\n"), up("NOOP\r\n").after(30_000), down("200 ok\r\n"), up("NOOP\r\n").after(30_000), down("200 ok\r\n"))
	},
	"own certificate of an access point": func(w *wire) {
		for i := range 3 {
			w.tcp(inner(5), outside(7), 8443, int64(i*i)*20_000, append([]line{hello(""), certified("UniFi", "UniFi")}, append(said(600, 9000), said(500, 40000)...)...)...)
		}
	},
	"onion router": func(w *wire) {
		for i := range 4 {
			w.tcp(inner(5), v4(203, 0, 113, byte(i)), []uint16{443, 9001, 9001, 8443}[i], int64(i)*900, append([]line{hello("www.q4xk7wz2mnbv.com"), certified("www.zzqv8.net", "www.pp9xq.net")}, said(1600, 1600)...)...)
		}
	},
	"statistics of a guard, thanked without a word": func(w *wire) {
		w.lookUp("stats.guard.example", 7, 0)
		w.ask(6, 10_000, 7, 80, "POST /cgi-bin/events.cgi HTTP/1.1\r\nHost: stats.guard.example\r\nUser-Agent: guard! Antivirus (instup)\r\nAccept: */*\r\nContent-Length: 100\r\n\r\n"+noise(1, 100), "HTTP/1.1 204 No Content\r\nServer: nginx\r\n\r\n")
	},
	"chat of people": func(w *wire) {
		w.tcp(inner(5), outside(7), 6667, 0, up("NICK kristjan\r\nUSER kristjan 0 * :Kristjan\r\n"), down(":s 001 kristjan :hi\r\n"), up("JOIN #debian\r\n"), up("PRIVMSG #debian :good morning all\r\n").after(20_000))
	},
	"chat under a nick with marks": func(w *wire) {
		w.tcp(inner(5), outside(7), 6667, 0, up("NICK {Rex}|away\r\nUSER rex 0 * :Rex\r\n"), down(":s 001 rex :hi\r\n"), up("JOIN #golang\r\n"))
	},
	"stock ticker on a port of its own": func(w *wire) {
		lines := []line{up("8=FIX.4.4\x019=70\x0135=A\x0149=ME\x0156=YOU\x01108=30\x01"), down("8=FIX.4.4\x019=70\x0135=A\x01")}
		w.tcp(inner(5), outside(7), 9876, 0, append(lines, kept(1, 30, 30_000, 0, fixed("8=FIX.4.4\x019=50\x0135=0\x0110=100\x01"), fixed("8=FIX.4.4\x019=50\x0135=0\x0110=101\x01"))...)...)
	},
	"tunnel of a company": func(w *wire) {
		w.datagrams(inner(5), outside(7), 51820, 60, 10_000, 0, random(1, 148), random(2, 92))
	},
	"a phone call's port kept open": func(w *wire) {
		w.datagrams(inner(5), outside(7), 5060, 60, 20_000, 0, fixed("\r\n\r\n"), fixed("\r\n"))
	},
	"time": func(w *wire) {
		w.datagrams(inner(5), outside(7), 123, 60, 64_000, 0, random(1, 48), random(2, 48))
	},
	"a voice server kept open": func(w *wire) {
		w.datagrams(inner(5), outside(7), 9987, 60, 1_000, 0.02, random(1, 13), random(2, 13))
	},
	"hosts that answer nobody, found by a scan": func(w *wire) {
		for i := range 300 {
			w.lost(inner(5), v4(203, 0, byte(i>>8), byte(i)), 8080, int64(i)*1_000)
		}
	},
	"QUIC kept open": func(w *wire) {
		w.datagrams(inner(5), outside(7), 443, 30, 15_000, 0, random(1, 29), random(2, 28))
	},
}

func TestBotLife(t *testing.T) {
	for name, play := range botLife {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			for _, f := range w.findings(newBot(DefaultBotConfig())) {
				t.Errorf("said %s of %v, %.2f: %s", f.Class, f.Actor, f.Confidence, f.Reason)
			}
		})
	}
}

// TestDoubtsOfOneHour: odd contacts of a host speak for one another while they are
// close in time; a day brings each host a few.
func TestDoubtsOfOneHour(t *testing.T) {
	for _, c := range []struct {
		name  string
		apart int64 // ms
		bot   bool
	}{{"within minutes", 60_000, true}, {"over an hour", 15 * 60_000, false}} {
		var w wire
		for i := range 5 {
			to := fmt.Sprintf("198.51.100.%d", 20+i)
			w.tcp(inner(5), outside(byte(20+i)), 8080, int64(i)*c.apart, up("GET /news"+to+" HTTP/1.1\r\nHost: "+to+":8080\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\n\r\n"), reply200("fine"))
		}
		found := w.findings(newBot(DefaultBotConfig()))
		for _, f := range found {
			t.Log(c.name, f.Class, f.Confidence, f.Reason)
		}
		if got := len(found) > 0; got != c.bot {
			t.Errorf("%s: told %v", c.name, got)
		}
	}
}
