package wire

import (
	"runtime"
	"strings"
)

// caller says from where the wire library calls ComStmtExecute.
type caller uint8

const (
	callerUnknown    caller = iota
	callerConnection        // the connection's goroutine: rows are written as they come
	callerCursor            // a goroutine of a cursor: rows wait to be fetched
)

// calledBy finds out whether the library runs ComStmtExecute for a cursor. It
// doesn't say: the flag that a client sets in COM_STMT_EXECUTE is in none of
// the arguments, and ServerCursorExists is set too late. But the call comes
// from execPrepareStatement itself, or from a function literal within it which
// is a goroutine of its own. callerUnknown is handled in a way that is right
// for both.
//
// It must be called by ComStmtExecute itself.
func calledBy() caller {
	var pcs [1]uintptr
	if runtime.Callers(3, pcs[:]) == 0 { // Callers, calledBy, ComStmtExecute
		return callerUnknown
	}
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	const method = ".(*Conn).execPrepareStatement"
	i := strings.LastIndex(frame.Function, method)
	if i < 0 {
		return callerUnknown
	}
	switch rest := frame.Function[i+len(method):]; {
	case rest == "":
		return callerConnection
	case strings.HasPrefix(rest, ".func"):
		return callerCursor
	}
	return callerUnknown
}

// notePrepared remembers that the session keeps the parsed text of query, and
// lets go those whose statements the client has closed: the library closes
// statements without telling, and a connection that prepares new texts all the
// time would keep them all.
func (c *conn) notePrepared(query string) {
	c.prepared[query] = struct{}{}
	const slack = 16
	if len(c.prepared) <= len(c.lib.PrepareData)+slack {
		return
	}
	open := make(map[string]bool, len(c.lib.PrepareData))
	for _, p := range c.lib.PrepareData {
		open[p.PrepareStmt] = true
	}
	for text := range c.prepared {
		if !open[text] {
			c.session.UnprepareQuery(text)
			delete(c.prepared, text)
		}
	}
}
