"""The outputs of one cell, from messages that the student's process may have forged.

A message is believed as far as its shape fits: what does not fit is left out, and nothing here raises.
"""

import math

from nbformat import NotebookNode

from gradekit.nodes import new_output

DEEPEST = 30
LONGEST_ERROR = 10_000


class CellOutputs:
    """Collects what belongs to one execute request, up to `keep` bytes; `received` counts all bytes.

    ordered: all comes over one channel, so that nothing follows the reply.
    """

    def __init__(self, request: str, keep: int, number: int, ordered: bool = False):
        self.request, self.keep, self.number, self.ordered = request, keep, number, ordered
        self.outputs: list[NotebookNode] = []
        self.received = 0
        self.reply: dict | None = None
        self.idle = False
        self.cut = False
        self._displays: dict[str, list[NotebookNode]] = {}
        self._clear_next = False

    @property
    def complete(self) -> bool:
        return self.reply is not None and (self.idle or self.ordered)

    def take(self, message: dict | None, size: int) -> None:
        """Take one message of `size` bytes in; None stands for one that could not be read."""
        self.received += size
        if not isinstance(message, dict) or not isinstance(message.get("content"), dict):
            return
        parent = message.get("parent_header")
        if not isinstance(parent, dict) or parent.get("msg_id") != self.request:
            return
        kind, content = message.get("msg_type"), message["content"]
        if kind == "status":
            self.idle = self.idle or content.get("execution_state") == "idle"
        elif kind == "execute_reply":
            self.reply = content
        elif kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "error":
            self._add(error_from(content))
        elif kind == "stream" and self.received - size < self.keep:
            self._add_stream(content, self.keep - (self.received - size))
        elif self.received > self.keep:
            pass
        elif kind in ("display_data", "execute_result"):
            self._add_display(kind, content)
        elif kind == "update_display_data":
            self._update(content)
        if self.received > self.keep and not self.cut:
            self.cut = True
            self._add(new_output("stream", name="stdout", text="\n... the rest of this cell's output was cut off.\n"))

    def finish(self) -> list[NotebookNode]:
        """The outputs. A failure that the reply reports is among them even if its own message got lost."""
        reply = self.reply or {}
        if reply.get("status") != "ok" and not any(output.output_type == "error" for output in self.outputs):
            self.outputs.append(error_from(reply))
        return self.outputs

    def _clear(self) -> None:
        self.outputs.clear()
        self._displays.clear()
        self._clear_next = False

    def _add(self, output: NotebookNode) -> None:
        if self._clear_next:
            self._clear()
        self.outputs.append(output)

    def _add_stream(self, content: dict, room: int) -> None:
        name, text = content.get("name"), content.get("text")
        if name not in ("stdout", "stderr") or not isinstance(text, str):
            return
        last = self.outputs[-1] if self.outputs and not self._clear_next else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += printable(text[:room])
        else:
            self._add(new_output("stream", name=name, text=printable(text[:room])))

    def _add_display(self, kind: str, content: dict) -> None:
        output = new_output(kind, data=mime_bundle(content.get("data")), metadata=mime_metadata(content))
        if kind == "execute_result":
            output.execution_count = self.number
        self._add(output)
        if isinstance(name := display_id(content), str):
            self._displays.setdefault(name, []).append(output)

    def _update(self, content: dict) -> None:
        name = display_id(content)
        for output in self._displays.get(name, []) if isinstance(name, str) else []:
            output.data, output.metadata = mime_bundle(content.get("data")), mime_metadata(content)


def error_output(name: str, text: str, traceback: list[str] | None = None) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=traceback or [f"{name}: {text}"])


def error_from(content: dict) -> NotebookNode:
    """An error output, cut to a readable length, from the content of an error message or of a reply."""
    name, text, traceback = (content.get(key) for key in ("ename", "evalue", "traceback"))
    lines = [printable(line) for line in traceback if isinstance(line, str)] if isinstance(traceback, list) else []
    return error_output(
        printable(name)[:200] if isinstance(name, str) and name else "Error",
        printable(text)[:LONGEST_ERROR] if isinstance(text, str) else "",
        ["\n".join(lines)[-LONGEST_ERROR:]] if lines else None,
    )


def display_id(content: dict):
    transient = content.get("transient")
    return transient.get("display_id") if isinstance(transient, dict) else None


def mime_bundle(data) -> NotebookNode:
    """MIME types with texts; JSON types may hold structures. NotebookNode, as nbformat wants it."""
    kept = NotebookNode()
    for mime, value in data.items() if isinstance(data, dict) else ():
        is_json = mime == "application/json" or mime.endswith("+json")
        if isinstance(value, str) or (is_json and shallow(value)):
            kept[printable(mime)] = plain(value)
        elif isinstance(value, list) and all(isinstance(line, str) for line in value):
            kept[printable(mime)] = printable("".join(value))
    return kept


def mime_metadata(content: dict) -> NotebookNode:
    metadata = content.get("metadata")
    return plain(metadata) if isinstance(metadata, dict) and shallow(metadata) else NotebookNode()


def shallow(value, depth: int = DEEPEST) -> bool:
    """Nested less deep than writing the notebook can bear."""
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(shallow(each, depth - 1) for each in inner)


def plain(value):
    """A copy whose texts can be written as UTF-8 and whose numbers can be written as JSON."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return NotebookNode({printable(str(key)): plain(each) for key, each in value.items()})
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, (bool, int)) or value is None or (isinstance(value, float) and math.isfinite(value)):
        return value
    return printable(str(value))


def printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
