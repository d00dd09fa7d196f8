package engine

import (
	"context"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/sirupsen/logrus"
)

// NewSession makes a session for a client; user and address are what
// processes and privileges show. It does no I/O, so the context is not read.
func (e *Engine) NewSession(_ context.Context, server, user, address string) (sql.Session, error) {
	s := sql.NewBaseSessionWithClientServer(server, sql.Client{User: user, Address: address, Capabilities: 0}, 0)
	s.SetLogger(logrus.NewEntry(logrus.StandardLogger()))
	own := &session{BaseSession: s, limits: &e.limits}
	ctx := sql.NewContext(context.Background(), sql.WithSession(own))
	for name, value := range map[string]int64{
		maxRowsVariable: e.limits.RowsScanned, maxBytesVariable: e.limits.ScanBytes, warnRowsVariable: e.limits.WarnRows,
	} {
		if err := s.SetSessionVariable(ctx, name, value); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// session is a client's session. Text constants compare by code point in it,
// as all columns do, whatever SET NAMES says: go-mysql-server gives IFNULL(col,
// 'x'), CASE, UNION and scalar subqueries the collation of the constant, where
// MySQL lets the column's win, and would merge 'north' with 'North' in them.
type session struct {
	*sql.BaseSession
	limits *Limits
}

// GetCollation implements sql.Session: the collation of text constants.
func (s *session) GetCollation() sql.CollationID { return sql.Collation_utf8mb4_0900_bin }
