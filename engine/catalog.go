package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/engine/planner"
	"gridgate/tables"
)

// catalog shows databases of stores to go-mysql-server. It is immutable: what
// tables there are is asked of the stores each time.
type catalog struct {
	databases []*database
}

var _ sql.DatabaseProvider = (*catalog)(nil)

func newCatalog(dbs []Database) (*catalog, error) {
	c := &catalog{}
	seen := map[string]bool{}
	for _, d := range dbs {
		name := strings.ToLower(d.Name)
		switch {
		case d.Name == "":
			return nil, errors.New("a database without a name")
		case seen[name], name == sql.InformationSchemaDatabaseName, name == "mysql":
			return nil, fmt.Errorf("the database name %q is taken", d.Name)
		}
		seen[name] = true
		c.databases = append(c.databases, &database{name: d.Name, stores: d.Stores})
	}
	return c, nil
}

// Database implements sql.DatabaseProvider.
func (c *catalog) Database(_ *sql.Context, name string) (sql.Database, error) {
	for _, d := range c.databases {
		if strings.EqualFold(d.name, name) {
			return d, nil
		}
	}
	return nil, sql.ErrDatabaseNotFound.New(name)
}

// HasDatabase implements sql.DatabaseProvider.
func (c *catalog) HasDatabase(ctx *sql.Context, name string) bool {
	_, err := c.Database(ctx, name)
	return err == nil
}

// AllDatabases implements sql.DatabaseProvider.
func (c *catalog) AllDatabases(*sql.Context) []sql.Database {
	out := make([]sql.Database, len(c.databases))
	for i, d := range c.databases {
		out[i] = d
	}
	return out
}

// database is one database over some stores.
type database struct {
	name   string
	stores []tables.Store
}

var (
	_ sql.Database         = (*database)(nil)
	_ sql.ReadOnlyDatabase = (*database)(nil)
	_ sql.CollatedDatabase = (*database)(nil)
	_ sql.ViewDatabase     = (*database)(nil) // go-mysql-server asks every database for views
)

// Name implements sql.Database.
func (d *database) Name() string { return d.name }

// IsReadOnly implements sql.ReadOnlyDatabase.
func (d *database) IsReadOnly() bool { return true }

// GetCollation implements sql.CollatedDatabase: stores compare bytes.
func (d *database) GetCollation(*sql.Context) sql.CollationID { return sql.Collation_utf8mb4_0900_bin }

// SetCollation implements sql.CollatedDatabase.
func (d *database) SetCollation(*sql.Context, sql.CollationID) error { return sql.ErrReadOnly.New() }

// GetTableInsensitive implements sql.Database. It opens the table: the
// snapshot is what the statement is planned over. A store that is down does
// not hide the tables of the others.
func (d *database) GetTableInsensitive(ctx *sql.Context, name string) (sql.Table, bool, error) {
	var down error
	for _, s := range d.stores {
		infos, err := s.Tables(ctx)
		if err != nil {
			down = errors.Join(down, err)
			continue
		}
		for _, t := range infos {
			if !strings.EqualFold(t.Name, name) {
				continue
			}
			snapshot, err := s.Table(ctx, t.Name)
			var none *tables.NoTable
			if errors.As(err, &none) {
				return nil, false, nil // dropped since it was listed
			}
			if err != nil {
				return nil, false, err
			}
			return planner.NewTable(s.Name(), d.name, t.Comment, snapshot), true, nil
		}
	}
	return nil, false, down
}

// GetTableNames implements sql.Database: the tables of the stores that are up,
// or an error when none is.
func (d *database) GetTableNames(ctx *sql.Context) ([]string, error) {
	var names []string
	var down error
	for _, s := range d.stores {
		infos, err := s.Tables(ctx)
		if err != nil {
			down = errors.Join(down, err)
			continue
		}
		for _, t := range infos {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return nil, down
	}
	return names, nil
}

// invalidate makes a store forget what it has cached about a table.
func (c *catalog) invalidate(store, table string) {
	for _, d := range c.databases {
		for _, s := range d.stores {
			if s.Name() == store {
				s.Invalidate(table)
			}
		}
	}
}

// CreateView implements sql.ViewDatabase.
func (d *database) CreateView(*sql.Context, string, string, string) error {
	return sql.ErrReadOnly.New()
}

// DropView implements sql.ViewDatabase.
func (d *database) DropView(*sql.Context, string) error { return sql.ErrReadOnly.New() }

// GetViewDefinition implements sql.ViewDatabase: there are none.
func (d *database) GetViewDefinition(*sql.Context, string) (sql.ViewDefinition, bool, error) {
	return sql.ViewDefinition{}, false, nil
}

// AllViews implements sql.ViewDatabase.
func (d *database) AllViews(*sql.Context) ([]sql.ViewDefinition, error) { return nil, nil }
