package semantics

import (
	"encoding/json"
	"math"
	"sort"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// appendJSON encodes a JSON document by its value: the order of an object's
// members does not matter, and 1 equals 1.0 (MySQL manual, "Comparison and
// Ordering of JSON Values").
func (c *keyCoder) appendJSON(ctx *sql.Context, v any) error {
	if w, ok := v.(sql.JSONWrapper); ok {
		inner, err := w.ToInterface(ctx)
		if err != nil {
			return err
		}
		v = inner
	} else if s, ok := v.(string); ok {
		doc, _, err := types.JSON.Convert(ctx, s)
		if err != nil {
			return err
		}
		return c.appendJSON(ctx, doc)
	}
	c.buf = append(c.buf, keyJSON)
	return c.appendJSONValue(ctx, v)
}

func (c *keyCoder) appendJSONValue(ctx *sql.Context, v any) error {
	switch v := v.(type) {
	case nil:
		c.buf = append(c.buf, keyNull)
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		c.appendFixed('{', uint64(len(names)))
		for _, name := range names {
			c.appendString(keyText, name)
			if err := c.appendJSONValue(ctx, v[name]); err != nil {
				return err
			}
		}
	case []any:
		c.appendFixed('[', uint64(len(v)))
		for _, e := range v {
			if err := c.appendJSONValue(ctx, e); err != nil {
				return err
			}
		}
	case bool:
		if v {
			c.buf = append(c.buf, 't')
		} else {
			c.buf = append(c.buf, 'f')
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			c.appendFixed(keyInt, uint64(int64(v)))
			return nil
		}
		var d apd.Decimal
		if _, err := d.SetFloat64(v); err != nil {
			c.appendFloat(v)
			return nil
		}
		c.appendDecimal(&d)
	case json.Number:
		var d apd.Decimal
		if _, _, err := d.SetString(v.String()); err != nil {
			c.appendString(keyOther, v.String())
			return nil
		}
		c.appendDecimal(&d)
	case sql.JSONWrapper:
		inner, err := v.ToInterface(ctx)
		if err != nil {
			return err
		}
		return c.appendJSONValue(ctx, inner)
	default:
		return c.appendPlain(ctx, v)
	}
	return nil
}
