package engine

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/mysql_db"
	"github.com/dolthub/vitess/go/mysql"
)

// User may log in with a password and read some databases.
type User struct {
	Name string
	// Password in clear text, or what MySQL stores of one: "*" and 40 hexadecimal
	// digits (mysql_native_password), or "$A$005$..." (caching_sha2_password).
	Password string
	// Databases that the user may read.
	Databases []string
}

// Account is what a login needs to know of a user.
type Account struct {
	User, Host string
	// NoPassword says that the user logs in without one, and with none only.
	NoPassword bool
	// Native is SHA1(SHA1(password)) for mysql_native_password, and Sha2 is
	// SHA256(SHA256(password)) for caching_sha2_password; each nil where it isn't
	// known.
	Native, Sha2 []byte
	// Stored is what MySQL stores for caching_sha2_password, where that is all that is
	// known: "$A$005$", the salt and the hash.
	Stored string
	// SeesProcesses is the right PROCESS, KillsOthers the right CONNECTION_ADMIN. What
	// runs under one's own name is always one's own.
	SeesProcesses, KillsOthers bool
}

// loopback are the addresses of this machine.
var loopback = []string{"127.0.0.1", "::1", "localhost"}

// addUsers sets who may log in. Without users root may, without a password,
// but only from this machine.
func (e *Engine) addUsers(users []User) error {
	db := e.sqle.Analyzer.Catalog.MySQLDb
	db.SetEnabled(true)
	ed := db.Editor()
	defer ed.Close()
	e.accounts = map[string]Account{}
	if len(users) == 0 {
		for _, host := range loopback {
			db.AddEphemeralSuperUser(ed, "root", host, "")
			e.accounts[accountKey("root", host)] = Account{User: "root", Host: host, NoPassword: true, SeesProcesses: true, KillsOthers: true}
		}
		return nil
	}
	for i, u := range users {
		_, seen := e.accounts[accountKey(u.Name, anyHost)]
		switch {
		case u.Name == "":
			return fmt.Errorf("user %d has no name", i+1)
		case seen:
			return fmt.Errorf("the user %q is configured twice", u.Name)
		case u.Password == "":
			return fmt.Errorf("the user %q has no password", u.Name)
		case len(u.Databases) == 0:
			return fmt.Errorf("the user %q may read no database", u.Name)
		}
		account := Account{User: u.Name, Host: anyHost}
		if err := account.setPassword(u.Password); err != nil {
			return fmt.Errorf("the user %q: %w", u.Name, err)
		}
		e.accounts[accountKey(u.Name, anyHost)] = account
		rights := mysql_db.NewPrivilegeSet()
		for _, d := range u.Databases {
			rights.AddDatabase(d, sql.PrivilegeType_Select, sql.PrivilegeType_ShowView)
		}
		// Logins are the wire's; here are the rights. What is stored of the password
		// stays out of a table that can be read.
		ed.PutUser(&mysql_db.User{
			User: u.Name, Host: anyHost, PrivilegeSet: rights, Plugin: string(mysql.CachingSha2Password), IsEphemeral: true,
		})
	}
	return nil
}

// anyHost is how MySQL writes that it doesn't matter from where a user comes.
const anyHost = "%"

func accountKey(user, host string) string { return user + "\x00" + host }

// Account gives the account of a user who comes from an address; false where there is
// none.
func (e *Engine) Account(user, host string) (Account, bool) {
	for _, h := range []string{host, anyHost} {
		if a, ok := e.accounts[accountKey(user, h)]; ok {
			return a, true
		}
	}
	return Account{}, false
}

// setPassword keeps what proves the password, which is not the password itself.
func (a *Account) setPassword(password string) error {
	switch rest, star := strings.CutPrefix(password, "*"); {
	case star && len(rest) == 2*sha1.Size:
		hash, err := hex.DecodeString(rest)
		if err != nil {
			return errors.New("the password hash has characters that are not hexadecimal")
		}
		a.Native = hash
		return nil
	case strings.HasPrefix(password, "$A$"):
		const shortest = len("$A$005$") + 20 + 43
		if len(password) != shortest {
			return errors.New("a password hash that begins with $A$ must be what MySQL stores for caching_sha2_password: $A$005$, 20 characters of salt, 43 of the hash")
		}
		if _, _, _, _, err := mysql.DeserializeCachingSha2PasswordAuthString([]byte(password)); err != nil {
			return fmt.Errorf("the password hash is none of caching_sha2_password: %w", err)
		}
		a.Stored = password
		return nil
	}
	native := sha1.Sum([]byte(password))
	native = sha1.Sum(native[:])
	sha2 := sha256.Sum256([]byte(password))
	sha2 = sha256.Sum256(sha2[:])
	a.Native, a.Sha2 = native[:], sha2[:]
	return nil
}
