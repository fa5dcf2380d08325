"""A client within TLS that asks, waits to be told to, and leaves in a way of one's choice.

tls_leave.py ADDRESS AUTHORITY VERSION WAY REQUEST

Sends REQUEST (its \\n as CRLF), waits for a line of standard input, leaves:
  close     FIN, without a close_notify         goodbye  a close_notify, without FIN
  reset     RST                                 half     FIN, and goes on reading
  both      close_notify, then FIN              second   another request behind it, then FIN
  flood     60,000 bytes behind it, then FIN    farewell the same, then a close_notify
Whoever keeps the connection open then waits for the server to end it.
"""
import socket
import ssl
import struct
import sys

address, authority, version, way, request = sys.argv[1:6]
host, port = address.rsplit(":", 1)
context = ssl.create_default_context(cafile=authority)
number = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
context.minimum_version = context.maximum_version = number
plain = socket.create_connection((host, int(port)))
plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
# A TLS object without its socket: each of the two can be ended without the other.
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")


def send():
    data = outgoing.read()
    if data:
        plain.sendall(data)


def shake_hands():
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            send()
            incoming.write(plain.recv(65536))
    send()


def say(data):
    tls.write(data)
    send()


def say_goodbye():
    try:
        tls.unwrap()
    except ssl.SSLError:
        pass  # the other side's is not there yet
    send()


def wait_for_end():
    plain.settimeout(10)
    while plain.recv(65536):
        pass


shake_hands()
say(request.replace("\n", "\r\n").encode())
print("asked", flush=True)
sys.stdin.readline()
if way == "reset":
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
if way == "second":
    say(request.replace("\n", "\r\n").encode())
if way in ("flood", "farewell"):
    say(b"a" * 60000)
if way in ("goodbye", "both", "farewell"):
    say_goodbye()
if way == "half":
    plain.shutdown(socket.SHUT_WR)
if way in ("goodbye", "half", "farewell"):
    wait_for_end()
plain.close()
