"""All that the report is made of: the gradebook read in a few queries, each notebook read once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from gradekit.blueprint import order_in
from gradekit.folder import CourseFolder
from gradekit.report.gradebook import Key, Question, Records, Submission, read_gradebook
from gradekit.report.notebooks import Miss, Trace, read_notebooks

FEW = 3  # fewer than this many could be named by their neighbours


@dataclass(frozen=True)
class Slip:
    """One named mistake, and how many made it. No hint: it differs from student to student."""

    key: Key
    mistake: str
    count: int
    hint: str


@dataclass(frozen=True)
class Facts:
    records: Records
    traces: dict[str, Trace]
    handed_in: list[str]

    @cached_property
    def graded(self) -> list[Submission]:
        """The submissions that the machine has scored to the end."""
        machine = [question.key for question in self.records.questions if not question.by_hand]
        return [
            one for one in self.records.submissions.values() if all(one.scores.get(key) is not None for key in machine)
        ]

    @cached_property
    def counted(self) -> list[Submission]:
        """Those that the numbers are about: graded, and readable."""
        return [one for one in self.graded if not self.traces[one.student].unreadable]

    @cached_property
    def ungraded(self) -> list[str]:
        done = {one.student for one in self.graded}
        return sorted({*self.handed_in, *self.records.submissions} - done)

    @cached_property
    def absent(self) -> list[str]:
        """Those on the roster who handed nothing in."""
        here = {*self.handed_in, *self.records.submissions}
        return [student for student in self.records.names if student not in here]

    @cached_property
    def unread(self) -> list[Question]:
        """The questions with an answer that has still to be read by somebody."""
        return [question for question in self.records.questions if self.waiting(question)]

    def waiting(self, question: Question) -> list[Submission]:
        """Those whose answer has no score yet."""
        return [one for one in self.counted if one.scores.get(question.key) is None]

    def who(self, student: str) -> str:
        name = self.records.names.get(student)
        return f"{name} ({student})" if name else student

    @cached_property
    def slips(self) -> list[Slip]:
        """The named mistakes, the commonest first."""
        hints = defaultdict(set)
        counts: Counter = Counter()
        for key, miss in self._misses():
            if miss.kind == "named":
                counts[key, miss.mistake] += 1
                hints[key, miss.mistake].add(miss.hint)
        return [
            Slip(key, mistake, count, next(iter(hints[key, mistake])) if len(hints[key, mistake]) == 1 else "")
            for (key, mistake), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]

    @cached_property
    def kinds(self) -> dict[Key, Counter]:
        """How the checks of each question were missed: named, unfinished, stopped or other."""
        found: dict[Key, Counter] = defaultdict(Counter)
        for key, miss in self._misses():
            found[key][miss.kind] += 1
        return found

    @cached_property
    def raised(self) -> Counter:
        """What code stopped with, and for how many students."""
        raised: Counter = Counter()
        for one in self.counted:
            misses = self.traces[one.student].misses.values()
            raised.update({miss.mistake for miss in misses if miss.kind == "stopped" and miss.mistake})
        return raised

    def _misses(self) -> Iterable[tuple[Key, Miss]]:
        return (item for one in self.counted for item in self.traces[one.student].misses.items())


def gather(course: CourseFolder, lab: str) -> Facts:
    with course.gradebook() as gradebook:
        records = read_gradebook(gradebook, lab)
    order = {(notebook, name): number for notebook in records.notebooks
             for number, name in enumerate(order_in(course.path("source", lab) / f"{notebook}.ipynb"))}  # fmt: skip
    records.questions.sort(key=lambda question: (question.key[0], order.get(question.key, len(order))))
    autograded = course.path("autograded", "", "x").parent
    traces = {
        student: read_notebooks([autograded / student / lab / f"{name}.ipynb" for name in records.notebooks])
        for student in records.submissions
    }
    submitted = course.path("submitted", "", "x").parent
    return Facts(records, traces, sorted(path.name for path in submitted.glob("*") if (path / lab).is_dir()))
