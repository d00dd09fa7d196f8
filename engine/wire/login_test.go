package wire

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gsql "github.com/dolthub/go-mysql-server/sql"
	vitess "github.com/dolthub/vitess/go/mysql"
	"github.com/go-sql-driver/mysql"

	"gridgate/engine"
)

// readRows reads a result as text.
func readRows(rows *sql.Rows) ([][]string, error) {
	defer func() { _ = rows.Close() }()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for rows.Next() {
		values := make([]sql.NullString, len(cols))
		into := make([]any, len(cols))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(cols))
		for i, v := range values {
			row[i] = v.String
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

const password = "pa ss\u00e9"

// threeAccounts: root without a password and with all rights; u without either; and
// those whose password is known in one way or the other.
func threeAccounts(user, host string) (engine.Account, bool) {
	a := engine.Account{User: user, Host: "%"}
	once1, once2 := sha1.Sum([]byte(password)), sha256.Sum256([]byte(password))
	twice1, twice2 := sha1.Sum(once1[:]), sha256.Sum256(once2[:])
	switch user {
	case "root":
		a.NoPassword, a.SeesProcesses, a.KillsOthers = true, true, true
	case "u":
		a.NoPassword = true
	case "both":
		a.Native, a.Sha2 = twice1[:], twice2[:]
	case "native":
		a.Native = twice1[:]
	case "stored":
		stored, err := vitess.SerializeCachingSha2PasswordAuthString(password, []byte("abcdefghijklmnopqrst"), 5)
		if err != nil {
			panic(err)
		}
		a.Stored = string(stored)
	default:
		return engine.Account{}, false
	}
	return a, true
}

// TestLogins: each kind of account, from clients that begin with each plugin, over TLS
// and not, twice: the second login of a stored hash is the fast one.
func TestLogins(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := start(t, func(c *Config) {
			c.Account = threeAccounts
			c.TLS = selfSigned(t)
			c.MaxFailedLogins = 1000
		})
		for _, user := range []string{"both", "native", "stored"} {
			for round, pass := range []string{password, password, "wrong", "", password + "x"} {
				cfg := mysql.NewConfig()
				cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = user, pass, "tcp", h.addr, "mem"
				if secure {
					cfg.TLSConfig = "skip-verify"
				}
				db, err := sql.Open("mysql", cfg.FormatDSN())
				if err != nil {
					t.Fatal(err)
				}
				var who string
				err = db.QueryRow("SELECT CURRENT_USER()").Scan(&who)
				_ = db.Close()
				if pass == password {
					if err != nil || who != user+"@%" {
						t.Errorf("%s, round %d, TLS %t: %q, %v", user, round, secure, who, err)
					}
					continue
				}
				using := "YES"
				if pass == "" {
					using = "NO"
				}
				var e *mysql.MySQLError
				if !errors.As(err, &e) || e.Number != 1045 ||
					e.Message != fmt.Sprintf("Access denied for user '%s'@'127.0.0.1' (using password: %s)", user, using) {
					t.Errorf("%s with %q, TLS %t: got %v", user, pass, secure, err)
				}
			}
		}
		nobody, err := sql.Open("mysql", fmt.Sprintf("nobody:x@tcp(%s)/mem", h.addr))
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, nobody.Ping(), 1045, "28000")
		_ = nobody.Close()
		if strings.Contains(h.log.String(), password) {
			t.Error("the log has the password")
		}
	}
}

// TestLimitsOfLogins: failed logins, one user's connections, and a client that says
// nothing.
func TestLimitsOfLogins(t *testing.T) {
	h := start(t, func(c *Config) {
		c.Account = threeAccounts
		c.MaxFailedLogins, c.MaxUserConnections, c.LoginTime = 2, 3, 300*time.Millisecond
	})
	silent, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	db, u := h.open(""), h.userDB("u", "")
	for range 3 {
		h.conn(db)
	}
	wantCode(t, db.PingContext(context.Background()), 1203, "42000")
	if err := u.Ping(); err != nil {
		t.Errorf("another user: %v", err)
	}
	wrong := h.userDB("both", "wrong")
	wantCode(t, wrong.Ping(), 1045, "28000")
	wantCode(t, wrong.Ping(), 1045, "28000")
	wantCode(t, wrong.Ping(), 1129, "HY000")
	wantCode(t, h.userDB("both", password).Ping(), 1129, "HY000")
	_ = silent.SetReadDeadline(time.Now().Add(5 * time.Second))
	for buf := make([]byte, 256); ; {
		if _, err := silent.Read(buf); err != nil {
			if errors.Is(err, context.DeadlineExceeded) || !isClosed(err) {
				t.Errorf("a silent client: %v", err)
			}
			break
		}
	}
}

func isClosed(err error) bool {
	var ne net.Error
	return !errors.As(err, &ne) || !ne.Timeout()
}

// userDB gives a pool of connections of a user.
func (h *harness) userDB(user, pass string) *sql.DB {
	h.t.Helper()
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = user, pass, "tcp", h.addr, "mem"
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestChangeUser: the session is another user's then, and a wrong password ends the
// connection.
func TestChangeUser(t *testing.T) {
	h := start(t, func(c *Config) { c.Account = threeAccounts })
	c := h.dial(t)
	c.command(3, []byte("SET @x = 5"))
	c.packet()
	id := c.prepare("SELECT 1")
	c.command(0x11, append([]byte("u\x00\x00mem\x00"), append([]byte{255, 0}, "mysql_native_password\x00"...)...))
	if p := c.packet(); p[0] != 0 {
		t.Fatalf("changing the user: %q", p)
	}
	for query, want := range map[string]string{"SELECT @x": "\xfb", "SELECT CURRENT_USER()": "\x03u@%", "SELECT DATABASE()": "\x03mem"} {
		c.command(3, []byte(query))
		c.packet()
		c.packet()
		if p := c.packet(); string(p) != want {
			t.Errorf("%s: got %q, want %q", query, p, want)
		}
		c.packet()
	}
	if p := c.openCursor(id); errorCode(p) != 1243 {
		t.Errorf("a statement of the user before: %q", p)
	}
	c.command(0x11, append([]byte("both\x00\x04abcdmem\x00"), append([]byte{255, 0}, "mysql_native_password\x00"...)...))
	if p := c.packet(); errorCode(p) != 1045 {
		t.Errorf("a wrong password: %q", p)
	}
	if _, err := c.tryPacket(); err == nil {
		t.Error("the connection lives")
	}
}

// TestIdle: a client that is idle for longer than it may is told so.
func TestIdle(t *testing.T) {
	h := start(t)
	c := h.dial(t)
	c.command(3, []byte("SET wait_timeout = 1"))
	c.packet()
	began := time.Now()
	c.seq = 0
	if p := c.packet(); errorCode(p) != 4031 {
		t.Errorf("got %q", p)
	}
	if took := time.Since(began); took < time.Second || took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := c.tryPacket(); err == nil {
		t.Error("the connection lives")
	}
}

// TestStuckClients: a client that stops within a packet, and one that doesn't read,
// cost nothing after a while.
func TestStuckClients(t *testing.T) {
	h := start(t, func(c *Config) { c.PacketTime = 300 * time.Millisecond })
	var last atomic.Pointer[words]
	h.on("SELECT flood", func(*gsql.Context) (*engine.Result, error) {
		w := &words{n: -1, size: 1000}
		last.Store(w)
		return w.result(), nil
	})
	half := h.dial(t)
	if _, err := half.c.Write([]byte{100, 0, 0, 0, 3, 'S'}); err != nil {
		t.Fatal(err)
	}
	deaf := h.dial(t)
	deaf.command(3, []byte("SELECT flood"))
	eventually(t, 5*time.Second, "closed", func() bool { w := last.Load(); return w != nil && w.closed.Load() == 1 })
	h.untilNoConnections()
}

// TestWakeOverTLS: a connection that is woken from waiting for a command goes on, and
// one that has been idle for too long ends, over TLS as well.
func TestWakeOverTLS(t *testing.T) {
	h := start(t, func(c *Config) { c.TLS = selfSigned(t) })
	db := h.open("tls=skip-verify")
	c, id := h.conn(db)
	for range 20 {
		eventually(t, time.Second, "idle", func() bool { return h.server.conns.get(id).phase.Load() == phaseIdle })
		h.server.conns.get(id).wake()
		var n int
		if err := c.QueryRowContext(context.Background(), "SELECT 1").Scan(&n); err != nil || n != 1 {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	if _, err := c.ExecContext(context.Background(), "SET wait_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Second, "closed", func() bool { return h.server.conns.get(id) == nil })
}
