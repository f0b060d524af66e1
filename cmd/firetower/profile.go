package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// profiled adds hidden flags to every command that write CPU and heap profiles, for
// bench/ and for whoever wants to know where the time goes.
func profiled(root *cobra.Command) {
	var cpu, heap string
	root.PersistentFlags().StringVar(&cpu, "cpu-profile", "", "write a CPU profile to this `file`")
	root.PersistentFlags().StringVar(&heap, "heap-profile", "", "write a heap profile to this `file` at the end")
	for _, name := range []string{"cpu-profile", "heap-profile"} {
		if err := root.PersistentFlags().MarkHidden(name); err != nil {
			panic(err) // the flag was declared two lines above
		}
	}
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if cpu == "" {
			return nil
		}
		f, err := os.Create(cpu)
		if err != nil {
			return fmt.Errorf("cpu profile: %w", err)
		}
		return pprof.StartCPUProfile(f)
	}
	root.PersistentPostRunE = func(*cobra.Command, []string) error {
		pprof.StopCPUProfile()
		if heap == "" {
			return nil
		}
		f, err := os.Create(heap)
		if err != nil {
			return fmt.Errorf("heap profile: %w", err)
		}
		defer f.Close()
		runtime.GC()
		return pprof.WriteHeapProfile(f)
	}
}
