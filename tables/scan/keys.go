package scan

import (
	"fmt"
	"slices"

	"gridgate/tables"
)

// TextKeys are the conjuncts that say which values a text column may have:
// column = x and column IN (x, ...), over constants and arguments of type text.
type TextKeys struct {
	Column    int
	conjuncts []tables.Expr
}

// Add takes the conjunct if it is such a one.
func (k *TextKeys) Add(e tables.Expr) bool {
	ok := false
	switch e := e.(type) {
	case *tables.Call:
		if e.Op == tables.OpEq {
			a, b := e.Args[0], e.Args[1]
			ok = isColumn(a, k.Column) && isText(b) || isColumn(b, k.Column) && isText(a)
		}
	case *tables.In:
		ok = isColumn(e.Left, k.Column) && !slices.ContainsFunc(e.List, func(x tables.Expr) bool { return !isText(x) }) &&
			(e.Keys == nil || e.Keys.Typ.Kind == tables.KindText)
	}
	if ok {
		k.conjuncts = append(k.conjuncts, e)
	}
	return ok
}

func isText(e tables.Expr) bool {
	kind := e.Type().Kind
	return constant(e) && (kind == tables.KindText || kind == tables.KindNull)
}

// Any reports whether a conjunct was taken.
func (k *TextKeys) Any() bool { return len(k.conjuncts) > 0 }

// Values are the values that pass all conjuncts, each once, in the order of the
// first conjunct; none when nothing can pass. It must not be called without
// Any. The error says that an argument is missing.
func (k *TextKeys) Values(args tables.Args) ([]string, error) {
	var values []string
	for i, e := range k.conjuncts {
		of, err := valuesOf(e, args)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			in := make(map[string]bool, len(of))
			for _, v := range of {
				in[v] = true
			}
			values = slices.DeleteFunc(values, func(v string) bool { return !in[v] })
			continue
		}
		seen := make(map[string]bool, len(of))
		for _, v := range of {
			if !seen[v] {
				seen[v] = true
				values = append(values, v)
			}
		}
	}
	return values, nil
}

// valuesOf are the values that pass one conjunct. A comparison with NULL is
// never true, so NULLs are left out.
func valuesOf(e tables.Expr, args tables.Args) ([]string, error) {
	var values []string
	add := func(x tables.Expr) error {
		v, ok := value(x, args)
		if !ok {
			return fmt.Errorf("argument %d is missing", x.(*tables.Param).N)
		}
		if !v.IsNull() {
			values = append(values, v.S)
		}
		return nil
	}
	switch e := e.(type) {
	case *tables.Call:
		x := e.Args[1]
		if !constant(x) {
			x = e.Args[0]
		}
		err := add(x)
		return values, err
	case *tables.In:
		if e.Keys != nil {
			if e.Keys.N >= len(args) {
				return nil, fmt.Errorf("argument %d is missing", e.Keys.N)
			}
			for _, v := range args[e.Keys.N].Keys {
				values = append(values, v.S)
			}
			return values, nil
		}
		for _, x := range e.List {
			if err := add(x); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}
