#!/usr/bin/env python3
"""Records what passes between a client and a server on this machine: record.py OUT PORT COMMAND...

COMMAND is the client's, {port} in it the port to connect to; PORT is the server's. So were made, cut to their first 14 lines:
  recorded/ssh.txt, ssh-gex.txt  OpenSSH 9.2 with a key of ed25519; the latter with -o KexAlgorithms=diffie-hellman-group-exchange-sha256
                                 -o Ciphers=aes128-ctr -o MACs=hmac-sha2-256
  recorded/ldap.txt              slapd 2.5 and ldapsearch -x -D cn=admin,dc=a,dc=cn -w secret -b dc=a,dc=cn
"""
import socket, subprocess, sys, threading
out, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
lines, lock = [], threading.Lock()
listener = socket.create_server(("127.0.0.1", 0))
def carry(side, a, b):
    while True:
        try: data = a.recv(65536)
        except OSError: break
        if not data: break
        with lock: lines.append(f"{side} {data.hex()}\n")
        b.sendall(data)
    try: b.shutdown(socket.SHUT_WR)
    except OSError: pass
def serve():
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", port))
    ts = [threading.Thread(target=carry, args=a) for a in (("C", client, server), ("S", server, client))]
    [t.start() for t in ts]; [t.join() for t in ts]
t = threading.Thread(target=serve); t.start()
own = listener.getsockname()[1]
p = subprocess.run([c.replace("{port}", str(own)) for c in command], capture_output=True, timeout=20)
sys.stderr.write(p.stdout.decode(errors="replace")[-300:] + p.stderr.decode(errors="replace")[-300:])
t.join(5)
open(out, "w").writelines(lines)
