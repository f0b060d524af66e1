package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// browse is a browser's request.
func browse(target string) line {
	return up("GET " + target + " HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en\r\nReferer: http://www.example.org/\r\n\r\n")
}

func answer(status string) line {
	return down("HTTP/1.1 " + status + "\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>page</html>   ")
}

// borrowed is a request of a program under a browser's name.
func borrowed(first, body string) line {
	return up(first + " HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)\r\n\r\n" + body)
}

func TestWebAttack(t *testing.T) {
	client, server := outside(9), inner(80)
	asked := func(n int, every int64) func(*wire) { // page after page, the same answer to each
		return func(w *wire) {
			for i := range n {
				w.tcp(client, server, 80, int64(i)*every, borrowed("GET /"+word(i)+word(i/3), ""), answer("200 OK"))
			}
		}
	}
	told := func(body func(i int) string) func(*wire) {
		return func(w *wire) {
			for i := range 8 {
				w.tcp(client, server, 80, int64(i)*3000, borrowed("POST /up/a.php", body(i)), answer("200 OK"))
			}
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"one clear injection", attack.WebAttack, "SQL injection", func(w *wire) {
			w.tcp(client, server, 80, 0, browse("/cat.php?id=1+union+select+1,2"), answer("500 Oops"))
		}},
		{"one among a browser's pages", attack.WebAttack, "SQL injection", func(w *wire) {
			w.tcp(client, server, 80, 0, browse("/"), answer("200 OK"), browse("/search?q=1+union+select+1,2"), answer("200 OK"))
		}},
		{"on another port, by its bytes", attack.WebAttack, "path traversal", func(w *wire) {
			w.tcp(client, server, 8017, 0, browse("/view?f=../../../etc/passwd"), answer("200 OK"))
		}},
		{"cross-site scripting again and again", attack.WebAttack, "cross-site scripting", func(w *wire) {
			for i := range 20 {
				w.tcp(client, server, 80, int64(i)*500, browse(fmt.Sprintf("/s?q=<script>alert(%d)</script>", i)), answer("200 OK"))
			}
		}},
		{"weak tries, many of them", attack.WebAttack, "look like tries", func(w *wire) {
			for i := range 8 {
				w.tcp(client, server, 80, int64(i)*500, browse(fmt.Sprintf("/i?id=%d'+and+x", i)), answer("200 OK"))
			}
		}},
		{"odd searches over a day", attack.Benign, "", func(w *wire) {
			for i := range 8 {
				w.tcp(client, server, 80, int64(i)*3600_000, browse(fmt.Sprintf("/i?id=%d'+and+x", i)), answer("200 OK"))
			}
		}},
		{"pages that are all forbidden", attack.WebAttack, "forbidden", func(w *wire) {
			for i := range 60 {
				w.tcp(client, server, 80, int64(i)*50, up(fmt.Sprintf("GET /%s HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n", word(i))), answer("403 Forbidden"))
			}
		}},
		{"pages that do not exist, under a browser's name", attack.WebAttack, "do not exist", func(w *wire) {
			for i := range 20 {
				w.tcp(client, server, 80, int64(i)*900, up(fmt.Sprintf("GET /%s HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\r\n", word(i))), answer("404 Not Found"))
			}
		}},
		{"the tiles of a map that ends there", attack.Benign, "", func(w *wire) {
			for i := range 80 {
				w.tcp(client, server, 80, int64(i)*50, browse(fmt.Sprintf("/tiles/12/%d/%d.png", 2100+i%9, 1340+i/9)), answer("404 Not Found"))
			}
		}},
		{"a cache that holds none of the parts", attack.Benign, "", func(w *wire) {
			for i := range 80 {
				w.tcp(client, server, 80, int64(i)*50, up(fmt.Sprintf("GET /ac/%064x HTTP/1.1\r\nHost: a.example\r\n\r\n", i*7919)), answer("404 Not Found"))
			}
		}},
		{"a list of packages at a place that has none of them", attack.Benign, "", func(w *wire) {
			for i := range 60 {
				w.tcp(client, server, 80, int64(i)*50, up(fmt.Sprintf("GET /simple/%s/ HTTP/1.1\r\nHost: a.example\r\nUser-Agent: pip/24.0\r\n\r\n", word(i))), answer("404 Not Found"))
			}
		}},
		{"a crawler asks what all sites are asked", attack.Benign, "", func(w *wire) {
			for i, p := range []string{"robots.txt", "sitemap.xml", "sitemap_index.xml", "ads.txt", "app-ads.txt", "humans.txt", "favicon.ico", "favicon.png", "apple-touch-icon.png",
				"apple-touch-icon-precomposed.png", "browserconfig.xml", ".well-known/security.txt", ".well-known/assetlinks.json", ".well-known/change-password",
				".well-known/apple-app-site-association", ".well-known/traffic-advice", "news", "feed"} {
				w.tcp(client, server, 80, int64(i)*500, up("GET /"+p+" HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Mozilla/5.0 (compatible; crawler/2.0)\r\n\r\n"), answer("404 Not Found"))
			}
		}},
		{"an administrator at his own tools", attack.Benign, "", func(w *wire) {
			for i, p := range []string{"/phpmyadmin/", "/manager/html", "/actuator/env", "/server-status", "/adminer.php", "/wp-login.php", "/jenkins/script"} {
				w.tcp(client, server, 80, int64(i)*3000, browse(p), answer("200 OK"))
			}
		}},
		{"a builder's first repository, which has none of its files", attack.Benign, "", func(w *wire) {
			for i := range 25 {
				w.tcp(client, server, 80, int64(i)*50, up(fmt.Sprintf("GET /org/a%d.pom HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Apache-Maven/3.8.6 (Java 17; Linux)\r\n\r\n", i*7919)), answer("404 Not Found"))
			}
		}},
		{"two requests of a tool", attack.WebAttack, "attack tool", func(w *wire) {
			for i := range 2 {
				w.tcp(client, server, 80, int64(i)*50, up("GET /index.html HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Nikto/2.5\r\n\r\n"), answer("200 OK"))
			}
		}},
		{"pictures that a browser may not have", attack.Benign, "", func(w *wire) {
			for i := range 60 {
				w.tcp(client, server, 80, int64(i)*50, browse(fmt.Sprintf("/p%d.png", i*7919)), answer("403 Forbidden"))
			}
		}},
		{"the server's side alone: pages that do not exist", attack.WebAttack, "was told", func(w *wire) {
			for i := range 120 {
				w.tcp(client, server, 80, int64(i)*20, answer("404 Not Found"))
			}
		}},
		{"the server's side alone: one that is asked for each second in vain", attack.Benign, "", func(w *wire) {
			for i := range 150 {
				w.tcp(client, server, 80, int64(i)*1000, answer("404 Not Found"))
			}
		}},
		{"forms of a page that keeps its state in Base64 of Java", attack.Benign, "", told(func(i int) string {
			return fmt.Sprintf("a=%d&javax.faces.ViewState=rO0ABXVyABNbTGphdmEubGFuZy5PYmplY3Q7kM5YnxBzKWwCAAB4cAAAAAI%%3D", i)
		})},
		{"pages that do not exist", attack.WebAttack, "do not exist", func(w *wire) {
			var lines []line
			for i := range 60 {
				lines = append(lines, browse(fmt.Sprintf("/%s/", word(i))), answer("404 Not Found"))
			}
			w.tcp(client, server, 80, 0, lines...)
		}},
		{"paths of a scanner", attack.WebAttack, "vulnerability scanners", func(w *wire) {
			for i, p := range []string{"/.env", "/.git/config", "/phpmyadmin/", "/manager/html", "/boaform/admin/formLogin", "/actuator/env"} {
				w.tcp(client, server, 80, int64(i)*1000, browse(p), answer("404 Not Found"))
			}
		}},
		{"names to guess, where nothing is said to be missing", attack.WebAttack, "the same whatever", asked(160, 40)},
		{"a crawler, one page a second, of an application in one page", attack.Benign, "", asked(160, 1000)},
		{"names of parameters, guessed by the dozen", attack.WebAttack, "vulnerability scanners", func(w *wire) {
			q := ""
			for i := range 14 {
				q += fmt.Sprintf("%s=%d&", word(i), 111110+i)
			}
			w.tcp(client, server, 80, 0, browse("/item.php?"+q+"last=1"), answer("200 OK"))
		}},
		{"a page of colours and one of flags", attack.Benign, "", func(w *wire) {
			for _, values := range [][]string{{"ffffff", "000000", "0a0a0a"}, {"true", "fals"}, {"2024", "10"}} {
				q := ""
				for i := range 14 {
					q += word(i) + "=" + values[i%len(values)] + "&"
				}
				w.tcp(client, server, 80, 0, browse("/theme?"+q+"last=1"), answer("200 OK"))
			}
		}},
		{"a web shell told in code", attack.WebAttack, "web shell", told(func(i int) string { return fmt.Sprintf("o02|zzf?|1+W#kgc44fc%d68b793QPoodf375wIPVlAO4Yc2Mi", i) })},
		{"Base64, as programs of all kinds send it", attack.Benign, "", told(func(i int) string { return fmt.Sprintf("3Mn1yNMtoZViV5wotQHPJt%dwj0F4b2lyToNK7LfdUnQ==", i) })},
		{"what a speed test and a remote desktop send up", attack.Benign, "", told(func(i int) string {
			return []string{strings.Repeat("aBcDeFgHiJ", 60), "\x17\x24\x0b\x00!(|#" + strings.Repeat("\xa5{|", 30)}[i%2]
		})},
		{"forms, JSON and words", attack.Benign, "", told(func(i int) string {
			return []string{"name=value&a[b]=c%20d", `{"a":"b","c":"ddddddddddddddd"}`, "what somebody has written to all", "<a>bbbbbbbbbbbbbbbbbbbbbbbb</a>", "--b\r\nContent-Disposition: x"}[i%5]
		})},
		{"browsing", attack.Benign, "", func(w *wire) {
			for i := range 60 {
				w.tcp(client, server, 80, int64(i)*200, browse(fmt.Sprintf("/img/%d.png?s='x'", i)), answer("200 OK"), browse("/favicon.ico"), answer("404 Not Found"))
			}
		}},
		{"one page asked for in vain many times", attack.Benign, "", func(w *wire) {
			for i := range 100 {
				w.tcp(client, server, 80, int64(i)*1000, browse("/status.json"), answer("404 Not Found"))
			}
		}},
		{"a script of many methods", attack.Benign, "", func(w *wire) {
			for i, m := range []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PROPFIND", "MKCOL", "LOCK", "PATCH"} {
				w.tcp(client, server, 80, int64(i)*1300, up(m+" / HTTP/1.1\r\nHost: example.org\r\n\r\n"), answer("405 Method Not Allowed"))
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newWebAttack(DefaultWebAttackConfig())), tt.class, client, tt.words)
		})
	}
}

// word is a name as lists of names to guess hold it.
func word(i int) string {
	return string([]byte{'a' + byte(i%26), 'a' + byte(i/26*7%26), 'x', 'a' + byte(i*11%26)})
}
