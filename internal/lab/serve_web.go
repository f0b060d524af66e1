package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// ServeSite starts nginx with a site of pages, pictures and downloads, over HTTP on
// port 80 and HTTPS on 443. /shop/ goes to the vulnerable shop if shop is a port.
func (h *Host) ServeSite(ctx context.Context, rng *rand.Rand, shop int) error {
	root := filepath.Join(h.Dir, "site")
	if err := site(root, rng); err != nil {
		return err
	}
	key, cert := filepath.Join(h.Dir, "key.pem"), filepath.Join(h.Dir, "cert.pem")
	if err := sh(ctx, fmt.Sprintf("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=%s.lab -keyout %s -out %s", h.Name, key, cert)); err != nil {
		return err
	}
	location := "location / { index index.html; }"
	if shop > 0 {
		location = fmt.Sprintf("location / { proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; proxy_set_header Connection ''; }", shop)
	}
	conf := strings.NewReplacer("DIR", h.Dir, "ROOT", root, "LOCATION", location, "KEY", key, "CERT", cert).Replace(nginxConf)
	file := filepath.Join(h.Dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return err
	}
	if err := h.Serve("nginx", "-c", file, "-e", filepath.Join(h.Dir, "error.log"), "-g", "daemon off;"); err != nil {
		return err
	}
	return h.Listening(ctx, 80)
}

const nginxConf = `user www-data;
worker_processes 1;
pid DIR/nginx.pid;
events { worker_connections 4096; }
http {
  types { text/html html; text/css css; application/javascript js; image/png png; video/mp4 mp4; application/vnd.microsoft.portable-executable exe; }
  default_type application/octet-stream;
  access_log DIR/access.log;
  client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fcgi;
  uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
  client_max_body_size 500m;
  server {
    listen 80; listen [::]:80; listen 443 ssl; listen [::]:443 ssl; ssl_certificate CERT; ssl_certificate_key KEY;
    root ROOT;
    location = /upload { client_body_in_file_only clean; return 200 "stored\n"; }
    location = /beat { return 200 "ok\n"; }
    location /v1/ { return 204; }
    location = /metrics { return 200 "up 1\nrequests_total 12345\nmemory_bytes 104857600\n"; }
    LOCATION
  }
}
`

// site writes forty pages with pictures, a download, a video in segments and an
// executable. Contents are words, so that a recording packs well.
func site(root string, rng *rand.Rand) error {
	put := func(name string, size int) error {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		text := "the quick brown fox jumps over the lazy dog " + name + " "
		return os.WriteFile(p, []byte(strings.Repeat(text, size/len(text)+1)[:size]), 0o644)
	}
	for i := range 60 {
		if err := put(fmt.Sprintf("img/%d.png", i), 2000+int(rng.ExpFloat64()*25000)); err != nil {
			return err
		}
	}
	for name, size := range map[string]int{
		"style.css": 18000, "app.js": 90000, "favicon.ico": 1400, "files/report.pdf": 900_000, "files/disc.iso": 20_000_000,
		"files/setup.bin": 4_000_000,
	} {
		if err := put(name, size); err != nil {
			return err
		}
	}
	for i := range 30 {
		if err := put(fmt.Sprintf("video/%d.mp4", i), 300_000+rng.IntN(900_000)); err != nil {
			return err
		}
	}
	exe := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8"), []byte(strings.Repeat("This program cannot be run in DOS mode. ", 12000))...)
	if err := os.WriteFile(filepath.Join(root, "files/update.exe"), exe, 0o644); err != nil {
		return err
	}
	for i := range 40 {
		var b strings.Builder
		fmt.Fprintf(&b, "<html><head><title>Page %d</title><link rel=\"stylesheet\" href=\"/style.css\"><script src=\"/app.js\"></script></head><body>", i)
		for range 4 + rng.IntN(14) {
			fmt.Fprintf(&b, "<p><img src=\"/img/%d.png\">%s <a href=\"/page%d.html\">more</a></p>\n", rng.IntN(60), strings.Repeat("A story goes on. ", 5+rng.IntN(40)), rng.IntN(40))
		}
		b.WriteString("</body></html>")
		name := fmt.Sprintf("page%d.html", i)
		if err := os.WriteFile(filepath.Join(root, name), []byte(b.String()), 0o644); err != nil {
			return err
		}
		if i == 0 {
			if err := os.WriteFile(filepath.Join(root, "index.html"), []byte(b.String()), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// ServeShop starts the vulnerable shop, as nobody, on a port.
func (h *Host) ServeShop(ctx context.Context, port int) error {
	dir := filepath.Join(h.Dir, "shop")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		return err
	}
	app, err := filepath.Abs(filepath.Join(h.w.Assets, "servers", "shop.py"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(app)
	if err != nil {
		return fmt.Errorf("the lab runs from the source tree: %w", err)
	}
	app = filepath.Join(h.Dir, "shop.py") // nobody may not read the source tree
	if err := os.WriteFile(app, text, 0o644); err != nil {
		return err
	}
	if err := h.Serve("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", app, dir, fmt.Sprint(port)); err != nil {
		return err
	}
	return h.Listening(ctx, port)
}
