"""Hold connections open that have asked once: https_idle.py ADDRESS AUTHORITY|- COUNT

Says "held" once all are there, ends when standard input does.
"""
import socket
import ssl
import sys

address, authority, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
host, port = address.rsplit(":", 1)
context = None if authority == "-" else ssl.create_default_context(cafile=authority)
held = []
for _ in range(count):
    connection = socket.create_connection((host, int(port)))
    if context is not None:
        connection = context.wrap_socket(connection, server_hostname="localhost")
    connection.sendall(b"GET /v1/echo HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while len(connection.recv(65536)) < 1024:
        pass
    held.append(connection)
print("held", flush=True)
sys.stdin.read()
