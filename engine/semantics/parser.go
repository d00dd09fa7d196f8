package semantics

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// The names under which the plan builder finds the operators. The bar keeps
// them out of the way of any function a person would name.
const (
	operatorPrefix  = "|"
	unroundedSuffix = "|"
	negationName    = operatorPrefix + "neg"
	caseName        = operatorPrefix + "case"
	castName        = operatorPrefix + "decimal"
	charName        = operatorPrefix + "char"
	ownName         = operatorPrefix + "own" // of what the plan builder makes without the catalog
)

// binaryOperators says which operators of the parser become *Arithmetic.
var binaryOperators = map[string]Operator{
	sqlparser.PlusStr:   Plus,
	sqlparser.MinusStr:  Minus,
	sqlparser.MultStr:   Times,
	sqlparser.DivStr:    Divide,
	sqlparser.IntDivStr: IntDivide,
	sqlparser.ModStr:    Modulo,
}

// Rewrite replaces the arithmetic operators of a parsed statement by calls of
// this package's functions, in place. The plan builder makes go-mysql-server's
// own operators without asking anyone (sql/planbuilder/scalar.go,
// binaryExprToExpression), and their types are in the scopes of all outer
// queries before the first analyzer rule runs: so the statement is the place to
// change them. Rewriting twice does nothing more. The parser of Install's
// overrides calls it; only a caller with its own parser needs to.
func Rewrite(stmt sqlparser.Statement) {
	if stmt == nil {
		return
	}
	if !hasOperators(stmt) {
		return
	}
	rewriteValue(reflect.ValueOf(stmt))
}

// hasOperators looks for anything to rewrite, which is much cheaper than
// looking at every field.
func hasOperators(stmt sqlparser.Statement) bool {
	if _, ok := stmt.(sqlparser.SelectStatement); !ok {
		return true // Walk does not reach all parts of other statements
	}
	found := false
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.BinaryExpr, *sqlparser.UnaryExpr, *sqlparser.CaseExpr, *sqlparser.ConvertExpr,
			*sqlparser.SubstrExpr, *sqlparser.TrimExpr:
			found = true
		case *sqlparser.ComparisonExpr:
			found = found || isNumber(n.Left) || isNumber(n.Right)
		case *sqlparser.Select:
			found = found || n.QueryOpts.Distinct
		}
		return !found, nil
	}, stmt)
	return found
}

var exprType = reflect.TypeOf((*sqlparser.Expr)(nil)).Elem()

// rewriteValue goes through every field, element and pointer of v.
func rewriteValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if e := wrappedExpr(v.Interface()); e != nil {
			v = reflect.ValueOf(e) // only what is inside it
		}
		rewriteValue(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		rewriteValue(v.Elem())
		if v.Type() == exprType && v.CanSet() {
			if call := operatorCall(v.Interface().(sqlparser.Expr)); call != nil {
				v.Set(reflect.ValueOf(call))
			}
		}
	case reflect.Struct:
		if v.CanAddr() {
			prepare(v.Addr().Interface())
		}
		for i := 0; i < v.NumField(); i++ {
			if f := v.Type().Field(i); f.IsExported() && mayHoldExpr(f.Type) {
				rewriteValue(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if mayHoldExpr(v.Type().Elem()) {
			for i := 0; i < v.Len(); i++ {
				rewriteValue(v.Index(i))
			}
		}
	}
}

func mayHoldExpr(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct:
		return true
	case reflect.Slice, reflect.Array:
		return t.Elem().Kind() != reflect.Uint8
	}
	return false
}

// operatorCall returns the call that stands for e; nil: e stays.
func operatorCall(e sqlparser.Expr) *sqlparser.FuncExpr {
	switch e := e.(type) {
	case *sqlparser.BinaryExpr:
		op, ok := binaryOperators[strings.ToLower(e.Operator)]
		if !ok {
			return nil
		}
		if isInterval(e.Left) || isInterval(e.Right) {
			return intervalCall(e)
		}
		return call(operatorPrefix+string(op), e.Left, e.Right)
	case *sqlparser.UnaryExpr:
		if e.Operator == sqlparser.UMinusStr {
			return call(negationName, e.Expr)
		}
	case *sqlparser.CaseExpr:
		return call(caseName, e)
	case *sqlparser.TimestampFuncExpr:
		if strings.EqualFold(e.Name, "timestampadd") {
			return call("date_add", e.Expr2, &sqlparser.IntervalExpr{Expr: e.Expr1, Unit: e.Unit})
		}
	case *sqlparser.SubstrExpr, *sqlparser.TrimExpr:
		return call(ownName, e)
	case *sqlparser.ConvertExpr:
		// go-mysql-server takes DECIMAL and DECIMAL(n) for DECIMAL(65,30).
		if t := e.Type; strings.EqualFold(t.Type, "decimal") && (t.Scale == nil || string(t.Scale.Val) == "0") {
			length := t.Length
			if length == nil {
				length = sqlparser.NewIntVal([]byte("10"))
			}
			return call(castName, e.Expr, length)
		}
		if t := e.Type; strings.EqualFold(t.Type, "char") && t.Length != nil {
			return call(charName, e, t.Length)
		}
		return call(ownName, e)
	}
	return nil
}

// intervalCall is DATE_ADD or DATE_SUB for + and - with an INTERVAL: of
// go-mysql-server's own operators the result has no fractions of seconds, and
// is never a DATE.
func intervalCall(e *sqlparser.BinaryExpr) *sqlparser.FuncExpr {
	switch {
	case e.Operator == sqlparser.PlusStr && isInterval(e.Left):
		return call("date_add", e.Right, e.Left)
	case e.Operator == sqlparser.PlusStr:
		return call("date_add", e.Left, e.Right)
	case e.Operator == sqlparser.MinusStr && isInterval(e.Right):
		return call("date_sub", e.Left, e.Right)
	}
	return nil
}

// wrappedExpr returns what was wrapped into this call before; nil: nothing.
func wrappedExpr(node any) sqlparser.Expr {
	f, ok := node.(*sqlparser.FuncExpr)
	if !ok || len(f.Exprs) == 0 {
		return nil
	}
	if name := f.Name.Lowered(); name != caseName && name != ownName && name != charName {
		return nil
	}
	if a, ok := f.Exprs[0].(*sqlparser.AliasedExpr); ok {
		return a.Expr
	}
	return nil
}

func isInterval(e sqlparser.Expr) bool {
	_, ok := e.(*sqlparser.IntervalExpr)
	return ok
}

func call(name string, args ...sqlparser.Expr) *sqlparser.FuncExpr {
	exprs := make(sqlparser.SelectExprs, len(args))
	for i, a := range args {
		exprs[i] = &sqlparser.AliasedExpr{Expr: a}
	}
	return &sqlparser.FuncExpr{Name: sqlparser.NewColIdent(name), Exprs: exprs}
}

// prepare changes a node itself. Quotients that are compared keep all their
// digits: MySQL rounds a value when it shows or stores it, not when it compares
// it. The expressions of a SELECT DISTINCT get their texts, which are their
// names anyway, as aliases: go-mysql-server sorts distinct rows by an alias, but
// fails on an expression (ORDER BY 1 included).
func prepare(node any) {
	switch n := node.(type) {
	case *sqlparser.ComparisonExpr:
		n.Left, n.Right = ownNumber(unrounded(n.Left)), ownNumber(unrounded(n.Right))
	case *sqlparser.RangeCond:
		n.Left, n.From, n.To = unrounded(n.Left), unrounded(n.From), unrounded(n.To)
	case *sqlparser.Select:
		if n.QueryOpts.Distinct {
			nameExpressions(n.SelectExprs)
			nameOrdinals(n.OrderBy, n.SelectExprs)
		}
	}
}

func nameExpressions(exprs sqlparser.SelectExprs) {
	for _, e := range exprs {
		a, ok := e.(*sqlparser.AliasedExpr)
		if !ok || !a.As.IsEmpty() || a.InputExpression == "" {
			continue
		}
		if _, column := a.Expr.(*sqlparser.ColName); !column {
			a.As = sqlparser.NewColIdent(a.InputExpression)
		}
	}
}

// nameOrdinals replaces ORDER BY 2 by the second expression's alias.
func nameOrdinals(order sqlparser.OrderBy, exprs sqlparser.SelectExprs) {
	for _, o := range order {
		v, ok := o.Expr.(*sqlparser.SQLVal)
		if !ok || v.Type != sqlparser.IntVal {
			continue
		}
		n, err := strconv.Atoi(string(v.Val))
		if err != nil || n < 1 || n > len(exprs) {
			continue
		}
		for i, e := range exprs[:n] {
			a, ok := e.(*sqlparser.AliasedExpr)
			if !ok {
				break // a star stands for an unknown number of columns
			}
			if i == n-1 && !a.As.IsEmpty() {
				o.Expr = &sqlparser.ColName{Name: a.As}
			}
		}
	}
}

// ownNumber keeps a number that is compared with a column from being rounded to
// the column's type (typeExpandComparisonLiteral in sql/planbuilder/scalar.go): of
// SUM(n) > 0.5 that would make SUM(n) > 1.
func ownNumber(e sqlparser.Expr) sqlparser.Expr {
	if isNumber(e) {
		return call(ownName, e)
	}
	return e
}

// isNumber says whether e is, or may be, a number with a fraction.
func isNumber(e sqlparser.Expr) bool {
	v, ok := e.(*sqlparser.SQLVal)
	return ok && (v.Type == sqlparser.FloatVal || v.Type == sqlparser.ValArg)
}

func unrounded(e sqlparser.Expr) sqlparser.Expr {
	inner := e
	for {
		p, ok := inner.(*sqlparser.ParenExpr)
		if !ok {
			break
		}
		inner = p.Expr
	}
	b, ok := inner.(*sqlparser.BinaryExpr)
	if !ok || !divides(b) {
		return e
	}
	if c := operatorCall(b); c != nil {
		c.Name = sqlparser.NewColIdent(c.Name.String() + unroundedSuffix)
		return c
	}
	return e
}

// divides says whether e computes with a quotient.
func divides(e sqlparser.Expr) bool {
	switch e := e.(type) {
	case *sqlparser.ParenExpr:
		return divides(e.Expr)
	case *sqlparser.BinaryExpr:
		return e.Operator == sqlparser.DivStr || divides(e.Left) || divides(e.Right)
	}
	return false
}

// rewriteText is what becomes of a statement's text before it is parsed.
func rewriteText(query string) string {
	return typeTimeLiterals(KeepWildcardEscapes(ReadExplain(query)))
}

// parser rewrites what another parser returns.
type parser struct{ next sql.Parser }

// NewParser returns a parser that rewrites the statements of next; nil: of
// go-mysql-server's own.
func NewParser(next sql.Parser) sql.Parser {
	if next == nil {
		next = sql.DefaultMySQLParser
	}
	return parser{next}
}

// parsed makes of a statement what the parser returns; text is what it was parsed
// from.
func parsed(stmt sqlparser.Statement, text string) error {
	if err := checkDepth(stmt); err != nil {
		return err
	}
	formatted(stmt)
	nameExplained(stmt, text)
	nameTimes(stmt)
	Rewrite(stmt)
	return nil
}

// nameExplained names the columns of a statement below EXPLAIN by their text, as
// the parser does without EXPLAIN (walkSelectExpressions in vitess's ast.go). A
// column with such a name is planned in another way than one without, and EXPLAIN
// would show a plan that never runs.
func nameExplained(stmt sqlparser.Statement, text string) {
	x, ok := stmt.(*sqlparser.Explain)
	if !ok {
		return
	}
	s, ok := x.Statement.(sqlparser.SelectStatement)
	if !ok {
		return
	}
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		a, ok := n.(*sqlparser.AliasedExpr)
		if !ok || a.StartParsePos >= a.EndParsePos || a.EndParsePos > len(text) {
			return true, nil
		}
		switch e := a.Expr.(type) {
		case *sqlparser.ColName:
			return false, nil
		case *sqlparser.SQLVal:
			if e.Type == sqlparser.StrVal {
				a.InputExpression = string(e.Val)
				return true, nil
			}
		}
		a.InputExpression = strings.Trim(text[a.StartParsePos:a.EndParsePos], " \n\t")
		return true, nil
	}, s)
}

// nameTimes names the columns by the text before typeTimeLiterals.
func nameTimes(stmt sqlparser.Statement) {
	if x, ok := stmt.(*sqlparser.Explain); ok {
		stmt = x.Statement
	}
	if s, ok := stmt.(sqlparser.SelectStatement); ok {
		_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
			if a, ok := n.(*sqlparser.AliasedExpr); ok && strings.Contains(a.InputExpression, "`"+operatorPrefix) {
				a.InputExpression = untypedTimes(a.InputExpression)
			}
			return true, nil
		}, s)
	}
}

// ParseSimple implements sql.Parser.
func (p parser) ParseSimple(query string) (sqlparser.Statement, error) {
	query = rewriteText(query)
	stmt, err := p.next.ParseSimple(query)
	if err == nil {
		err = parsed(stmt, query)
	}
	if err != nil {
		return nil, err
	}
	return stmt, nil
}

// Parse implements sql.Parser.
func (p parser) Parse(ctx *sql.Context, query string, multi bool) (sqlparser.Statement, string, string, error) {
	query = rewriteText(query)
	stmt, first, rest, err := p.next.Parse(ctx, query, multi)
	if err == nil {
		err = parsed(stmt, query)
	}
	if err != nil {
		return nil, first, rest, err
	}
	return stmt, first, rest, nil
}

// ParseWithOptions implements sql.Parser.
func (p parser) ParseWithOptions(ctx context.Context, query string, delimiter rune, multi bool, options sqlparser.ParserOptions) (sqlparser.Statement, string, string, error) {
	query = rewriteText(query)
	stmt, first, rest, err := p.next.ParseWithOptions(ctx, query, delimiter, multi, options)
	if err == nil {
		err = parsed(stmt, query)
	}
	if err != nil {
		return nil, first, rest, err
	}
	return stmt, first, rest, nil
}

// ParseOneWithOptions implements sql.Parser. The position that it returns is
// one in query.
func (p parser) ParseOneWithOptions(ctx context.Context, query string, options sqlparser.ParserOptions) (sqlparser.Statement, int, error) {
	escaped := KeepWildcardEscapes(ReadExplain(query))
	stmt, next, err := p.next.ParseOneWithOptions(ctx, escaped, options)
	text := escaped
	if err == nil {
		if next > 0 && next < len(text) {
			text = text[:next]
		}
		if typed := typeTimeLiterals(text); typed != text {
			text = typed
			stmt, _, err = p.next.ParseOneWithOptions(ctx, text, options)
		}
	}
	if err == nil {
		err = parsed(stmt, text)
	}
	if err != nil {
		return nil, next, err
	}
	if len(escaped) != len(query) && next > 0 {
		next = originalPosition(query, next)
	}
	return stmt, next, nil
}
