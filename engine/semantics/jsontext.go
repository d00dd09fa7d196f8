package semantics

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/sqltypes"

	"gridgate/tables/jsontext"
)

// JSONText is a JSON value as MySQL prints it.
func JSONText(ctx *sql.Context, v sql.JSONWrapper) ([]byte, error) {
	if d, ok := v.(*document); ok {
		return []byte(d.text), nil
	}
	tree, err := v.ToInterface(ctx)
	if err != nil {
		return nil, err
	}
	return appendTree(nil, tree, flat)
}

// flat is the level of indentation at which JSON is printed in one line.
const flat = -1

// appendTree prints a tree of treeOf's, or of a JSON function of go-mysql-server's
// that was given one. From level 0 on it prints as JSON_PRETTY does.
func appendTree(dst []byte, tree any, level int) ([]byte, error) {
	switch v := tree.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.SortFunc(names, jsontext.CompareNames)
		return appendItems(dst, '{', '}', len(names), level, func(dst []byte, i, level int) ([]byte, error) {
			name := jsontext.Value{Kind: jsontext.String, Text: names[i]}
			return appendTree(append(name.AppendMySQL(dst), ": "...), v[names[i]], level)
		})
	case []any:
		return appendItems(dst, '[', ']', len(v), level, func(dst []byte, i, level int) ([]byte, error) {
			return appendTree(dst, v[i], level)
		})
	case string:
		s := jsontext.Value{Kind: jsontext.String, Text: v}
		return s.AppendMySQL(dst), nil
	case float64:
		return jsontext.AppendDouble(dst, v), nil
	case float32:
		return jsontext.AppendDouble(dst, float64(v)), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case *apd.Decimal:
		return append(dst, v.Text('f')...), nil
	case nil:
		return append(dst, "null"...), nil
	}
	if n, ok := toInt64(tree); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	return append(dst, types.JSONDocument{Val: tree}.String()...), nil // times and the like
}

func appendItems(dst []byte, open, end byte, n, level int, item func(dst []byte, i, level int) ([]byte, error)) (_ []byte, err error) {
	dst = append(dst, open)
	inner := level
	if level != flat {
		inner++
	}
	for i := range n {
		switch {
		case level != flat:
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(dst, '\n'), strings.Repeat("  ", inner)...)
		case i > 0:
			dst = append(dst, ", "...)
		}
		if dst, err = item(dst, i, inner); err != nil {
			return dst, err
		}
	}
	if level != flat && n > 0 {
		dst = append(append(dst, '\n'), strings.Repeat("  ", level)...)
	}
	return append(dst, end), nil
}

// jsonAs is how a JSON value is given to what is no JSON function.
type jsonAs uint8

const (
	asText  jsonAs = iota // as it is printed
	asValue               // a scalar as what it is
)

// TextOfJSON is a JSON value as text: what MySQL makes of it as an argument of
// text. go-mysql-server's functions take JSON each in its own way, or fail. Where
// a number or a time is wanted, its values are those of jsonScalar.
type TextOfJSON struct {
	implicit
	as jsonAs
}

var (
	_ sql.CollationCoercible = (*TextOfJSON)(nil)
	_ sql.FunctionExpression = (*TextOfJSON)(nil)

	// jsonTextType compares by code point, as all text of the stores.
	jsonTextType = types.MustCreateString(sqltypes.Text, types.LongTextBlobMax, sql.Collation_utf8mb4_0900_bin)
)

// newTextOfJSON wraps e if it is JSON.
func newTextOfJSON(ctx *sql.Context, e sql.Expression, as jsonAs) (_ sql.Expression, wrapped bool) {
	if e == nil || !types.IsJSON(e.Type(ctx)) {
		return e, false
	}
	return &TextOfJSON{implicitly(e), as}, true
}

// Printed reports whether the text is the JSON as it is printed, which is what
// CAST(... AS CHAR) gives, and not the value of a scalar.
func (t *TextOfJSON) Printed() bool { return t.as == asText }

// Type implements sql.Expression.
func (*TextOfJSON) Type(*sql.Context) sql.Type { return jsonTextType }

// Eval implements sql.Expression.
func (t *TextOfJSON) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := t.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	if w, ok := v.(sql.JSONWrapper); ok && t.as == asValue {
		return jsonScalar(ctx, w)
	}
	return toText(ctx, v)
}

// unquotedJSON is a string itself, and any other value as it is printed.
func unquotedJSON(ctx *sql.Context, w sql.JSONWrapper) (string, error) {
	tree, err := w.ToInterface(ctx)
	if err != nil {
		return "", err
	}
	if s, ok := tree.(string); ok {
		return s, nil
	}
	return toText(ctx, w)
}

// jsonScalar is a JSON value where a number or a time is wanted: a number, or a
// text to read one from. What is no scalar is a text that is no number, which
// gives 0 and a warning.
func jsonScalar(ctx *sql.Context, w sql.JSONWrapper) (any, error) {
	tree, err := w.ToInterface(ctx)
	if err != nil {
		return nil, err
	}
	switch v := tree.(type) {
	case string, float64, int64, uint64, *apd.Decimal:
		return v, nil
	case bool:
		n, _ := toInt64(v)
		return n, nil
	}
	return toText(ctx, w)
}

// CollationCoercibility implements sql.CollationCoercible.
func (*TextOfJSON) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_utf8mb4_0900_bin, 4
}

// WithChildren implements sql.Expression.
func (t *TextOfJSON) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(t, len(children), 1)
	}
	return &TextOfJSON{implicitly(children[0]), t.as}, nil
}

// ParsedJSON is a text that a function reads as JSON. go-mysql-server reads all
// numbers as DOUBLE, and does not tell 1 from 1.0 afterwards.
type ParsedJSON struct{ expression.UnaryExpressionStub }

var _ sql.CollationCoercible = (*ParsedJSON)(nil)

// newParsedJSON wraps e if it is text.
func newParsedJSON(ctx *sql.Context, e sql.Expression) (_ sql.Expression, wrapped bool) {
	if e == nil || !types.IsTextOnly(e.Type(ctx)) {
		return e, false
	}
	return &ParsedJSON{expression.UnaryExpressionStub{Child: e}}, true
}

// Type implements sql.Expression.
func (*ParsedJSON) Type(*sql.Context) sql.Type { return types.JSON }

// IsNullable implements sql.Expression.
func (p *ParsedJSON) IsNullable(ctx *sql.Context) bool { return p.Child.IsNullable(ctx) }

// Eval implements sql.Expression. A text that is no JSON stays what it is: the
// function then says so.
func (p *ParsedJSON) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := p.Child.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	s, err := toText(ctx, v)
	if err != nil {
		return nil, err
	}
	parsed, err := jsontext.Parse([]byte(s))
	if err != nil {
		return s, nil
	}
	return &part{types.JSONDocument{Val: treeOf(&parsed)}}, nil
}

// String implements sql.Expression.
func (p *ParsedJSON) String() string { return p.Child.String() }

// CollationCoercibility implements sql.CollationCoercible.
func (p *ParsedJSON) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return types.JSON.CollationCoercibility(ctx)
}

// WithChildren implements sql.Expression.
func (p *ParsedJSON) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(p, len(children), 1)
	}
	return &ParsedJSON{expression.UnaryExpressionStub{Child: children[0]}}, nil
}
