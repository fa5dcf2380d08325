"""Begin handshakes and go no further: tls_flood.py ADDRESS COUNT PID

Each sends the beginning of a ClientHello that claims to be long. Prints by how many KB the process
PID has grown with them, then waits for the end of standard input.
"""
import socket
import sys

address, count, pid = sys.argv[1], int(sys.argv[2]), sys.argv[3]
host, port = address.rsplit(":", 1)
hello = bytes([22, 3, 1, 0x40, 0, 1, 1, 0, 0, 3, 3]) + bytes(600)


def resident_kb():
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


before, most, held = resident_kb(), 0, []
for i in range(count):
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(hello)
    held.append(connection)
    if i % 50 == 0:
        most = max(most, resident_kb())
print(max(most, resident_kb()) - before, flush=True)
sys.stdin.readline()
