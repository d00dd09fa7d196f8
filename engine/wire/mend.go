package wire

import (
	"errors"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// mend reads an error packet of the wire library and gives what is to be sent
// in its place. The library makes some errors without asking the handler: a
// prepared statement that doesn't parse, one that it doesn't know, a command
// that it doesn't have.
func mend(packet []byte) *mysql.SQLError {
	const fixed = 9 // 0xff, code, '#', SQLSTATE
	if len(packet) < fixed {
		return engine.MySQLError(errors.New(string(packet)))
	}
	code := int(packet[1]) | int(packet[2])<<8
	text := string(packet[fixed:])
	switch code {
	case mysql.ERUnknownError:
		return engine.MySQLError(errors.New(text))
	case mysql.CRCommandsOutOfSync:
		return mysql.NewSQLError(1243, "HY000", "Unknown prepared statement handler given to EXECUTE")
	case mysql.CRMalformedPacket:
		return mysql.NewSQLError(1835, "HY000", "Malformed communication packet: %s", text)
	default:
		return mysql.NewSQLError(code, string(packet[4:fixed]), "%s", text)
	}
}

// validPrefix is at most n bytes of s that end with a whole character.
func validPrefix(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
