package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

// TestCoded: what a request carries besides what it asks for.
func TestCoded(t *testing.T) {
	long := strings.Repeat("QUJDREVGR0hJSktMTU5P", 6)
	head := func(line, more string) string {
		return "GET " + line + " HTTP/1.1\r\nHost: a.example\r\n" + more + "\r\n"
	}
	chrome := "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36\r\n"
	const marks = CookieBeacon | ForgedBrowser | BrowserSeen | OddAgent
	tests := []struct {
		name, request string
		want          Marks
	}{
		{"cipher in a cookie", head("/", chrome+"Cookie: SESSION="+long+"==\r\n"), CookieBeacon | ForgedBrowser},
		{"cipher in a cookie, a page of another invented", head("/jquery.js", chrome+"Referer: http://code.example/\r\nCookie: __cfduid="+long+"\r\n"), CookieBeacon | ForgedBrowser},
		{"cipher for a query", head("/state.php?"+long, chrome), CookieBeacon | ForgedBrowser},
		{"cookies of a program without a name", head("/", "Cookie: __gads="+long[:60]+":1; _gat=10.0; _ga=1.59; _u=4445534B:75736572; _io=21_399\r\n"), CookieBeacon},
		{"part of a browser's name", head("/", "User-Agent: Windows+NT+5.1\r\n"), ForgedBrowser},
		{"a word of a browser's name", head("/", "User-Agent: Mozilla\r\n"), ForgedBrowser},

		{"no blank behind the name", head("/h.gif", "User-Agent: Mozilla/4.0(compatible; MSIE 6.0; Windows NT 5.1)\r\n"), ForgedBrowser | OddAgent},
		{"small letters", head("/", "User-Agent: mozilla/5.0 (windows nt 6.1) chrome/80.0\r\nAccept-Language: en\r\n"), ForgedBrowser | OddAgent},
		{"another version's engine", head("/", "User-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/5.0)\r\nReferer: http://www.search.example/\r\n"), ForgedBrowser | OddAgent},
		{"cipher under a name", head("/get2.php?c=DRTQ&d="+long, "User-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)\r\n"), CookieBeacon | ForgedBrowser},

		{"signed address of a program", head("/f?sig="+long, "User-Agent: Updater/1.2\r\n"), 0},
		{"Internet Explorer 8", head("/", "Accept: */*\r\nAccept-Language: de\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)\r\n"), BrowserSeen},
		{"Internet Explorer 11 that shows a page as 7 did", head("/", "Accept: */*\r\nAccept-Language: de\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/7.0)\r\n"), BrowserSeen},
		{"language of an Explorer that accepts nothing", head("/", "Accept-Language: de\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)\r\n"), 0},
		{"browser's long cookie", head("/", chrome+"Accept-Language: de\r\nCookie: SESSION="+long+"\r\n"), BrowserSeen},
		{"browser's picture at another's server", head("/p.gif", chrome+"Accept-Language: de\r\nReferer: http://news.example/\r\nCookie: id="+long+"\r\n"), BrowserSeen},
		{"counter asked by a page", head("/p.gif?"+long, chrome+"Sec-Fetch-Mode: no-cors\r\nReferer: http://news.example/\r\n"), BrowserSeen},
		{"query with a name", head("/s?q="+long[:60], chrome+"Accept-Language: de\r\n"), BrowserSeen},
		{"program with a short cookie", head("/", "Cookie: id=7\r\n"), 0},
		{"program with a system", head("/", "User-Agent: Windows-Update-Agent/10.0\r\n"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, step{'>', tt.request})
			if got := s.Marks & marks; got != tt.want {
				t.Errorf("marks %b, want %b", got, tt.want)
			}
		})
	}
}

// TestPacked: programs in archives, and archives that are none.
func TestPacked(t *testing.T) {
	reply := func(body string) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 180000\r\n\r\n" + body
	}
	zip := func(name string) string {
		return "PK\x03\x04" + strings.Repeat("\x00", 22) + string([]byte{byte(len(name)), 0, 0, 0}) + name + noisy(900)
	}
	tests := []struct {
		name, body string
		want       Marks
	}{
		{"library", zip("freebl3.dll"), ExeFetched},
		{"program", zip("setup.exe"), ExeFetched},
		{"text", zip("readme.txt"), 0},
		{"no archive", noisy(900), NoiseFetched},
		{"firmware", "\xe9\x04\x02" + noisy(900), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, step{'>', "GET /u.zip HTTP/1.1\r\nHost: a.example\r\n\r\n"}, step{'<', reply(tt.body)})
			if got := s.Marks & (ExeFetched | NoiseFetched | NoiseReply); got != tt.want {
				t.Errorf("marks %b, want %b", got, tt.want)
			}
		})
	}
}

// noisy is bytes without any order.
func noisy(n int) string {
	b := make([]byte, n)
	x := uint32(7)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// TestReporting: agents that report on the machine.
func TestReporting(t *testing.T) {
	for agent, want := range map[string]uint8{
		"Mozilla/5.0 Chrome/80.0::DESKTOP-PC_a1b2c3d4::/.x/.": plainReport, "WSHRAT|8A2B|PC|ann|Windows": plainReport, "MTFFQTNGN0ItMEEzOS01RjVFLUI5QzJ8eDg2XzY0fDEwLjcuM3wx": hiddenReport,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64)": 0, "AVeryLongProgramName": 0, "std::client/1.0": 0,
	} {
		if got := reporting([]byte(agent)); got != want {
			t.Errorf("%s: %d, want %d", agent, got, want)
		}
	}
}

// TestDigest: names that are hashes are asked of lists.
func TestDigest(t *testing.T) {
	for name, want := range map[string]bool{
		"d41d8cd98f00b204e9800998ecf8427e.list.example": true, "da39a3ee5e6b4b0d3255bfef95601890afd80709.l.example": true,
		"d41d8cd98f00b204e9800998ecf84.list.example": false, "zd1d8cd98f00b204e9800998ecf8427e.list.example": false, "www.example": false,
	} {
		if got := digest([]byte(name)); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
