package training

import "runtime"

// workersFor is how many goroutines share n pieces of work.
func workersFor(n int) int { return max(1, min(runtime.GOMAXPROCS(0), n)) }
