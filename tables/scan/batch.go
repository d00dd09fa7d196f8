package scan

import "gridgate/tables"

// Fill makes b a new batch of n rows, whose value i of row r is value(r, i), of
// type types[i] or NULL.
func Fill(b *tables.Batch, types []tables.Type, n int, value func(row, column int) tables.Value) {
	b.N = n
	b.Cols = make([]tables.Vector, len(types))
	for i, t := range types {
		v := tables.NewVector(t, n)
		for row := range n {
			v.Set(row, value(row, i))
		}
		b.Cols[i] = v
	}
}

// Types are the types of some columns, by their index.
func Types(columns []tables.Column, indexes []int) []tables.Type {
	types := make([]tables.Type, len(indexes))
	for i, at := range indexes {
		types[i] = columns[at].Type
	}
	return types
}
