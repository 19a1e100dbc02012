package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// The first SIGUSR1 begins a CPU profile, the second ends it; then it gets the name it was asked for.
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
	f, err := os.Create(name + ".part")
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		panic(err)
	}
	<-signals
	pprof.StopCPUProfile()
	if err := f.Close(); err != nil {
		panic(err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		panic(err)
	}
}
