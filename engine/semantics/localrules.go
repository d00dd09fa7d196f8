package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// localTimes is a rule that puts *LocalTime around instants, the TIMESTAMPs,
// wherever they are used as a wall clock's times, and makes instants of the
// constants that are compared with one. It does nothing the second time.
//
// Functions get their arguments so when the catalog makes them, since the type of
// some is their argument's and outer queries see it (see withArguments). The rule
// does it for what the plan builder makes itself.
func localTimes(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, transform.SameTree, err
	}
	return localizing{zone}.query(ctx, n)
}

// localizing rewrites expressions for a session's zone.
type localizing struct{ zone *Zone }

// query rewrites a whole plan.
func (z localizing) query(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeWithOpaque(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		n, same, err := transform.OneNodeExpressions(ctx, n, z.expr)
		if err != nil {
			return nil, transform.SameTree, err
		}
		columns, alike, err := z.columns(ctx, n)
		return columns, same && alike, err
	})
}

// expr is a transform.ExprFunc.
func (z localizing) expr(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case *plan.Subquery:
		query, same, err := z.query(ctx, e.Query)
		if err != nil || same {
			return e, transform.SameTree, err
		}
		return e.WithQuery(query), transform.NewTree, nil
	case *plan.InSubquery:
		return z.inQuery(ctx, e)
	case *expression.Equals, *expression.NullSafeEquals, *expression.LessThan, *expression.LessThanOrEqual,
		*expression.GreaterThan, *expression.GreaterThanOrEqual, *expression.Between:
		operands, changed, err := z.compared(ctx, e.Children())
		if err != nil || !changed {
			return e, transform.SameTree, err
		}
		out, err := e.WithChildren(ctx, operands...)
		return out, transform.NewTree, err
	case *expression.InTuple:
		return z.in(ctx, e, e.Left(), e.Right())
	case *expression.HashInTuple:
		return z.in(ctx, e, e.Left(), e.Right())
	case *expression.Case:
		return z.caseOf(ctx, e)
	case *function.NullIf:
		return z.nullIf(ctx, e)
	case *expression.SetField:
		if _, ok := e.LeftChild.(*expression.UserVar); ok { // a variable keeps a time as text
			if text, ok := z.text(ctx, e.RightChild); ok {
				return expression.NewSetField(e.LeftChild, text), transform.NewTree, nil
			}
		}
	case *expression.Convert:
		return wrapped(ctx, e, func(int) conversion { return z.castArgument(e.Type(ctx)) })
	case *expression.ConvertUsing, *expression.CollatedExpression, *expression.Binary, *expression.Like:
		return wrapped(ctx, e, func(int) conversion { return z.text })
	case *expression.Arithmetic, *expression.BitOp, *expression.Interval:
		return wrapped(ctx, e, func(int) conversion { return z.argument })
	case *LocalTime, *Instant, *TimeAs, *Today, *TextOfTime, *TextOfJSON, *TextAsTime, *Double: // are no functions that a statement calls
	case sql.FunctionExpression:
		return z.call(ctx, e)
	}
	return e, transform.SameTree, nil
}

// isInstant says whether e is a TIMESTAMP.
func isInstant(ctx *sql.Context, e sql.Expression) bool {
	if _, ok := e.(*expression.Star); ok {
		return false // has no type
	}
	return types.IsTimestampType(e.Type(ctx))
}

// local is e, an instant, as a wall clock's time. What DISTINCT applies to is
// inside it.
func (z localizing) local(ctx *sql.Context, e sql.Expression) sql.Expression {
	if d, ok := e.(*expression.DistinctExpression); ok {
		return expression.NewDistinctExpression(NewLocalTime(ctx, d.Child, z.zone))
	}
	return NewLocalTime(ctx, e, z.zone)
}

// argument is a conversion.
func (z localizing) argument(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	if isInstant(ctx, e) {
		return z.local(ctx, e), true
	}
	return z.offsetText(ctx, e)
}

// text is a conversion: a time as the text that the wall clock shows.
func (z localizing) text(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	if isInstant(ctx, e) {
		e = z.local(ctx, e)
	}
	return textOfTime(ctx, e)
}

// number is a conversion: a time as the number that its digits make.
func (z localizing) number(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	if !isTime(ctx, e) {
		return e, false
	}
	if isInstant(ctx, e) {
		e = z.local(ctx, e)
	}
	of := numericOf(ctx, e)
	return newTyped(e, decimalType(of.precision, of.scale)), true
}

// date is a conversion: a TIME as a time of today.
func (z localizing) date(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	if types.IsTimespan(e.Type(ctx)) {
		return &Today{implicitly(e), z.zone}, true
	}
	return z.argument(ctx, e)
}

// castArgument is what a CAST to type t makes of its argument.
func (z localizing) castArgument(t sql.Type) conversion {
	switch {
	case types.IsJSON(t), types.IsYear(t):
	case types.IsNumber(t):
		return z.number
	case types.IsTime(t):
		return z.date
	case types.IsText(t), types.IsBinaryType(t):
		return z.text
	}
	return z.argument
}

// offsetText writes a constant with an offset as the session's wall clock shows
// it; go-mysql-server knows no offsets, or takes the result for UTC.
func (z localizing) offsetText(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	lit, ok := e.(*expression.Literal)
	if !ok {
		return e, false
	}
	s, ok := lit.Value().(string)
	if !ok {
		return e, false
	}
	us, has, err := readOffset(ctx, s)
	if !has || err != nil {
		return e, false
	}
	return newNamed(expression.NewLiteral(timeText(z.zone.Local(us), s), lit.Type(ctx)), lit.String()), true
}

// call gives a function that the plan builder made its arguments.
func (z localizing) call(ctx *sql.Context, f sql.FunctionExpression) (sql.Expression, transform.TreeIdentity, error) {
	children := f.Children()
	from, to := 0, len(children)
	if w, ok := f.(sql.WindowAdaptableExpression); ok && w.Window() != nil {
		to -= len(w.Window().ToExpressions())
	}
	if o, ok := f.(sql.OrderedAggregation); ok {
		from = len(children) - len(o.OutputExpressions()) // what it sorts by comes first
	}
	if from > to || to < 0 {
		return f, transform.SameTree, nil
	}
	args, changed := z.arguments(ctx, f.FunctionName(), children[from:to])
	if !changed {
		return f, transform.SameTree, nil
	}
	all := append([]sql.Expression{}, children...)
	copy(all[from:], args)
	out, err := f.WithChildren(ctx, all...)
	return out, transform.NewTree, err
}

var (
	// keepInstants are functions that give an argument back, or look at whether it
	// is there.
	keepInstants = set(`count countdistinct count_distinct min max any_value first last first_value last_value nth_value
		isnull values unix_timestamp nullif anyvalue`)
	// choose are functions that give back one of their arguments, from the one with
	// this number on. Of instants the result is one.
	choose = map[string]int{"if": 1, "ifnull": 0, "coalesce": 0}
	// takeText are functions of texts.
	takeText = set(`concat concat_ws length octet_length char_length character_length bit_length upper ucase lower lcase
		left right substring substr mid substring_index replace reverse trim ltrim rtrim lpad rpad repeat insert instr
		locate position hex quote md5 sha sha1 sha2 crc32 regexp_like regexp_replace regexp_substr regexp_instr
		elt field find_in_set make_set export_set to_base64 ascii ord soundex strcmp group_concat`)
	// takeNumbers are functions of numbers.
	takeNumbers = set(`abs acos asin atan atan2 ceil ceiling cos cot degrees exp floor ln log log2 log10 pow power radians
		sign sin sqrt tan bin oct conv bit_count format`)
	// takeTimes are functions that read a text as a time.
	takeTimes = set(`adddate convert_tz date date_add date_format date_sub datediff datetime day dayname dayofmonth
		dayofweek dayofyear extract hour last_day microsecond minute month monthname quarter second subdate
		time time_format time_to_sec timediff timestamp timestampdiff to_days to_seconds
		week weekday weekofyear year yearweek`)
)

// arguments are those of the function with this name.
func (z localizing) arguments(ctx *sql.Context, name string, args []sql.Expression) (_ []sql.Expression, changed bool) {
	name = strings.ToLower(name)
	if keepInstants[name] {
		return args, false
	}
	if name == "lag" || name == "lead" { // their second argument is a number of rows
		return z.neighbours(ctx, args)
	}
	first, choice := choose[name]
	if first >= len(args) {
		return args, false
	}
	if choice {
		if to := timeType(ctx, args[first:]...); to != nil {
			return z.allAs(ctx, args, first, to)
		}
	}
	texts := takeText[name] || choice && anyText(ctx, args[first:])
	out := append([]sql.Expression{}, args...)
	for i, a := range args[first:] {
		to, ok := a, false
		switch {
		case texts:
			to, ok = z.text(ctx, a)
		case takeNumbers[name]:
			to, ok = z.number(ctx, a)
		case isInstant(ctx, a):
			to, ok = z.local(ctx, a), true
		case takeTimes[name]:
			to, ok = z.offsetText(ctx, a)
		}
		out[first+i], changed = to, changed || ok
	}
	return out, changed
}

// neighbours are the arguments of LAG and LEAD: what they give back is the first one
// or the third.
func (z localizing) neighbours(ctx *sql.Context, args []sql.Expression) (_ []sql.Expression, changed bool) {
	if len(args) < 3 {
		return args, false
	}
	to := timeType(ctx, args[0], args[2])
	if to == nil {
		return args, false
	}
	values, changed := z.allAs(ctx, []sql.Expression{args[0], args[2]}, 0, to)
	return []sql.Expression{values[0], args[1], values[1]}, changed
}

// allAs converts the arguments from the first on to a type of times.
func (z localizing) allAs(ctx *sql.Context, args []sql.Expression, first int, to sql.Type) (_ []sql.Expression, changed bool) {
	out := append([]sql.Expression{}, args...)
	for i, a := range args[first:] {
		if a != nil && a.Type(ctx) != types.Null && !types.TypesEqual(a.Type(ctx), to) {
			out[first+i], changed = z.as(ctx, a, to), true
		}
	}
	return out, changed
}

// anyText says that one of the expressions that something chooses among is a text,
// which makes texts of all.
func anyText(ctx *sql.Context, exprs []sql.Expression) bool {
	for _, e := range exprs {
		if e != nil && types.IsText(e.Type(ctx)) {
			return true
		}
	}
	return false
}

// localArguments are the arguments of a function that the catalog makes.
func localArguments(ctx *sql.Context, name string, args []sql.Expression) ([]sql.Expression, error) {
	needed := false
	for _, a := range args {
		switch a := a.(type) {
		case *expression.Literal:
			s, ok := a.Value().(string)
			needed = needed || ok && mayHaveOffset(s)
		case *expression.Case:
			needed = true
		default:
			needed = needed || isTime(ctx, a)
		}
	}
	if !needed {
		return args, nil
	}
	zone, err := SessionZone(ctx)
	if err != nil {
		return nil, err
	}
	z := localizing{zone}
	switch name {
	case caseName:
		if c, ok := args[0].(*expression.Case); ok {
			return []sql.Expression{z.branches(ctx, c)}, nil
		}
	case ownName, charName: // around what the plan builder has made
		e, _, err := z.expr(ctx, args[0])
		return append([]sql.Expression{e}, args[1:]...), err
	}
	args, _ = z.arguments(ctx, name, args)
	return args, nil
}

// branches gives a CASE values of one type of times, or texts where one of them is.
func (z localizing) branches(ctx *sql.Context, c *expression.Case) *expression.Case {
	values := []sql.Expression{c.Else}
	for _, b := range c.Branches {
		values = append(values, b.Value)
	}
	to, texts := timeType(ctx, values...), anyText(ctx, values)
	changed := false
	value := func(e sql.Expression) sql.Expression {
		if e == nil || e.Type(ctx) == types.Null {
			return e
		}
		converted, ok := e, false
		switch {
		case to != nil:
			converted, ok = z.as(ctx, e, to), !types.TypesEqual(e.Type(ctx), to)
		case texts:
			converted, ok = z.text(ctx, e)
		case isInstant(ctx, e):
			converted, ok = z.local(ctx, e), true
		}
		changed = changed || ok
		return converted
	}
	branches := make([]expression.CaseBranch, len(c.Branches))
	for i, b := range c.Branches {
		branches[i] = expression.CaseBranch{Cond: b.Cond, Value: value(b.Value)}
	}
	otherwise := value(c.Else)
	if !changed {
		return c
	}
	return expression.NewCase(c.Expr, branches, otherwise)
}
