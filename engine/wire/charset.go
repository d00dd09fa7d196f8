package wire

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/mysql"
)

// useCollation makes the session's character set that of the handshake. One that isn't
// known, or that no client may use, leaves the server's own, as in MySQL.
func (c *conn) useCollation(id uint16) error {
	if id == 0 || id == defaultCollation {
		return nil
	}
	collation := sql.CollationID(id)
	set := collation.CharacterSet()
	if collation.Name() == "" || conversionOf(set) == nil && !isUTF8(set) {
		return nil
	}
	ctx := c.context(context.Background(), "")
	for _, v := range []struct{ name, value string }{
		{"character_set_client", set.Name()}, {"character_set_connection", set.Name()},
		{"character_set_results", set.Name()}, {"collation_connection", collation.Name()},
	} {
		if err := c.session.SetSessionVariable(ctx, v.name, v.value); err != nil {
			return fmt.Errorf("setting %s to %s: %w", v.name, v.value, err)
		}
	}
	return c.noteVariables(ctx)
}

// noteVariables takes note of the session's variables that are needed before a
// statement of it: how long the client may be idle, and its character set.
func (c *conn) noteVariables(ctx *sql.Context) error {
	name := "wait_timeout"
	if c.has(clientInteractive) {
		name = "interactive_timeout"
	}
	v, err := c.session.GetSessionVariable(ctx, name)
	if err != nil {
		return err
	}
	if seconds, ok := v.(int64); ok {
		c.idle.Store(int64(time.Duration(seconds) * time.Second))
	}
	if v, err = c.session.GetSessionVariable(ctx, "character_set_client"); err != nil {
		return err
	}
	c.clientSet = sql.CharacterSet_utf8mb4
	if name, ok := v.(string); ok {
		if c.clientSet, err = sql.ParseCharacterSet(name); err != nil {
			return err
		}
	}
	return nil
}

// decode makes UTF-8 of what the client sends.
func (c *conn) decode(b []byte) (string, error) {
	conv := conversionOf(c.clientSet)
	if conv == nil {
		return string(b), nil
	}
	out, ok := conv.Decode(b)
	if !ok || !utf8.Valid(out) {
		return "", mysql.NewSQLError(1300, "HY000", "Invalid %s character string", c.clientSet.Name())
	}
	return string(out), nil
}

// isUTF8 reports whether text of a character set needs no conversion.
func isUTF8(id sql.CharacterSetID) bool {
	switch id {
	case sql.CharacterSet_Unspecified, sql.CharacterSet_binary, sql.CharacterSet_utf8mb4, sql.CharacterSet_utf8mb3:
		return true
	}
	return false
}
