package semantics

import (
	"strings"
	"unicode/utf8"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// maxText bounds what REPEAT and the paddings make; beyond MySQL's
// max_allowed_packet (its default) they are NULL there.
const maxText = 64 << 20

// textFunctions are string functions that go-mysql-server computes by bytes
// instead of characters, or without the collation.
func textFunctions() []sql.Function {
	return []sql.Function{
		sql.FunctionN{Name: "locate", Fn: newLocate},
		sql.FunctionN{Name: "position", Fn: newLocate},
		sql.FunctionN{Name: "lpad", Fn: newPad("lpad", true)},
		sql.FunctionN{Name: "rpad", Fn: newPad("rpad", false)},
		sql.Function2{Name: "repeat", Fn: newRepeat},
		sql.Function1{Name: "space", Fn: newSpace},
		sql.FunctionN{Name: "insert", Fn: newInsert},
	}
}

// newLocate is LOCATE(part, text[, from]): the position, in characters, of the
// first occurrence by the arguments' collation.
func newLocate(ctx *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	if len(args) != 2 && len(args) != 3 {
		return nil, sql.ErrInvalidArgumentNumber.New("LOCATE", "2 or 3", len(args))
	}
	coll := comparandOf(ctx, args[0], args[1]).coll
	return newStrict("locate", types.Int64, func(ctx *sql.Context, v []any) (any, error) {
		part, err := toText(ctx, v[0])
		if err != nil {
			return nil, err
		}
		text, err := toText(ctx, v[1])
		if err != nil {
			return nil, err
		}
		from := int64(1)
		if len(v) == 3 {
			if from, err = toInteger(ctx, v[2]); err != nil {
				return nil, err
			}
		}
		return locate(part, text, from, coll), nil
	}, args), nil
}

func locate(part, text string, from int64, coll sql.CollationID) int64 {
	if from < 1 || from-1 > int64(utf8.RuneCountInString(text)) {
		return 0
	}
	if bytewise(coll) {
		rest := skipRunes(text, from-1)
		i := strings.Index(rest, part)
		if i < 0 {
			return 0
		}
		return from + int64(utf8.RuneCountInString(rest[:i]))
	}
	weigh := coll.Sorter()
	haystack, needle := []rune(text), []rune(part)
search:
	for i := int(from - 1); i+len(needle) <= len(haystack); i++ {
		for j, r := range needle {
			if weigh(haystack[i+j]) != weigh(r) {
				continue search
			}
		}
		return int64(i + 1)
	}
	return 0
}

func skipRunes(s string, n int64) string {
	for ; n > 0 && s != ""; n-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

// newPad is LPAD and RPAD, by characters.
func newPad(name string, left bool) constructor {
	return func(_ *sql.Context, args ...sql.Expression) (sql.Expression, error) {
		if len(args) != 3 {
			return nil, sql.ErrInvalidArgumentNumber.New(strings.ToUpper(name), "3", len(args))
		}
		return newStrict(name, types.LongText, func(ctx *sql.Context, v []any) (any, error) {
			text, err := toText(ctx, v[0])
			if err != nil {
				return nil, err
			}
			length, err := toInteger(ctx, v[1])
			if err != nil {
				return nil, err
			}
			pad, err := toText(ctx, v[2])
			if err != nil {
				return nil, err
			}
			missing := length - int64(utf8.RuneCountInString(text))
			switch {
			case length < 0 || length > maxText:
				return nil, nil
			case missing <= 0:
				return text[:len(text)-len(skipRunes(text, length))], nil
			case pad == "":
				return "", nil
			}
			count := int64(utf8.RuneCountInString(pad))
			full := strings.Repeat(pad, int(missing/count+1))
			padding := full[:len(full)-len(skipRunes(full, missing))]
			if left {
				return padding + text, nil
			}
			return text + padding, nil
		}, args), nil
	}
}

// newRepeat is REPEAT(text, count).
func newRepeat(_ *sql.Context, text, count sql.Expression) sql.Expression {
	return newStrict("repeat", types.LongText, func(ctx *sql.Context, v []any) (any, error) {
		s, err := toText(ctx, v[0])
		if err != nil {
			return nil, err
		}
		n, err := toInteger(ctx, v[1])
		switch {
		case err != nil:
			return nil, err
		case n <= 0 || s == "":
			return "", nil
		case n > maxText/int64(len(s)):
			return nil, nil
		}
		return strings.Repeat(s, int(n)), nil
	}, []sql.Expression{text, count})
}

// newSpace is SPACE(count), which go-mysql-server makes of any length.
func newSpace(ctx *sql.Context, count sql.Expression) sql.Expression {
	return newRepeat(ctx, expression.NewLiteral(" ", types.LongText), count)
}

// newInsert is INSERT(text, from, length, new), by characters.
func newInsert(_ *sql.Context, args ...sql.Expression) (sql.Expression, error) {
	if len(args) != 4 {
		return nil, sql.ErrInvalidArgumentNumber.New("INSERT", "4", len(args))
	}
	return newStrict("insert", types.LongText, func(ctx *sql.Context, v []any) (any, error) {
		text, err := toText(ctx, v[0])
		if err != nil {
			return nil, err
		}
		from, err := toInteger(ctx, v[1])
		if err != nil {
			return nil, err
		}
		length, err := toInteger(ctx, v[2])
		if err != nil {
			return nil, err
		}
		replacement, err := toText(ctx, v[3])
		if err != nil {
			return nil, err
		}
		characters := int64(utf8.RuneCountInString(text))
		if from < 1 || from > characters {
			return text, nil
		}
		if length < 0 || length > characters-from+1 {
			length = characters - from + 1
		}
		tail := skipRunes(text, from-1)
		head := text[:len(text)-len(tail)]
		return head + replacement + skipRunes(tail, length), nil
	}, args), nil
}

// toText converts any value to a string.
func toText(ctx *sql.Context, v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case sql.JSONWrapper:
		text, err := JSONText(ctx, v)
		return string(text), err
	}
	t, _, err := types.LongText.Convert(ctx, v)
	if err != nil {
		return "", err
	}
	s, _, err := sql.Unwrap[string](ctx, t)
	return s, err
}

// toInteger converts a value to BIGINT, rounding it.
func toInteger(ctx *sql.Context, v any) (int64, error) {
	if n, ok := toInt64(v); ok {
		return n, nil
	}
	d, err := toDecimal(ctx, v)
	if err != nil {
		return 0, err
	}
	n := rescale(d, 0)
	switch {
	case n.IsInt64():
		return n.Int64(), nil
	case n.Sign() < 0:
		return -1 << 63, nil
	}
	return 1<<63 - 1, nil
}
