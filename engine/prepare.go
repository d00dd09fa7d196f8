package engine

import (
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/planbuilder"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// PrepareExplain prepares an EXPLAIN in the session and gives the columns of its
// result, and how many parameters it has; ok is false where query is another
// statement, or doesn't parse. The error is that of the statement below EXPLAIN, or
// of the format.
func (e *Engine) PrepareExplain(ctx *sql.Context, query string) (_ sql.Schema, params int, ok bool, err error) {
	return e.prepareExplain(ctx, query, query)
}

// prepareExplain is PrepareExplain under a name.
func (e *Engine) prepareExplain(ctx *sql.Context, name, query string) (_ sql.Schema, params int, ok bool, err error) {
	stmt, _, err := e.sqle.Parser.ParseOneWithOptions(ctx, query, sql.LoadSqlMode(ctx).ParserOptions())
	if err != nil {
		return nil, 0, false, nil // whoever prepares it then says so
	}
	x, ok := stmt.(*sqlparser.Explain)
	if !ok {
		return nil, 0, false, nil
	}
	format, err := explainFormat(x)
	if err != nil {
		return nil, 0, true, err
	}
	b := planbuilder.New(ctx, e.sqle.Analyzer.Catalog, e.sqle.EventScheduler)
	if _, _, err := b.BindOnly(x.Statement, query, nil); err != nil {
		return nil, 0, true, err
	}
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if v, ok := n.(*sqlparser.SQLVal); ok && v.Type == sqlparser.ValArg {
			params++
		}
		return true, nil
	}, x.Statement)
	ctx.Session.PrepareQuery(name, stmt)
	if format == tableFormat {
		return tableSchema, params, true, nil
	}
	return documentSchema, params, true, nil
}

// prepareText is PREPARE name FROM an EXPLAIN, which go-mysql-server would print in
// its own way; ok is false for all else.
func (e *Engine) prepareText(ctx *sql.Context, p *sqlparser.Prepare) (_ *Result, ok bool, err error) {
	text := p.Expr
	if name, variable := strings.CutPrefix(text, "@"); variable {
		_, v, err := ctx.GetUserVariable(ctx, strings.ToLower(name))
		if err != nil {
			return nil, false, err
		}
		text, _ = v.(string)
	}
	if _, _, ok, err = e.prepareExplain(ctx, p.Name, text); !ok || err != nil {
		return nil, ok, err
	}
	return &Result{Schema: types.OkResultSchema, Iter: sql.RowsToRowIter(sql.NewRow(types.NewOkResult(0)))}, true, nil
}

// executed is the statement that EXECUTE runs; stmt itself where it is no EXECUTE,
// or of nothing that was prepared.
func executed(ctx *sql.Context, stmt sqlparser.Statement) sqlparser.Statement {
	if x, ok := stmt.(*sqlparser.Execute); ok {
		if prepared, there := ctx.Session.GetPreparedQuery(x.Name); there {
			return prepared
		}
	}
	return stmt
}

// usingOf are the values of EXECUTE ... USING, as go-mysql-server names parameters;
// nil where stmt is no EXECUTE.
func usingOf(ctx *sql.Context, stmt sqlparser.Statement) (map[string]sql.Expression, error) {
	x, ok := stmt.(*sqlparser.Execute)
	if !ok {
		return nil, nil
	}
	using := map[string]sql.Expression{}
	for i, name := range x.VarList {
		t, v, err := ctx.GetUserVariable(ctx, strings.TrimPrefix(name, "@"))
		if err != nil {
			return nil, err
		}
		if t == nil {
			t = types.Null
		}
		using[fmt.Sprintf("v%d", i+1)] = expression.NewLiteral(v, t)
	}
	return using, nil
}
