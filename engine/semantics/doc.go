// Package semantics corrects go-mysql-server where it answers differently from
// MySQL 8, and lists the differences that stay.
//
// A caller installs everything in two steps, before and after the analyzer is
// built:
//
//	b := analyzer.NewBuilder(provider)
//	semantics.Install(b, sql.EngineOverrides{}) // parser, rules, functions
//	a := b.Build()
//	semantics.Attach(a)                         // execution
//	e := sqle.New(a, nil)
//
// The node types of go-mysql-server's plans stay as they are; their execution
// is corrected (Builder). Operators (+ - * / DIV % and unary minus) and the
// numeric aggregates are expressions of this package, which planners recognise
// as *Arithmetic, *Negation and *Aggregate. DESIGN.md says why.
package semantics
