"""Messages over a socket that keeps the bounds of packets, so that a torn or foreign one spoils no other.

A message is JSON, cut into packets; a sign before each says whether it begins, goes on or ends there.
"""

import json
import socket
from collections.abc import Callable
from typing import Any

PART = 60_000  # bytes; a whole packet must fit into the socket's buffer
BEGINS, ENDS = 1, 2


def send(channel: socket.socket, message: Any, pack: Callable[[Any], str | bytes] = json.dumps) -> None:
    text = pack(message)
    data = memoryview(text.encode() if isinstance(text, str) else text)
    for start in range(0, len(data), PART):
        sign = BEGINS * (start == 0) + ENDS * (start + PART >= len(data))
        channel.sendall(bytes([sign]) + data[start : start + PART])


class Reader:
    """Puts packets together again; a message larger than `most` bytes is None, as is one that is no JSON."""

    def __init__(self, channel: socket.socket, most: int):
        self.channel, self.most = channel, most
        self._parts: list[bytes] = []
        self._size = 0

    def read(self) -> tuple[Any, int]:
        """One packet off the socket: (the message that ends with it or None, bytes). Raises EOFError, OSError."""
        packet = self.channel.recv(PART + 1)
        if not packet:
            raise EOFError
        sign, part = packet[0], packet[1:]
        if sign & BEGINS:
            self._parts, self._size = [], 0
        self._size += len(part)
        if self._size <= self.most:
            self._parts.append(part)
        return (self._whole() if sign & ENDS else None), len(part)

    def _whole(self) -> Any:
        if self._size > self.most:
            return None
        try:
            return json.loads(b"".join(self._parts))
        except (ValueError, RecursionError):
            return None
