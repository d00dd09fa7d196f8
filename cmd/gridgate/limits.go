package main

import (
	"bufio"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/engine"
)

// engineLimits are the configured limits with what the machine suggests.
func engineLimits(c config.Limits) engine.Limits {
	l := engine.Limits{
		RowsScanned: int64(c.RowsScanned), ScanBytes: int64(c.ScanBytes),
		QueryMemory: int64(c.QueryMemory), Memory: int64(c.Memory), WarnRows: int64(c.WarnRows),
	}
	if l.Memory == 0 {
		l.Memory = suggestedMemory()
	}
	return l
}

// unknownMemory is what a machine is taken to have that doesn't tell.
const unknownMemory = 8 << 30

// suggestedMemory is what all statements may hold when nobody says: GOMEMLIMIT,
// or half of the machine's memory (or of the container's, where that is less).
func suggestedMemory() int64 {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		return limit
	}
	total := int64(unknownMemory)
	if f, err := os.Open("/proc/meminfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == "MemTotal:" {
				if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
					total = kib << 10
				}
				break
			}
		}
	}
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil { // of cgroup v2; "max": no limit
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil {
			total = min(total, n)
		}
	}
	return total / 2
}
