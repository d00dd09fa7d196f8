package engine_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"gridgate/engine"
)

// account is the account that a login from host would use; nil: none.
func account(t *testing.T, users []engine.User, name, host string) *engine.Account {
	t.Helper()
	e, err := engine.New(engine.Config{Users: users, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	a, ok := e.Account(name, host)
	if !ok {
		return nil
	}
	return &a
}

// TestRootWithoutUsers: root may log in without a password from this machine,
// and from nowhere else; nor once there are users.
func TestRootWithoutUsers(t *testing.T) {
	for host, may := range map[string]bool{"127.0.0.1": true, "::1": true, "localhost": true, "192.0.2.7": false, "2001:db8::1": false} {
		if got := account(t, nil, "root", host) != nil; got != may {
			t.Errorf("root from %s: %t, want %t", host, got, may)
		}
	}
	ana := []engine.User{{Name: "ana", Password: "x", Databases: []string{"grid"}}}
	if account(t, ana, "root", "127.0.0.1") != nil {
		t.Error("there are users, and root may log in all the same")
	}
	if account(t, ana, "ana", "192.0.2.7") == nil {
		t.Error("a configured user may not log in from outside")
	}
}

// TestPasswordsAreKeptAsHashes, clear text and hashes alike.
func TestPasswordsAreKeptAsHashes(t *testing.T) {
	// SELECT PASSWORD('secret') of MySQL 5.7.
	const native = "14e65567abdb5135d0cfd9a70b3032c179a49ee7"
	const hash = "*" + native
	for _, password := range []string{"secret", hash, strings.ToUpper(hash)} {
		u := account(t, []engine.User{{Name: "ana", Password: password, Databases: []string{"grid"}}}, "ana", "127.0.0.1")
		if u == nil || hex.EncodeToString(u.Native) != native || (len(u.Sha2) > 0) != (password == "secret") {
			t.Errorf("%q is kept as %+v, want %s", password, u, native)
		}
	}
}

// TestWrongUsers are configurations that don't say who may do what.
func TestWrongUsers(t *testing.T) {
	ok := engine.User{Name: "ana", Password: "x", Databases: []string{"grid"}}
	for want, users := range map[string][]engine.User{
		"user 2 has no name":       {ok, {Password: "x", Databases: []string{"grid"}}},
		"configured twice":         {ok, ok},
		"has no password":          {{Name: "bob", Databases: []string{"grid"}}},
		"may read no database":     {{Name: "bob", Password: "x"}},
		"that are not hexadecimal": {{Name: "bob", Password: "*" + strings.Repeat("z", 40), Databases: []string{"grid"}}},
	} {
		_, err := engine.New(engine.Config{Users: users, Log: zerolog.Nop()})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
}
