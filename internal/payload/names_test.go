package payload

import "testing"

func TestRandomName(t *testing.T) {
	for _, name := range []string{"xjwqzkvtrp.com", "qpslkxzwrtbn.ru", "kx3f9a7b2c1d.net", "wfhqgvpjbtxz.info", "db54a845.top", "pzkqwxrtvnm.biz", "a1b2c3d4e5.com"} {
		if !RandomName([]byte(name)) {
			t.Errorf("%s does not look generated", name)
		}
	}
	for _, name := range []string{"www.google.com", "stackoverflow.com", "wikipedia.org", "deutschebahn.de", "facebook.com", "time.windows.com",
		"news.bbc.co.uk", "windowsupdate.com", "blogspot.com", "craigslist.org", "cloudfront.net", "akamaiedge.net", "d1xfq2052q7thw.cloudfront.net",
		"googlesyndication.com", "thepiratebay.org", "washingtonpost.com", "livejournal.com", "gstatic.com", "fbcdn.net", "printer", "localhost",
		"sourceforge.net", "mysql.com", "nytimes.com", "ubuntu.com", "spotify.com", "mcafee.com", "symantec.com", "kaspersky.com"} {
		if RandomName([]byte(name)) {
			t.Errorf("%s looks generated", name)
		}
	}
}

func TestDNS(t *testing.T) {
	query := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0cxjwqzkvtrpmk\x03com\x00\x00\x01\x00\x01"
	missing := "\x12\x34\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00\x0cxjwqzkvtrpmk\x03com\x00\x00\x01\x00\x01"
	s := talk(17, step{'>', query}, step{'<', missing})
	if s.Proto != DNS || s.Requests != 1 || s.DNS.Missing != 1 || s.DNS.MissingRandom != 1 {
		t.Errorf("%v, %d queries, %+v", s.Proto, s.Requests, s.DNS)
	}
	if s := talk(6, step{'>', "\x00\x22" + query}); s.Proto != DNS || s.Requests != 1 {
		t.Errorf("over TCP: %v, %d queries", s.Proto, s.Requests)
	}
	if s := talk(17, step{'>', "\x80\xf0\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x00\x00\x21\x00\x01"}); s.Proto == DNS {
		t.Error("a NetBIOS name query is taken for DNS")
	}
}

func TestDomain(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "localhost": "localhost", "a.example": "a.example", "x.y.abc.com": "abc.com", "x.shop.co.uk": "shop.co.uk", "co.uk": "co.uk", "x.shop.de": "shop.de",
	} {
		if got := string(domain([]byte(name))); got != want {
			t.Errorf("domain of %q is %q, want %q", name, got, want)
		}
	}
}
