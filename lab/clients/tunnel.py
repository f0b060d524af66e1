#!/usr/bin/python3
"""A tunnel from a machine inside to its owner outside: the near end calls home and keeps the
connection, the far end opens connections through it. As a WebSocket, or by POSTs.
usage: tunnel.py home PORT TARGET:PORT...   the far end: fetches from each target through the tunnel
       tunnel.py agent HOST PORT SECONDS    the near end"""
import base64, os, socket, struct, sys, threading, time


def exactly(s, n):
    b = b""
    while len(b) < n:
        part = s.recv(n - len(b))
        if not part:
            raise OSError("closed")
        b += part
    return b


def send(s, data):
    s.sendall(bytes([0x82, 126]) + struct.pack(">H", len(data)) + data)


def receive(s):
    return exactly(s, struct.unpack(">H", exactly(s, 4)[2:])[0])


if sys.argv[1] == "home":
    l = socket.create_server(("0.0.0.0", int(sys.argv[2])))
    s, _ = l.accept()
    s.recv(2000)
    s.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: tunnel-v3\r\n\r\n")
    for t in sys.argv[3:] * 3:
        send(s, t.encode())
        while receive(s):
            pass
        time.sleep(1.5)
    s.close()
else:
    s = socket.create_connection((sys.argv[2], int(sys.argv[3])))
    s.sendall(("GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: tunnel-v3\r\n"
               "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n" % (sys.argv[2], base64.b64encode(os.urandom(16)).decode())).encode())
    s.recv(2000)
    try:
        while True:
            host, port = receive(s).decode().split(":")
            try:
                with socket.create_connection((host, int(port)), 2) as t:
                    t.settimeout(2)
                    t.sendall(b"GET / HTTP/1.0\r\n\r\n" if port in ("80", "8000") else b"\r\n")
                    while True:
                        part = t.recv(8000)
                        if not part:
                            break
                        send(s, part)
            except OSError:
                pass
            send(s, b"")
    except (OSError, ValueError):
        pass
