package wire

import (
	"fmt"
	"math"
	"strconv"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// The protocol's types of parameters.
const (
	typeDecimal    = 0x00
	typeTiny       = 0x01
	typeShort      = 0x02
	typeLong       = 0x03
	typeFloat      = 0x04
	typeDouble     = 0x05
	typeNull       = 0x06
	typeTimestamp  = 0x07
	typeLongLong   = 0x08
	typeInt24      = 0x09
	typeDate       = 0x0a
	typeTime       = 0x0b
	typeDatetime   = 0x0c
	typeYear       = 0x0d
	typeBit        = 0x10
	typeNewDecimal = 0xf6
	typeTinyBlob   = 0xf9
	typeBlob       = 0xfc
	typeGeometry   = 0xff
	unsignedFlag   = 0x8000
)

var errMalformed = mysql.NewSQLError(1835, "HY000", "Malformed communication packet.")

// bind reads the parameters of an execution and gives them under the names that the
// parser has for them. The values belong to nobody else.
func (p *prepared) bind(in *payload, decode func([]byte) (string, error)) (map[string]sqlparser.Expr, error) {
	if p.params == 0 {
		return nil, nil
	}
	nulls := in.take((p.params + 7) / 8)
	if in.uint8() == 1 {
		types := make([]uint16, p.params)
		for i := range types {
			types[i] = in.uint16()
		}
		p.types = types
	}
	if in.short || p.types == nil {
		return nil, errMalformed
	}
	values := make(map[string]sqlparser.Expr, p.params)
	for i := range p.params {
		var v sqlparser.Expr
		var err error
		switch long, sent := p.long[i]; {
		case sent:
			v, err = textParam(long, p.types[i], decode)
		case nulls[i/8]&(1<<(i%8)) != 0:
			v = &sqlparser.NullVal{}
		default:
			v, err = param(in, p.types[i], decode)
		}
		if err != nil {
			return nil, err
		}
		if in.short {
			return nil, errMalformed
		}
		values["v"+strconv.Itoa(i+1)] = v
	}
	return values, nil
}

// param reads a value of a type.
func param(in *payload, typ uint16, decode func([]byte) (string, error)) (sqlparser.Expr, error) {
	unsigned := typ&unsignedFlag != 0
	switch byte(typ) {
	case typeNull:
		return &sqlparser.NullVal{}, nil
	case typeTiny:
		v := in.uint8()
		return intParam(uint64(v), int64(int8(v)), unsigned), nil
	case typeShort, typeYear:
		v := in.uint16()
		return intParam(uint64(v), int64(int16(v)), unsigned), nil
	case typeLong, typeInt24:
		v := in.uint32()
		return intParam(uint64(v), int64(int32(v)), unsigned), nil
	case typeLongLong:
		v := in.uint64()
		return intParam(v, int64(v), unsigned), nil
	case typeFloat:
		return floatParam(float64(math.Float32frombits(in.uint32())), 32)
	case typeDouble:
		return floatParam(math.Float64frombits(in.uint64()), 64)
	case typeDate, typeDatetime, typeTimestamp:
		return timeParam(in, byte(typ) == typeDate), nil
	case typeTime:
		return clockParam(in), nil
	}
	return textParam(in.bytes(), typ, decode)
}

func intParam(u uint64, i int64, unsigned bool) sqlparser.Expr {
	if unsigned {
		return sqlparser.NewIntVal(strconv.AppendUint(nil, u, 10))
	}
	return sqlparser.NewIntVal(strconv.AppendInt(nil, i, 10))
}

// floatParam writes an exponent, so that the parser doesn't take the value for a
// DECIMAL.
func floatParam(f float64, bits int) (sqlparser.Expr, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, mysql.NewSQLError(mysql.ERDataOutOfRange, "22003", "DOUBLE value is out of range in a parameter")
	}
	return sqlparser.NewFloatVal(strconv.AppendFloat(nil, f, 'e', -1, bits)), nil
}

// textParam makes a value of what is sent as text. Bytes stay as they are; what is
// text is in the client's character set.
func textParam(b []byte, typ uint16, decode func([]byte) (string, error)) (sqlparser.Expr, error) {
	switch t := byte(typ); {
	case t == typeDecimal, t == typeNewDecimal:
		if _, err := strconv.ParseFloat(string(b), 64); err != nil {
			return nil, mysql.NewSQLError(1366, "HY000", "Incorrect DECIMAL value: '%s' for a parameter", string(b))
		}
		return sqlparser.NewFloatVal(clone(b)), nil
	case t >= typeTinyBlob && t <= typeBlob, t == typeGeometry, t == typeBit:
		return sqlparser.NewStrVal(clone(b)), nil
	}
	s, err := decode(b)
	if err != nil {
		return nil, err
	}
	return sqlparser.NewStrVal([]byte(s)), nil
}

// timeParam reads a date with or without a time of day.
func timeParam(in *payload, date bool) sqlparser.Expr {
	t := payload{b: in.take(int(in.uint8()))}
	var y, mo, d, h, mi, s, us int
	if len(t.b) >= 4 {
		y, mo, d = int(t.uint16()), int(t.uint8()), int(t.uint8())
	}
	if len(t.b) >= 3 {
		h, mi, s = int(t.uint8()), int(t.uint8()), int(t.uint8())
	}
	fraction := len(t.b) >= 4
	if fraction {
		us = int(t.uint32())
	}
	switch {
	case date:
		return sqlparser.NewStrVal(fmt.Appendf(nil, "%04d-%02d-%02d", y, mo, d))
	case fraction:
		return sqlparser.NewStrVal(fmt.Appendf(nil, "%04d-%02d-%02d %02d:%02d:%02d.%06d", y, mo, d, h, mi, s, us))
	}
	return sqlparser.NewStrVal(fmt.Appendf(nil, "%04d-%02d-%02d %02d:%02d:%02d", y, mo, d, h, mi, s))
}

// clockParam reads a TIME.
func clockParam(in *payload) sqlparser.Expr {
	t := payload{b: in.take(int(in.uint8()))}
	sign := ""
	var days, h, mi, s int
	if len(t.b) >= 8 {
		if t.uint8() != 0 {
			sign = "-"
		}
		days, h, mi, s = int(t.uint32()), int(t.uint8()), int(t.uint8()), int(t.uint8())
	}
	text := fmt.Appendf(nil, "%s%02d:%02d:%02d", sign, days*24+h, mi, s)
	if len(t.b) >= 4 {
		text = fmt.Appendf(text, ".%06d", t.uint32())
	}
	return sqlparser.NewStrVal(text)
}
