package memory

import (
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// What Go takes around values: a slice's header with the allocator's rounding,
// and an interface in a row.
const (
	rowOverhead   = 40
	valueOverhead = 16
)

// RowSize estimates the bytes that a row takes in memory.
func RowSize(row sql.Row) int64 {
	n := int64(rowOverhead + valueOverhead*len(row))
	for _, v := range row {
		n += ValueSize(v)
	}
	return n
}

// ValueSize estimates the bytes that a value takes behind its interface.
func ValueSize(v any) int64 {
	switch v := v.(type) {
	case nil, bool, int8, uint8:
		return 0
	case string:
		return int64(16 + len(v))
	case []byte:
		return int64(24 + len(v))
	case int16, uint16, int32, uint32, int64, uint64, int, float32, float64:
		return 8
	case time.Time:
		return 24
	case *apd.Decimal:
		return 56
	case types.JSONDocument:
		return 24 + ValueSize(v.Val)
	case sql.Row:
		return RowSize(v)
	case []any:
		n := int64(24)
		for _, x := range v {
			n += valueOverhead + ValueSize(x)
		}
		return n
	case map[string]any:
		n := int64(48)
		for k, x := range v {
			n += 32 + int64(len(k)) + ValueSize(x)
		}
		return n
	case interface{ HeldBytes() int64 }:
		return v.HeldBytes()
	}
	return 64
}
