//go:build profile

package main

import (
	"net"
	"net/http"
	_ "net/http/pprof" // serves below /debug/pprof
	"os"
	"runtime"
	"time"
)

// init serves profiles at the unix socket that PROFILE_SOCKET names. It is for
// the benchmark alone, and an init so that the program as it is shipped, built
// without this file, knows nothing of it.
func init() {
	runtime.SetBlockProfileRate(int((10 * time.Microsecond).Nanoseconds()))
	runtime.SetMutexProfileFraction(10)
	listener, err := net.Listen("unix", os.Getenv("PROFILE_SOCKET"))
	if err != nil {
		panic(err)
	}
	go func() { panic(http.Serve(listener, nil)) }()
}
