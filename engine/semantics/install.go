package semantics

import (
	"slices"
	"strings"
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/expression/function"
)

// Ids of this package's analyzer rules; an engine's own must differ.
const (
	RuleMarkVolatile       analyzer.RuleId = 5900 + iota // before everything: user variables are not folded
	RuleExactIn                                          // before validation: IN (SELECT …) by value
	RuleTimeZone                                         // before everything: SET time_zone
	RuleExplicitEscape                                   // before everything: LIKE with a backslash
	RuleLiftJoinConditions                               // before everything: conditions over outer joins
	RuleKeepSubqueries                                   // before everything: subqueries that must not become joins
	RuleLocalTimes                                       // before everything: instants as wall-clock times
	RuleCompareAlike                                     // before everything: operands of different types
	RuleCompareJoined                                    // before validation: likewise in semi-joins
	RuleJSONArguments                                    // before everything: JSON as text, and text as JSON
	RuleGroupBy                                          // in place of go-mysql-server's ONLY_FULL_GROUP_BY
	RuleUnionTypes                                       // before everything: what the branches of a UNION have in common
	RuleOneRow                                           // before everything: SELECT without FROM
	RuleSimplifyFilters                                  // last before everything, in place of go-mysql-server's simplifyFilters
	RuleNothing                                          // keeps simple SELECTs on the general path
)

// Install makes b's analyzer use this package's parser, functions and rules.
// It replaces b's overrides by those given (with the parser wrapped), since a
// Builder holds only one set. Call it before b.Build, and Attach afterwards.
func Install(b *analyzer.Builder, overrides sql.EngineOverrides) *analyzer.Builder {
	Prepare()
	overrides.Builder.Parser = NewParser(overrides.Builder.Parser)
	b.AddOverrides(overrides)
	b.AddPreAnalyzeRule(RuleOneRow, oneRowForDual)
	b.AddPreAnalyzeRule(RuleUnionTypes, unionTypes) // first: the others ask for types
	b.AddPreAnalyzeRule(RuleMarkVolatile, markVolatile)
	b.AddPreAnalyzeRule(RuleTimeZone, setTimeZone)
	b.AddPreAnalyzeRule(RuleExplicitEscape, explicitEscape)
	b.AddPreAnalyzeRule(RuleLiftJoinConditions, liftJoinConditions)
	b.AddPreAnalyzeRule(RuleKeepSubqueries, keepSubqueries)
	b.AddPreAnalyzeRule(RuleLocalTimes, localTimes)
	b.AddPreAnalyzeRule(RuleJSONArguments, jsonArguments)
	b.AddPreAnalyzeRule(RuleCompareAlike, compareAlike)
	simplifyFilters(b)
	allowConstants(b)
	b.AddPostValidationRule(RuleCompareJoined, compareAlike)
	b.AddPostValidationRule(RuleExactIn, exactIn)
	return b
}

// Attach makes a execute plans by this package's Builder. A PriorityBuilder
// that is already there is asked first.
func Attach(a *analyzer.Analyzer) {
	own := Builder(a.ExecBuilder)
	if first := a.ExecBuilder.PriorityBuilder; first != nil {
		own = chain{first, own}
	}
	a.ExecBuilder.PriorityBuilder = own
}

// chain asks builders one after the other.
type chain []sql.NodeExecBuilder

// Build implements sql.NodeExecBuilder.
func (c chain) Build(ctx *sql.Context, n sql.Node, row sql.Row) (sql.RowIter, error) {
	for _, b := range c {
		if iter, err := b.Build(ctx, n, row); iter != nil || err != nil {
			return iter, err
		}
	}
	return nil, nil
}

// Prepare changes what go-mysql-server keeps per process: the functions
// that all catalogs prefer to their own (a registered function cannot be
// replaced), and a rule that makes every SELECT pass the whole analyzer
// (getBatchesForNode in sql/analyzer/node_batches.go skips all added rules for
// simple ones otherwise). It does so once; Install calls it, and who makes Builders at
// the same time calls it before, since a Builder copies some of it.
var Prepare = sync.OnceFunc(func() {
	analyzer.ExternalFunctionProvider = functionProvider(analyzer.ExternalFunctionProvider)
	analyzer.AlwaysBeforeDefault = append(analyzer.AlwaysBeforeDefault,
		analyzer.Rule{Id: RuleNothing, Apply: nothing})
	adjustRules()
	SetDefaultTimeZone()
})

// adjusted are the rules of go-mysql-server that are replaced where they stand, by
// what is made of them.
var adjusted = map[string]func(analyzer.RuleFunc) analyzer.RuleFunc{
	"pushFilters":                  pushedFilters,
	"validateUnionSchemasMatch":    func(analyzer.RuleFunc) analyzer.RuleFunc { return sameColumns },
	"hoistOutOfScopeFilters":       hoistedConditions,
	"pushdownSubqueryAliasFilters": localFilters,
	"unnestInSubqueries":           apartFilters,
	"optimizeJoins":                filtersOffJoins,
	"unnestExistsSubqueries":       unnestedExists,
}

func adjustRules() {
	for _, rules := range [][]analyzer.Rule{analyzer.DefaultRules, analyzer.OnceAfterDefault, analyzer.DefaultValidationRules} {
		for i := range rules {
			if adjust, ok := adjusted[rules[i].Id.String()]; ok {
				rules[i].Apply = adjust(rules[i].Apply)
			}
		}
	}
}

// provider finds functions by name: this package's, and go-mysql-server's with
// arguments as MySQL takes them.
type provider struct {
	functions map[string]sql.Function
	next      sql.FunctionProvider // may be nil
}

func functionProvider(next sql.FunctionProvider) sql.FunctionProvider {
	return provider{functions: catalogFunctions(), next: next}
}

// catalogFunctions are the functions of statements by their names.
var catalogFunctions = sync.OnceValue(func() map[string]sql.Function {
	all := make(map[string]sql.Function)
	for _, f := range append(slices.Clone(function.BuiltIns), Functions()...) {
		all[strings.ToLower(f.FunctionName())] = withArguments(f)
	}
	return all
})

// Function implements sql.FunctionProvider.
func (p provider) Function(ctx *sql.Context, schema, name string) (sql.Function, bool) {
	if f, ok := p.functions[strings.ToLower(name)]; ok {
		return f, true
	}
	if p.next != nil {
		return p.next.Function(ctx, schema, name)
	}
	return nil, false
}
