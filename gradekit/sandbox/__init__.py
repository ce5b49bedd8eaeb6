"""The sandbox that student code runs in; docs/sandbox.md says what it promises."""
