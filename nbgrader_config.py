"""nbgrader's configuration of this course: `configure` makes grading safe, what you may want to change follows it."""

from gradekit.config import configure

c = get_config()  # noqa: F821
configure(c)

c.CourseDirectory.course_id = "deep-nets"

# Student code runs in a sandbox. Where there can be none, grading refuses; False grades without, with all your rights.
# c.SandboxedExecute.sandbox = False

# Seconds for one cell, seconds for a whole submission.
# c.SandboxedExecute.timeout = 30
# c.SandboxedExecute.time_limit = 300

# The gradebook: SQLite here, or PostgreSQL.
# c.CourseDirectory.db_url = "postgresql://user:password@host/course"
