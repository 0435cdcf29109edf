"""What is measured: generators of ``(name, value)``, run in processes of their own by :mod:`benchmarks.processes`."""
