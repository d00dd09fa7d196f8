package wire

import (
	"testing"
	"time"
)

func TestSplitStatement(t *testing.T) {
	for _, c := range []struct{ text, first, rest string }{
		{"SELECT 1", "SELECT 1", ""},
		{"SELECT 1;", "SELECT 1", ""},
		{" ; SELECT 1 ; ; -- the end\n ;", "SELECT 1 ", ""},
		{"SELECT 1;SELECT 2", "SELECT 1", "SELECT 2"},
		{"SELECT ';', \";\", `;`, 'it''s;', 'a\\';' ; x", "SELECT ';', \";\", `;`, 'it''s;', 'a\\';' ", "x"},
		{"SELECT 1 -- ; \n; x", "SELECT 1 -- ; \n", "x"},
		{"SELECT 1 # ; \n; x", "SELECT 1 # ; \n", "x"},
		{"SELECT 1 /* ; */; x", "SELECT 1 /* ; */", "x"},
		{"SELECT 1--;2", "SELECT 1--", "2"},
		{"SELECT 'open ; ", "SELECT 'open ; ", ""},
		{"SELECT 1 /* open ; ", "SELECT 1 /* open ; ", ""},
		{"", "", ""},
		{"-- nothing", "-- nothing", ""},
		{"/*!40101 SET a = 1 */; x", "/*!40101 SET a = 1 */", "x"},
	} {
		if first, rest := splitStatement(c.text); first != c.first || rest != c.rest {
			t.Errorf("%q: got %q and %q, want %q and %q", c.text, first, rest, c.first, c.rest)
		}
	}
}

func TestTimeHint(t *testing.T) {
	for query, ms := range map[string]int{
		"SELECT 1": 0,
		"SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1":                              1000,
		"/* x */ select /*+ NO_INDEX(t) max_execution_time ( 20 ) */ 1":         20,
		"(SELECT /*+ MAX_EXECUTION_TIME(5)*/ 1)":                                5,
		"WITH x AS (SELECT 1) SELECT /*+ MAX_EXECUTION_TIME(5) */ 1":            0,
		"WITH x AS (SELECT /*+ MAX_EXECUTION_TIME(7) */ 1) SELECT 1":            7,
		"SELECT 'SELECT', /*+ MAX_EXECUTION_TIME(5) */ 1":                       0,
		"SELECT /*+ MAX_EXECUTION_TIME(x) */ 1":                                 0,
		"SELECT /* MAX_EXECUTION_TIME(5) */ 1":                                  0,
		"SELECT /*+ MAX_EXECUTION_TIME(99999999999999999999) */ 1":              0,
		"SELECT /*+ MAX_EXECUTION_TIME(5":                                       5,
		"SELECT":                                                                0,
		"":                                                                      0,
		"SHOW TABLES":                                                           0,
		"SELECT -- why\n /*+ SET_VAR(x=1) MAX_EXECUTION_TIME(30) */ * FROM `t`": 30,
	} {
		if got := timeHint(query); got != time.Duration(ms)*time.Millisecond {
			t.Errorf("%s: got %v, want %d ms", query, got, ms)
		}
	}
}

func TestParseKill(t *testing.T) {
	for _, c := range []struct {
		text       string
		id         uint32
		connection bool
		ok         bool
	}{
		{"KILL 5", 5, true, true},
		{"/* x */ kill query 7 ;", 7, false, true},
		{"KILL CONNECTION 8 -- now", 8, true, true},
		{"KILL CONNECTION_ID()", 0, false, false},
		{"KILL 5 6", 0, false, false},
		{"KILL", 0, false, false},
		{"KILL QUERY @x", 0, false, false},
		{"SELECT 1", 0, false, false},
	} {
		id, connection, ok := parseKill(c.text)
		if ok != c.ok || ok && (id != c.id || connection != c.connection) {
			t.Errorf("%s: got %d, %v, %v", c.text, id, connection, ok)
		}
	}
}
