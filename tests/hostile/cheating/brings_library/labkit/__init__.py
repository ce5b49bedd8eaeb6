check = preview = try_it = print
