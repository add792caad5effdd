"""The made-up market of the default run, the tests and the benchmarks; nothing in it is real."""
