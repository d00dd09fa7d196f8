package wire

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// Capabilities that are agreed upon in the greeting and that the wire library has
// no names for.
const (
	clientODBC         = 1 << 6 // changes nothing since MySQL 3.22
	clientIgnoreSpace  = 1 << 8
	clientInteractive  = 1 << 10
	clientMultiResults = mysql.CapabilityClientMultiResults
	clientPSResults    = 1 << 18 // results of prepared statements may be several
)

// offered is what the greeting says that this server can do. LOAD DATA LOCAL is not
// among it: a client then refuses the statement itself.
const offered = mysql.CapabilityClientLongPassword | mysql.CapabilityClientFoundRows |
	mysql.CapabilityClientLongFlag | mysql.CapabilityClientConnectWithDB | clientODBC | clientIgnoreSpace |
	mysql.CapabilityClientProtocol41 | clientInteractive | mysql.CapabilityClientTransactions |
	mysql.CapabilityClientSecureConnection | mysql.CapabilityClientMultiStatements | clientMultiResults | clientPSResults |
	mysql.CapabilityClientPluginAuth | mysql.CapabilityClientConnAttr |
	mysql.CapabilityClientPluginAuthLenencClientData | mysql.CapabilityClientDeprecateEOF

// loginPacket bounds what is read of a client that hasn't logged in: its attributes
// may be 64 KiB.
const loginPacket = 128 << 10

// A login is what a client says of itself, in its answer to the greeting or in
// COM_CHANGE_USER.
type login struct {
	capabilities uint32
	collation    uint16
	user         string
	response     []byte
	database     string
	plugin       string
	attributes   map[string]string
}

var errBadHandshake = mysql.NewSQLError(1043, "08S01", "Bad handshake")

// handshake greets a client and lets it log in. After an error, which the client has
// been told where that made sense, the connection is to be closed.
func (c *conn) handshake() error {
	if err := c.client.SetDeadline(time.Now().Add(c.srv.cfg.LoginTime)); err != nil {
		return err
	}
	if err := c.greet(); err != nil {
		return err
	}
	l, err := c.readLogin()
	if err == nil {
		err = c.logIn(l)
	}
	if err != nil {
		return c.refuse(err)
	}
	if err := c.ok(0, 0, ""); err != nil {
		return err
	}
	if err := c.out.flush(); err != nil {
		return err
	}
	return c.client.SetDeadline(time.Time{})
}

// refuse tells a client why it can't log in.
func (c *conn) refuse(err error) error {
	var gone clientError
	var netErr net.Error
	if errors.As(err, &gone) || errors.As(err, &netErr) {
		return err
	}
	if werr := c.out.error(engine.MySQLError(err)); werr != nil {
		return werr
	}
	if werr := c.out.flush(); werr != nil {
		return werr
	}
	return err
}

// greet sends the greeting.
func (c *conn) greet() error {
	salt, err := mysql.NewSalt()
	if err != nil {
		return err
	}
	c.salt = salt
	can := uint32(offered)
	if c.srv.cfg.TLS != nil {
		can |= mysql.CapabilityClientSSL
	}
	const protocol = 10
	p := append([]byte{protocol}, c.srv.cfg.Version...)
	p = append(p, 0)
	p = binary.LittleEndian.AppendUint32(p, c.id)
	p = append(p, salt[:8]...)
	p = append(p, 0, byte(can), byte(can>>8), defaultCollation)
	p = binary.LittleEndian.AppendUint16(p, c.status)
	p = append(p, byte(can>>16), byte(can>>24), byte(len(salt)+1))
	p = append(p, make([]byte, 10)...)
	p = append(append(p, salt[8:]...), 0)
	p = append(append(p, cachingSha2...), 0)
	if err := c.out.write(p...); err != nil {
		return err
	}
	return c.out.flush()
}

// defaultCollation is utf8mb4_0900_ai_ci.
const defaultCollation = 255

// readLogin reads the client's answer to the greeting, over TLS if it asks for that.
func (c *conn) readLogin() (login, error) {
	p, err := c.out.read(nil)
	if err != nil {
		return login{}, err
	}
	const sslRequest = 32 // what comes before the user's name
	if c.srv.cfg.TLS != nil && len(p) == sslRequest && binary.LittleEndian.Uint32(p)&mysql.CapabilityClientSSL != 0 {
		if err := c.startTLS(); err != nil {
			return login{}, err
		}
		if p, err = c.out.read(nil); err != nil {
			return login{}, err
		}
	} else if c.srv.cfg.RequireTLS {
		return login{}, mysql.NewSQLError(3159, "HY000",
			"Connections using insecure transport are prohibited while --require_secure_transport=ON.")
	}
	return parseLogin(p)
}

func (c *conn) startTLS() error {
	t := tls.Server(bufferedConn{c.client, c.out.in}, c.srv.cfg.TLS)
	if err := t.Handshake(); err != nil {
		return clientError{fmt.Errorf("starting TLS: %w", err)}
	}
	c.tls = t
	c.out.conn, c.out.in = t, bufio.NewReaderSize(t, readBuffer)
	return nil
}

// bufferedConn is a connection of which something may have been read already.
type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

// Read implements net.Conn.
func (b bufferedConn) Read(p []byte) (int, error) { return b.r.Read(p) }

// parseLogin reads a client's answer to the greeting.
func parseLogin(b []byte) (login, error) {
	p := payload{b: b}
	l := login{capabilities: p.uint32()}
	if p.short || l.capabilities&mysql.CapabilityClientProtocol41 == 0 {
		return login{}, errBadHandshake // or older than MySQL 4.1
	}
	p.uint32() // the longest packet that the client takes: longer ones are its own error
	l.collation = uint16(p.uint8())
	p.take(23)
	l.user = p.text()
	switch {
	case l.capabilities&mysql.CapabilityClientPluginAuthLenencClientData != 0:
		l.response = clone(p.bytes())
	case l.capabilities&mysql.CapabilityClientSecureConnection != 0:
		l.response = clone(p.take(int(p.uint8())))
	default:
		l.response = []byte(p.text())
	}
	if p.short {
		return login{}, errBadHandshake
	}
	if l.capabilities&mysql.CapabilityClientConnectWithDB != 0 {
		l.database = p.text()
	}
	l.rest(&p)
	return l, nil
}

// rest reads what ends both forms of a login. Attributes that are no pairs are left
// out: they are for show.
func (l *login) rest(p *payload) {
	l.plugin = nativePassword
	if l.capabilities&mysql.CapabilityClientPluginAuth != 0 {
		if name := p.text(); name != "" { // Connector/J sends none where it means this one
			l.plugin = name
		}
	}
	if l.capabilities&mysql.CapabilityClientConnAttr == 0 || len(p.b) == 0 {
		return
	}
	attrs := payload{b: p.bytes()}
	l.attributes = map[string]string{}
	for len(attrs.b) > 0 && !attrs.short {
		name, value := attrs.bytes(), attrs.bytes()
		if !attrs.short {
			l.attributes[string(name)] = string(value)
		}
	}
}

// parseChangeUser reads COM_CHANGE_USER, without its first byte. What the client can
// is known from its login.
func parseChangeUser(b []byte, capabilities uint32) (login, error) {
	p := payload{b: b}
	l := login{capabilities: capabilities, user: p.text()}
	if capabilities&mysql.CapabilityClientSecureConnection != 0 {
		l.response = clone(p.take(int(p.uint8())))
	} else {
		l.response = []byte(p.text())
	}
	l.database = p.text()
	if p.short {
		return login{}, errBadHandshake
	}
	if len(p.b) > 0 {
		l.collation = p.uint16()
	}
	l.rest(&p)
	return l, nil
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }
