package tables

// An Expr is a scalar expression, already resolved and typed. The set of
// implementations is closed: *Col, *Lit, *Param, *KeyRef, *AggRef, *Call,
// *In. Exprs are immutable; sharing subtrees is fine.
//
// Every expression means what MySQL 8 says it means, NULL included. A store
// that can't compute one exactly refuses the part of the query that has it.
type Expr interface {
	// Type of the value; of KindNull only for a literal NULL.
	Type() Type
	// Nullable is false only when the value can't be NULL.
	Nullable() bool
	expr()
}

// Col is a column of a table or derived table.
type Col struct {
	Scan  int // which of Query.Sources
	Index int // position in that Snapshot's Columns, or in that derived table's Output
	Name  string
	Typ   Type
	Null  bool // nullable, also because of an outer join
}

// Lit is a constant.
type Lit struct{ Value Value }

// Param is a value that is known at Open only: Args[N].Value.
type Param struct {
	N   int
	Typ Type
}

// KeyRef is the value of GroupBy[N] in a grouped query. It may stand in
// Output, Having and OrderBy only.
type KeyRef struct {
	N    int
	Typ  Type
	Null bool
}

// AggRef is the value of Aggs[N] in a grouped query. It may stand in Output,
// Having and OrderBy only.
type AggRef struct {
	N    int
	Typ  Type
	Null bool
}

// Call is an operator or function applied to arguments. Op says which, and how
// many arguments there are.
type Call struct {
	Op   Op
	Args []Expr
	Typ  Type
	Null bool
}

// In is Left IN (list): NULL when Left is NULL, or when nothing matches and
// the list holds a NULL.
type In struct {
	Left Expr
	List []Expr // when Keys is nil
	Keys *Param // when not nil, the list is Args[Keys.N].Keys: distinct, never NULL, of type Keys.Typ; false when empty
}

func (e *Col) Type() Type    { return e.Typ }
func (e *Lit) Type() Type    { return e.Value.Type }
func (e *Param) Type() Type  { return e.Typ }
func (e *KeyRef) Type() Type { return e.Typ }
func (e *AggRef) Type() Type { return e.Typ }
func (e *Call) Type() Type   { return e.Typ }
func (e *In) Type() Type     { return Bool }

func (e *Col) Nullable() bool    { return e.Null }
func (e *Lit) Nullable() bool    { return e.Value.IsNull() }
func (e *Param) Nullable() bool  { return true }
func (e *KeyRef) Nullable() bool { return e.Null }
func (e *AggRef) Nullable() bool { return e.Null }
func (e *Call) Nullable() bool   { return e.Null }
func (e *In) Nullable() bool {
	if e.Left.Nullable() {
		return true
	}
	for _, x := range e.List {
		if x.Nullable() {
			return true
		}
	}
	return false
}

func (*Col) expr()    {}
func (*Lit) expr()    {}
func (*Param) expr()  {}
func (*KeyRef) expr() {}
func (*AggRef) expr() {}
func (*Call) expr()   {}
func (*In) expr()     {}

// Op is an operator or function of a Call.
type Op uint8

// The operators. Arguments are in MySQL's order unless a comment says
// otherwise; types of arguments may differ, and then MySQL's conversions
// apply (a number compared with text is compared as DOUBLE ...).
const (
	OpInvalid       Op = iota
	OpEq               // a = b
	OpNe               // a <> b
	OpLt               // a < b
	OpLe               // a <= b
	OpGt               // a > b
	OpGe               // a >= b
	OpNullSafeEq       // a <=> b
	OpAnd              // a AND b: two arguments
	OpOr               // a OR b: two arguments
	OpXor              // a XOR b
	OpNot              // NOT a
	OpIsNull           // a IS NULL
	OpIsTrue           // a IS TRUE: never NULL
	OpIsFalse          // a IS FALSE: never NULL
	OpLike             // a LIKE pattern ESCAPE escape: escape is always given, a Lit of one character or empty
	OpRegexp           // a REGEXP pattern, in ICU's syntax as in MySQL 8; finds the pattern anywhere in a
	OpAdd              // a + b
	OpSub              // a - b
	OpMul              // a * b
	OpDiv              // a / b
	OpIntDiv           // a DIV b
	OpMod              // a % b
	OpNeg              // -a
	OpAbs              // ABS(a)
	OpFloor            // FLOOR(a)
	OpCeil             // CEIL(a)
	OpRound            // ROUND(a, digits): digits is always given
	OpGreatest         // GREATEST(a, b, ...)
	OpLeast            // LEAST(a, b, ...)
	OpCase             // CASE WHEN a THEN b [WHEN c THEN d ...] [ELSE z] END: an odd last argument is ELSE
	OpIf               // IF(a, b, c)
	OpIfNull           // IFNULL(a, b)
	OpCoalesce         // COALESCE(a, ...)
	OpNullIf           // NULLIF(a, b)
	OpCast             // CAST(a AS the Call's type)
	OpLower            // LOWER(a)
	OpUpper            // UPPER(a)
	OpLength           // LENGTH(a), in bytes
	OpCharLength       // CHAR_LENGTH(a), in characters
	OpConcat           // CONCAT(a, ...)
	OpConcatWS         // CONCAT_WS(separator, a, ...)
	OpSubstring        // SUBSTRING(a, from[, length])
	OpLeft             // LEFT(a, n)
	OpRight            // RIGHT(a, n)
	OpTrim             // TRIM(BOTH what FROM a), arguments a and what
	OpLTrim            // TRIM(LEADING what FROM a), likewise
	OpRTrim            // TRIM(TRAILING what FROM a), likewise
	OpReplace          // REPLACE(a, from, to)
	OpLocate           // LOCATE(what, a[, from])
	OpLocalTime        // a TIMESTAMP as the DATETIME that a clock in the zone shows; the zone is a Lit, 'UTC', '+02:00' or an IANA name
	OpInstant          // a DATETIME or DATE of the zone as TIMESTAMP; arguments as of OpLocalTime
	OpUnixTimestamp    // UNIX_TIMESTAMP(a) of a TIMESTAMP: seconds, with its fraction where the type is DECIMAL
	OpFromUnixTime     // the TIMESTAMP that is a seconds after the epoch: OpLocalTime makes FROM_UNIXTIME of it
	OpDate             // DATE(a)
	OpYear             // YEAR(a)
	OpQuarter          // QUARTER(a)
	OpMonth            // MONTH(a)
	OpWeek             // WEEK(a, mode): mode is always given
	OpDay              // DAYOFMONTH(a)
	OpDayOfYear        // DAYOFYEAR(a)
	OpDayOfWeek        // DAYOFWEEK(a): 1 is Sunday
	OpWeekday          // WEEKDAY(a): 0 is Monday
	OpHour             // HOUR(a)
	OpMinute           // MINUTE(a)
	OpSecond           // SECOND(a)
	OpMicrosecond      // MICROSECOND(a)
	OpDateFormat       // DATE_FORMAT(a, format)
	OpDateAdd          // a + INTERVAL n unit, arguments a, n and the unit as a Lit: 'SECOND', 'DAY_HOUR' ...
	OpDateSub          // a - INTERVAL n unit, likewise
	OpTimestampDiff    // TIMESTAMPDIFF(unit, a, b): the unit is a Lit
	OpDateDiff         // DATEDIFF(a, b)
	OpConvertTZ        // CONVERT_TZ(a, from, to)
	OpJSONExtract      // JSON_EXTRACT(document, path, ...)
	OpJSONUnquote      // JSON_UNQUOTE(a)
)

var opNames = [...]string{
	OpInvalid:       "?",
	OpEq:            "=",
	OpNe:            "<>",
	OpLt:            "<",
	OpLe:            "<=",
	OpGt:            ">",
	OpGe:            ">=",
	OpNullSafeEq:    "<=>",
	OpAnd:           "AND",
	OpOr:            "OR",
	OpXor:           "XOR",
	OpNot:           "NOT",
	OpIsNull:        "IS NULL",
	OpIsTrue:        "IS TRUE",
	OpIsFalse:       "IS FALSE",
	OpLike:          "LIKE",
	OpRegexp:        "REGEXP",
	OpAdd:           "+",
	OpSub:           "-",
	OpMul:           "*",
	OpDiv:           "/",
	OpIntDiv:        "DIV",
	OpMod:           "%",
	OpNeg:           "-",
	OpAbs:           "ABS",
	OpFloor:         "FLOOR",
	OpCeil:          "CEIL",
	OpRound:         "ROUND",
	OpGreatest:      "GREATEST",
	OpLeast:         "LEAST",
	OpCase:          "CASE",
	OpIf:            "IF",
	OpIfNull:        "IFNULL",
	OpCoalesce:      "COALESCE",
	OpNullIf:        "NULLIF",
	OpCast:          "CAST",
	OpLower:         "LOWER",
	OpUpper:         "UPPER",
	OpLength:        "LENGTH",
	OpCharLength:    "CHAR_LENGTH",
	OpConcat:        "CONCAT",
	OpConcatWS:      "CONCAT_WS",
	OpSubstring:     "SUBSTRING",
	OpLeft:          "LEFT",
	OpRight:         "RIGHT",
	OpTrim:          "TRIM",
	OpLTrim:         "LTRIM",
	OpRTrim:         "RTRIM",
	OpReplace:       "REPLACE",
	OpLocate:        "LOCATE",
	OpLocalTime:     "LOCAL_TIME",
	OpInstant:       "INSTANT",
	OpUnixTimestamp: "UNIX_TIMESTAMP",
	OpFromUnixTime:  "FROM_UNIXTIME",
	OpDate:          "DATE",
	OpYear:          "YEAR",
	OpQuarter:       "QUARTER",
	OpMonth:         "MONTH",
	OpWeek:          "WEEK",
	OpDay:           "DAYOFMONTH",
	OpDayOfYear:     "DAYOFYEAR",
	OpDayOfWeek:     "DAYOFWEEK",
	OpWeekday:       "WEEKDAY",
	OpHour:          "HOUR",
	OpMinute:        "MINUTE",
	OpSecond:        "SECOND",
	OpMicrosecond:   "MICROSECOND",
	OpDateFormat:    "DATE_FORMAT",
	OpDateAdd:       "DATE_ADD",
	OpDateSub:       "DATE_SUB",
	OpTimestampDiff: "TIMESTAMPDIFF",
	OpDateDiff:      "DATEDIFF",
	OpConvertTZ:     "CONVERT_TZ",
	OpJSONExtract:   "JSON_EXTRACT",
	OpJSONUnquote:   "JSON_UNQUOTE",
}

// String is the operator as SQL writes it.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "Op(?)"
}

// Walk calls f for e and, as long as f returns true, for everything below it,
// parents first.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	switch e := e.(type) {
	case *Call:
		for _, a := range e.Args {
			Walk(a, f)
		}
	case *In:
		Walk(e.Left, f)
		for _, a := range e.List {
			Walk(a, f)
		}
		if e.Keys != nil {
			Walk(e.Keys, f)
		}
	}
}

// Rewrite returns e with every node, children first, replaced by what f makes
// of it; the Param of In.Keys stays, since it stands for a list. Unchanged
// subtrees are shared.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	switch x := e.(type) {
	case *Call:
		if args, changed := rewriteAll(x.Args, f); changed {
			c := *x
			c.Args = args
			e = &c
		}
	case *In:
		left := Rewrite(x.Left, f)
		list, changed := rewriteAll(x.List, f)
		if changed || left != x.Left {
			e = &In{Left: left, List: list, Keys: x.Keys}
		}
	}
	return f(e)
}

func rewriteAll(es []Expr, f func(Expr) Expr) (out []Expr, changed bool) {
	for i, a := range es {
		b := Rewrite(a, f)
		if b != a && !changed {
			out = append(make([]Expr, 0, len(es)), es[:i]...)
			changed = true
		}
		if changed {
			out = append(out, b)
		}
	}
	if !changed {
		return es, false
	}
	return out, true
}

// Equal reports whether a and b are the same expression: the same tree over
// the same columns, constants and parameters.
func Equal(a, b Expr) bool {
	switch a := a.(type) {
	case *Col:
		b, ok := b.(*Col)
		return ok && a.Scan == b.Scan && a.Index == b.Index
	case *Lit:
		b, ok := b.(*Lit)
		return ok && a.Value == b.Value
	case *Param:
		b, ok := b.(*Param)
		return ok && *a == *b
	case *KeyRef:
		b, ok := b.(*KeyRef)
		return ok && a.N == b.N
	case *AggRef:
		b, ok := b.(*AggRef)
		return ok && a.N == b.N
	case *Call:
		b, ok := b.(*Call)
		return ok && a.Op == b.Op && a.Typ == b.Typ && equalAll(a.Args, b.Args)
	case *In:
		b, ok := b.(*In)
		if !ok || (a.Keys == nil) != (b.Keys == nil) {
			return false
		}
		if a.Keys != nil && *a.Keys != *b.Keys {
			return false
		}
		return Equal(a.Left, b.Left) && equalAll(a.List, b.List)
	}
	return false
}

func equalAll(a, b []Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
