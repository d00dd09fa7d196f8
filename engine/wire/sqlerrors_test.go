package wire

import (
	"context"
	"testing"
)

// TestSQLErrors runs statements that fail in go-mysql-server and expects what
// MySQL says of them.
func TestSQLErrors(t *testing.T) {
	h := start(t)
	db := h.open("")
	c, _ := h.conn(db)
	for _, x := range []struct {
		query string
		code  uint16
		state string
	}{
		{"SELEC 1", 1064, "42000"},
		{"SELECT FROM t", 1064, "42000"},
		{"SELECT * FROM t WHERE", 1064, "42000"},
		{"SELECT * FROM nowhere", 1146, "42S02"},
		{"SELECT * FROM nodb.t", 1049, "42000"},
		{"USE nodb", 1049, "42000"},
		{"SELECT x FROM t", 1054, "42S22"},
		{"SELECT t.x FROM t", 1054, "42S22"},
		{"SELECT i FROM t WHERE x = 1", 1054, "42S22"},
		{"SELECT i FROM t ORDER BY x", 1054, "42S22"},
		{"SELECT i FROM t ORDER BY 5", 1054, "42S22"},
		{"SELECT i FROM t a JOIN t b ON a.i = b.i", 1052, "23000"},
		{"SELECT * FROM t JOIN t", 1066, "42000"},
		{"SET @@session.nosuch = 1", 1193, "HY000"},
		{"SELECT NOSUCH(1)", 1305, "42000"},
		{"SELECT ABS(1, 2)", 1582, "42000"},
		{"SELECT @@nosuch", 1193, "HY000"},
		{"SET nosuch = 1", 1193, "HY000"},
		{"SET autocommit = 'maybe'", 1231, "42000"},
		{"SET version = '1'", 1238, "HY000"},
		{"SET time_zone = 'Nowhere/Land'", 1298, "HY000"},
		{"SELECT s, COUNT(*) FROM t", 1140, "42000"},
		{"SELECT s, COUNT(*) FROM t GROUP BY i + 1", 1055, "42000"},
		{"SELECT SUM(COUNT(*)) FROM t", 1111, "HY000"},
		{"SELECT (SELECT i FROM t)", 1242, "21000"},
		{"SELECT 1 WHERE (1, 2) IN (SELECT i FROM t)", 1241, "21000"},
		{"SELECT 1 UNION SELECT 1, 2", 1222, "21000"},
		{"SELECT 'a' COLLATE nosuch_ci", 1273, "HY000"},
		{"SET NAMES nosuch", 1115, "42000"},
		{"SELECT 9223372036854775807 DIV 0.1", 1690, "22003"},
		{"SELECT nosuch.* FROM t", 1146, "42S02"},
		{"EXECUTE nosuch", 1243, "HY000"},
		{"KILL 987654", 1094, "HY000"},
		{"WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT COUNT(*) FROM x", 3636, "HY000"},
		{"SELECT JSON_EXTRACT('{', '$.a')", 3141, "22032"},
		{"SELECT 'a' REGEXP '('", 3685, "HY000"},
		{"SELECT * FROM (SELECT 1) AS x (a, b)", 1353, "HY000"},
	} {
		t.Run(x.query, func(t *testing.T) {
			_, err := drain(c.QueryContext(context.Background(), x.query))
			wantCode(t, err, x.code, x.state)
			if err != nil {
				t.Log(err)
			}
		})
	}
	none, _ := h.conn(db)
	if _, err := none.ExecContext(context.Background(), "USE mem"); err != nil {
		t.Error(err)
	}
}
