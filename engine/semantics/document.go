package semantics

import (
	"context"
	"database/sql/driver"
	"strconv"
	"sync"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression/function/json"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/tables/jsontext"
)

// document is a JSON value of a row: its text, which is parsed when somebody
// looks into it. go-mysql-server's own document parses every number into a
// DOUBLE, which loses digits of large integers and the point of 1.0.
type document struct {
	text string // as MySQL prints it
	tree func() (any, error)
}

var (
	_ types.SearchableJSON = (*document)(nil)
	_ types.JSONBytes      = (*document)(nil)
	_ driver.Valuer        = (*document)(nil)
	_ types.ComparableJSON = (*part)(nil)
	_ types.JSONBytes      = (*part)(nil)
)

// NewDocument returns the JSON value whose text, as MySQL prints it, is given.
func NewDocument(text string) sql.JSONWrapper { return newDocument(text) }

func newDocument(text string) *document {
	return &document{text, sync.OnceValues(func() (any, error) {
		v, err := jsontext.Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		return treeOf(&v), nil
	})}
}

// Clone implements sql.JSONWrapper.
func (d *document) Clone(context.Context) sql.JSONWrapper { return newDocument(d.text) }

// ToInterface is the value as go-mysql-server's functions take it.
func (d *document) ToInterface(context.Context) (any, error) { return d.tree() }

// Lookup implements types.SearchableJSON.
func (d *document) Lookup(ctx context.Context, path string) (sql.JSONWrapper, error) {
	tree, err := d.tree()
	if err != nil {
		return nil, err
	}
	return (&part{types.JSONDocument{Val: tree}}).Lookup(ctx, path)
}

// GetBytes implements types.JSONBytes.
func (d *document) GetBytes(context.Context) ([]byte, error) { return []byte(d.text), nil }

// Value implements driver.Valuer.
func (d *document) Value() (driver.Value, error) { return d.text, nil }

// String is the text.
func (d *document) String() string { return d.text }

// HeldBytes estimates what the document takes in memory (memory.ValueSize). The
// tree, where there is one, is not counted: few documents are looked into and kept.
func (d *document) HeldBytes() int64 { return 160 + int64(len(d.text)) }

// treeOf is v as nested maps, slices and plain values. Integers stay integers,
// and only a DOUBLE is a float64.
func treeOf(v *jsontext.Value) any {
	switch v.Kind {
	case jsontext.True, jsontext.False:
		return v.Kind == jsontext.True
	case jsontext.Int:
		return v.Int
	case jsontext.Uint:
		return v.Uint
	case jsontext.Double:
		return v.Double
	case jsontext.String:
		return v.Text
	case jsontext.Array:
		items := make([]any, len(v.Items))
		for i := range v.Items {
			items[i] = treeOf(&v.Items[i])
		}
		return items
	case jsontext.Object:
		object := make(map[string]any, len(v.Fields))
		for i := range v.Fields { // of one name the last counts
			object[v.Fields[i].Name] = treeOf(&v.Fields[i].Value)
		}
		return object
	}
	return nil
}

// part is what a path found in a document.
type part struct{ types.JSONDocument }

// Lookup implements types.SearchableJSON.
func (p *part) Lookup(ctx context.Context, path string) (sql.JSONWrapper, error) {
	found, err := types.LookupJSONValue(ctx, p.JSONDocument, path)
	if doc, ok := found.(types.JSONDocument); ok {
		return &part{doc}, err
	}
	return found, err
}

// Clone implements sql.JSONWrapper.
func (p *part) Clone(ctx context.Context) sql.JSONWrapper {
	doc, ok := p.JSONDocument.Clone(ctx).(types.JSONDocument)
	if !ok {
		return p.JSONDocument.Clone(ctx)
	}
	return &part{doc}
}

// GetBytes implements types.JSONBytes.
func (p *part) GetBytes(context.Context) ([]byte, error) { return appendTree(nil, p.Val, flat) }

// JsonType implements types.ComparableJSON. go-mysql-server takes 1.0 for an INTEGER.
func (p *part) JsonType(context.Context) (string, error) {
	if _, ok := p.Val.(float64); ok {
		return "DOUBLE", nil
	}
	return json.TypeOfJsonValue(p.Val), nil
}

// Compare implements types.ComparableJSON. Two numbers are compared exactly.
func (p *part) Compare(ctx context.Context, other any) (int, error) {
	if w, ok := other.(sql.JSONWrapper); ok {
		tree, err := w.ToInterface(ctx)
		if err != nil {
			return 0, err
		}
		other = tree
	}
	a, isNumber := exact(p.Val)
	if b, ok := exact(other); ok && isNumber {
		return a.Cmp(b), nil
	}
	return types.CompareJSON(ctx, p.Val, other)
}

// exact is a number with all its digits.
func exact(v any) (*apd.Decimal, bool) {
	switch v := v.(type) {
	case *apd.Decimal:
		return v, true
	case int64:
		return apd.New(v, 0), true
	case uint64:
		d, _, err := apd.NewFromString(strconv.FormatUint(v, 10))
		return d, err == nil
	case float64:
		d, err := new(apd.Decimal).SetFloat64(v)
		return d, err == nil
	}
	return nil, false
}
