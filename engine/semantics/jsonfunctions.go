package semantics

import (
	"bytes"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression/function/json"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// parsedArgument is an argument that must be JSON.
func parsedArgument(v any, n int, function string) (sql.JSONWrapper, error) {
	if w, ok := v.(sql.JSONWrapper); ok {
		return w, nil
	}
	if s, ok := v.(string); ok {
		return nil, sql.ErrInvalidJSONText.New(n, function, s)
	}
	return nil, sql.ErrInvalidJSONArgument.New(n, function)
}

// newJSONPretty is JSON_PRETTY. go-mysql-server sorts the members by name.
func newJSONPretty(ctx *sql.Context, doc sql.Expression) sql.Expression {
	doc, _ = newParsedJSON(ctx, doc)
	return newStrict("json_pretty", types.LongText, func(ctx *sql.Context, v []any) (any, error) {
		w, err := parsedArgument(v[0], 1, "json_pretty")
		if err != nil {
			return nil, err
		}
		tree, err := w.ToInterface(ctx)
		if err != nil {
			return nil, err
		}
		text, err := appendTree(nil, tree, 0)
		return string(text), err
	}, []sql.Expression{doc})
}

// newJSONUnquote is JSON_UNQUOTE of JSON, and ->>. go-mysql-server reads escapes
// in what is no string, too.
func newJSONUnquote(doc sql.Expression) sql.Expression {
	return newStrict("json_unquote", types.LongText, func(ctx *sql.Context, v []any) (any, error) {
		w, err := parsedArgument(v[0], 1, "json_unquote")
		if err != nil {
			return nil, err
		}
		return unquotedJSON(ctx, w)
	}, []sql.Expression{doc})
}

// newJSONValue is JSON_VALUE: a scalar as a value of the type after RETURNING, a
// text without quotes. What is no scalar, or does not fit the type, is NULL (ON
// ERROR).
func newJSONValue(ctx *sql.Context, f *json.JsonValue) sql.Expression {
	doc, _ := newParsedJSON(ctx, f.JSON)
	return newStrict("json_value", f.Typ, func(ctx *sql.Context, v []any) (any, error) {
		found, err := lookUp(ctx, v[0], v[1], "json_value")
		if err != nil || found == nil {
			return nil, err
		}
		if types.IsJSON(f.Typ) {
			return found, nil
		}
		tree, err := found.ToInterface(ctx)
		if err != nil {
			return nil, err
		}
		switch tree.(type) {
		case nil, map[string]any, []any:
			return nil, nil
		}
		var scalar any
		if types.IsText(f.Typ) {
			scalar, err = unquotedJSON(ctx, found)
		} else {
			scalar, err = jsonScalar(ctx, found)
		}
		if err != nil {
			return nil, err
		}
		out, in, err := f.Typ.Convert(ctx, scalar)
		if err != nil || in != sql.InRange {
			return nil, nil
		}
		return out, nil
	}, []sql.Expression{doc, f.Path})
}

// lookUp is what a path finds in a document; nil: nothing.
func lookUp(ctx *sql.Context, doc, path any, function string) (sql.JSONWrapper, error) {
	w, err := parsedArgument(doc, 1, function)
	if err != nil {
		return nil, err
	}
	p, err := toText(ctx, path)
	if err != nil {
		return nil, err
	}
	return types.LookupJSONValue(ctx, w, p)
}

// newJSONContains is JSON_CONTAINS. go-mysql-server knows no integers there.
func newJSONContains(ctx *sql.Context, f *json.JSONContains) sql.Expression {
	return jsonRelation(ctx, "json_contains", f.Children(), containsJSON)
}

// newJSONOverlaps is JSON_OVERLAPS. To go-mysql-server 1 is not 1.0.
func newJSONOverlaps(ctx *sql.Context, f *json.JSONOverlaps) sql.Expression {
	return jsonRelation(ctx, "json_overlaps", f.Children(), overlapsJSON)
}

// jsonRelation is a function of two documents, or of what a path finds in the
// first of them and the second.
func jsonRelation(ctx *sql.Context, name string, args []sql.Expression, holds func(ctx *sql.Context, a, b any) (bool, error)) sql.Expression {
	args = append([]sql.Expression{}, args...)
	for i := range args[:2] {
		args[i], _ = newParsedJSON(ctx, args[i])
	}
	return newStrict(name, types.Boolean, func(ctx *sql.Context, v []any) (any, error) {
		first, err := parsedArgument(v[0], 1, name)
		if err != nil {
			return nil, err
		}
		second, err := parsedArgument(v[1], 2, name)
		if err != nil {
			return nil, err
		}
		if len(v) == 3 {
			if first, err = lookUp(ctx, first, v[2], name); err != nil || first == nil {
				return nil, err
			}
		}
		a, err := first.ToInterface(ctx)
		if err != nil {
			return nil, err
		}
		b, err := second.ToInterface(ctx)
		if err != nil {
			return nil, err
		}
		return holds(ctx, a, b)
	}, args)
}

// containsJSON follows the manual's rules for JSON_CONTAINS.
func containsJSON(ctx *sql.Context, target, candidate any) (bool, error) {
	switch t := target.(type) {
	case []any:
		parts, ok := candidate.([]any)
		if !ok {
			parts = []any{candidate}
		}
		for _, p := range parts {
			if found, err := containedInAny(ctx, t, p); !found || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		c, ok := candidate.(map[string]any)
		if !ok {
			return false, nil
		}
		for name, value := range c {
			in, ok := t[name]
			if !ok {
				return false, nil
			}
			if found, err := containsJSON(ctx, in, value); !found || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return equalJSON(ctx, target, candidate)
}

func containedInAny(ctx *sql.Context, items []any, candidate any) (bool, error) {
	for _, item := range items {
		if found, err := containsJSON(ctx, item, candidate); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// overlapsJSON follows the manual's rules for JSON_OVERLAPS: two objects with an
// equal member, or arrays with an equal element, for which what is no array
// counts as one.
func overlapsJSON(ctx *sql.Context, a, b any) (bool, error) {
	x, isObject := a.(map[string]any)
	if y, ok := b.(map[string]any); ok && isObject {
		for name, value := range x {
			other, ok := y[name]
			if !ok {
				continue
			}
			if equal, err := equalJSON(ctx, value, other); equal || err != nil {
				return equal, err
			}
		}
		return false, nil
	}
	for _, l := range asArray(a) {
		for _, r := range asArray(b) {
			if equal, err := equalJSON(ctx, l, r); equal || err != nil {
				return equal, err
			}
		}
	}
	return false, nil
}

func asArray(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	return []any{v}
}

// equalJSON compares by value, as the keys of GROUP BY do.
func equalJSON(ctx *sql.Context, a, b any) (bool, error) {
	l, r := newKeyCoder(nil), newKeyCoder(nil)
	if err := l.appendJSONValue(ctx, a); err != nil {
		return false, err
	}
	err := r.appendJSONValue(ctx, b)
	return bytes.Equal(l.buf, r.buf), err
}
