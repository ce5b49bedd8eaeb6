"""The instructor's desk: judge, mistakes, sandbox, nbgrader's preprocessors, commands."""
