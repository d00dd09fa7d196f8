package engine

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/mysql_db"
)

// User may log in with a password and read some databases.
type User struct {
	Name     string
	Password string // clear text, or "*" and 40 hexadecimal digits as mysql_native_password stores it
	// Databases that the user may read.
	Databases []string
}

// addUsers sets who may log in. Without users root may, without a password,
// but only from this machine.
func (e *Engine) addUsers(users []User) error {
	db := e.sqle.Analyzer.Catalog.MySQLDb
	db.SetEnabled(true)
	ed := db.Editor()
	defer ed.Close()
	if len(users) == 0 {
		for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
			db.AddEphemeralSuperUser(ed, "root", host, "")
		}
		return nil
	}
	seen := map[string]bool{}
	for i, u := range users {
		switch {
		case u.Name == "":
			return fmt.Errorf("user %d has no name", i+1)
		case seen[u.Name]:
			return fmt.Errorf("the user %q is configured twice", u.Name)
		case u.Password == "":
			return fmt.Errorf("the user %q has no password", u.Name)
		case len(u.Databases) == 0:
			return fmt.Errorf("the user %q may read no database", u.Name)
		}
		seen[u.Name] = true
		hash, err := nativePassword(u.Password)
		if err != nil {
			return fmt.Errorf("the user %q: %w", u.Name, err)
		}
		rights := mysql_db.NewPrivilegeSet()
		for _, d := range u.Databases {
			rights.AddDatabase(d, sql.PrivilegeType_Select, sql.PrivilegeType_ShowView)
		}
		ed.PutUser(&mysql_db.User{
			User: u.Name, Host: "%", PrivilegeSet: rights, Plugin: "mysql_native_password",
			AuthString: hash, IsEphemeral: true,
		})
	}
	return nil
}

// nativePassword is what mysql_native_password stores: SHA1(SHA1(password)).
func nativePassword(password string) (string, error) {
	if rest, stored := strings.CutPrefix(password, "*"); stored && len(rest) == 40 {
		if _, err := hex.DecodeString(rest); err != nil {
			return "", errors.New("the password hash has characters that are not hexadecimal")
		}
		return "*" + strings.ToUpper(rest), nil
	}
	once := sha1.Sum([]byte(password))
	twice := sha1.Sum(once[:])
	return "*" + strings.ToUpper(hex.EncodeToString(twice[:])), nil
}
