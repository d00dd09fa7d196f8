// Package planner decides what each store does. It walks the analysed plan
// bottom-up, grows one query a table by one operator after the other, and puts
// a Remote leaf in place of what a store takes over.
package planner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/tables"
)

// ModeVariable is the session variable that chooses the Mode.
const ModeVariable = "gridgate_pushdown"

// Mode says how much may be pushed down.
type Mode string

// The modes.
const (
	On     Mode = "on"     // whatever the stores take
	Off    Mode = "off"    // nothing: go-mysql-server reads whole tables; the reference answer
	Strict Mode = "strict" // as On, but an error instead of reading a whole table through the gateway
)

// RuleID is the planner's place among go-mysql-server's rules.
const RuleID analyzer.RuleId = 5100

// Install adds the planner to an analyzer in the making.
func Install(b *analyzer.Builder) {
	for _, r := range analyzer.DefaultRules {
		if r.Id.String() == replacedAliases {
			b.RemoveDefaultRule(r.Id)
		}
	}
	b.AddPostAnalyzeRule(RuleID, rule)
	b.AddPostValidationRule(HeldRuleID, holdSubqueries)
}

// replacedAliases is go-mysql-server's rule that puts an alias in place of a
// derived table that is SELECT * over a table. The columns then keep the
// derived table's ids, which no node has, and are found by their names: that
// can't be planned over.
const replacedAliases = "replaceSubqueries"

// rule is the analyzer rule; it runs after go-mysql-server's own. It may run
// several times over one plan and changes nothing the second time.
func rule(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, scope *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	mode, err := sessionMode(ctx)
	if err != nil {
		return n, transform.SameTree, err
	}
	if mode == Off {
		// The reference answer is made without this package: go-mysql-server
		// reads whole tables (Table.PartitionRows) and does the rest.
		return n, transform.SameTree, nil
	}
	p := &planner{ctx: ctx, mode: mode, outer: !scope.IsEmpty()}
	s, err := p.visit(n, nil)
	if err != nil {
		return n, transform.SameTree, err
	}
	out, err := p.node(s)
	if err != nil {
		return n, transform.SameTree, err
	}
	if mode == Strict {
		if err := checkStrict(ctx, out); err != nil {
			return n, transform.SameTree, err
		}
	}
	if run := runOf(ctx); run != nil {
		if err := run.finish(ctx, out); err != nil {
			return n, transform.SameTree, err
		}
	}
	if !p.changed {
		return n, transform.SameTree, nil
	}
	return out, transform.NewTree, nil
}

func sessionMode(ctx *sql.Context) (Mode, error) {
	if run := runOf(ctx); run != nil {
		return run.Mode, nil
	}
	return SessionMode(ctx)
}

// SessionMode is what the session's variable says. The error says that it says
// nothing that is allowed.
func SessionMode(ctx *sql.Context) (Mode, error) {
	v, err := ctx.GetSessionVariable(ctx, ModeVariable)
	if err != nil {
		return Off, fmt.Errorf("reading %s: %w", ModeVariable, err)
	}
	m, ok := ModeOf(fmt.Sprint(v))
	if !ok {
		return Off, fmt.Errorf("%s is %q; it can be on, off or strict", ModeVariable, v)
	}
	return m, nil
}

// ModeOf reads a mode.
func ModeOf(s string) (_ Mode, ok bool) {
	switch m := Mode(strings.ToLower(s)); m {
	case On, Off, Strict:
		return m, true
	}
	return Off, false
}

// planner holds what one run of the rule needs.
type planner struct {
	ctx     *sql.Context
	mode    Mode
	changed bool
	outer   bool // the plan is a subquery's
	// repeated is set below an operator that runs its child once per row of
	// another: leaves there keep their rows.
	repeated bool
}

// subtree is a visited part of the plan: one store's query that may still
// grow, or a finished node.
type subtree struct {
	g    *growing
	node sql.Node
}

// narrowed drops columns that only the operator just pushed has read.
func (s subtree) narrowed(need *idSet) subtree {
	if s.g == nil || need == nil {
		return s
	}
	return subtree{g: s.g.narrowed(need)}
}

func (p *planner) node(s subtree) (sql.Node, error) {
	if s.g == nil {
		return s.node, nil
	}
	n, err := s.g.materialize(p.ctx)
	if err == nil && p.repeated && s.g.standsAlone(p.ctx) {
		n = NewReplay(n)
	}
	return n, err
}

// visit plans n. need are the columns that are read from n's rows.
func (p *planner) visit(n sql.Node, need *idSet) (subtree, error) {
	switch n := n.(type) {
	case *plan.ResolvedTable:
		if t := tableUnder(n.Table); t != nil {
			if g := p.scan(n, t, need); g != nil {
				p.changed = true
				return subtree{g: g}, nil
			}
		}
		return subtree{node: n}, nil
	case *Remote:
		p.changed = true
		if p.outer && !n.grown.outer {
			// Only here it is known that there are outer columns: LATERAL.
			g := n.grown.copy()
			g.outer = true
			return subtree{g: g}, nil
		}
		return subtree{g: n.grown}, nil
	case *Replay:
		return p.visitThrough(n, n.Child, need)
	case *Stoppable:
		return p.visitThrough(n, n.Child, need)
	case *plan.TableAlias:
		return p.visitAlias(n, need)
	case *plan.Filter:
		if u, ok := n.Child.(*plan.SetOp); ok {
			if below, ok, err := p.filteredBranches(n, u); ok || err != nil {
				return below, err
			}
		}
		s, err := p.visitUnary(n, n.Child, p.need(n.Child, need, n.Expression))
		return s.narrowed(need), err
	case *plan.Having:
		s, err := p.visitUnary(n, n.Child, p.need(n.Child, need, n.Cond))
		return s.narrowed(need), err
	case *plan.Project:
		if anti := p.antiJoin(n); anti != nil {
			p.changed = true
			n = anti
		}
		d, changed, err := dedupSubqueries(p.ctx, n)
		if err != nil {
			return subtree{}, err
		}
		p.changed = p.changed || changed
		n = withoutUnread(p.ctx, d, need)
		return p.visitUnary(n, n.Child, p.need(n.Child, newIDSet(), n.Projections...))
	case *plan.GroupBy:
		return p.visitUnary(n, n.Child, p.need(n.Child, newIDSet(), append(append([]sql.Expression{}, n.SelectDeps...), n.GroupByExprs...)...))
	case *plan.Sort:
		s, err := p.visitUnary(n, n.Child, p.need(n.Child, need, n.SortConditions.ToExpressions()...))
		return s.narrowed(need), err
	case *plan.TopN:
		s, err := p.visitUnary(n, n.Child, p.need(n.Child, need, n.SortConditions.ToExpressions()...))
		return s.narrowed(need), err
	case *plan.Limit:
		return p.visitUnary(n, n.Child, need)
	case *plan.Offset:
		return p.visitUnary(n, n.Child, need)
	case *plan.Distinct:
		return p.visitUnary(n, n.Child, nil)
	case *plan.Window:
		return p.visitChildren(n, newIDSet().with(p.ctx, n.SelectExprs...))
	case *plan.CachedResults:
		return p.readOnce(n, need)
	case *plan.JoinNode:
		return p.visitJoin(n, need)
	case *plan.SubqueryAlias:
		return p.visitDerived(n, need)
	case *plan.SetOp:
		s, err := p.visitChildren(n, nil)
		if err != nil {
			return subtree{}, err
		}
		m, err := p.topBranches(s.node.(*plan.SetOp))
		return subtree{node: m}, err
	case *plan.Max1Row, *plan.OrderedDistinct, *plan.Concat, *plan.Into, *plan.RecursiveCte:
		return p.visitChildren(n, nil)
	}
	// Anything else may want the table itself: SHOW COLUMNS, ANALYZE TABLE.
	return subtree{node: n}, nil
}

// scan starts a query over a table.
func (p *planner) scan(n *plan.ResolvedTable, t *Table, need *idSet) *growing {
	first, ok := n.Columns().Next(1)
	if !ok {
		return nil
	}
	return scan(t, first, n.Schema(p.ctx), need, p.outer)
}

// visitAlias renames a table; the column ids stay.
func (p *planner) visitAlias(n *plan.TableAlias, need *idSet) (subtree, error) {
	s, err := p.visit(n.Child, need)
	if err != nil || s.g == nil || len(s.g.above) > 0 || s.g.open != nil {
		return p.over(n, s, err)
	}
	byName := map[string]*sql.Column{}
	schema := n.Schema(p.ctx)
	for i, c := range n.Child.Schema(p.ctx) {
		byName[c.Name] = schema[i]
	}
	g := s.g.copy()
	out := make([]output, len(g.out))
	for i, o := range g.out {
		o.col = byName[o.col.Name]
		out[i] = o
	}
	g.out, g.leaf = out, out
	return subtree{g: g.named(n.Name())}, nil
}

// visitUnary plans an operator over one child: it is pushed, or it stays.
func (p *planner) visitUnary(n sql.Node, child sql.Node, need *idSet) (subtree, error) {
	s, err := p.visit(child, need)
	if err != nil {
		return subtree{}, err
	}
	if s.g == nil {
		return p.over(n, s, nil)
	}
	g, refused := s.g.grow(p.ctx, n)
	if refused == nil {
		p.changed = true
		return subtree{g: g}, nil
	}
	s.g = s.g.why(stays(n, refused))
	return p.over(n, s, nil)
}

// grow tries to take operator n over; the error is the reason why not.
func (g *growing) grow(ctx *sql.Context, n sql.Node) (*growing, error) {
	next, err := g.growDirectly(ctx, n)
	if !isMisplaced(err) {
		return next, err
	}
	// What can't stand above the query can above a derived table of it.
	if nested, ok := g.nested(); ok {
		if next, refused := nested.growDirectly(ctx, n); refused == nil {
			return next, nil
		}
	}
	return nil, err
}

func (g *growing) growDirectly(ctx *sql.Context, n sql.Node) (*growing, error) {
	var next *growing
	var err error
	switch n := n.(type) {
	case *plan.Filter:
		next, err = g.filter(ctx, n.Expression)
	case *plan.Having:
		next, err = g.filter(ctx, n.Cond)
	case *plan.Project:
		next, err = g.project(ctx, n)
	case *plan.GroupBy:
		return g.groupBy(ctx, n)
	case *plan.Sort:
		next, err = g.sort(ctx, n.SortConditions)
	case *plan.TopN:
		next, err = g.topN(ctx, n)
	case *plan.Limit:
		if n.CalcFoundRows {
			return nil, cannotf("SQL_CALC_FOUND_ROWS needs every row")
		}
		next, err = g.limit(ctx, n.Limit)
	case *plan.Offset:
		next, err = g.offset(ctx, n.Offset)
	case *plan.Distinct:
		next, err = g.distinct(n)
	default:
		return nil, cannotf("%T is not translated for stores", n)
	}
	if err != nil {
		return nil, err
	}
	if next.open != nil {
		next = next.copy()
		next.open = &openGroup{before: g.open.before, since: append(append([]sql.Node{}, g.open.since...), n)}
	}
	return next, nil
}

// visitThrough plans below a node that an earlier run of the rule has put in.
// Over what still grows it is left out: who needs it puts it in again.
func (p *planner) visitThrough(n, child sql.Node, need *idSet) (subtree, error) {
	s, err := p.visit(child, need)
	if err != nil || s.g != nil {
		return s, err
	}
	return p.over(n, s, nil)
}

// over puts n over a finished child.
func (p *planner) over(n sql.Node, s subtree, err error) (subtree, error) {
	if err != nil {
		return subtree{}, err
	}
	child, err := p.node(s)
	if err != nil {
		return subtree{}, err
	}
	n, err = n.WithChildren(p.ctx, child)
	return subtree{node: n}, err
}

// visitChildren plans below an operator that always stays.
func (p *planner) visitChildren(n sql.Node, need *idSet) (subtree, error) {
	children := n.Children()
	if sa, ok := n.(*plan.SubqueryAlias); ok {
		children = []sql.Node{sa.Child} // opaque to go-mysql-server's own walks
	}
	if len(children) == 0 {
		return subtree{node: n}, nil
	}
	out := make([]sql.Node, len(children))
	same := true
	for i, c := range children {
		if _, done := c.(*Remote); done && need == nil && !p.repeated {
			// A union of many is analysed once for each of its branches.
			out[i] = c
			continue
		}
		s, err := p.visit(c, need)
		if err != nil {
			return subtree{}, err
		}
		if out[i], err = p.node(s); err != nil {
			return subtree{}, err
		}
		same = same && out[i] == c
	}
	if same {
		return subtree{node: n}, nil
	}
	m, err := n.WithChildren(p.ctx, out...)
	return subtree{node: m}, err
}

// readOnce plans below an operator that keeps its child's rows itself.
func (p *planner) readOnce(n sql.Node, need *idSet) (subtree, error) {
	was := p.repeated
	p.repeated = false
	defer func() { p.repeated = was }()
	return p.visitChildren(n, need)
}

// part names what was refused: the part of the query that the store speaks of,
// or the operator.
func part(n sql.Node, refused error) string {
	var u *tables.Unsupported
	if errors.As(refused, &u) {
		return u.Part.String()
	}
	return operator(n)
}

// operator names a plan node as a person writes it.
func operator(n sql.Node) string {
	switch n := n.(type) {
	case *plan.Filter:
		return "WHERE"
	case *plan.Having:
		return "HAVING"
	case *plan.Project:
		return "the select list"
	case *plan.GroupBy:
		if len(n.GroupByExprs) == 0 {
			return "the aggregate"
		}
		return "GROUP BY"
	case *plan.Sort:
		return "ORDER BY"
	case *plan.TopN:
		return "ORDER BY with LIMIT"
	case *plan.Limit:
		return "LIMIT"
	case *plan.Offset:
		return "OFFSET"
	case *plan.Distinct, *plan.OrderedDistinct:
		return "DISTINCT"
	case *plan.JoinNode, *LookupJoin:
		return "the join"
	case *plan.Window:
		return "the window functions"
	case *plan.RecursiveCte:
		return "the recursion"
	case *plan.SetOp:
		switch {
		case n.Limit != nil && len(n.SortConditions) > 0:
			return "ORDER BY with LIMIT over the set operation"
		case n.Limit != nil || n.Offset != nil:
			return "LIMIT over the set operation"
		}
		return "the set operation"
	case *plan.Max1Row:
		return "the subquery"
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", n), "*plan.")
}
