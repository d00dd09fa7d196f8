package text

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gridgate/tables"
)

// Command says what is read, with how many goroutines, and the query.
func (p *plan) Command(args tables.Args) (string, error) {
	workers := "1 worker"
	if n := p.snapshot.store.config.Workers; n != 1 {
		workers = fmt.Sprintf("%d workers", n)
	}
	return "scan " + p.snapshot.store.config.Dir + " with " + workers + ": " + tables.FormatQuery(&p.query, args), nil
}

// Recheck is empty: every conjunct is computed exactly.
func (p *plan) Recheck() []int { return nil }

// Deterministic is false under a LIMIT whose order leaves ties.
func (p *plan) Deterministic() bool { return p.query.Limit == nil || p.total }

// Open lists the folder and starts to read. The error is *Outage, *DataError,
// *SchemaChanged when the partition columns are no longer the snapshot's, or
// ctx's.
func (p *plan) Open(ctx context.Context, args tables.Args) (tables.Rows, error) {
	s := p.snapshot.store
	l, err := list(ctx, s.config.Dir, false)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(l.partitions, p.snapshot.partitions) {
		return nil, &tables.SchemaChanged{Store: storeName, Table: p.snapshot.Name(),
			What: fmt.Sprintf("its partition columns were (%s) and are (%s)", strings.Join(p.snapshot.partitions, ", "), strings.Join(l.partitions, ", "))}
	}
	b := binder{columns: p.snapshot.columns, args: args}
	fileWhere, refused := b.conjunction(p.fileWhere)
	r := &run{plan: p, config: &s.config, budget: &budget{groups: s.config.MaxGroups, limit: s.config.MaxGroupBytes}}
	if refused == nil {
		r.where, refused = b.conjunction(p.rowWhere)
	}
	if refused == nil && p.group != nil {
		b.keys = p.group.keys
		r.having, refused = b.conjunction(p.query.Having)
	}
	if refused != nil {
		return nil, errors.New("text: " + refused.text)
	}
	files := l.files
	if fileWhere != nil {
		files = slices.DeleteFunc(files, func(f *file) bool { return fileWhere.eval(&row{file: f}) != yes })
	}
	// Compressed files can't be split: begin with them, so that no goroutine
	// is left alone with a large one.
	slices.SortStableFunc(files, func(a, b *file) int {
		return int(truthOf(codecOf(a.name) == codecNone)) - int(truthOf(codecOf(b.name) == codecNone))
	})
	if p.group != nil {
		r.groups = newFileGroups(p.group, files)
	}
	r.source = newSource(files, s.config.rangeBytes)
	r.start(ctx)
	return r, nil
}
