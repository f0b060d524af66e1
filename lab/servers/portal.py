#!/usr/bin/python3
"""A company's portal: a blog's log-in with a token, XML-RPC, basic and digest log-in, an API, a
program left by an intruder, and an administrator's page for the data base.
usage: portal.py PORT USER PASSWORD"""
import base64, hashlib, http.server, json, re, secrets, socketserver, subprocess, sys, urllib.parse

PORT, USER, PASSWORD = int(sys.argv[1]), sys.argv[2], sys.argv[3]
h = lambda *p: hashlib.md5(":".join(p).encode()).hexdigest()


class Portal(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Apache/2.4.57", "(Debian)"

    def log_message(self, *args):
        pass

    def say(self, status, body, kind="text/html; charset=UTF-8", **headers):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        u = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        q = dict(urllib.parse.parse_qsl(u.query + "&" + body, keep_blank_values=True))
        login = self.headers.get("Authorization", "")
        if u.path in ("/", "/index.php"):
            return self.say(200, "<html><body><h1>Our portal</h1>" + "<p>News and more news.</p>" * 60 + '<a href="/wp-login.php">log in</a></body></html>')
        if u.path == "/wp-login.php":
            token = '<form method="post"><input type="hidden" name="_token" value="%s"><input name="log"><input name="pwd" type="password"></form>' % secrets.token_hex(16)
            if self.command == "POST":
                if (q.get("log"), q.get("pwd")) == (USER, PASSWORD):
                    return self.say(302, "dashboard", Location="/wp-admin/", Set_Cookie="wordpress_logged_in=" + secrets.token_hex(20))
                return self.say(200, '<div id="login_error">The password you entered is incorrect.</div>' + token)
            return self.say(200, "<html><body>" + token + "<p>Lost your password?</p>" * 20 + "</body></html>", Set_Cookie="wordpress_test_cookie=1")
        if u.path == "/xmlrpc.php":
            fault = "<struct><member><name>faultCode</name><value><int>403</int></value></member><member><name>faultString</name><value>Incorrect username or password.</value></member></struct>"
            return self.say(200, "<?xml version=\"1.0\"?><methodResponse><fault>%s</fault></methodResponse>" % (fault * max(1, body.count("getUsersBlogs"))), "text/xml")
        if u.path.startswith("/admin"):
            if login == "Basic " + base64.b64encode((USER + ":" + PASSWORD).encode()).decode():
                return self.say(200, "<h1>Administration</h1>" + "<p>status fine</p>" * 40)
            return self.say(401, "Unauthorized", WWW_Authenticate='Basic realm="Admin"')
        if u.path.startswith("/private"):
            m = re.search(r'nonce="(\w+)", uri="([^"]+)"', login)
            r = re.search(r'response="(\w+)"', login)
            if m and r and r[1] == h(h(USER, "lab", PASSWORD), m[1], h(self.command, m[2])):
                return self.say(200, "<h1>Private</h1>" * 30)
            return self.say(401, "Unauthorized", WWW_Authenticate='Digest realm="lab", nonce="%s"' % secrets.token_hex(8))
        if u.path == "/api/login":
            try:
                good = json.loads(body).get("password") == PASSWORD
            except ValueError:
                good = False
            return self.say(200 if good else 401, json.dumps({"token": secrets.token_hex(16)} if good else {"error": "invalid credentials"}), "application/json")
        if u.path == "/uploads/img.php":
            out = subprocess.run(q.get("cmd", "true"), shell=True, capture_output=True, timeout=8)
            return self.say(200, "<pre>" + (out.stdout + out.stderr).decode("latin-1")[:20000] + "</pre>")
        if u.path == "/phpmyadmin/import.php":
            return self.say(200, json.dumps({"success": True, "message": "<table>" + "<tr><td>1</td><td>name</td></tr>" * 40 + "</table>"}), "application/json")
        if u.path.startswith("/api/") or u.path.endswith("_search") or u.path.endswith("_bulk"):
            return self.say(200, json.dumps({"took": 3, "hits": [{"id": i, "text": "some words about a thing"} for i in range(25)]}), "application/json")
        return self.say(404, "<h1>Not Found</h1><p>The requested URL was not found on this server.</p>")

    do_POST = do_HEAD = do_PUT = do_GET


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


Server(("0.0.0.0", PORT), Portal).serve_forever()
