package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// profiles are written of a call, whether it fails or not: for bench/ and for whoever
// wants to know where the time goes.
type profiles struct {
	cpu, heap string // their files
	running   *os.File
}

// profiled adds hidden flags to every command that ask for profiles. Whoever runs the
// command writes them.
func profiled(root *cobra.Command) *profiles {
	p := new(profiles)
	root.PersistentFlags().StringVar(&p.cpu, "cpu-profile", "", "write a CPU profile to this `file`")
	root.PersistentFlags().StringVar(&p.heap, "heap-profile", "", "write a heap profile to this `file` at the end")
	for _, name := range []string{"cpu-profile", "heap-profile"} {
		if err := root.PersistentFlags().MarkHidden(name); err != nil {
			panic(err) // the flag was declared two lines above
		}
	}
	root.PersistentPreRunE = func(*cobra.Command, []string) (err error) {
		if p.cpu == "" {
			return nil
		}
		if p.running, err = os.Create(p.cpu); err != nil {
			return fmt.Errorf("cpu profile: %w", err)
		}
		return pprof.StartCPUProfile(p.running)
	}
	return p
}

// write ends the CPU profile and takes the heap's, if they were asked for.
func (p *profiles) write() error {
	var failed error
	if p.running != nil {
		pprof.StopCPUProfile()
		failed = p.running.Close()
	}
	if p.heap == "" {
		return failed
	}
	f, err := os.Create(p.heap)
	if err != nil {
		return errors.Join(failed, fmt.Errorf("heap profile: %w", err))
	}
	runtime.GC()
	return errors.Join(failed, pprof.WriteHeapProfile(f), f.Close())
}
