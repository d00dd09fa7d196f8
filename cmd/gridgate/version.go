package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker (-X main.version=…); when it is not, the build
// information has one.
var version string

// versionCommand is `gridgate version`.
type versionCommand struct{}

// Run prints the versions.
func (versionCommand) Run(s streams) error {
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintf(s.out, "gridgate %s\ngo %s %s/%s\ngo-mysql-server %s\n",
		ownVersion(info), strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH,
		moduleVersion(info, "github.com/dolthub/go-mysql-server"))
	return err
}

// ownVersion is the linker's version, or the module's, or the commit's.
func ownVersion(info *debug.BuildInfo) string {
	if version != "" {
		return version
	}
	if info == nil {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "devel"
}

// moduleVersion is the version of a module that gridgate was built with.
func moduleVersion(info *debug.BuildInfo, path string) string {
	if info != nil {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}
