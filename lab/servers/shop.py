#!/usr/bin/python3
"""A small web shop with a real database and, on purpose, real holes in it.

usage: shop.py DIRECTORY PORT

Search and login build SQL from what they are given, comments and search print it unescaped,
/file reads any path, /ping gives its argument to a shell. For the lab's namespaces only.
Standard library only; the database is SQLite.
"""
import http.server, os, socketserver, sqlite3, subprocess, sys, time, urllib.parse

ROOT, PORT = sys.argv[1], int(sys.argv[2])
DB = os.path.join(ROOT, "shop.db")
ITEMS = ["lamp", "chair", "desk", "kettle", "bicycle", "radio", "umbrella", "clock", "mirror", "kite"]


def database():
    db = sqlite3.connect(DB, timeout=10)
    db.executescript("""
        create table if not exists items(id integer primary key, name text, price real, text text);
        create table if not exists users(id integer primary key, name text, password text, card text);
        create table if not exists comments(id integer primary key, item integer, author text, body text);""")
    if not db.execute("select count(*) from items").fetchone()[0]:
        for i in range(120):
            db.execute("insert into items(name, price, text) values(?,?,?)",
                       ("%s %d" % (ITEMS[i % len(ITEMS)], i), 5 + i * 1.5, "A fine %s. " % ITEMS[i % len(ITEMS)] * 8))
        for n, p in [("alice", "Sunshine-42"), ("bob", "letmein"), ("admin", "admin123"), ("carol", "Tr0ub4dor")]:
            db.execute("insert into users(name, password, card) values(?,?,?)", (n, p, "4000-0000-0000-%04d" % len(n)))
    db.commit()
    return db


def page(title, body):
    return ("<!doctype html><html><head><title>%s</title><link rel=\"stylesheet\" href=\"/static/style.css\">"
            "<script src=\"/static/app.js\"></script></head><body><h1>%s</h1>%s"
            "<p><a href=\"/\">home</a> <a href=\"/search?q=lamp\">lamps</a> <a href=\"/search?q=desk\">desks</a> "
            "<a href=\"/login\">log in</a></p></body></html>" % (title, title, body))


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "shop/1.0"

    def log_message(self, *args):
        pass

    def answer(self, body, status=200, kind="text/html; charset=utf-8", headers=()):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for k, v in headers:
            self.send_header(k, v)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        u = urllib.parse.urlsplit(self.path)
        q = dict(urllib.parse.parse_qsl(u.query, keep_blank_values=True))
        self.dispatch(u.path, q)

    def do_POST(self):
        n = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(n)
        q = dict(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True)) if n < 1 << 20 else {}
        self.dispatch(urllib.parse.urlsplit(self.path).path, q, n)

    def dispatch(self, path, q, size=0):
        try:
            getattr(self, "on_" + (path.strip("/").split("/")[0] or "home"), self.missing)(q, path)
        except sqlite3.Error as e:
            self.answer(page("Error", "<pre>SQL error: %s</pre>" % e), 500)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception as e:  # the shop shows its errors, as such shops do
            self.answer(page("Error", "<pre>%s</pre>" % e), 500)

    def missing(self, q, path):
        self.answer(page("Not found", "<p>There is no %s here.</p>" % path), 404)

    def on_home(self, q, path):
        rows = database().execute("select id, name from items order by random() limit 12").fetchall()
        body = "".join('<p><img src="/static/%d.png"><a href="/item?id=%d">%s</a></p>' % (r[0] % 20, r[0], r[1]) for r in rows)
        self.answer(page("The shop", body + '<form action="/search"><input name="q"></form>'))

    def on_item(self, q, path):
        rows = database().execute("select id, name, price, text from items where id = " + q.get("id", "1")).fetchall()
        body = "".join('<h2>%s</h2><p>%s</p><p>%s</p><img src="/static/%s.png">' % (r[1], r[2], r[3], str(r[0])[-1]) for r in rows)
        said = database().execute("select author, body from comments where item = " + q.get("id", "1")).fetchall()
        self.answer(page("Item", body + "".join("<p><b>%s</b> %s</p>" % c for c in said[-10:]) + '<a href="/item?id=7">next</a>'))

    def on_search(self, q, path):
        word = q.get("q", "")
        rows = database().execute("select id, name, price from items where name like '%" + word + "%'").fetchall()
        body = "<p>You looked for %s</p>" % word
        body += "".join('<p><a href="/item?id=%s">%s</a> %s</p>' % r for r in rows[:40])
        self.answer(page("Search", body))

    def on_login(self, q, path):
        if self.command == "POST" or "user" in q:
            row = database().execute("select id, name from users where name = '%s' and password = '%s'"
                                     % (q.get("user", ""), q.get("password", ""))).fetchone()
            if row:
                return self.answer(page("Welcome", "<p>Hello %s, here is your account.</p>" % row[1]),
                                   headers=[("Set-Cookie", "session=%d-%d" % (row[0], time.time()))])
            return self.answer(page("Log in", "<p>Wrong user or password.</p>"), 200)
        self.answer(page("Log in", '<form method="post"><input name="user"><input name="password" type="password"></form>'))

    def on_comment(self, q, path):
        db = database()
        db.execute("insert into comments(item, author, body) values(?,?,?)", (q.get("item", "1"), q.get("author", ""), q.get("body", "")))
        db.commit()
        self.answer(page("Thanks", "<p>%s</p>" % q.get("body", "")))

    def on_file(self, q, path):
        with open(os.path.join(ROOT, "files", q.get("name", "terms.txt")), "rb") as f:
            self.answer(f.read(1 << 20), kind="text/plain")

    def on_ping(self, q, path):
        out = subprocess.run("echo checking " + q.get("host", ""), shell=True, capture_output=True, timeout=10)
        self.answer(page("Ping", "<pre>%s</pre>" % (out.stdout + out.stderr).decode("latin-1")))

    def on_upload(self, q, path):
        self.answer("stored\n", kind="text/plain")

    def on_static(self, q, path):
        name = path.rsplit("/", 1)[-1]
        n = 3000 + sum(name.encode()) * 37 % 30000
        self.answer((name.encode() + b" picture ") * (n // 12), kind="image/png" if name.endswith("png") else "text/plain",
                    headers=[("Cache-Control", "max-age=3600")])


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


if __name__ == "__main__":
    os.makedirs(os.path.join(ROOT, "files"), exist_ok=True)
    with open(os.path.join(ROOT, "files", "terms.txt"), "w") as f:
        f.write("Everything is sold as it is.\n" * 20)
    database()
    Server(("0.0.0.0", PORT), Shop).serve_forever()
