"""What runs inside a sandbox before student code does, by the student's Python: it imports nothing of ours outside."""
