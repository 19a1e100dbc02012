package main

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
)

// The first SIGUSR1 begins a CPU profile, the second ends it and writes what memory is in use.
func init() {
	name := os.Getenv("VARUH_COST_PROFILE")
	if name == "" {
		return
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGUSR1)
	go profile(name, signals)
}

func profile(name string, signals <-chan os.Signal) {
	<-signals
	write(name+"-cpu.pprof", func(f *os.File) error {
		// So little CPU is used that 100 samples a second of it say little; more than the kernel's
		// ticks, mostly 250, would not be counted. StartCPUProfile complains that a rate is set, and
		// keeps it.
		runtime.SetCPUProfileRate(250)
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		<-signals
		pprof.StopCPUProfile()
		return nil
	})
	write(name+"-heap.pprof", func(f *os.File) error { return pprof.Lookup("heap").WriteTo(f, 0) })
}

// write gives a file its name only when it is whole.
func write(name string, content func(*os.File) error) {
	f, err := os.Create(name + ".part")
	if err != nil {
		panic(err)
	}
	if err := content(f); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		panic(err)
	}
}
