raise SystemExit('too early')
