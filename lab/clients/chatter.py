#!/usr/bin/python3
"""What programs of daily life send without being asked.
usage: chatter.py game|call|echo|discover|folders|push|pushed HOST PORT SECONDS [USER PASSWORD]"""
import imaplib, os, random, socket, ssl, struct, sys, threading, time

mode, host, port, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
end = time.time() + length
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(0.5)


def paced(per_second, size, jitter=0.2):
    n = 0
    while time.time() < end:
        udp.sendto(struct.pack(">HHII", 0x80 if mode == "call" else 7, n & 0xffff, n * 160, 99) + os.urandom(max(0, size() - 12)), (host, port))
        n += 1
        time.sleep(random.uniform(1 - jitter, 1 + jitter) / per_second)


def listen():
    while time.time() < end:
        try:
            udp.recv(2000)
        except OSError:
            pass


if mode == "echo":  # the far end of a game or a call: as much comes back, of another size
    udp.bind(("0.0.0.0", port))
    while time.time() < end:
        try:
            data, peer = udp.recvfrom(2000)
            udp.sendto(data[:12] + os.urandom(len(data) + random.randrange(40)), peer)
        except OSError:
            pass
elif mode in ("game", "call"):
    threading.Thread(target=listen).start()
    paced(random.uniform(30, 60), lambda: random.randrange(40, 130)) if mode == "game" else paced(50, lambda: 172, 0.05)
elif mode == "discover":  # what televisions, printers and telephones ask everybody
    udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
    names = ["_googlecast._tcp.local", "_ipp._tcp.local", "_airplay._tcp.local", "_spotify-connect._tcp.local", "_companion-link._tcp.local"]
    while time.time() < end:
        for n in random.sample(names, 2):
            udp.sendto(struct.pack(">6H", 0, 0, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in n.split(".")) + b"\0\0\x0c\0\1", ("224.0.0.251", 5353))
        for st in ("ssdp:all", "urn:dial-multiscreen-org:service:dial:1", "upnp:rootdevice"):
            udp.sendto(("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: %s\r\n\r\n" % st).encode(), ("239.255.255.250", 1900))
        udp.sendto(os.urandom(20), (host.rsplit(".", 1)[0] + ".255", 137))
        time.sleep(random.uniform(2, 6))
elif mode == "folders":  # a mail program: some connections, every folder, then idle
    def box():
        m = imaplib.IMAP4(host, port)
        m.login(sys.argv[5], sys.argv[6])
        while time.time() < end:
            for f in ("INBOX", "Sent", "Drafts", "Trash", "Archive"):
                m.select(f, readonly=True)
                m.noop()
            m.send(b"X IDLE\r\n")
            time.sleep(random.uniform(5, 15))
            m.send(b"DONE\r\n")
            while not m.readline().startswith(b"X "):
                pass
    for _ in range(4):
        threading.Thread(target=box, daemon=True).start()
    time.sleep(length)
elif mode == "push":  # a telephone's connection for notifications: a sign of life now and then
    s = ssl._create_unverified_context().wrap_socket(socket.create_connection((host, port), 10), server_hostname=sys.argv[5] if len(sys.argv) > 5 else None)
    while time.time() < end:
        s.send(b"\0\1" + os.urandom(10))
        s.recv(1000)
        time.sleep(15)
elif mode == "pushed":
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain("cert.pem", "key.pem")
    l = socket.create_server(("0.0.0.0", port))

    def client(s):
        try:
            s = c.wrap_socket(s, server_side=True)
            while s.recv(1000):
                s.send(b"\0\2" + os.urandom(random.choice([4, 4, 4, 300])))
        except OSError:
            pass
    while True:
        threading.Thread(target=client, args=(l.accept()[0],), daemon=True).start()
