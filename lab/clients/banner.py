#!/usr/bin/python3
"""Connects to ports and reads what they say first. usage: banner.py HOST SECONDS PORT..."""
import socket, sys, time

for port in map(int, sys.argv[3:]):
    try:
        with socket.create_connection((sys.argv[1], port), timeout=1.5) as s:
            s.settimeout(1.5)
            print(port, s.recv(200))
    except OSError as e:
        print(port, e)
    time.sleep(float(sys.argv[2]))
