package text

import (
	"strings"

	"gridgate/tables"
)

var _ tables.Estimator = (*plan)(nil)

// Estimate is the files that the conditions on path and partition columns leave,
// with the sizes that they had when the table was opened: bytes as they are on the
// disk, rows guessed from these. Conditions that need arguments which are not
// there leave all files.
func (p *plan) Estimate(args tables.Args) tables.Estimate {
	n := p.snapshot
	var passes []predicate
	for _, e := range p.fileWhere {
		b := binder{columns: n.columns, args: args}
		if pred, refused := b.condition(e); refused == nil {
			passes = append(passes, pred)
		}
	}
	average := int64(0)
	if len(n.files) > 0 {
		average = n.bytes / int64(len(n.files))
	}
	var onDisk, text int64
	files := 0
	for _, f := range n.files {
		if !all(passes, f) {
			continue
		}
		files++
		text += f.textBytes(average)
		if f.size < 0 {
			onDisk += average
		} else {
			onDisk += f.size
		}
	}
	e := tables.Estimate{Rows: text / n.usualRow(), Bytes: onDisk}
	if top, limited := p.query.Top(); limited && p.group == nil && len(p.rowWhere) == 0 && len(p.query.OrderBy) == 0 && !p.query.Distinct {
		// Reading ends with the last row; every goroutine reads ahead a little.
		e.Rows = min(e.Rows, top)
		e.Bytes = min(e.Bytes, e.Rows*n.usualRow()+int64(n.store.config.Workers*n.store.config.blockBytes))
	}
	if files > 1 {
		e.Hint = n.hint(len(p.fileWhere) > 0)
	}
	return e
}

func all(passes []predicate, f *file) bool {
	for _, p := range passes {
		if p.eval(&row{file: f}) != yes {
			return false
		}
	}
	return true
}

// hint says which condition leaves files out; narrower that there are such
// conditions already.
func (n *snapshot) hint(narrower bool) string {
	columns := "path"
	if len(n.partitions) > 0 {
		columns = strings.Join(n.partitions, " or ")
	}
	if narrower {
		return "a narrower condition on " + columns + " would leave more files out"
	}
	return "a condition on " + columns + " would leave files out"
}
