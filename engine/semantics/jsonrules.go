package semantics

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
	"github.com/dolthub/go-mysql-server/sql/expression/function/json"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// jsonArguments is a rule that applies JSONArguments everywhere.
func jsonArguments(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	return transform.NodeExprsWithOpaque(ctx, n, JSONArguments)
}

// JSONArguments gives JSON to what is no JSON function as text, and text to JSON
// functions as JSON with its numbers as they are. Some JSON functions become ours.
// It is a transform.ExprFunc, and does nothing the second time.
//
// The catalog does it when a function is made, since some have their arguments'
// type, which outer queries see. The rule does it for what the plan builder makes
// itself: CAST, CONVERT … USING, LIKE, ->>.
func JSONArguments(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	switch e := e.(type) {
	case *plan.Subquery:
		return insideQuery(ctx, e, JSONArguments)
	case *json.JSONPretty:
		return newJSONPretty(ctx, e.Child), transform.NewTree, nil
	case *json.JSONContains:
		return newJSONContains(ctx, e), transform.NewTree, nil
	case *json.JSONOverlaps:
		return named(newJSONOverlaps(ctx, e), e), transform.NewTree, nil
	case *json.JSONUnquote:
		if types.IsJSON(e.Child.Type(ctx)) {
			return newJSONUnquote(e.Child), transform.NewTree, nil
		}
	case *json.JsonValue:
		return named(newJSONValue(ctx, e), e), transform.NewTree, nil
	case *json.JSONQuote:
		if t := e.Child.Type(ctx); t != types.Null && !types.IsText(t) {
			return nil, transform.SameTree, &IncorrectArgument{1, "json_quote"}
		}
	case *expression.Like, *expression.ConvertUsing, *expression.CollatedExpression, *expression.Binary,
		*function.Quote:
		return wrapped(ctx, e, func(int) conversion { return toTextOfJSON })
	case *expression.Convert:
		return wrapped(ctx, e, func(int) conversion { return castArgument(ctx, e) })
	case *expression.InTuple:
		return inJSON(ctx, e)
	case *TextOfJSON, *TextOfTime, *TextAsTime, *Double: // are no functions that a statement calls
	case sql.FunctionExpression:
		return wrapped(ctx, e, func(i int) conversion { return functionArgument(ctx, e, i) })
	}
	return e, transform.SameTree, nil
}

// withArguments is f with arguments as MySQL gives them to it: wall clock times for
// instants (see localTimes), and JSONArguments applied to what it makes.
func withArguments(f sql.Function) sql.Function {
	return sql.FunctionN{Name: f.FunctionName(), Fn: func(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		args, err := localArguments(ctx, strings.ToLower(f.FunctionName()), args)
		if err != nil {
			return nil, err
		}
		e, err := f.NewInstance(ctx, args)
		if err != nil || e == nil {
			return e, err
		}
		e, _, err = JSONArguments(ctx, e)
		return e, err
	}}
}

// conversion is what becomes of an argument; nil: it stays.
type conversion func(*sql.Context, sql.Expression) (_ sql.Expression, changed bool)

func toTextOfJSON(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	return newTextOfJSON(ctx, e, asText)
}

func toValueOfJSON(ctx *sql.Context, e sql.Expression) (sql.Expression, bool) {
	return newTextOfJSON(ctx, e, asValue)
}

func wrapped(ctx *sql.Context, e sql.Expression, convert func(i int) conversion) (sql.Expression, transform.TreeIdentity, error) {
	changed := false
	children := append([]sql.Expression{}, e.Children()...)
	for i, c := range children {
		if f := convert(i); f != nil {
			if to, ok := f(ctx, c); ok {
				children[i], changed = to, true
			}
		}
	}
	if !changed {
		return e, transform.SameTree, nil
	}
	out, err := e.WithChildren(ctx, children...)
	return out, transform.NewTree, err
}

func castArgument(ctx *sql.Context, c *expression.Convert) conversion {
	switch t := c.Type(ctx); {
	case types.IsJSON(t):
		return newParsedJSON
	case types.IsText(t):
		return toTextOfJSON
	}
	return toValueOfJSON
}

// functionArgument is what a function makes of its argument i.
func functionArgument(ctx *sql.Context, f sql.FunctionExpression, i int) conversion {
	name := strings.ToLower(f.FunctionName())
	if n, ok := documentArguments[name]; ok {
		if i < n {
			return newParsedJSON
		}
		return nil
	}
	_, aggregation := f.(sql.Aggregation)
	_, window := f.(sql.WindowAggregation)
	switch {
	case name == "group_concat":
		return toTextOfJSON
	case aggregation, window, takesJSON[name], strings.HasPrefix(name, "json_"):
		return nil
	case chooses[name]:
		if types.IsText(f.Type(ctx)) {
			return toTextOfJSON
		}
		return nil
	case takesValues[name]:
		return toValueOfJSON
	}
	return toTextOfJSON
}

func set(names string) map[string]bool {
	out := make(map[string]bool)
	for _, n := range strings.Fields(names) {
		out[n] = true
	}
	return out
}

const allArguments = 1 << 10

var (
	// documentArguments are how many arguments, from the first on, are documents.
	documentArguments = map[string]int{
		"json_extract": 1, "json_value": 1, "json_contains": 2, "json_contains_path": 1, "json_keys": 1,
		"json_length": 1, "json_depth": 1, "json_type": 1, "json_search": 1, "json_pretty": 1,
		"json_set": 1, "json_insert": 1, "json_replace": 1, "json_remove": 1, "json_array_append": 1, "json_array_insert": 1,
		"json_merge": allArguments, "json_merge_patch": allArguments, "json_merge_preserve": allArguments, "json_overlaps": allArguments,
	}
	// takesJSON are other functions that work on any type.
	takesJSON = set(`isnull any_value nullif values st_geomfromgeojson
		vec_distance vec_distance_l2_squared vec_distance_euclidean vec_distance_cosine distance
		string_to_vector to_vector vec_fromtext vector_to_string from_vector vec_totext
		round truncate mod cast_decimal cast_integer`)
	// chooses are functions that return one of their arguments.
	chooses = set("if ifnull coalesce")
	// takesValues are functions of numbers and times, which count with what a
	// scalar says.
	takesValues = set(`abs acos asin atan atan2 ceil ceiling cos cot degrees exp floor ln log log2 log10 pow power radians
		sign sin sqrt tan bin oct conv bit_count format inet_ntoa
		adddate addtime convert_tz date date_add date_format date_sub datediff datetime day dayname dayofmonth dayofweek
		dayofyear extract from_days from_unixtime hour last_day microsecond minute month monthname quarter second
		str_to_date subdate time time_format time_to_sec timediff timestamp timestampdiff to_days unix_timestamp
		week weekday weekofyear year yearweek`)
)

// textCase gives the JSON values of a CASE that is text as text.
func textCase(ctx *sql.Context, c *expression.Case) (_ *expression.Case, changed bool) {
	if !types.IsText(c.Type(ctx)) {
		return c, false
	}
	branches := make([]expression.CaseBranch, len(c.Branches))
	for i, b := range c.Branches {
		value, converted := toTextOfJSON(ctx, b.Value)
		branches[i] = expression.CaseBranch{Cond: b.Cond, Value: value}
		changed = changed || converted
	}
	otherwise, converted := toTextOfJSON(ctx, c.Else)
	if !changed && !converted {
		return c, false
	}
	return expression.NewCase(c.Expr, branches, otherwise), true
}

// inJSON compares JSON with each element: go-mysql-server reads the elements as
// JSON texts.
func inJSON(ctx *sql.Context, in *expression.InTuple) (sql.Expression, transform.TreeIdentity, error) {
	list, ok := in.Right().(expression.Tuple)
	if !ok || !types.IsJSON(in.Left().Type(ctx)) {
		return in, transform.SameTree, nil
	}
	equal := make([]sql.Expression, len(list))
	for i, e := range list {
		equal[i] = expression.NewEquals(in.Left(), e)
	}
	return named(expression.JoinOr(equal...), in), transform.NewTree, nil
}
