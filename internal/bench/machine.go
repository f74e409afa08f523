package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// describeMachine says in words what the figures depend on.
func describeMachine(ctx context.Context, e *environment, subjects []subject) string {
	machine := fmt.Sprintf("%d cores", runtime.NumCPU())
	if model := cpuModel(); model != "" {
		machine += " of " + model
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if mib, err := parseMemory(string(text), "MemTotal"); err == nil {
			machine += fmt.Sprintf(", %.0f GiB of memory", mib/1024)
		}
	}
	software := []string{strings.Replace(runtime.Version(), "go", "Go ", 1)}
	for _, s := range subjects {
		if s.name != reference {
			continue
		}
		if out, err := exec.CommandContext(ctx, s.command[0], "--version").Output(); err == nil {
			software = append(software, "Node.js "+strings.TrimPrefix(strings.TrimSpace(string(out)), "v"))
		}
	}
	if version, ok := e.sending.Properties["version"].(string); ok {
		software = append(software, "RabbitMQ "+version)
	}
	return fmt.Sprintf("%s; %s on %s. Broker, fakes and load generator ran on the same cores.",
		machine, strings.Join(software, ", "), runtime.GOOS)
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(value, "(R)", ""), "(TM)", ""))
		}
	}
	return ""
}
