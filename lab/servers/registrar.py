#!/usr/bin/python3
"""A SIP registrar over UDP with digest log-in, and an answer for whoever is called.
usage: registrar.py PASSWORD"""
import hashlib, os, re, socket, sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 5060))
h = lambda *p: hashlib.md5(":".join(p).encode()).hexdigest()
while True:
    data, peer = s.recvfrom(4000)
    text = data.decode("latin-1")
    method = text.split(" ", 1)[0]
    keep = "".join(l + "\r\n" for l in text.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", l))
    status, extra = "200 OK", ""
    if method == "REGISTER":
        m = re.search(r'username="(\w+)".*nonce="(\w+)".*uri="([^"]+)".*response="(\w+)"', text)
        if not m or m[4] != h(h(m[1], "lab", sys.argv[1]), m[2], h("REGISTER", m[3])):
            status, extra = "401 Unauthorized", 'WWW-Authenticate: Digest realm="lab",nonce="%s"\r\n' % os.urandom(8).hex()
    elif method == "INVITE":
        status = "404 Not Found"
    elif method == "ACK":
        continue
    s.sendto(("SIP/2.0 %s\r\n%s%sContent-Length: 0\r\n\r\n" % (status, keep, extra)).encode("latin-1"), peer)
