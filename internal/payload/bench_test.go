package payload

import (
	"testing"

	"firetower/internal/packet"
)

// everyday are requests and replies as browsers, programs and their servers send
// them: pages, pictures, an interface's calls, a form.
var everyday = []struct {
	up   bool
	text string
}{
	{true, "GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nCookie: session=4f1c2a9be07d4e2c8a11; theme=dark; _ga=GA1.2.1234567890.1700000000\r\nUpgrade-Insecure-Requests: 1\r\n\r\n"},
	{false, "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 70\r\n\r\n<!doctype html><html><head><title>An office</title></head><body></html>"},
	{true, "GET /static/img/logo-large.png?v=3 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: image/avif,image/webp,*/*\r\nReferer: http://www.example.org/\r\nCookie: session=4f1c2a9be07d4e2c8a11; theme=dark\r\n\r\n"},
	{false, "HTTP/1.1 304 Not Modified\r\nServer: nginx\r\nETag: \"5f2a\"\r\n\r\n"},
	{true, "GET /search?q=red+shoes+%26+socks&page=2&sort=price_asc&utm_source=mail HTTP/1.1\r\nHost: shop.example.org\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36\r\nAccept: text/html\r\nReferer: http://shop.example.org/search?q=red+shoes\r\nCookie: sid=a81f; cart=%7B%22items%22%3A%5B1%2C2%5D%7D\r\n\r\n"},
	{false, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n<html><body>shoes</body></html>\r\n"},
	{true, "POST /api/v1/orders HTTP/1.1\r\nHost: api.example.org\r\nUser-Agent: okhttp/4.12\r\nContent-Type: application/json\r\nContent-Length: 96\r\n\r\n{\"customer\":1842,\"lines\":[{\"sku\":\"A-100\",\"n\":2}],\"note\":\"Please ring, then leave it at the door.\"}"},
	{false, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"id\":9133}"},
	{true, "POST /profile HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 88\r\nReferer: http://www.example.org/profile\r\n\r\nname=Anna+O%27Neill&street=12+High+Street&city=Cork&about=I+like+tea%2C+and+long+walks."},
	{false, "HTTP/1.1 302 Found\r\nLocation: /profile\r\nContent-Length: 0\r\n\r\n"},
}

// BenchmarkRequests is what a request and its reply cost, of a connection of five.
func BenchmarkRequests(b *testing.B) {
	b.ReportAllocs()
	requests := len(everyday) / 2
	var texts [][]byte
	for _, m := range everyday {
		texts = append(texts, []byte(m.text))
	}
	b.ResetTimer()
	for done := 0; done < b.N; done += requests {
		var s Signals
		seq := [2]uint32{1, 1}
		for i, m := range everyday {
			d := 1
			if m.up {
				d = 0
			}
			s.Observe(m.up, &packet.Packet{Time: int64(done+i) * 1000, Proto: packet.TCP, Seq: seq[d], Payload: texts[i], PayloadLen: uint32(len(m.text))})
			seq[d] += uint32(len(m.text))
		}
	}
}
