//! Worlds of phones and a server: tests, the demo and the benchmarks.
