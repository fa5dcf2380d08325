"""A server that writes down what it is asked: http_recorder.py PORT_FILE REQUESTS_FILE

Each request is a line of REQUESTS_FILE, as JSON: method, path, headers (in lower case) and body. POST
gets 200 and an empty object, as of an OpenTelemetry collector; anything else 503. PORT_FILE has the
port once it listens.
"""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port_file, requests_file = sys.argv[1:3]


class Recorder(BaseHTTPRequestHandler):
    def record(self, code):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = json.dumps({"method": self.command, "path": self.path, "headers": headers, "body": body})
        with open(requests_file, "a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.send_response(code)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self):
        self.record(503)

    def do_POST(self):
        self.record(200)

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
    with open(port_file + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_port))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()
