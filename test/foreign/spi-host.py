"""A host of the module that shares nothing with ours: `python3 spi-host.py SOCKET [UPDATE.ota]`.

Talks to `st67-hil sim --spi SOCKET`, prints what it sees as one JSON document. Standard library only.
"""

import json
import re
import socket
import struct
import sys

PATIENCE_S = 60
MTU = 1520


class Bus:
    """The lines of the socket: CS, transfers, and the level of SPI_RDY."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(path)
        self.file = self.sock.makefile("rb")
        self.ready = False
        self.hear("ready")

    def hear(self, word):
        """Reads lines until one begins with `word`; its rest."""
        while True:
            line = self.file.readline().decode("ascii").rstrip("\n")
            if not line:
                raise SystemExit("the module has gone")
            first, _, rest = line.partition(" ")
            if first == "error":
                raise SystemExit(line)
            if first == "ready":
                self.ready = rest == "1"
            if first == word:
                return rest

    def wait(self, level):
        while self.ready != level:
            self.hear("ready")

    def cs(self, level):
        self.sock.sendall(b"cs %d\n" % level)

    def xfer(self, out):
        self.sock.sendall(b"xfer " + out.hex().encode() + b"\n")
        return bytes.fromhex(self.hear("xfer"))


def pad(data):
    return data + bytes(-len(data) % 4)


class Module:
    """Frames and lines."""

    def __init__(self, bus):
        self.bus = bus
        self.text = b""
        self.first = None

    def turn(self, payload=b""):
        """One transaction; whether the module took the payload."""
        bus = self.bus
        bus.cs(1)
        bus.wait(True)
        out = pad(struct.pack("<HHBBH", 0x55AA, len(payload), 0, 0, 0) + payload)
        came = bus.xfer(out)
        magic, length, flags, kind, _ = struct.unpack_from("<HHBBH", came)
        if magic == 0x55AA and 8 + length > len(out):
            came += bus.xfer(pad(bytes(8 + length - len(out))))
        self.first = self.first or came
        bus.wait(False)
        bus.cs(0)
        if magic == 0x55AA and kind == 0:
            self.text += came[8 : 8 + length]
        return not flags & 4

    def send(self, payload):
        while not self.turn(payload):
            pass

    def until(self, pattern):
        """All text up to the end of `pattern`."""
        while True:
            found = re.search(pattern, self.text, re.S)
            if found:
                taken, self.text = self.text[: found.end()], self.text[found.end() :]
                return taken.decode("latin-1")
            self.bus.wait(True)
            self.turn()

    def ask(self, command):
        self.send(command.encode() + b"\r\n")
        answer = self.until(rb"(^|\r\n)(OK|ERROR)\r\n")
        if not answer.endswith("OK\r\n"):
            raise SystemExit(f"{command}: {answer!r}")
        return answer

    def update(self, data):
        self.ask("AT+OTASTART=0")
        self.ask("AT+OTASTART=1")
        at = 0
        while at < len(data):
            chunk = data[at : at + (4096 if at else 512)]
            self.ask(f"AT+OTASEND={len(chunk)}")
            self.until(rb">")
            for begin in range(0, len(chunk), MTU):
                self.send(chunk[begin : begin + MTU])
            self.until(rb"Recv %d bytes\r\n" % len(chunk))
            at += len(chunk)
        self.ask("AT+OTAFIN")


def main():
    module = Module(Bus(sys.argv[1]))
    module.until(rb"\r\nready\r\n")
    seen = {"frame": module.first.hex(), "before": module.ask("AT+GMR"), "table": module.ask("AT+PART?")}
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as file:
            module.update(file.read())
        module.until(rb"\r\nready\r\n")
        module.ask("AT")
        seen["after"] = module.ask("AT+GMR")
        seen["newTable"] = module.ask("AT+PART?")
    print(json.dumps(seen))


main()
