#!/usr/bin/python3
"""Answers implants: over HTTP and HTTPS (check-ins as JSON, tasks held back for long polls,
WebSockets), bare TCP with a length before each message, and UDP. Tasks are words.
usage: controller.py HTTP_PORT HTTPS_PORT TCP_PORT UDP_PORT CERT KEY"""
import base64, hashlib, http.server, json, os, random, socket, socketserver, ssl, struct, sys, threading, time

TASK = lambda: base64.b64encode(os.urandom(random.choice([0, 0, 0, 24, 60, 400]))).decode()


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "nginx", ""

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Upgrade"):
            return self.socket()
        if "poll" in self.path:
            time.sleep(random.uniform(4, 12))
        body = json.dumps({"task": TASK(), "id": random.getrandbits(32)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def socket(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.wfile.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" %
                          base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()).encode())
        try:
            while self.connection.recv(4096):
                task = TASK().encode()[:100]
                self.wfile.write(bytes([0x81, len(task)]) + task)
        except OSError:
            pass
        self.close_connection = True


class Bare(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while self.request.recv(4096):
                task = TASK().encode()
                self.request.sendall(struct.pack(">I", len(task)) + task)
        except OSError:
            pass


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(b"\x00\x01" + os.urandom(14), self.client_address)


class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


tls = Threads(("0.0.0.0", int(sys.argv[2])), Web)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[5], sys.argv[6])
tls.socket = context.wrap_socket(tls.socket, server_side=True, do_handshake_on_connect=False)
socketserver.ThreadingTCPServer.daemon_threads = True
for s in (Threads(("0.0.0.0", int(sys.argv[1])), Web), tls, socketserver.ThreadingTCPServer(("0.0.0.0", int(sys.argv[3])), Bare),
          socketserver.UDPServer(("0.0.0.0", int(sys.argv[4])), Datagram)):
    threading.Thread(target=s.serve_forever).start()
