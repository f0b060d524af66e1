#!/usr/bin/python3
"""Calls a controller as implants do and carries out nothing.
usage: implant.py MODE HOST[:PORT] SECONDS JITTER LENGTH
modes: json form cookie poll socket tcp udp icmp names txt cname made-up swarm telnet"""
import base64, http.client, json, os, random, socket, ssl, struct, sys, time

mode, where, gap, jitter, length = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:6])
host, _, port = where.partition(":")
port, end, me = int(port or 80), time.time() + length, "%08x" % random.getrandbits(32)
AGENT = random.choice(["python-requests/2.31.0", "Go-http-client/1.1", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.110 Safari/537.36"])


def pause():
    time.sleep(max(0, min(end - time.time(), gap * random.uniform(1 - jitter, 1 + jitter))))


def web(name=None, path="/api/v1/checkin"):
    try:
        if mode.endswith("s") and mode[:-1] in ("json", "form", "cookie", "poll"):
            context = ssl._create_unverified_context()
            c = http.client.HTTPSConnection(host, port, timeout=20, context=context)
            c.sock = context.wrap_socket(socket.create_connection((host, port), 20), server_hostname=name)
        else:
            c = http.client.HTTPConnection(host, port, timeout=20)
        beat = {"id": me, "host": "DESK-" + me[:4], "user": "alice", "os": "Windows 10", "pid": os.getpid()}
        head = {"User-Agent": AGENT, "Accept": "*/*"}
        if mode.startswith("json"):
            c.request("POST", path, json.dumps(beat), {**head, "Content-Type": "application/json"})
        elif mode.startswith("form"):
            c.request("POST", "/gate.php", "data=" + base64.b64encode(json.dumps(beat).encode()).decode(), {**head, "Content-Type": "application/x-www-form-urlencoded"})
        elif mode.startswith("cookie"):
            c.request("GET", "/%s.js" % me, headers={**head, "Cookie": "SESSIONID=" + base64.b64encode(json.dumps(beat).encode()).decode()})
        else:
            c.request("GET", "/poll/" + me, headers=head)
        c.getresponse().read()
        c.close()
    except OSError:
        pass


def kept(upgrade):
    try:
        s = socket.create_connection((host, port), 10)
        s.settimeout(15)
        if upgrade:
            s.sendall(("GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" %
                       (where, base64.b64encode(os.urandom(16)).decode())).encode())
            s.recv(2000)
        while time.time() < end:
            body = os.urandom(random.randrange(20, 60))
            s.sendall(bytes([0x82, 0x80 | len(body)]) + os.urandom(4) + body if upgrade else struct.pack(">I", len(body)) + body)
            s.recv(4000)
            pause()
    except OSError:
        pass


def query(name, kind):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(1)
    s.sendto(struct.pack(">HHHHHH", random.getrandbits(16), 0x100, 1, 0, 0, 0) +
             b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + struct.pack(">BHH", 0, kind, 1), (host, 53))
    try:
        s.recv(600)
    except OSError:
        pass


def ping():
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    body = struct.pack(">BBHHH", 8, 0, 0, os.getpid() & 0xffff, random.getrandbits(16)) + base64.b64encode(os.urandom(random.choice([24, 24, 24, 240])))
    body += b"\0" * (len(body) % 2)
    n = sum(struct.unpack(">%dH" % (len(body) // 2), body))
    n = (n >> 16) + (n & 0xffff)
    s.sendto(body[:2] + struct.pack(">H", ~(n + (n >> 16)) & 0xffff) + body[4:], (host, 0))


def telnet():
    """A worm's next victim: a connection to port 23 of any address."""
    s = socket.socket()
    s.settimeout(0.25)
    try:
        s.connect((".".join(host.split(".")[:3] + [str(random.randrange(2, 250))]), 23))
        s.send(b"root\r\nxc3511\r\n")
    except OSError:
        pass
    s.close()


label = lambda n, abc="abcdefghijklmnopqrstuvwxyz0123456789": "".join(random.choice(abc) for _ in range(n))
peers = ["%s.%d" % (".".join(host.split(".")[:3]), random.randrange(2, 250)) for _ in range(40)]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while time.time() < end:
    if mode == "socket" or mode == "tcp":
        kept(mode == "socket")
    elif mode == "udp":
        udp.sendto(b"\x00\x01" + me.encode() + os.urandom(6), (host, port))
    elif mode == "icmp":
        ping()
    elif mode == "names":
        query(label(24) + ".sync-cdn.example", 1)
    elif mode == "txt":
        query(label(40) + "." + label(20) + ".sync-cdn.example", 16)
    elif mode == "cname":
        query(label(30) + ".sync-cdn.example", 5)
    elif mode == "made-up":
        for _ in range(10):
            query(label(random.randrange(9, 16), "bcdfghjklmnpqrstvwxzaeiou") + random.choice([".com", ".net", ".info", ".biz"]), 1)
    elif mode == "swarm":
        udp.sendto(os.urandom(random.randrange(30, 120)), (random.choice(peers), port))
    elif mode == "telnet":
        telnet()
    else:
        web("updates.softcdn.example")
    pause()
