"""nbgrader's Execute, with each submission in a sandbox of its own."""

from pathlib import Path

from nbgrader.preprocessors import Execute
from traitlets import Bool, Enum, Float, Integer, Unicode

from gradekit.course import ROOT
from gradekit.lab_library import library_for
from gradekit.sandbox.cage import Cage, MachineFault
from gradekit.sandbox.engines import AUTO, ENGINES, running_kernel
from gradekit.sandbox.files import pack
from gradekit.sandbox.kernel import Kernel, Ran
from gradekit.sandbox.limits import Limits
from gradekit.sandbox.outputs import error_output
from gradekit.sandbox.probe import probe
from gradekit.seeds import seed_for

__all__ = ["MachineFault", "NoSandbox", "SandboxedExecute"]

DEFAULTS = Limits()
STUDENT_PYTHON = Path(".venv-student", "bin", "python")


class NoSandbox(SystemExit, KeyboardInterrupt):
    """There can be no sandbox here, and nobody said to grade without one.

    nbgrader goes on with the next submission after an Exception. After a KeyboardInterrupt it removes the
    submission's half-written folder and ends; SystemExit makes that end one line and an exit code.
    """


def require_sandbox() -> None:
    """Raise NoSandbox, with instructions, unless student code can be run in a sandbox here."""
    found = probe()
    if not found:
        raise NoSandbox(
            f"Nothing was graded: student code would run without a sandbox. {found.reason} "
            "If you trust every submission, grade without one: `gradekit grade --no-sandbox`, "
            "or c.SandboxedExecute.sandbox = False in nbgrader_config.py."
        )


class SandboxedExecute(Execute):
    """Runs a notebook's code cells in a sandboxed kernel; whatever they do, each has outputs that can be graded.

    A cell that did not run gets an error output, since nbgrader gives full marks to a test cell without one.
    Raises MachineFault when the machine failed, not the student.
    """

    sandbox = Bool(True, help="Run student code in a sandbox. False: on the bare machine, with all its rights.").tag(
        config=True
    )
    engine = Enum(ENGINES, AUTO, help="warm: kernels forked from one that stands ready. cold: each started anew. "
                  "auto: warm where that is possible.").tag(config=True)  # fmt: skip
    python = Unicode("", help="The students' Python. Default: .venv-student/bin/python in the course root.").tag(
        config=True
    )
    course_root = Unicode("", help="The course's folder. Default: nbgrader's, else the present one.").tag(config=True)
    lab_library = Unicode("", help="A folder to import from. Default: labkit and the lab's dnnlib.").tag(config=True)
    seed = Unicode("", help="The seed of the checks. Default: of course secret, lab and student.").tag(config=True)
    memory_limit = Integer(DEFAULTS.memory, help="Bytes, for all of a submission's processes.").tag(config=True)
    time_limit = Float(DEFAULTS.wall, help="Seconds for a whole submission; `timeout` is a cell's.").tag(config=True)
    process_limit = Integer(DEFAULTS.processes, help="Processes and threads at a time.").tag(config=True)
    scratch_limit = Integer(DEFAULTS.scratch, help="Bytes of files in the working folder.").tag(config=True)
    output_limit = Integer(DEFAULTS.output, help="Bytes that a cell may put out before it is killed.").tag(config=True)
    output_kept = Integer(DEFAULTS.output_kept, help="Bytes of a cell's output that are kept.").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        """Run all code cells of `nb` in place. The kernel sees neither the notebook nor the course."""
        if self.sandbox:
            require_sandbox()
        else:
            self.log.warning("Student code runs WITHOUT a sandbox, with all rights of this user.")
        nb.metadata.pop("widgets", None)
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        for cell in cells:
            cell.outputs, cell.execution_count = [], None
        with running_kernel(self._cage(resources), self.engine, self.startup_timeout) as kernel:
            nb.metadata["language_info"] = kernel.language_info
            self._run_cells(kernel, [cell for cell in cells if cell.source.strip()])
        return nb, resources

    def _run_cells(self, kernel: Kernel, cells: list) -> None:
        """Run them in order, whatever their tags say: a "skip-execution" on a test would earn its points."""
        stopped = None
        for number, cell in enumerate(cells, 1):
            if stopped:
                cell.outputs = [error_output("NotRun", f"not run: {stopped}.")]
                continue
            ran = kernel.run(cell.source, self._seconds(cell))
            cell.outputs, cell.execution_count = ran.outputs, number
            if ran.stopped:
                stopped = f"the kernel stopped in cell [{number}] because it {ran.stopped}"
                self.log.warning("%s%s", stopped[0].upper(), stopped[1:])
            cell.outputs += self._remarks(ran, cell)

    def _remarks(self, ran: Ran, cell) -> list:
        if ran.stopped:
            return [error_output("KernelStopped", f"the kernel stopped in this cell because it {ran.stopped}.")]
        if ran.timed_out:
            text = f"this cell was interrupted because it ran longer than {self._seconds(cell):g} s."
            return [error_output("CellTimeout", text)]
        return []

    def _seconds(self, cell) -> float:
        return self._get_timeout(cell) or self.time_limit

    def warm_up(self, lab: str) -> None:
        """Start a kernel and end it: its warm parent stands ready for the first submission."""
        with running_kernel(self._cage({"nbgrader": {"assignment": lab}, "gradekit": {"seed": "00"}}), self.engine):
            pass

    def _cage(self, resources) -> Cage:
        lab = resources.get("nbgrader", {}).get("assignment", "")
        return Cage(
            self.students_python(),
            lab_library=Path(self.lab_library) if self.lab_library else library_for(lab),
            seed=self.seed or seed_for(resources),
            files=self._files(resources),
            limits=Limits(
                memory=self.memory_limit,
                wall=self.time_limit,
                processes=self.process_limit,
                scratch=self.scratch_limit,
                output=self.output_limit,
                output_kept=self.output_kept,
            ),
            sandbox=self.sandbox,
            private=(self._root(), ROOT, Path(__file__).resolve().parent),
        )

    def _files(self, resources: dict) -> bytes:
        given = resources.get("gradekit", {}).get("files")
        submission = resources.get("metadata", {}).get("path")
        if given is not None or not submission:
            return given or b""
        packed = pack(Path(submission), self.scratch_limit // 2)
        if packed.left_out:
            self.log.warning("No space in the working folder for: %s", ", ".join(packed.left_out))
        return packed.archive

    def _root(self) -> Path:
        return Path(self.course_root or self.config.get("CourseDirectory", {}).get("root") or ".").resolve()

    def students_python(self) -> Path:
        """The students' Python. A course folder without one of its own uses that of this checkout."""
        if self.python:
            return Path(self.python).absolute()
        own = self._root() / STUDENT_PYTHON
        return own if own.exists() else ROOT / STUDENT_PYTHON
