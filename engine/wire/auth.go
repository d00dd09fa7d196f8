package wire

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/dolthub/vitess/go/mysql"

	"gridgate/engine"
)

// The two ways to prove that one knows a password. A client that offers another one
// is asked to change to one of these.
const (
	nativePassword = "mysql_native_password"
	cachingSha2    = "caching_sha2_password"
)

// What caching_sha2_password's parties say to each other, after the byte that says
// that more follows.
const (
	moreData      = 1
	askForKey     = 2 // the client: send the public key
	sha2FastOK    = 3 // the server: the hash was right
	sha2FullLogin = 4 // the server: send the password
)

// authenticate finds the account of a login and lets the client prove that it is its
// own. The error is MySQL's 1045, also where there is no such user: that a name is
// known shouldn't be told.
func (c *conn) authenticate(l login) (engine.Account, error) {
	host := hostOf(c.client.RemoteAddr())
	account, known := c.srv.cfg.Account(l.user, host)
	if !known {
		account = c.srv.auth.decoy
	}
	plugin, response := l.plugin, l.response
	needs := !account.NoPassword
	if !offers(&account, plugin) || (plugin == cachingSha2 && len(response) == 0 && needs) {
		plugin = cachingSha2
		if !offers(&account, plugin) {
			plugin = nativePassword
		}
		var err error
		if response, err = c.switchPlugin(plugin); err != nil {
			return engine.Account{}, err
		}
	}
	if len(response) == 1 && response[0] == 0 {
		response = nil // how some clients say that there is no password
	}
	proven, err := false, error(nil)
	switch {
	case account.NoPassword:
		proven = len(response) == 0
	case plugin == nativePassword:
		// The library's functions look no further than their own lengths.
		proven = len(response) == sha1.Size && mysql.VerifyHashedMysqlNativePassword(response, c.salt, account.Native)
	case len(response) == sha256.Size:
		proven, err = c.authenticateSha2(&account, response)
	}
	if err != nil {
		return engine.Account{}, err
	}
	if !known || !proven {
		using := "YES"
		if len(response) == 0 {
			using = "NO"
		}
		return engine.Account{}, mysql.NewSQLError(mysql.ERAccessDeniedError, "28000",
			"Access denied for user '%s'@'%s' (using password: %s)", l.user, host, using)
	}
	return account, nil
}

// offers reports whether the account's password can be proven by a plugin.
func offers(a *engine.Account, plugin string) bool {
	switch plugin {
	case nativePassword:
		return a.NoPassword || len(a.Native) > 0
	case cachingSha2:
		return a.NoPassword || len(a.Sha2) > 0 || a.Stored != ""
	}
	return false
}

// switchPlugin asks the client to log in by another plugin and gives its response.
func (c *conn) switchPlugin(plugin string) ([]byte, error) {
	salt, err := mysql.NewSalt()
	if err != nil {
		return nil, err
	}
	c.salt = salt
	p := append([]byte{mysql.AuthSwitchRequestPacket}, plugin...)
	p = append(append(append(p, 0), salt...), 0)
	response, err := c.ask(p...)
	return clone(response), err
}

// ask sends a packet of a login and reads the answer.
func (c *conn) ask(payload ...byte) ([]byte, error) {
	if err := c.out.write(payload...); err != nil {
		return nil, err
	}
	if err := c.out.flush(); err != nil {
		return nil, err
	}
	return c.out.read(nil)
}

// authenticateSha2 compares the response with what is known of the password. Where
// that is only what MySQL stores, the password itself is asked for, once for each
// account: over TLS as it is, else encrypted with a key of ours.
func (c *conn) authenticateSha2(a *engine.Account, response []byte) (bool, error) {
	twice := a.Sha2
	if a.Stored != "" {
		twice = c.srv.auth.remembered(a.Stored)
	}
	if len(twice) > 0 {
		if !mysql.VerifyHashedCachingSha2Password(response, c.salt, twice) {
			return false, nil
		}
		return true, c.out.write(moreData, sha2FastOK)
	}
	answer, err := c.ask(moreData, sha2FullLogin)
	if err != nil {
		return false, err
	}
	if c.tls == nil {
		if answer, err = c.askEncrypted(answer); err != nil || answer == nil {
			return false, err
		}
	}
	password := strings.TrimSuffix(string(answer), "\x00")
	digest, rounds, salt, _, err := mysql.DeserializeCachingSha2PasswordAuthString([]byte(a.Stored))
	if err != nil || digest != "SHA256" {
		return false, fmt.Errorf("the stored password of %s can't be used: %w", a.User, err)
	}
	made, err := mysql.SerializeCachingSha2PasswordAuthString(password, salt, rounds)
	if err != nil {
		return false, err
	}
	if subtle.ConstantTimeCompare(made, []byte(a.Stored)) != 1 {
		return false, nil
	}
	once := sha256.Sum256([]byte(password))
	both := sha256.Sum256(once[:])
	c.srv.auth.remember(a.Stored, both[:])
	return true, nil
}

// askEncrypted gives the password of a client without TLS; nil when it can't be read.
// A client either asks for the public key first, or has it and encrypts at once.
func (c *conn) askEncrypted(answer []byte) ([]byte, error) {
	key, public, err := c.srv.auth.rsaKey()
	if err != nil {
		return nil, err
	}
	if len(answer) == 1 && answer[0] == askForKey {
		if answer, err = c.ask(append([]byte{moreData}, public...)...); err != nil {
			return nil, err
		}
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, key, answer, nil)
	if err != nil {
		return nil, nil // not our key, or no password at all
	}
	for i := range plain {
		plain[i] ^= c.salt[i%len(c.salt)]
	}
	return plain, nil
}

// auth is what logins share. It is safe for concurrent use.
type auth struct {
	decoy engine.Account // of users that don't exist

	mu     sync.Mutex
	seen   map[string][]byte // SHA256(SHA256(password)), by what is stored; one for each account at most
	key    *rsa.PrivateKey
	public []byte
}

func newAuth() (*auth, error) {
	hash := make([]byte, sha1.Size+sha256.Size)
	if _, err := rand.Read(hash); err != nil {
		return nil, err
	}
	return &auth{
		decoy: engine.Account{Native: hash[:sha1.Size], Sha2: hash[sha1.Size:]},
		seen:  map[string][]byte{},
	}, nil
}

func (a *auth) remembered(stored string) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[stored]
}

func (a *auth) remember(stored string, twice []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[stored] = twice
}

// rsaKey is the key that passwords are encrypted with, made when it is first needed.
func (a *auth) rsaKey() (*rsa.PrivateKey, []byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key != nil {
		return a.key, a.public, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key for passwords: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key for passwords: %w", err)
	}
	a.key, a.public = key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return a.key, a.public, nil
}

// hostOf is the address of a client without its port. An IPv4 address in the form of
// IPv6, as sockets for both give it, is an IPv4 one.
func hostOf(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return "localhost"
	}
	if v4 := tcp.IP.To4(); v4 != nil {
		return v4.String()
	}
	return tcp.IP.String()
}
