package semantics

import (
	"time"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// comparand is how MySQL compares two expressions for equality (manual, "Type
// Conversion in Expression Evaluation"). Values equal under it have the same key.
type comparand struct {
	kind comparisonKind
	coll sql.CollationID // of compareText
}

type comparisonKind uint8

const (
	compareOther comparisonKind = iota // no key: the operator itself must decide
	compareExact                       // integers and decimals
	compareFloat                       // also text with numbers
	compareText
	compareTime // an instant, also with text
)

// comparandOf returns how l and r are compared.
func comparandOf(ctx *sql.Context, l, r sql.Expression) comparand {
	lt, rt := l.Type(ctx), r.Type(ctx)
	lk, rk := kindOf(lt), kindOf(rt)
	switch {
	case lk == compareOther || rk == compareOther:
		return comparand{}
	case lk == compareText && rk == compareText:
		lc, lw := sql.GetCoercibility(ctx, l)
		rc, rw := sql.GetCoercibility(ctx, r)
		coll, _ := sql.ResolveCoercibility(lc, lw, rc, rw)
		return comparand{kind: compareText, coll: coll}
	case lk == compareTime || rk == compareTime:
		if lk == compareText || rk == compareText || lk == rk {
			return comparand{kind: compareTime}
		}
		return comparand{}
	case lk == compareExact && rk == compareExact:
		return comparand{kind: compareExact}
	}
	return comparand{kind: compareFloat}
}

func kindOf(t sql.Type) comparisonKind {
	switch {
	case t == types.Null, types.IsTuple(t), types.IsJSON(t), types.IsEnum(t), types.IsSet(t), types.IsBit(t):
		return compareOther
	case types.IsTime(t):
		return compareTime
	case types.IsFloat(t):
		return compareFloat
	case types.IsDecimal(t), types.IsNumber(t):
		return compareExact
	case types.IsText(t):
		return compareText
	}
	return compareOther
}

// append appends the key of a value to c's buffer; false: it has none.
func (m comparand) append(ctx *sql.Context, c *keyCoder, v any) (bool, error) {
	v, err := sql.UnwrapAny(ctx, v)
	if err != nil {
		return false, err
	}
	if v == nil {
		c.buf = append(c.buf, keyNull)
		return true, nil
	}
	switch m.kind {
	case compareExact:
		return true, c.appendPlain(ctx, v)
	case compareFloat:
		f, err := toFloat64(ctx, v)
		if err != nil {
			return false, err
		}
		c.appendFloat(f)
	case compareText:
		s, _, err := types.LongText.Convert(ctx, v)
		if err != nil {
			return false, err
		}
		str, ok, err := sql.Unwrap[string](ctx, s)
		if err != nil || !ok {
			return false, err
		}
		return true, c.appendCollated(m.coll, str)
	case compareTime:
		switch t := v.(type) {
		case time.Time:
			return true, c.appendPlain(ctx, t)
		case string:
			return true, c.appendPlain(ctx, timeOf(ctx, t))
		}
		return false, nil
	default:
		return false, nil
	}
	return true, nil
}

// appendCollated appends text so that strings that coll holds equal have one key.
func (c *keyCoder) appendCollated(coll sql.CollationID, s string) error {
	if bytewise(coll) {
		c.appendString(keyText, s)
		return nil
	}
	var w weights
	if err := coll.WriteWeightString(&w, s); err != nil {
		return err
	}
	c.appendBytes(keyText, w)
	return nil
}
